#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# What sei-dump reads: files of all shapes, and damaged ones.

load helper

# What stands in the file, and not what can be made of it.
sei-dump() { command sei-dump --raw "$@"; }

# A stamped stream (s.nals) of 90 frames with reports, a key frame every 30, its file (whole.mp4, all.csv) and one of fragments.
recording() {
	nals.py make --frames 90 --reports 20 "$CLOCK_CLIP" > a.nals
	h264-sei-stamp < a.nals > s.nals
	mp4-wrap -q --no-sync whole.mp4 < s.nals
	mp4-wrap - < s.nals > fragments.mp4
	sei-dump whole.mp4 > all.csv
}

# python code that changes the bytes d of a file: change FILE NEW CODE
change() {
	python3 -c "
import sys, struct
d = bytearray(open('$1', 'rb').read())
$3
open('$2', 'wb').write(d)"
}

# Frames and reports are those of the other file: same EXPECTED FILE
same() {
	sei-dump "$2" | diff <(sei-dump "$1") -
	sei-dump -r "$2" | diff <(sei-dump -r "$1") -
}

# The offset of the n-th box with this path, from 1: at FILE PATH N
at() {
	mp4.py boxes "$1" | awk -v path="$2" -v n="$3" '$3 == path && ++i == n { print $1 }'
}

@test "sei-dump: boxes in any order, with sizes of 64 bits, several tracks and sample entries, other tables: nothing changes" {
	for how in reversed large co64 stco stz2:16 "reversed large stz2:16 co64 before:3 entries runs" before:2 entries runs; do
		# shellcheck disable=SC2086 # several words
		remake.py "$GOLDEN/plain.mp4" out.mp4 $how
		same "$GOLDEN/plain.mp4" out.mp4
	done
}

@test "sei-dump: sample sizes of 8 and 4 bits, and one size for all" {
	for n in 1 2 3 4 5; do
		echo "N track=1 flags=FIRST+KEY rtp=${n}000 first=1719854154119659859$n packets=1 hex=6764000dacb30283f60220000003002000000781e2854d"
		echo "N track=1 flags=KEY rtp=${n}000 first=1719854154119659859$n packets=1 hex=68e97054b22c"
		echo "N track=1 flags=LAST+KEY rtp=${n}000 first=1719854154119659859$n packets=1 hex=6588"
	done | stream | h264-sei-stamp | mp4-wrap -q a.mp4
	size=$(mp4.py samples a.mp4 | awk 'NR == 1 { print $7 }')
	remake.py a.mp4 one.mp4 "stsz:$size"
	same a.mp4 one.mp4
	remake.py a.mp4 eight.mp4 stz2:8
	same a.mp4 eight.mp4
	# 4 bits are not for what we write: sizes of 6 and 7, and what they hold is one slice
	python3 - <<-'END'
	import struct, mp4
	from remake import tree, compact
	m = mp4.load("a.mp4")
	moov = tree(m, m.moov())
	m.data = m.data[:m.moov().start]
	slices = [struct.pack(">I", 2 + i % 2) + b"\x65\x88\x80"[:2 + i % 2] for i in range(5)]
	data = m.data + struct.pack(">I4s", 8 + 32, b"mdat") + b"".join(slices)
	moov.find(b"stsz").body = struct.pack(">III5I", 0, 0, 5, *map(len, slices))
	compact(moov, 4)
	(moov.find(b"stco") or moov.find(b"co64")).type = b"stco"
	moov.find(b"stco").body = struct.pack(">III", 0, 1, len(data) - 32)
	moov.find(b"stsc").body = struct.pack(">IIIII", 0, 1, 1, 5, 1)
	open("four.mp4", "wb").write(data + moov.bytes(()))
	END
	run -0 sei-dump -N -c frame,keyframe four.mp4
	assert_output $'0,1\n1,1\n2,1\n3,1\n4,1'
}

@test "sei-dump: edit lists move, cut and join what is shown; the first edit that shows a frame counts" {
	# 80 frames, 0.2 s or 18000 ticks apart
	edited() {
		remake.py "$GOLDEN/plain.mp4" out.mp4 "edits:$1"
		sei-dump -N -c pts,rtp out.mp4 > rows
		for pair in "${@:2}"; do
			rtp=$(sei-dump -N -c rtp "$GOLDEN/plain.mp4" | sed -n "$((${pair%=*} + 1))p")
			assert_equal "$pair $(sed -n "s/,$rtp\$//p" rows)" "$pair ${pair#*=}.000000000"
		done
		assert_equal "$(wc -l < rows)" 80
	}
	edited "16,0" 0=0 5=1
	edited "1.5,-1;16,45000" 5=2			# 2.5 frames of the media are left out, and 1.5 s before it
	edited "0,90000" 0=-1 5=0			# of fragments: without an end
	edited "2,0;2,-1;2,720000" 5=1 40=4 45=5	# a second part, 2 s after the first
	edited "2,720000;2,0" 40=0 45=1 0=2 5=3		# the other way round
	edited "3,450000,0;2,0" 25=0 0=3 5=4		# a still of 3 s
	run -1 --separate-stderr bash -c "remake.py '$GOLDEN/plain.mp4' out.mp4 'edits:1,-2' && sei-dump -N -c frame out.mp4"
	assert_equal "${#lines[@]}" 80
	assert_regex "$stderr" "edit list that makes no sense"
}

@test "sei-dump: what ffmpeg makes of a recording, in each of its kinds of MP4, as a file and where it can be on a pipe" {
	recording
	for how in "mov" "ipod" "3gp" "ismv" "mp4 -movflags faststart" "mp4 -movflags dash+frag_keyframe" "mp4 -movflags cmaf" \
	    "mp4 -movflags frag_every_frame+empty_moov+omit_tfhd_offset" "mp4 -movflags frag_keyframe+separate_moof" \
	    "mp4 -movflags frag_keyframe+empty_moov+default_base_moof -frag_size 1000" "mp4 -use_editlist 0" "mp4 -tag:v avc3"; do
		# shellcheck disable=SC2086 # several words
		ffmpeg -nostdin -v error -y -i whole.mp4 -map 0 -c copy -strict experimental -f $how out.mp4
		sei-dump -c frame,keyframe,rtp,recv out.mp4 | diff <(sei-dump -c frame,keyframe,rtp,recv whole.mp4) - || fail "$how"
		sei-dump -r out.mp4 | diff <(sei-dump -r whole.mp4) - || fail "$how"
		case $how in *frag* | *dash* | *cmaf* | ismv | *faststart*)
			cat out.mp4 | sei-dump | diff <(sei-dump out.mp4) - || fail "$how"
		esac
	done
}

@test "sei-dump: Annex B, raw and re-muxed, also with B-frames and fields: a row a frame, in presentation order by RTP time" {
	nals.py make --reports 7 "$CLIPS/bframes.h264" | h264-sei-stamp > s.nals
	mp4-wrap -q out.mp4 < s.nals
	nals.py annexb < s.nals > raw.h264
	ffmpeg -nostdin -v error -i out.mp4 -c copy -f h264 remuxed.h264
	for f in raw remuxed; do
		same s.nals $f.h264
		cat $f.h264 | sei-dump | diff <(sei-dump $f.h264) -
	done
	for f in plain one-report with-audio; do
		ffmpeg -nostdin -v error -y -i "$GOLDEN/$f.mp4" -an -c copy -f h264 out.h264
		sei-dump -N -c frame,keyframe,rtp,recv out.h264 | diff <(sei-dump -N -c frame,keyframe,rtp,recv "$GOLDEN/$f.mp4") -
		sei-dump -r out.h264 | diff <(sei-dump -r "$GOLDEN/$f.mp4") -
	done
	# without timing: as many rows as pictures, however many slices or fields they have
	run -0 --separate-stderr sei-dump -N "$CLIPS/slices-aud.h264"
	assert_equal "${#lines[@]}" "$(frame_count "$CLIPS/slices-aud.h264")"
	assert_line --index 0 "0,,1,,,,"
	assert_equal "$stderr" ""
	h264gen.py field fields.h264
	assert_equal "$(sei-dump -N fields.h264 | wc -l)" 72
	nals.py annexb < <(nals.py make --frames 3 "$CLIPS/slices-aud.h264" | h264-sei-stamp) > a.h264
	assert_equal "$(sei-dump -N -c rtp a.h264 | tr '\n' ' ')" "1000000 1003000 1006000 "
}

@test "sei-dump: a killed recording of retina-record gives its 40 frames and 2 reports, a note, and exit 0" {
	run -0 --separate-stderr sei-dump -N -c frame,rtp,recv "$GOLDEN/killed.mp4.partial"
	diff <(printf '%s\n' "${lines[@]}") <(tail -n +2 "$GOLDEN/killed.frames.csv")
	assert_regex "$stderr" "killed.mp4.partial: byte 20: no index behind this mdat"
	sei-dump -r -c frame,recv,ntp,rtp "$GOLDEN/killed.mp4.partial" 2> said | diff - "$GOLDEN/killed.reports.csv"
	cat "$GOLDEN/killed.mp4.partial" | sei-dump -N -c frame,rtp,recv 2> said | diff - <(tail -n +2 "$GOLDEN/killed.frames.csv")
}

@test "sei-dump: a file that ends inside the index behind its frames ended early: its frames, a note, and exit 0" {
	local at size
	at=$(mp4.py boxes "$GOLDEN/plain.mp4" | awk '$3 == "/moov" { print $1 }')
	size=$(stat -c %s "$GOLDEN/plain.mp4")
	for at in $((at + 1)) $((at + 8)) $((at + 500)) $((size - 1)); do
		head -c "$at" "$GOLDEN/plain.mp4" > cut.mp4
		run -0 --separate-stderr sei-dump -N -c frame,rtp,recv cut.mp4
		diff <(printf '%s\n' "${lines[@]}") <(sei-dump -N -c frame,rtp,recv "$GOLDEN/plain.mp4")
		assert_regex "$stderr" "cut.mp4: byte [0-9]+: no index behind this mdat"
	done
}

@test "sei-dump: without an index frames are found between those of an audio track, and behind damage" {
	moov=$(at "$GOLDEN/with-audio.mp4" /moov 1)
	head -c "$moov" "$GOLDEN/with-audio.mp4" > cut.mp4
	run -0 --separate-stderr sei-dump -N -c frame,rtp,recv cut.mp4
	diff <(printf '%s\n' "${lines[@]}") <(sei-dump -N -c frame,rtp,recv "$GOLDEN/with-audio.mp4")
	sei-dump -r cut.mp4 2> said | diff - <(sei-dump -r "$GOLDEN/with-audio.mp4")
	# 2000 bytes of the mdat overwritten: the frames on both sides of them are there
	change "$GOLDEN/killed.mp4.partial" bad.mp4 'd[30000:32000] = bytes(range(1, 251)) * 8'
	sei-dump -N -c recv bad.mp4 2> said > got
	[ "$(wc -l < got)" -ge 37 ]
	[ "$(sort got <(cut -d, -f3 "$GOLDEN/killed.frames.csv") | uniq -d | wc -l)" -ge 37 ]
	tail -n 1 got | diff - <(tail -n 1 "$GOLDEN/killed.frames.csv" | cut -d, -f3)
}

@test "sei-dump: an index that is damaged does not matter where frames can be found without it, exit 1" {
	recording
	moov=$(at whole.mp4 /moov 1)
	for type in stsz mdhd trak stco co64 stsc; do
		change whole.mp4 bad.mp4 "i = d.find(b'$type', $moov); d[i - 4:i] = b'\xff\0\0\0' if i > 0 else d[i - 4:i]"
		cmp -s whole.mp4 bad.mp4 && continue
		run -1 --separate-stderr sei-dump bad.mp4
		diff <(printf '%s\n' "${lines[@]}") all.csv
		assert_regex "$stderr" "bad.mp4: byte [0-9]+: "
		assert_regex "$stderr" "the index is damaged; the fragments were read"
	done
	# the mdat's head
	change whole.mp4 bad.mp4 "d[32:48] = b'\xff' * 16"
	run -1 --separate-stderr sei-dump bad.mp4
	diff <(printf '%s\n' "${lines[@]}") all.csv
	assert_regex "$stderr" "bad.mp4: byte 32: no box begins here"
	# a file without fragments: by its bytes
	for type in stco mdhd; do
		change "$GOLDEN/plain.mp4" bad.mp4 "i = d.find(b'$type') if b'$type' in d else d.find(b'co64'); d[i - 4:i] = b'\xff\0\0\0'"
		run -1 --separate-stderr sei-dump -N -c frame,rtp,recv bad.mp4
		diff <(printf '%s\n' "${lines[@]}") <(sei-dump -N -c frame,rtp,recv "$GOLDEN/plain.mp4")
	done
}

@test "sei-dump: behind a damaged fragment the others are read, exit 1" {
	recording
	moof=$(at fragments.mp4 /moof 4) next=$(at fragments.mp4 /moof 5)
	head -c "$moof" fragments.mp4 > before.mp4
	sei-dump -N -c recv before.mp4 > want
	{ cat before.mp4; tail -c "+$((next + 1))" fragments.mp4; } > without.mp4
	sei-dump -N -c recv without.mp4 > want
	[ "$(wc -l < want)" -gt 60 ]
	for damage in "d[$moof:$moof + 8] = b'\xff' * 8" "struct.pack_into('>I', d, $moof, 5)" "struct.pack_into('>I', d, $moof, 0x7fffffff)" \
	    "del d[$moof + 20:$moof + 400]"; do
		change fragments.mp4 bad.mp4 "$damage"
		run -1 --separate-stderr sei-dump -N -c recv bad.mp4
		diff <(printf '%s\n' "${lines[@]}") want
		assert_regex "$stderr" "bad.mp4: byte $moof: "
	done
}

@test "sei-dump: behind damage in a nalstream the records that follow are read, exit 1" {
	recording
	record=$(nals.py heads < a.nals | sed -n 60p | cut -d' ' -f1)
	sei-dump -N -c recv a.nals > want
	change a.nals bad.nals "d[$record] = 0xff"
	run -1 --separate-stderr sei-dump -N -c recv bad.nals
	assert_equal "$(diff want <(printf '%s\n' "${lines[@]}") | grep -c '^[<>]')" 1
	assert_regex "$stderr" "bad.nals: byte $record: the length of a record is out of bounds"
	cat bad.nals | sei-dump -N -c recv 2> said | diff <(printf '%s\n' "${lines[@]}") -
	# bytes that are missing
	change a.nals bad.nals "del d[$record + 10:$record + 3000]"
	run -1 --separate-stderr sei-dump -N -c recv bad.nals
	[ "${#lines[@]}" -gt 80 ]
	tail -n 1 want | diff - <(printf '%s\n' "${lines[@]: -1}")
}
