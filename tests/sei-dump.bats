#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0

load helper

BFRAMES=$CLIPS/bframes.h264

# A stamped stream (s.nals) of 90 frames with reports, a key frame every 30, and what it was made of (a.nals).
recording() {
	nals.py make --frames 90 --reports 20 "$@" "$CLIPS/clock-320x240-30.h264" > a.nals
	h264-sei-stamp < a.nals > s.nals
}

# What sei-dump says about this file must be what it says about the other: same EXPECTED FILE
same() {
	sei-dump "$1" > expected.csv
	sei-dump "$2" > got.csv
	diff expected.csv got.csv
	sei-dump -r "$1" > expected.csv
	sei-dump -r "$2" > got.csv
	diff expected.csv got.csv
}

# frame,pts,... with pts as ticks of 1/90000, as the golden files have it
ticks() {
	python3 -c '
import sys
for line in sys.stdin:
    f = line.rstrip("\n").split(",")
    s, ns = f[1].split(".")
    f[1] = str(((int(s) * 10 ** 9 + int(ns)) * 90000 + 5 * 10 ** 8) // 10 ** 9)
    print(",".join(f))'
}

# python code that changes the bytes d of a file: change FILE NEW CODE
change() {
	python3 -c "
import sys, struct
d = bytearray(open('$1', 'rb').read())
$3
open('$2', 'wb').write(d)"
}

for_golden() {
	for f in plain one-report with-audio no-timing; do "$@" "$f"; done
}

golden_frames() {
	sei-dump -N -c frame,pts,keyframe,rtp,recv "$GOLDEN/$1.mp4" | ticks | diff - <(tail -n +2 "$GOLDEN/$1.frames.csv")
}

golden_reports() {
	sei-dump -r -c frame,recv,ntp,rtp "$GOLDEN/$1.mp4" | diff - "$GOLDEN/$1.reports.csv"
}

@test "sei-dump: sender_time is the frame's own, from a nalstream, a stamped one and an MP4" {
	nals.py make --frames 30 --extras "$CLIPS/clock-320x240-30.h264" > a.nals
	# frame 10 is not there any more, and frame 11 has no time
	nals.py text < a.nals | python3 -c '
import sys
unit = 0
for line in sys.stdin:
    if not (line[0] == "N" and unit == 10 or line[0] == "X" and unit == 11):
        print(line, end="")
    unit += line[0] == "N" and "LAST" in line' | nals.py script > b.nals
	for f in a b; do
		h264-sei-stamp < $f.nals > $f.stamped
		mp4-wrap -q $f.mp4 < $f.stamped
		sei-dump -N -c sender_time,frame $f.nals > $f.csv
		sei-dump -N -c sender_time,frame $f.stamped | diff - $f.csv
		sei-dump -N -c sender_time,frame $f.mp4 | diff - $f.csv
	done
	run -0 head -n 2 a.csv
	assert_line --index 0 --regexp '^2[0-9]{3}-[0-9-]+T[0-9:.]+Z,0$'
	run -0 grep -c Z, a.csv
	assert_output 30
	run -0 grep -v Z, b.csv
	assert_output ",10"
	run -0 sei-dump -N -c sender_time "$GOLDEN/plain.mp4"
	refute_output --partial Z
}

@test "sei-dump: retina-record's files give every frame as an independent reader found it" {
	for_golden golden_frames
}

@test "sei-dump: retina-record's files give every sender report, also the audio stream's" {
	for_golden golden_reports
}

@test "sei-dump: the default columns tell a time raw, as Unix nanoseconds and as text, and what it means on both clocks" {
	run -0 --separate-stderr sei-dump "$GOLDEN/plain.mp4"
	assert_equal "$stderr" ""
	assert_line --index 0 frame,pts,keyframe,rtp,recv,recv_ns,recv_time,camera_time,host_time
	assert_line --index 2 --regexp '^1,0.200000000,0,183682268,17198541541870168933,1795358697101446831,2026-11-22T14:44:57.101446831Z,2026-11-22T14:44:57\.100955[0-9]{3}Z,2026-11-22T14:44:57\.1012[0-9]{5}Z$'
	assert_equal "${#lines[@]}" 81
}

@test "sei-dump: --reports has a row a report, with both its times" {
	run -0 sei-dump --reports "$GOLDEN/one-report.mp4"
	assert_output "frame,recv,recv_ns,recv_time,ntp,ntp_time,rtp
8,17198541706187038266,1795358735359449281,2026-11-22T14:45:35.359449281Z,17198541706184945410,2026-11-22T14:45:35.358962000Z,3749747461"
}

@test "sei-dump: a file without timing has rows with empty columns, which is said, and is no error" {
	run -0 --separate-stderr sei-dump -N --raw "$GOLDEN/no-timing.mp4"
	assert_equal "$stderr" ""
	run -0 --separate-stderr sei-dump -N "$GOLDEN/no-timing.mp4"
	assert_regex "$stderr" "^sei-dump: [^:]*no-timing.mp4: there is no timing in it"
	assert_line --index 1 "1,0.200000000,0,,,,,,"
}

@test "sei-dump: --columns chooses and orders, --no-header leaves out the names" {
	run -0 sei-dump --no-header --columns rtp,frame "$GOLDEN/one-report.mp4"
	assert_line --index 0 3749616828,0
}

@test "sei-dump: a column that does not exist is a usage error" {
	run -2 --separate-stderr sei-dump -c frame,ntp "$GOLDEN/plain.mp4"
	assert_regex "$stderr" "'ntp'"
	assert_output ""
}

@test "sei-dump: unknown options are usage errors, --help and --version are not" {
	run -2 sei-dump --frobnicate
	run -2 sei-dump -0
	run -0 sei-dump --help
	assert_line --partial --files-from
	run -0 sei-dump --version
	assert_line --partial nalpipe
}

@test "sei-dump: finished, fragmented, on a pipe, redirected, stamped and not: the same recording gives the same rows" {
	recording
	mp4-wrap --no-sync finished.mp4 < s.nals
	mp4-wrap - < s.nals | cat > fragments.mp4
	assert_equal "$(sei-dump -N a.nals | wc -l)" 90
	assert_equal "$(sei-dump -N -r a.nals | wc -l)" 5
	for f in s.nals finished.mp4 fragments.mp4; do
		same a.nals $f
		cat $f | sei-dump | diff - <(sei-dump a.nals)
		sei-dump - < $f | diff - <(sei-dump a.nals)
	done
}

@test "sei-dump: re-muxed by ffmpeg, fast start or fragments of any kind, file or pipe, nothing changes" {
	for kind in faststart frag_keyframe+empty_moov+default_base_moof frag_keyframe+empty_moov frag_every_frame+delay_moov; do
		ffmpeg -nostdin -v error -y -i "$GOLDEN/with-audio.mp4" -map 0 -c copy -movflags $kind out.mp4
		same "$GOLDEN/with-audio.mp4" out.mp4
		cat out.mp4 | sei-dump | diff - <(sei-dump out.mp4)
	done
}

@test "sei-dump: B-frames come in presentation order, with the pts that ffprobe finds" {
	ffmpeg -nostdin -v error -f lavfi -i testsrc=size=64x48:rate=30000/1001:duration=1 -c:v libx264 -bf 3 -g 12 b.mp4
	for kind in faststart frag_keyframe+delay_moov; do
		ffmpeg -nostdin -v error -y -i b.mp4 -c copy -movflags $kind out.mp4
		ffprobe -v error -show_entries packet=pts,flags -of csv=p=0 out.mp4 | sort -n > probed
		base=$(ffprobe -v error -show_entries stream=time_base -of csv=p=0 out.mp4)
		sei-dump -N -c pts,keyframe out.mp4 > got
		run -0 python3 - "$base" <<-'EOF'
		import sys
		base = int(sys.argv[1].split("/")[1])
		want = [(int(l.split(",")[0]), "K" in l) for l in open("probed")]
		got = [l.rstrip().split(",") for l in open("got")]
		assert len(got) == len(want) and len(got) > 10
		for (ticks, key), (pts, k) in zip(want, got):
		    sign = -1 if ticks < 0 else 1
		    ns = sign * ((abs(ticks) * 10 ** 9 + base // 2) // base)
		    assert pts == "%s%d.%09d" % ("-" * (ns < 0), abs(ns) // 10 ** 9, abs(ns) % 10 ** 9), (ticks, pts)
		    assert key == (k == "1"), (ticks, k)
		EOF
	done
	# Negative composition offsets, no edit list: ffprobe starts two frames late here.
	ffmpeg -nostdin -v error -y -i b.mp4 -c copy -movflags frag_keyframe+empty_moov+negative_cts_offsets negative.mp4
	same out.mp4 negative.mp4
}

@test "sei-dump: a report counts for the frame whose access unit carries it, also with B-frames" {
	nals.py make --frames 12 --reports 1 --rtp-steps 3000 "$BFRAMES" > a.nals
	sei-dump -N -c frame,rtp a.nals > frames
	# The n-th report in the stream stands before the n-th frame and has its RTP time.
	sei-dump -N -r -c frame,rtp a.nals | sort -n | diff - frames
	h264-sei-stamp < a.nals > s.nals
	sei-dump -N -r -c frame,rtp s.nals | sort -n | diff - frames
}

@test "sei-dump: 18446744073709551615 and 4294967295 survive from the record head to the CSV" {
	{ report 18446744073709551615 ffffffffffffffff 4294967295; unit 4294967295 18446744073709551615 7 8 5; } | stream > a.nals
	h264-sei-stamp < a.nals > s.nals
	for f in a.nals s.nals; do
		run -0 sei-dump -N --raw $f
		assert_output 0,0.000000000,1,4294967295,18446744073709551615,2085978496000000000,2036-02-07T06:28:16.000000000Z
		run -0 sei-dump -N -r -c recv,ntp,rtp $f
		assert_output 18446744073709551615,18446744073709551615,4294967295
	done
}

@test "sei-dump: time goes on past the end of the NTP era" {
	{ unit 0 18446744073709551615 7 8 5; unit 3000 143165577 1; } | stream > a.nals
	run -0 sei-dump -N -c pts,recv,recv_ns,recv_time a.nals
	assert_line --index 1 0.033333333,143165577,2085978496033333333,2036-02-07T06:28:16.033333333Z
}

@test "sei-dump: a report with NTP time 0 has no wall clock" {
	{ report 9000 0000000000000000 77; unit 1000 9001 7 8 5; } | stream > a.nals
	run -0 sei-dump -N -r -c frame,ntp,ntp_time,rtp a.nals
	assert_output 0,0,,77
}

@test "sei-dump: reports after the last frame belong to it, access units without a picture are no frames" {
	{ unit 1000 9001 7 8 5; unit 4000 9002 9 6; unit 4000 9003 1; report 9004 e000000000000000 5000; } | stream > a.nals
	run -0 sei-dump -N -c frame,rtp a.nals
	assert_output "0,1000
1,4000"
	run -0 sei-dump -N -r -c frame,rtp a.nals
	assert_output 1,5000
}

@test "sei-dump: after a reconnect pts advances by the difference of arrival" {
	# 2.5 s apart: NTP seconds are the high word.
	{ unit 1000 15000000000000000000 7 8 5; echo 'S text="nalstream 1\ncamera: cam1\n"'; unit 777 15000000010737418240 7 8 5; unit 3777 15000000010880583817 1; } |
	    stream > a.nals
	run -0 sei-dump -N -c frame,pts,rtp a.nals
	assert_output "0,0.000000000,1000
1,2.500000000,777
2,2.533333333,3777"
}

@test "sei-dump: timing behind an SEI NAL unit of 100 kB is found" {
	{ unit 1000 9001 7 8 5; echo "N track=1 flags=FIRST rtp=4000 first=9002 last=9002 hex=0605$(printf 'ff%.0s' $(seq 390))20$(printf '41%.0s' $(seq 100000))";
	    echo "N track=1 flags=LAST rtp=4000 first=9002 last=9002 hex=4188"; } | stream > a.nals
	h264-sei-stamp < a.nals > s.nals
	run -0 sei-dump -N -c frame,rtp s.nals
	assert_output "0,1000
1,4000"
	nals.py make --frames 2 "$CLIPS/baseline.h264" | h264-sei-stamp | mp4-wrap --no-sync good.mp4
	# The same in an MP4: a filler of 90 kB and one more SEI before a frame's own.
	run -0 python3 - <<-'EOF'
	import mp4, struct
	m = mp4.load("good.mp4")
	s = m.samples()[1]
	big = struct.pack(">I", 90001) + b"\x06" + b"A" * 90000
	sample = big + m.sample(s)
	d = bytearray(m.data)
	stbl = m.root.one(b"moov", b"trak", b"mdia", b"minf", b"stbl")
	stsz, chunks = stbl.one(b"stsz"), (stbl.find(b"co64") + stbl.find(b"stco"))[0]
	assert struct.unpack_from(">I", d, chunks.start + 12)[0] == 1
	# Both samples move into a new mdat at the end.
	at = len(d) + 8
	d += struct.pack(">I4s", 8 + m.samples()[0]["size"] + len(sample), b"mdat") + m.sample(m.samples()[0]) + sample
	struct.pack_into(">I", d, stsz.start + 24, len(sample))
	wide = chunks.type == b"co64"
	struct.pack_into(">Q" if wide else ">I", d, chunks.start + 16, at)
	open("big.mp4", "wb").write(d)
	EOF
	same good.mp4 big.mp4
}

@test "sei-dump: a file cut inside its last fragment gives the rows of all others and exits 0" {
	recording
	mp4-wrap - < s.nals > whole.mp4
	sei-dump --raw whole.mp4 > all.csv
	start=$(mp4.py boxes whole.mp4 | awk '/moof/ && !/moof\// { at = $1 } END { print at }')
	size=$(stat -c %s whole.mp4)
	others=$(sei-dump --raw <(head -c "$start" whole.mp4) | wc -l)
	[ "$others" -gt 31 ]
	for cut in $(seq $((start + 1)) 5 $((start + 60))) $(seq $((start + 60)) 1709 $((size - 1))); do
		head -c $cut whole.mp4 > cut.mp4
		run -0 --separate-stderr sei-dump --raw cut.mp4
		assert_regex "$stderr" "cut.mp4: byte $cut: the file ended early"
		[ "${#lines[@]}" -ge "$others" ]
		diff <(printf '%s\n' "${lines[@]}") <(head -n "${#lines[@]}" all.csv)
	done
	# In the middle of a frame's timing: it has no row, the frame before it has.
	read -r n offset < <(mp4.py samples whole.mp4 | awk '$1 == 80 { print $1, $6 }')
	head -c $((offset + 30)) whole.mp4 > cut.mp4
	sei-dump --raw cut.mp4 2> said | diff - <(head -n $((n + 1)) all.csv)
	assert_regex "$(< said)" "before 4 frames that it announces"
}

@test "sei-dump: a fragment that was not committed is left out, with a note" {
	recording
	mp4-wrap - < s.nals > whole.mp4
	start=$(mp4.py boxes whole.mp4 | awk '/moof/ && !/moof\// { at = $1 } END { print at }')
	change whole.mp4 cut.mp4 "d[$start + 4:$start + 8] = b'free'"
	run -0 --separate-stderr sei-dump --raw cut.mp4
	assert_regex "$stderr" "byte $start: a fragment was not completed"
	head -c "$start" whole.mp4 > others.mp4
	diff <(printf '%s\n' "${lines[@]}") <(sei-dump --raw others.mp4)
	cat cut.mp4 | sei-dump --raw 2> /dev/null | diff - <(sei-dump --raw others.mp4)
}

@test "sei-dump: a finished file cut before its index is read by its hidden fragments" {
	recording
	mp4-wrap --no-sync whole.mp4 < s.nals
	moov=$(mp4.py boxes whole.mp4 | awk '/moov/ && !/moov\// { at = $1 } END { print at }')
	for cut in "$moov" $((moov + 4)) $((moov + 100)); do
		head -c $cut whole.mp4 > cut.mp4
		run -0 --separate-stderr sei-dump --raw cut.mp4
		assert_regex "$stderr" "before its index"
		diff <(printf '%s\n' "${lines[@]}") <(sei-dump --raw whole.mp4)
	done
}

@test "sei-dump: a recording that has just begun has no rows yet and exits 0" {
	recording
	mp4-wrap - < s.nals > whole.mp4
	for cut in 32 48 100; do
		head -c $cut whole.mp4 > cut.mp4
		run -0 --separate-stderr sei-dump -N cut.mp4
		assert_output ""
		assert_regex "$stderr" "ended early"
	done
}

@test "sei-dump: a malformed timing payload leaves that frame's columns empty, names the byte and exits 1" {
	change "$GOLDEN/one-report.mp4" bad.mp4 'i = d.index(b"89H{", d.index(b"89H{") + 1); d[i + 3] = 91; print(i)' > at
	run -1 --separate-stderr sei-dump -N -c frame,pts,rtp,recv bad.mp4
	assert_line --index 1 1,0.200000000,,
	assert_line --index 2 --regexp '^2,0.400000000,[0-9]+,[0-9]+$'
	# 16 bytes of head before `89H{`: NAL unit header, type, size, strawlab.org/
	assert_regex "$stderr" "bad.mp4: byte $(($(cat at) - 16)): malformed frame time"
}

@test "sei-dump: damage inside a table is told with its offset, after the frames before it" {
	change "$GOLDEN/one-report.mp4" bad.mp4 'i = d.index(b"stts"); struct.pack_into(">I", d, i + 12, 9); struct.pack_into(">I", d, i + 20, 0)'
	run -1 --separate-stderr sei-dump -N -c frame,pts,rtp bad.mp4
	assert_equal "${#lines[@]}" 26
	assert_line --index 8 --regexp '^8,1.600000000,[0-9]+$'
	assert_line --index 9 --regexp '^9,,[0-9]+$'
	assert_regex "$stderr" "bad.mp4: byte [0-9]+: .*time of all frames"
}

@test "sei-dump: a nalstream that stops without an end record gives its rows, a note, and exits 0" {
	recording
	sei-dump --raw a.nals > all.csv
	size=$(stat -c %s a.nals)
	for cut in $((size - 1)) $((size - 60)) $((size - 1000)); do
		head -c $cut a.nals > cut.nals
		run -0 --separate-stderr sei-dump --raw cut.nals
		assert_regex "$stderr" "cut.nals: byte [0-9]+: the stream was cut"
		[ "${#lines[@]}" -gt 80 ]
		diff <(printf '%s\n' "${lines[@]}") <(head -n "${#lines[@]}" all.csv)
	done
}

@test "sei-dump: a nalstream that the camera ended is all there: its reason is a note" {
	nals.py make --frames 3 --status 1 --reason "BYE from the camera" "$CLIPS/baseline.h264" > a.nals
	run -0 --separate-stderr sei-dump -N a.nals
	assert_equal "${#lines[@]}" 3
	assert_regex "$stderr" "BYE from the camera"
}

@test "sei-dump: what cannot be printed in the reason of a nalstream's end is made visible once" {
	nals.py make --frames 3 --status 1 --reason $'\033[2J \\' "$CLIPS/baseline.h264" > a.nals
	run -0 --separate-stderr sei-dump --raw a.nals
	assert_equal "$stderr" 'sei-dump: a.nals: \^[[2J \\'
}

@test "sei-dump: a nalstream damaged inside gives what is before, names the byte and exits 1" {
	nals.py make --frames 3 --no-end "$CLIPS/baseline.h264" > a.nals
	size=$(stat -c %s a.nals)
	printf '\377\377\377\377N------------------------------------' >> a.nals
	run -1 --separate-stderr sei-dump -N a.nals
	assert_equal "${#lines[@]}" 3
	assert_regex "$stderr" "a.nals: byte $size: "
}

@test "sei-dump: several files get a column file, a bad one is named, the others go on, exit 1" {
	echo hello, this is no recording > bad
	run -1 --separate-stderr sei-dump -c frame,rtp "$GOLDEN/plain.mp4" bad missing "$GOLDEN/one-report.mp4"
	assert_line --index 0 file,frame,rtp
	assert_equal "${#lines[@]}" $((1 + 80 + 26))
	assert_line --index 106 --partial "$GOLDEN/one-report.mp4,25,"
	assert_equal "$stderr" "sei-dump: bad: neither an MP4 file, a nalstream nor H.264 in Annex B
sei-dump: missing: No such file or directory"
}

@test "sei-dump: file names are quoted in CSV and made visible in messages" {
	name=$'a,"b"\n\033[1m.mp4'
	cp "$GOLDEN/one-report.mp4" "$name"
	run -0 sei-dump -N -H -c rtp "$name"
	assert_line --index 0 '"a,""b""'
	sei-dump -H "$name" | python3 -c '
import csv, sys
rows = list(csv.DictReader(sys.stdin))
assert len(rows) == 26 and rows[25]["file"] == sys.argv[1] and rows[25]["frame"] == "25", rows' "$name"
	echo broken > "$name"
	run -1 --separate-stderr sei-dump "$name"
	assert_equal "$stderr" 'sei-dump: a,"b"\n\^[[1m.mp4: neither an MP4 file, a nalstream nor H.264 in Annex B'
}

@test "sei-dump: --files-from takes names from a file or standard input, ended by newline or NUL" {
	cp "$GOLDEN/one-report.mp4" one.mp4
	cp one.mp4 $'t\nwo.mp4'
	echo one.mp4 > list
	run -0 sei-dump -N -c frame --files-from list
	assert_line --index 25 one.mp4,25
	run -0 sei-dump -N -c frame -T - < list
	assert_line --index 25 one.mp4,25
	sei-dump -0 -c frame -T - < <(printf 'one.mp4\0t\nwo.mp4\0') | python3 -c '
import csv, sys
assert [r["file"] for r in csv.DictReader(sys.stdin)] == ["one.mp4"] * 26 + ["t\nwo.mp4"] * 26'
	run -1 --separate-stderr sei-dump -T nowhere
	assert_regex "$stderr" nowhere
}

@test "sei-dump: a full disk exits 1 and says so" {
	run -1 --separate-stderr bash -c "sei-dump '$GOLDEN/plain.mp4' > /dev/full"
	assert_regex "$stderr" "No space left on device"
	run -1 bash -c 'sei-dump --help > /dev/full'
}

@test "sei-dump: an empty file or pipe has no rows, a note and exit 0; a folder exits 1" {
	: > empty
	run -0 --separate-stderr sei-dump -N empty
	assert_output ""
	assert_equal "$stderr" "sei-dump: empty: there is nothing in it yet"
	run -0 --separate-stderr bash -c ': | sei-dump -N'
	assert_output ""
	assert_equal "$stderr" "sei-dump: standard input: there is nothing in it"
	run -0 --separate-stderr sei-dump -N /dev/null
	assert_equal "$stderr" "sei-dump: /dev/null: there is nothing in it"
	run -1 --separate-stderr sei-dump .
	assert_equal "$stderr" "sei-dump: .: Is a directory"
}

@test "sei-dump: damage does not kill who writes into the pipe, a tee that records" {
	nals.py make --frames 3 --no-end "$CLIPS/baseline.h264" > a.nals
	head -c 20 "$GOLDEN/plain.mp4" > a.mp4	# its ftyp
	for f in a.nals a.mp4; do
		run -1 --separate-stderr bash -c "{ cat $f; head -c 1000000 /dev/zero; } | tee copy | sei-dump -N; echo \${PIPESTATUS[*]}; exit 1"
		assert_line "0 0 1"
		assert_equal "$(stat -c %s copy)" $((1000000 + $(stat -c %s $f)))
	done
}

@test "sei-dump: a finished file on a pipe that only its end could explain is refused, and its writer is not killed" {
	run -1 --separate-stderr bash -c "set -o pipefail; cat '$GOLDEN/plain.mp4' | sei-dump; echo \${PIPESTATUS[*]}; exit 1"
	assert_line "0 1"
	assert_regex "$stderr" "give this as a file"
}

# A stream with a loss, shed groups, a clock that was set and a restart; each frame by two packets but the first.
eventful() {
	cat <<-'END'
	C first=17198541541196598000 last=17198541541196598000 text="realtime: 1700000000000000000\nmonotonic: 1\nstatus: 64\n"
	N track=1 flags=FIRST+KEY rtp=1000 first=17198541541196598592 last=17198541541196600000 seq=1 packets=1 hex=6764000dacb30283f60220000003002000000781e2854d
	N track=1 flags=KEY rtp=1000 first=17198541541196598592 last=17198541541196600000 seq=1 packets=1 hex=68e97054b22c
	N track=1 flags=LAST+KEY rtp=1000 first=17198541541196599592 last=17198541545491566888 slack=12 seq=2 packets=3 hex=6588
	G track=1 first=17198541545491566000 last=17198541545491566000 text="what: loss\npackets: 3\n"
	C first=17198541545491567000 last=17198541545491567000 text="realtime: 1700000001000000000\nmonotonic: 2\nstep: -1500000000\n"
	R track=1 rtp=5 first=17198541545491567100 last=17198541545491567100 packets=1 hex=1a2b3c4d0000000100000000000000050000000100000002
	G first=17198541545491568000 last=17198541545491568000 text="what: shed\ngroups: 2\nframes: 61\nreason: the reader, of the stream, was \"slow\"\n"
	N track=1 flags=FIRST+LAST+LOST+USER rtp=4000 first=17198541545491569888 last=17198541545491569999 slack=4294967295 seq=8 packets=2 hex=4188
	G track=1 first=17198541549786534000 last=17198541549786534000 text="what: restart\nssrc: 12345678\n"
	END
}

@test "sei-dump: --gaps lists gaps, events and steps of the clock, of an MP4, a stamped stream and a raw one alike" {
	eventful | stream > raw.nals
	h264-sei-stamp < raw.nals > stamped.nals
	mp4-wrap out.mp4 < stamped.nals
	for file in raw.nals stamped.nals out.mp4; do
		run -0 sei-dump --gaps "$file"
		assert_output - <<-'EOF'
		frame,recv,recv_ns,recv_time,track,what,packets,frames,detail
		1,17198541545491566000,1795358697944619041,2026-11-22T14:44:57.944619041Z,1,loss,3,,
		1,17198541545491567000,1795358697944619274,2026-11-22T14:44:57.944619274Z,0,clock-step,,,realtime=1700000001000000000; monotonic=2; step=-1500000000
		1,17198541545491568000,1795358697944619507,2026-11-22T14:44:57.944619507Z,0,shed,,61,"groups=2; reason=the reader, of the stream, was ""slow"""
		1,17198541549786534000,1795358698944619205,2026-11-22T14:44:58.944619205Z,1,restart,,,ssrc=12345678
		EOF
	done
	run -0 sei-dump -gN -c what,frame out.mp4
	assert_output $'loss,1\nclock-step,1\nshed,1\nrestart,1'
}

@test "sei-dump: concatenated streams may have their video on tracks of other numbers" {
	{ unit 1000 100 5; unit 2000 200 1; } | stream > a
	unit 5000 300 5 | stream | nals.py text | sed 's/track=1/track=2/' | nals.py script > b
	cat a b > both
	run -0 sei-dump -N -c recv both
	assert_output $'100\n200\n300'
}

@test "sei-dump: last_ns, slack_us, packets and flags are those of the whole access unit; what is not known is empty" {
	eventful | stream > raw.nals
	h264-sei-stamp < raw.nals > stamped.nals
	mp4-wrap out.mp4 < stamped.nals
	for file in raw.nals stamped.nals out.mp4; do
		run -0 sei-dump -c frame,recv_ns,last_ns,slack_us,packets,flags "$file"
		assert_output - <<-'EOF'
		frame,recv_ns,last_ns,slack_us,packets,flags
		0,1795358696944619248,1795358697944619248,12,4,0
		1,1795358697944619946,1795358697944619972,,2,48
		EOF
	done
	# retina-record's recordings have none
	run -0 sei-dump -N -c last_ns,slack_us,packets "$GOLDEN/one-report.mp4"
	assert_line --index 0 ",,"
	run -0 sei-dump --gaps "$GOLDEN/one-report.mp4"
	assert_output "frame,recv,recv_ns,recv_time,track,what,packets,frames,detail"
}

@test "sei-dump: an event from a hostile camera prints nothing raw, and a malformed one is told with its byte" {
	event() { printf 'nalpipe/event/v1%s' "$1" | od -An -v -tx1 | tr -d ' \n'; }
	json='{"recv":7,"track":300,"what":"\u001b[31m\u0007\n=cmd|calc","x":{"y":[1,2]},"long":"\ud83d\ude00é"}'
	bad='{"recv":7,"what":"cut'
	size() { printf '%02x' $(($(printf '%s' "$1" | wc -c) + 16)); }
	stream > in <<-EOF
	N track=1 flags=FIRST+KEY rtp=1000 first=100 last=100 packets=1 hex=6764000dacb30283f60220000003002000000781e2854d
	N track=1 flags=KEY rtp=1000 first=100 last=100 packets=1 hex=68e97054b22c
	N track=1 flags=KEY rtp=1000 first=100 last=100 packets=1 hex=0605$(size "$json")$(event "$json")80
	N track=1 flags=KEY rtp=1000 first=100 last=100 packets=1 hex=0605$(size "$bad")$(event "$bad")80
	N track=1 flags=LAST+KEY rtp=1000 first=110 last=110 packets=1 hex=6588
	EOF
	h264-sei-stamp < in | mp4-wrap out.mp4
	run -1 --separate-stderr sei-dump -N -g -c recv,track,what,detail out.mp4
	assert_output '7,0,?[31m??=cmd|calc,"x={""y"":[1,2]}; long=????"'
	assert_regex "$stderr" "^sei-dump: out.mp4: byte [0-9]+: malformed event in a timing SEI"
	run -0 sei-dump -N -c recv out.mp4
	assert_output 110
}

@test "sei-dump: an event whose time was not noted has none, in any form" {
	{ echo 'G track=1 text="what: loss\npackets: 3\n"'; unit 3000 17198541541196598592 5; } | stream > a.nals
	h264-sei-stamp < a.nals > b.nals
	for file in a.nals b.nals; do
		run -0 sei-dump -gN "$file"
		assert_output "0,,,,1,loss,3,,"
	done
}

@test "sei-dump: --gaps and --reports exclude each other, and each has its columns" {
	run -2 sei-dump --gaps --reports "$GOLDEN/plain.mp4"
	run -2 sei-dump --gaps -c pts "$GOLDEN/plain.mp4"
	run -2 sei-dump -c what "$GOLDEN/plain.mp4"
	run -2 sei-dump --reports -c slack_us "$GOLDEN/plain.mp4"
}
