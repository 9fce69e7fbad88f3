#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0

load helper

BASELINE=$CLIPS/baseline.h264		# 50 frames, a key frame every 25

# MD5 of every decoded picture.
pictures() {
	ffmpeg -nostdin -v error -i "$1" -map 0:v -fps_mode passthrough -f framemd5 - 2>&1 | grep -v '^#' | sed 's/.*, *//'
}

# The file has the layout of a finished one, byte for byte where that is fixed.
assert_finished() {
	run python3 - "$1" <<-'EOF'
	import struct, sys, mp4
	m = mp4.load(sys.argv[1])
	assert m.data[:32] == b"\0\0\0\x20ftypisom\0\0\2\0isomiso6avc1mp41", m.data[:32]
	last = m.top[-1]
	assert last.type == b"moov" and not last.cut and last.end == len(m.data), [(b.path, b.start, b.size) for b in m.top]
	assert m.data[32:48] == b"\0\0\0\1mdat" + struct.pack(">Q", last.start - 32), m.data[32:48]
	assert [b.type for b in m.top] == [b"ftyp", b"mdat", b"moov"]
	assert not last.find(b"mvex")
	assert m.table_samples()
	EOF
	assert_success
}

# The file has the layout of one that was killed, or of one from a pipe.
assert_fragmented() {
	run python3 - "$1" <<-'EOF'
	import sys, mp4
	m = mp4.load(sys.argv[1])
	assert m.data[:32] == b"\0\0\0\x20ftypisom\0\0\2\0isomiso6avc1mp41", m.data[:32]
	assert m.data[32:48] == b"\0\0\0\x10free" + bytes(8), m.data[32:48]
	assert m.top[2].type == b"moov" and m.top[2].start == 48, m.top[2].path
	assert m.moov() is m.top[2] and m.moov().find(b"mvex", b"trex")
	assert not m.table_samples()
	for i, b in enumerate(m.top):
	    if b.type == b"moof":
	        assert b.start % 8 == 0, b.start
	        assert m.top[i + 1].type == b"mdat", m.top[i + 1].path
	        assert m.top[i + 1].end % 8 == 0, m.top[i + 1].end
	for s in m.samples():
	    mp4.split(m.sample(s))
	EOF
	assert_success
}

# Feeds a file to mp4-wrap, keeps its input open until N fragments are committed, and kills it: killed IN OUT N [option...]
killed() {
	local in=$1 out=$2 n=$3 pid
	shift 3
	mkfifo fifo
	mp4-wrap --no-sync "$@" "$out" < fifo 3>&- &
	pid=$!
	exec 9> fifo
	cat "$in" >&9
	committed() { [ "$(mp4.py boxes "$out" 2>/dev/null | grep -c '/moof$')" -ge "$n" ]; }
	wait_until committed
	kill -9 $pid
	exec 9>&-
	ends 137 $pid
	rm fifo
}

@test "mp4-wrap: every frame is there, with the same pictures as the H.264 itself" {
	for clip in clock-320x240-30 slices-aud baseline intra; do
		nals.py make "$CLIPS/$clip.h264" > in
		run -0 --separate-stderr mp4-wrap $clip.mp4 < in
		assert_output ""
		assert_finished $clip.mp4
		pictures "$CLIPS/$clip.h264" > want
		pictures $clip.mp4 > got
		run diff want got
		assert_success
	done
}

@test "mp4-wrap: NAL units are copied untouched" {
	nals.py make --reports 4 "$CLIPS/slices-aud.h264" | h264-sei-stamp > in
	mp4-wrap out.mp4 < in
	run python3 - <<-'EOF'
	import mp4, nals
	units = nals.frames(nals.parse(open("in", "rb").read()))
	m = mp4.load("out.mp4")
	samples = [mp4.split(m.sample(s)) for s in m.samples()]
	assert [[r.payload for r in u] for u in units] == samples
	assert [bool(u[0].flags & 4) for u in units] == [s["sync"] for s in m.samples()]
	print(len(samples))
	EOF
	assert_success
	assert_output 50
}

@test "mp4-wrap: records without h264-sei-stamp, and with it the timing is in the file" {
	nals.py make --frames 40 "$CLOCK_CLIP" > in
	mp4-wrap plain.mp4 < in
	h264-sei-stamp < in | mp4-wrap stamped.mp4
	run frame_count plain.mp4
	assert_output 40
	run -0 bash -c 'mp4.py sei plain.mp4 | wc -l; mp4.py sei stamped.mp4 | grep -c 89H'
	assert_output $'0\n40'
}

@test "mp4-wrap: durations are the exact RTP differences" {
	nals.py make --rtp-steps 3000,3001,2999,3007,2500,1 "$BASELINE" > in
	mp4-wrap out.mp4 < in
	run -0 python3 - <<-'EOF'
	import mp4
	m = mp4.load("out.mp4")
	assert m.timescale() == 90000
	s = m.samples()
	steps = [b["pts"] - a["pts"] for a, b in zip(s, s[1:])]
	want = ([3000, 3001, 2999, 3007, 2500, 1] * 9)[:49]
	assert steps == want, steps
	assert [x["duration"] for x in s[:-1]] == want
	assert s[0]["pts"] == 0
	EOF
}

@test "mp4-wrap: RTP time may pass 2^32, and end at 2^64" {
	for rtp in 4294960000 18446744073709540000; do
		nals.py make --rtp $rtp "$BASELINE" > in
		mp4-wrap -f out.mp4 < in
		run -0 bash -c "mp4.py samples out.mp4 | awk '{ print \$3 - last; last = \$3 }' | sort | uniq -c"
		assert_output --regexp '^ *1 0
 *49 3000$'
	done
}

@test "mp4-wrap: a pause of the camera is kept in full" {
	nals.py make --frames 6 --rtp-steps 3000,2700000,3000,400000000 "$CLIPS/intra.h264" > in
	mp4-wrap out.mp4 < in
	run bash -c "mp4.py samples out.mp4 | cut -d' ' -f3 | paste -sd' '"
	assert_output "0 3000 2703000 2706000 402706000 402709000"
}

@test "mp4-wrap: frames that arrive late and in a burst keep their RTP distances" {
	# the network stands still for 8 s, then everything comes at once
	nals.py make --frames 300 "$CLOCK_CLIP" | python3 -c '
import sys, nals
records = nals.parse(sys.stdin.buffer.read())
late = next(r for r in records if r.rtp == 1000000 + 270 * 3000)
for r in records:
    if r.type == "N" and 30 <= (r.rtp - 1000000) // 3000 < 270:
        r.first = r.last = late.first
sys.stdout.buffer.write(nals.unparse(records))' > in
	mp4-wrap out.mp4 < in
	run bash -c "mp4.py samples out.mp4 | awk '{ print \$3 - last; last = \$3 }' | sort -n | uniq -c | tr -s ' '"
	assert_output $' 1 0\n 299 3000'
}

@test "mp4-wrap: creation_time is the first frame's wall clock, the first frame is at 0" {
	nals.py make --frames 5 --time 1700000000900000000 "$BASELINE" > in
	mp4-wrap out.mp4 < in
	run mp4.py info out.mp4
	assert_line "creation 1700000000"
	run ffprobe -v error -show_entries format=start_time:format_tags=creation_time -of compact out.mp4
	assert_output --partial "start_time=0.000000"
	assert_output --partial "creation_time=2023-11-14T22:13:20.000000Z"
}

@test "mp4-wrap: a stream across 2036-02-07T06:28:16Z is exact" {
	nals.py make --frames 50 --time 2085978495500000000 --reports 10 "$CLOCK_CLIP" | h264-sei-stamp > in
	mp4-wrap out.mp4 < in
	run mp4.py info out.mp4
	assert_line "creation 2085978495"
	nals.py make --frames 5 --time 2085978496000000000 "$CLOCK_CLIP" > later
	mp4-wrap later.mp4 < later
	run mp4.py info later.mp4
	assert_line "creation 2085978496"
	run frame_count out.mp4
	assert_output 50
	run bash -c "mp4.py samples out.mp4 | tail -n 1 | cut -d' ' -f3"
	assert_output 147000
	mp4.py sei out.mp4 | sed 's/ [0-9a-f]* / /' > got
	nals.py sei < in > want
	run diff want got
	assert_success
}

@test "mp4-wrap: every key frame carries its parameter sets, wherever the camera sends them" {
	for sets in band first sdp; do
		nals.py make --sets $sets "$BASELINE" > in
		mp4-wrap -f out.mp4 < in
		run -0 bash -c "mp4.py samples out.mp4 | awk '\$5 == \"sync\" { print \$1, \$8 }'"
		assert_output $'0 7,8,6,5\n25 7,8,5'
		pictures "$BASELINE" > want
		pictures out.mp4 > got
		run diff want got
		assert_success
	done
}

@test "mp4-wrap: parameter sets go after a delimiter and before any SEI" {
	for sets in first sdp; do
		nals.py make --sets $sets "$CLIPS/slices-aud.h264" | h264-sei-stamp > in
		mp4-wrap -f out.mp4 < in
		run -0 bash -c "mp4.py samples out.mp4 | awk '\$5 == \"sync\" { print \$1, \$8 }'"
		assert_line --index 1 "25 9,7,8,6,6,5,5,5,5"
		# a stream whose sets are flagged SDP may have them before or after the delimiter
		assert_line --index 0 --regexp '^0 (9,)?7,8,(9,)?6,6,6,5,5,5,5$'
		run frame_count out.mp4
		assert_output 50
	done
}

@test "mp4-wrap: the first sample's parameter sets are those of the sample entry" {
	nals.py make "$BASELINE" > in
	mp4-wrap out.mp4 < in
	run -0 bash -c "mp4.py info out.mp4 | grep entry; mp4.py nals out.mp4 | awk '\$1 == 0 && (\$2 == 7 || \$2 == 8) { print \$4 }'"
	assert_line --index 0 "entry avc1 192x144 sps ${lines[1]} pps ${lines[2]}"
}

@test "mp4-wrap: a change of resolution decodes" {
	nals.py make "$BASELINE" > a
	nals.py make --frames 30 --time 1700000010000000000 "$CLOCK_CLIP" > b
	cat a b | mp4-wrap out.mp4
	run bash -c "ffprobe -v error -show_entries frame=width -of compact out.mp4 2>&1 | grep -o 'width=[0-9]*' | sort | uniq -c | tr -s ' '"
	assert_output $' 50 width=192\n 30 width=320'
}

@test "mp4-wrap: a finished file has one sample entry for each distinct parameter set" {
	nals.py make "$BASELINE" > a
	nals.py make --frames 30 --time 1700000010000000000 "$CLOCK_CLIP" > b
	nals.py make --frames 30 --time 1700000020000000000 "$BASELINE" > c
	cat a b c | mp4-wrap out.mp4
	run bash -c "mp4.py info out.mp4 | grep -o '^entry avc1 [0-9x]*'"
	assert_output $'entry avc1 192x144\nentry avc1 320x240'
}

@test "mp4-wrap: after a reconnect presentation time goes on by the difference of arrival" {
	nals.py make --fps 25 --rtp 5000 --time 1700000000000000000 "$BASELINE" > a
	nals.py make --fps 25 --rtp 777 --time 1700000010000000000 "$BASELINE" > b
	cat a b | mp4-wrap out.mp4
	run -0 python3 - <<-'EOF'
	import mp4
	s = mp4.load("out.mp4").samples()
	assert len(s) == 100
	assert s[49]["pts"] == 49 * 3600 and s[99]["pts"] - s[50]["pts"] == 49 * 3600
	# a frame arrives with its first slice, which is 30 us after a key frame's first packet here: 2.7 ticks
	assert abs(s[50]["pts"] - 900000) <= 3, s[50]["pts"]
	EOF
}

@test "mp4-wrap: audio, events and unknown records do not disturb the video" {
	nals.py make --frames 60 --extras --reports 7 "$CLOCK_CLIP" | h264-sei-stamp > in
	run -0 mp4-wrap out.mp4 < in
	run frame_count out.mp4
	assert_output 60
}

@test "mp4-wrap: pictures before the first key frame are left out" {
	nals.py make --skip 20 --frames 20 "$BASELINE" > in
	mp4-wrap out.mp4 < in
	run bash -c 'mp4.py samples out.mp4 | wc -l; mp4.py samples out.mp4 | head -n 1 | cut -d" " -f3,5'
	assert_output $'15\n0 sync'
}

@test "mp4-wrap: one frame is a recording" {
	nals.py make --frames 1 "$BASELINE" > in
	run -0 mp4-wrap out.mp4 < in
	assert_finished out.mp4
	run frame_count out.mp4
	assert_output 1
}

@test "mp4-wrap: nothing to record leaves no file, exit 1" {
	nals.py make --frames 0 "$BASELINE" > none
	nals.py make --skip 5 --frames 10 "$BASELINE" > nokey
	: > empty
	printf 'something else, longer than the head of a record' > other
	for in in none nokey empty other; do
		run -1 --separate-stderr mp4-wrap out.mp4 < $in
		assert_output ""
		assert_regex "$stderr" "^mp4-wrap: "
		assert [ ! -e out.mp4 ]
		run -1 --separate-stderr mp4-wrap --print out.mp4 < $in
		assert_output ""
	done
}

@test "mp4-wrap: the status of E is its exit status, and the file is good" {
	nals.py make --status 1 --reason "camera said BYE" "$BASELINE" > in
	run -1 --separate-stderr mp4-wrap out.mp4 < in
	assert_finished out.mp4
	run frame_count out.mp4
	assert_output 50
}

@test "mp4-wrap: a NAL unit cut short exits 1, and the frames before it are kept" {
	nals.py make "$BASELINE" > whole
	last=$(nals.py heads < whole | awk '$2 == "N" { at = $1 } END { print at }')
	head -c $((last + 45)) whole > in
	run -1 --separate-stderr mp4-wrap out.mp4 < in
	assert_regex "$stderr" "^mp4-wrap: .*[^0-9]$last([^0-9]|$)"
	assert_finished out.mp4
	run frame_count out.mp4
	assert_output 49
}

@test "mp4-wrap: a file that exists is not touched without --force" {
	nals.py make --frames 30 "$BASELINE" > in
	echo precious > out.mp4
	run -1 --separate-stderr mp4-wrap out.mp4 < in
	assert_regex "$stderr" "^mp4-wrap: .*out.mp4"
	run cat out.mp4
	assert_output precious
	for force in -f --force; do
		run -0 mp4-wrap $force out.mp4 < in
		run frame_count out.mp4
		assert_output 30
	done
	ln -s nowhere link.mp4
	run -1 mp4-wrap link.mp4 < in
	assert [ ! -e nowhere ]
}

@test "mp4-wrap: --print names the finished file, and prints nothing else" {
	nals.py make --frames 3 "$BASELINE" > in
	mkdir -p "a folder"
	run -0 --separate-stderr mp4-wrap --print "a folder/out.mp4" < in
	assert_output "a folder/out.mp4"
	run -0 --separate-stderr mp4-wrap quiet.mp4 < in
	assert_output ""
}

@test "mp4-wrap: a clock rate that no player can read is none" {
	for rate in 2147483647 2147483648 4294967295 4294967296; do
		{
			printf 'S text="nalstream 1\\n"\nT track=1 text="codec: h264\\nclock-rate: %s\\n"\n' $rate | nals.py script
			nals.py make --frames 3 "$BASELINE" | nals.py text | grep '^[NE]' | nals.py script
		} > in
		mp4-wrap -q -f out.mp4 < in
		ffprobe -v error -show_entries stream=time_base -of csv=p=0 out.mp4
	done > got 2>&1
	run -0 cat got
	assert_output $'1/2147483647\n1/90000\n1/90000\n1/90000'
}

@test "mp4-wrap: many large parameter sets do not go into every key frame" {
	nals.py make --frames 10 --sets first "$CLIPS/intra.h264" > few
	# after the first PPS 200 more, of 4 kB, with the ids 1 to 200: ue(id), ue(0), entropy_coding_mode_flag, ...
	python3 > in <<-'EOF'
	import sys, nals
	out = []
	for r in nals.parse(open("few", "rb").read()):
	    out.append(r)
	    if r.type == "N" and r.payload[0] & 31 == 8:
	        for i in range(2, 202):
	            bits = "0" * (i.bit_length() - 1) + format(i, "b") + "11"
	            bits += "1" * (-len(bits) % 8)
	            more = b"\x68" + int(bits, 2).to_bytes(len(bits) // 8, "big") + b"\xff" * 4000
	            out.append(nals.Record("N", more, track=1, flags=4, rtp=r.rtp, first=r.first, last=r.last))
	sys.stdout.buffer.write(nals.unparse(out))
	EOF
	mp4-wrap -q out.mp4 < in
	assert [ "$(stat -c %s out.mp4)" -lt $((2 * $(stat -c %s in))) ]
	run -0 ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 out.mp4
	assert_output 10
}

@test "mp4-wrap: what comes between frames, however much, is not kept in memory with them" {
	! sanitized || skip "another memory"
	# a frame or two, then 400 MB within a second or so
	python3 - > peak <<-'EOF'
	import nals, os, resource, subprocess
	def records():
	    made = subprocess.run(["nals.py", "make", "--frames", "3", os.environ["CLOCK_CLIP"]], stdout=subprocess.PIPE).stdout
	    return nals.parse(made)
	p = subprocess.Popen(["mp4-wrap", "-q", "out.mp4"], stdin=subprocess.PIPE)
	p.stdin.write(nals.unparse(records()[:-1]))
	much = nals.Record("Z", bytes(65000), track=9).bytes() * 16
	for i in range(400):
	    p.stdin.write(much)
	p.stdin.write(nals.unparse(records()[-1:]))
	p.stdin.close()
	assert p.wait() == 0
	print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
	EOF
	assert_finished out.mp4
	assert [ "$(cat peak)" -lt 120000 ]
}

@test "mp4-wrap: names that cannot be printed are exit 1, and all files are finished" {
	nals.py make --frames 3 "$BASELINE" > in
	for f in 1 2; do mp4-wrap -q - < in > $f.mp4; done
	run -1 --separate-stderr bash -c 'mp4-wrap --finish --print 1.mp4 2.mp4 > /dev/full'
	assert_equal "$stderr" "mp4-wrap: stdout: names of files: No space left on device"
	assert_finished 1.mp4
	assert_finished 2.mp4
	for f in 1 2; do mp4-wrap -q - < in > $f.mp4; done
	bash -c 'trap "" PIPE; exec 3> >(:); wait $!; trap - PIPE; exec mp4-wrap --finish --print 1.mp4 2.mp4 >&3' 2> err || true
	assert_finished 2.mp4
	run -1 --separate-stderr bash -c 'mp4-wrap --print out.mp4 < in > /dev/full'
	assert_equal "$stderr" "$(printf 'mp4-wrap: %s\n' "there is no timing in this stream: h264-sei-stamp is not in the pipe" \
	    "stdout: names of files: No space left on device")"
	assert_finished out.mp4
}

@test "mp4-wrap: a closed standard descriptor is none that a file gets, which would then have what is printed in it" {
	nals.py make --frames 3 "$BASELINE" > in
	echo "not a recording" > foreign
	cp foreign before
	run -1 bash -c 'mp4-wrap --finish foreign 2>&-'
	cmp foreign before
	run -1 --separate-stderr bash -c 'mp4-wrap out.mp4 <&-'
	assert_regex "$stderr" "stdin: Bad file descriptor"
	run -1 --separate-stderr bash -c 'mp4-wrap - < in >&-'
	assert_regex "$stderr" "stdout: nothing could be written: Bad file descriptor"
	run -0 bash -c 'mp4-wrap out.mp4 < in >&- 2>&-'
	assert_finished out.mp4
}

@test "mp4-wrap: options" {
	run -0 --separate-stderr mp4-wrap --help
	for option in --force --print --sync --no-sync --finish --segment --segment-size --align --local --on-close --quiet \
	    --version; do
		assert_output --partial -- $option
	done
	run -0 --separate-stderr mp4-wrap -h
	run -0 --separate-stderr mp4-wrap -V
	assert_output --regexp '^mp4-wrap .*[0-9]+\.[0-9]+'
	for wrong in "a.mp4 b.mp4" "--nonsense a.mp4" "--sync x a.mp4" "--sync -1 a.mp4" "--finish"; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr mp4-wrap $wrong < /dev/null
		assert_output ""
		assert_regex "$stderr" "mp4-wrap"
	done
	nals.py make --frames 30 "$BASELINE" > in
	for option in --no-sync "--sync 0" "--sync 2" "--sync 0.25" -q --quiet; do
		# shellcheck disable=SC2086
		run -0 --separate-stderr mp4-wrap -f $option out.mp4 < in
		assert_finished out.mp4
	done
}

@test "mp4-wrap: a folder that is not there is named, exit 1" {
	nals.py make --frames 3 "$BASELINE" > in
	run -1 --separate-stderr mp4-wrap nowhere/out.mp4 < in
	assert_regex "$stderr" "^mp4-wrap: .*nowhere/out.mp4.*No such file"
}

@test "mp4-wrap: a pipe gets fragments, committed at once" {
	nals.py make "$CLOCK_CLIP" > in
	mp4-wrap - < in | cat > out.mp4
	assert_fragmented out.mp4
	run frame_count out.mp4
	assert_output 180
	pictures "$CLOCK_CLIP" > want
	pictures out.mp4 > got
	run diff want got
	assert_success
	# and to a player that reads a pipe itself
	run -0 bash -c 'mp4-wrap -q - < in | ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 - 2>&1'
	assert_output 180
}

@test "mp4-wrap: a pipe gets each fragment while the recording goes on" {
	mkfifo fifo
	nals.py make --frames 100 --no-end "$CLOCK_CLIP" > in
	mp4-wrap - < fifo 3>&- | cat > out.mp4 3>&- &
	local pipe=$!
	exec 9> fifo
	cat in >&9
	three() { [ "$(mp4.py boxes out.mp4 2>/dev/null | grep -c '/moof$')" -ge 3 ]; }
	wait_until three
	exec 9>&-
	ends 0 "$pipe"
	run frame_count out.mp4
	assert_output 100
}

@test "mp4-wrap: appending counts as a pipe" {
	nals.py make "$BASELINE" > in
	mp4-wrap - < in >> out.mp4
	assert_fragmented out.mp4
	run frame_count out.mp4
	assert_output 50
}

@test "mp4-wrap: standard output that is a file plays" {
	nals.py make "$BASELINE" > in
	mp4-wrap - < in > out.mp4
	run frame_count out.mp4
	assert_output 50
}

@test "mp4-wrap: fragments start at key frames and last a second at most, in a pipe a fifth of that" {
	# key frames every 1 s, every 0.4 s, and none for 4 s
	nals.py make "$CLOCK_CLIP" > a
	nals.py make --frames 100 "$CLIPS/intra.h264" > b
	ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=64x48:rate=30 -frames:v 120 -c:v libx264 -threads 1 -preset ultrafast \
	    -bf 0 -g 300 long.h264
	nals.py make long.h264 > c
	nals.py make --fps 4 --frames 20 "$CLIPS/intra.h264" > d
	for in in a b c d; do
		killed $in $in.mp4 4 --quiet
		mp4-wrap -q - < $in | cat > $in-pipe.mp4
	done
	run -0 python3 - <<-'EOF'
	import mp4
	for name, least in ("a", 4), ("b", 4), ("c", 4), ("d", 4), ("a-pipe", 30), ("b-pipe", 25), ("c-pipe", 20), ("d-pipe", 20):
	    fragments = {}
	    for s in mp4.load(name + ".mp4").samples():
	        fragments.setdefault(s["fragment"], []).append(s)
	    assert len(fragments) >= least, (name, len(fragments))
	    for n, f in fragments.items():
	        seconds = sum(s["duration"] for s in f) / 90000
	        # in a pipe a fifth of a second, or one frame
	        longest = 0.2 if name.endswith("-pipe") else 1.0
	        assert seconds <= longest or len(f) == 1, (name, n, seconds)
	        assert f[0]["sync"] or name in ("c", "a-pipe", "c-pipe"), (name, n)
	        # the first key frame after half of that begins the next one
	        assert not any(s["sync"] and s["dts"] - f[0]["dts"] >= 45000 * longest for s in f[1:]), (name, n)
	EOF
}

@test "mp4-wrap: a killed recording has all its committed fragments" {
	nals.py make --no-end "$CLOCK_CLIP" > in
	killed in out.mp4 5
	assert_fragmented out.mp4
	run frame_count out.mp4
	assert_output 150
	pictures "$CLOCK_CLIP" | head -n 150 > want
	pictures out.mp4 > got
	run diff want got
	assert_success
}

@test "mp4-wrap: --finish makes a killed recording an ordinary one, in place" {
	nals.py make --no-end --reports 9 "$CLOCK_CLIP" | h264-sei-stamp > in || true
	killed in out.mp4 5
	mp4.py nals out.mp4 > want
	mp4.py samples out.mp4 | cut -d' ' -f1-3,5-8 > want-samples
	inode=$(stat -c %i out.mp4)
	cp out.mp4 second.mp4
	run -0 --separate-stderr mp4-wrap --finish out.mp4 second.mp4
	assert_finished out.mp4
	assert_finished second.mp4
	assert_equal "$(stat -c %i out.mp4)" "$inode"
	# all that was committed, and a complete fragment that was not yet
	mp4.py nals out.mp4 > got
	mp4.py samples out.mp4 | cut -d' ' -f1-3,5-8 > got-samples
	run cmp -n "$(stat -c %s want)" want got
	assert_success
	run cmp -n "$(stat -c %s want-samples)" want-samples got-samples
	assert_success
	assert [ "$(frame_count out.mp4)" -ge 150 ]
}

@test "mp4-wrap: --finish leaves finished files as they are, byte for byte" {
	nals.py make "$BASELINE" | mp4-wrap a.mp4
	cp a.mp4 b.mp4
	touch -d 2020-01-01 b.mp4
	run -0 mp4-wrap --finish a.mp4 b.mp4
	run cmp a.mp4 b.mp4
	assert_success
	assert_equal "$(stat -c %Y b.mp4)" "$(date -d 2020-01-01 +%s)"
}

@test "mp4-wrap: --finish takes in a complete fragment that was not committed" {
	nals.py make --no-end "$CLOCK_CLIP" > in
	killed in out.mp4 5
	at=$(mp4.py boxes out.mp4 | awk '$3 == "/moof" { at = $1 } END { print at }')
	printf free | dd of=out.mp4 bs=1 seek=$((at + 4)) conv=notrunc status=none
	run frame_count out.mp4
	assert_output 120
	mp4-wrap --finish out.mp4
	assert_finished out.mp4
	assert [ "$(frame_count out.mp4)" -ge 150 ]
}

@test "mp4-wrap: --finish names a file it cannot finish, leaves it, and goes on to the next" {
	nals.py make --no-end "$CLOCK_CLIP" > in
	killed in out.mp4 5
	echo "not an MP4" > text
	ffmpeg -nostdin -v error -i "$BASELINE" -c copy foreign.mp4
	cp text text.copy
	cp foreign.mp4 foreign.copy
	run -1 --separate-stderr mp4-wrap --finish text nowhere.mp4 out.mp4
	assert_regex "$stderr" "mp4-wrap: .*text"
	assert_regex "$stderr" "mp4-wrap: .*nowhere.mp4.*No such file"
	assert_finished out.mp4
	mp4-wrap --finish foreign.mp4 || true
	run cmp text text.copy
	assert_success
	run cmp foreign.mp4 foreign.copy
	assert_success
}

@test "mp4-wrap: kill -9 at random moments costs at most 1.2 s, and the rest is read without complaint" {
	nals.py make --no-end --reports 30 "$CLOCK_CLIP" | h264-sei-stamp > in || true
	run python3 - 3>&- <<-'EOF'
	import os, random, signal, subprocess, time, mp4, nals
	records = nals.parse(open("in", "rb").read())
	parts, part = [], []
	for r in records:
	    part.append(r)
	    if r.type == "N" and r.flags & 2:
	        parts.append(nals.unparse(part))
	        part = []
	runs = []
	for i in range(12):
	    p = subprocess.Popen(["mp4-wrap", "%d.mp4" % i], stdin=subprocess.PIPE)
	    runs.append([p, random.uniform(0, 3.5), 0])
	runs[0][1], runs[1][1] = 0.05, 0.5
	start = time.monotonic()
	for n, part in enumerate(parts):
	    time.sleep(max(0, start + n / 30 - time.monotonic()))
	    for r in runs:
	        if r[2] is None:
	            continue
	        if time.monotonic() - start >= r[1]:
	            r[0].kill()
	            r[0].wait()
	            r.append(n)
	            r[2] = None
	        else:
	            r[0].stdin.write(part)
	            r[0].stdin.flush()
	    if all(r[2] is None for r in runs):
	        break
	for i, r in enumerate(runs):
	    name, fed, got = "%d.mp4" % i, r[3], 0
	    if os.path.exists(name):
	        try:
	            got = len(mp4.load(name).samples())
	        except ValueError:
	            got = 0
	    assert got >= fed - 36, "%s: %d of %d frames" % (name, got, fed)
	    if got:
	        out = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of",
	                              "csv=p=0", name], capture_output=True, text=True)
	        assert out.stdout.strip() == str(got) and not out.stderr, (name, got, out)
	EOF
	assert_success
}

@test "mp4-wrap: a recording cut at every byte of its last two fragments still opens" {
	nals.py make --frames 100 --fps 25 --no-end "$BASELINE" > in
	killed in out.mp4 3
	run -0 python3 - <<-'EOF'
	import random, subprocess, mp4
	m = mp4.load("out.mp4")
	whole = m.data
	moofs = [b for b in m.top if b.type == b"moof"]
	ends = [b.start - 32 for b in moofs[1:]] + [next(b.end for b in m.top if b.start == moofs[-1].end)]
	per = [sum(s["fragment"] == i for s in m.samples()) for i in range(len(moofs))]
	chosen = 0
	for i in (len(moofs) - 2, len(moofs) - 1):
	    # a prft of 32 bytes stands before the moof
	    prft, start, end = moofs[i].start - 32, moofs[i].start, ends[i]
	    # while it is being written, a fragment's moof is still called free
	    data = whole[:start + 4] + b"free" + whole[start + 8:end]
	    near = {prft, prft + 4, prft + 7, prft + 8, start, start + 4, start + 7, start + 8, start + 9, moofs[i].end - 1, moofs[i].end, moofs[i].end + 4,
	            moofs[i].end + 8, end - 1, end}
	    near |= set(random.sample(range(prft, end), 9))
	    for cut in range(prft, end + 1):
	        if cut not in near:
	            for b in mp4.Mp4(data[:cut]).top[3:]:
	                assert not b.cut or b.start >= prft, (cut, b.path, b.start)
	            continue
	        chosen += 1
	        with open("cut.mp4", "wb") as f:
	            f.write(data[:cut])
	        p = subprocess.run(["ffprobe", "-v", "error", "-count_packets", "-show_entries", "stream=nb_read_packets", "-of",
	                            "csv=p=0", "cut.mp4"], capture_output=True, text=True)
	        assert p.returncode == 0 and p.stdout.strip() == str(sum(per[:i])), (cut, p)
	        p = subprocess.run(["mp4-wrap", "--finish", "cut.mp4"], capture_output=True, text=True)
	        assert p.returncode == 0, (cut, p)
	        got = len(mp4.load("cut.mp4").table_samples())
	        assert got == sum(per[:i + (cut == end)]), (cut, got)
	print(chosen >= 38)
	EOF
	assert_output True
}

@test "mp4-wrap: a file-size limit leaves a recording that plays, exit 1" {
	nals.py make "$CLOCK_CLIP" > in
	for kib in 40 64 106; do
		run -1 --separate-stderr bash -c "ulimit -f $kib; exec mp4-wrap $kib.mp4 < in"
		assert_regex "$stderr" "^mp4-wrap: .*$kib.mp4.*File too large"
		run frame_count $kib.mp4
		assert_output --regexp '^[1-9][0-9]*$'
		assert [ "$output" -ge $((kib / 20 * 30 - 30)) ]
	done
}

@test "mp4-wrap: a limit that is hit before the first fragment is told, exit 1" {
	nals.py make "$CLOCK_CLIP" > in
	run -1 --separate-stderr bash -c "ulimit -f 1; exec mp4-wrap out.mp4 < in"
	assert_regex "$stderr" "^mp4-wrap: "
}

@test "mp4-wrap: a full disk leaves a recording that plays, exit 1" {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	mkdir disk
	mount -t tmpfs -o size=80k tmpfs disk 2>/dev/null || skip "no right to mount"
	nals.py make "$CLOCK_CLIP" > in
	run --separate-stderr mp4-wrap disk/out.mp4 < in
	got=$status said=$stderr
	run frame_count disk/out.mp4
	umount disk
	assert_equal "$got" 1
	assert_regex "$said" "^mp4-wrap: .*No space left"
	assert_output --regexp '^(60|90|120)$'
}

@test "mp4-wrap: a full disk under standard output exits 1" {
	nals.py make "$BASELINE" > in
	run -1 --separate-stderr bash -c 'mp4-wrap - < in > /dev/full'
	assert_regex "$stderr" "^mp4-wrap: .*No space left"
	run -1 bash -c 'mp4-wrap --print out.mp4 < in > /dev/full'
}

@test "mp4-wrap: a reader that went away ends it with exit 1, not by a signal" {
	nals.py make --frames 1200 "$CLOCK_CLIP" > in
	run -1 bash -c 'mp4-wrap - < in | true; exit ${PIPESTATUS[0]}'
}

@test "mp4-wrap: after a signal it reads on to the end of its input" {
	mkfifo fifo
	nals.py make "$BASELINE" > in
	for signal in INT TERM HUP; do
		env --default-signal=INT mp4-wrap $signal.mp4 < fifo 3>&- &
		pid=$!
		exec 9> fifo
		head -c 15000 in >&9
		exists() { [ -e $signal.mp4 ]; }
		wait_until exists
		kill -$signal $pid
		sleep 0.1
		tail -c +15001 in >&9
		exec 9>&-
		ends 0 $pid
		assert_finished $signal.mp4
		run frame_count $signal.mp4
		assert_output 50
	done
}

@test "mp4-wrap: a second signal finishes what is there, now" {
	mkfifo fifo
	nals.py make --no-end "$BASELINE" > in
	mp4-wrap out.mp4 < fifo 3>&- &
	pid=$!
	exec 9> fifo
	cat in >&9
	exists() { [ -e out.mp4 ]; }
	wait_until exists
	kill -TERM $pid
	sleep 0.2
	kill -TERM $pid
	gone() { ! kill -0 $pid 2>/dev/null; }
	wait_until gone
	exec 9>&-
	status=0
	wait $pid || status=$?
	assert [ "$status" -le 1 ]
	assert_finished out.mp4
	# the last access unit has its LAST flag, so nothing is missing
	run frame_count out.mp4
	assert_output 50
}

@test "mp4-wrap: a signal ignored at the start stays ignored" {
	mkfifo fifo
	nals.py make "$BASELINE" > in
	env --ignore-signal=INT mp4-wrap out.mp4 < fifo 3>&- &
	pid=$!
	exec 9> fifo
	head -c 15000 in >&9
	exists() { [ -e out.mp4 ]; }
	wait_until exists
	for _ in 1 2 3; do
		kill -INT $pid
		sleep 0.05
	done
	tail -c +15001 in >&9
	exec 9>&-
	ends 0 $pid
	run frame_count out.mp4
	assert_output 50
}

# The byte offset of the Nth `moof` box of a recording that was not finished, from 0.
moof_offset() {
	mp4.py boxes "$1" | awk -v n="$2" '$3 == "/moof" && i++ == n { print $1 }'
}

@test "mp4-wrap: --finish keeps what is behind a damaged fragment, says how much is damaged, and exits 1" {
	nals.py make "$CLOCK_CLIP" > in
	killed in killed.mp4 6 --quiet
	at=$(moof_offset killed.mp4 2)
	printf '\0' | dd of=killed.mp4 bs=1 seek=$((at + 15)) conv=notrunc status=none	# mfhd is none any more
	run -1 --separate-stderr mp4-wrap --finish killed.mp4
	assert_regex "$stderr" "killed.mp4: [0-9]+ bytes between the fragments are damaged"
	assert_finished killed.mp4
	run frame_count killed.mp4
	assert_output 150
}

@test "mp4-wrap: --finish makes a finished file that lost its end whole again" {
	nals.py make "$CLOCK_CLIP" | mp4-wrap whole.mp4
	head -c -100 whole.mp4 > cut.mp4
	run -0 mp4-wrap --finish cut.mp4
	run frame_count cut.mp4
	assert_output 180
	cp cut.mp4 again.mp4
	run -0 mp4-wrap --finish again.mp4
	cmp cut.mp4 again.mp4
}

@test "mp4-wrap: finishing a killed file changes nothing of it but sixteen bytes and the head of what was cut, and appends" {
	nals.py make "$CLOCK_CLIP" | mp4-wrap - | head -c 120000 > killed.mp4
	cp killed.mp4 before.mp4
	moofs=$(mp4.py boxes before.mp4 | grep -c '/moof$')
	cut=$(moof_offset before.mp4 $((moofs - 1)))	# its data is not all there
	run -0 mp4-wrap --finish killed.mp4
	run bash -c "cmp -l before.mp4 killed.mp4 2>/dev/null |
	    awk '(\$1 <= 32 || \$1 > 48) && (\$1 <= $cut || \$1 > $cut + 8)' | wc -l"
	assert_line 0
	assert [ "$(stat -c %s killed.mp4)" -gt 120000 ]
	# and it says where it ends now, so that nothing behind it is inside of it
	run -0 bash -c "head -c $((cut + 8)) killed.mp4 | tail -c 8 | od -An -tx1 | tr -d ' \\n'"
	assert_output "$(printf '%08x66726565' $((120000 - cut)))"
}

@test "mp4-wrap: a FIFO whose reader goes away ends it with exit 1" {
	mkfifo fifo
	head -c 1000 fifo > part 3>&- &
	local reader=$!
	run -1 --separate-stderr timeout 20 bash -c "nals.py make --frames 3000 '$CLOCK_CLIP' | mp4-wrap fifo"
	assert_regex "$stderr" "Broken pipe"
	ends 0 "$reader"
}

@test "mp4-wrap: a stream of 32 sequence parameter sets is recorded" {
	nals.py make --frames 30 "$BASELINE" > base.nals
	run -0 python3 - 3>&- <<-'EOF'
	import nals, struct
	records = nals.parse(open("base.nals", "rb").read())
	sps = next(r for r in records if r.type == "N" and r.payload[0] & 31 == 7)
	print(len(records), sps.payload.hex())
	EOF
	nals.py text < base.nals > base.txt
	python3 - > many.txt <<-'EOF'
	import re
	# profile_idc 66, constraints, level, then ue(v) of the id and the rest of a small SPS, bit by bit
	def ue(v):
	    b = bin(v + 1)[2:]
	    return "0" * (len(b) - 1) + b
	def sps(i):
	    bits = ue(i) + ue(0) + ue(0) + ue(0) + ue(1) + "0" + ue(11) + ue(8) + "1" + "0" + "0" + "0" + "1"
	    bits += "0" * (-len(bits) % 8)
	    return bytes([0x67, 66, 0xc0, 30]) + int(bits, 2).to_bytes(len(bits) // 8, "big")
	done = False
	for line in open("base.txt"):
	    if line.startswith("N") and "hex=68" in line and not done:
	        done = True
	        for i in range(1, 32):
	            print(re.sub(r"flags=\S+", "flags=KEY", re.sub(r"hex=\S+", "hex=" + sps(i).hex(), line)), end="")
	    print(line, end="")
	EOF
	run -0 bash -c "nals.py script < many.txt | mp4-wrap many.mp4"
	run frame_count many.mp4
	assert_output 30
}

# Two key frames of different size: with SPS and PPS of the same ids, or of others. two_cameras [x264 parameters]
two_cameras() {
	pattern.py clip a.h264 320x240 0 1
	pattern.py clip b.h264 640x480 1 1 "$@"
	nals.py make a.h264 > a.nals
	nals.py make b.h264 > b.nals
}

@test "mp4-wrap: a camera that changes its resolution a thousand times has two sample entries" {
	for ids in 0 1; do
		two_cameras sps-id=$ids
		# with other ids the sets come once, with the same ones at each change
		python3 - $ids > in <<-'EOF'
		import nals, sys
		a, b = (nals.frames(nals.parse(open(f, "rb").read()))[0] for f in ("a.nals", "b.nals"))
		out = sys.stdout.buffer
		out.write(nals.Record("S", b"nalstream 1\n").bytes())
		for i in range(2000):
		    unit = [r.payload for r in (a, b)[i % 2] if sys.argv[1] == "0" or i < 2 or r.payload[0] & 31 not in (7, 8)]
		    for k, n in enumerate(unit):
		        flags = 4 + (k == 0) + 2 * (k == len(unit) - 1)
		        out.write(nals.Record("N", n, track=1, flags=flags, rtp=i * 3000).bytes())
		out.write(nals.Record("E", b"status: 0\nreason: end\n").bytes())
		EOF
		mp4-wrap -f out.mp4 < in 2> err
		run -0 python3 - <<-'EOF'
		import mp4
		m = mp4.load("out.mp4")
		assert [e[1:3] for e in m.entries()] == [(320, 240), (640, 480)], m.entries()
		assert all(len(e[3]) == len(e[4]) == 1 for e in m.entries()), m.entries()
		samples = m.samples()
		assert len(samples) == 2000
		# no sample carries the other size's sets
		assert all([x[0] & 31 for x in mp4.split(m.sample(s))].count(7) == 1 for s in samples)
		# what is no picture: trun 16, stsz 4, stss 4, stsc 12, co64 8 a frame; 128 for 15 frames that make a fragment
		assert len(m.data) - sum(s["size"] for s in samples) < 2000 * 56, len(m.data)
		EOF
		# sought, not read through: both sizes
		run -0 bash -c "ffmpeg -nostdin -v error -ss 66.6 -i out.mp4 -vf scale=320:240 -f rawvideo -pix_fmt gray - | pattern.py read 320 240 | tr '\n' ' '"
		assert_output "0 1 "
	done
}

@test "mp4-wrap: a key frame carries what it and those after it name, and no other parameter sets" {
	two_cameras sps-id=1
	python3 - > in <<-'EOF'
	import nals, sys
	a, b = (nals.frames(nals.parse(open(f, "rb").read()))[0] for f in ("a.nals", "b.nals"))
	sets = lambda unit: [r.payload for r in unit if r.payload[0] & 31 in (7, 8)]
	rest = lambda unit: [r.payload for r in unit if r.payload[0] & 31 not in (7, 8)]
	# the PPS with id 1 as ue(v) 010 in place of id 0 as 1, for the same SPS 0: two bits more
	bits = "".join("{:08b}".format(x) for x in sets(a)[1][1:]).rstrip("0")
	bits = "010" + bits[1:]
	bits += "0" * (-len(bits) % 8)
	pps1 = b"\x68" + int(bits, 2).to_bytes(len(bits) // 8, "big")
	units = [
	    sets(b) + sets(a),			# all sets in a unit of their own
	    rest(a), rest(b),			# neither picture has any
	    [pps1, b"\x41\xe0" + bytes(8)],	# a second PPS before a picture that is no key frame
	    sets(a) + rest(a),			# now its own are not all
	    sets(a)[:1] + rest(a),
	    sets(a) + [pps1] + rest(a),		# these are
	]
	out = sys.stdout.buffer
	out.write(nals.Record("S", b"nalstream 1\n").bytes())
	for i, unit in enumerate(units):
	    key = 4 * any(n[0] & 31 == 5 for n in unit)
	    for k, n in enumerate(unit):
	        out.write(nals.Record("N", n, track=1, flags=(k == 0) + 2 * (k == len(unit) - 1) + key, rtp=i * 3000).bytes())
	out.write(nals.Record("E", b"status: 0\nreason: end\n").bytes())
	EOF
	mp4-wrap out.mp4 < in 2> err
	run -0 python3 - <<-'EOF'
	import mp4, nals
	m = mp4.load("out.mp4")
	def sets(sample):
	    # SPS: profile, constraints and level come before the id
	    for n in mp4.split(m.sample(sample)):
	        bits = nals.Bits(n)
	        if n[0] & 31 == 7:
	            bits.u(24)
	        if n[0] & 31 in (7, 8):
	            yield "%s%d" % ("SP"[n[0] & 31 == 8], bits.ue())
	for s in m.samples():
	    print(*sets(s))
	EOF
	assert_output - <<-'EOF'
	S0 P0
	S1 P1
	P1
	S0 P0 P1 S0 P0
	S0 P0 P1 S0
	S0 P0 P1
	EOF
	run bash -c "mp4.py info out.mp4 | grep -o '^entry avc1 [0-9x]*'"
	assert_output $'entry avc1 320x240\nentry avc1 640x480\nentry avc1 320x240'
}

@test "mp4-wrap: the shape of the samples and the colours are told as ffmpeg tells them, killed and finished" {
	pattern.py clip plain.h264 352x288 0 40
	pattern.py clip told.h264 352x288 0 40 sar=12/11:fullrange=on:colorprim=bt470bg:transfer=smpte170m:colormatrix=bt470bg
	for clip in plain told; do
		nals.py make $clip.h264 > in
		mp4-wrap -f out.mp4 < in
		killed in killed.mp4 1 --force
		ffmpeg -nostdin -v error -i out.mp4 -c copy -y ffmpeg.mp4
		run -0 python3 - <<-'EOF'
		import mp4
		def told(file):
		    m = mp4.load(file)
		    entry = m.trak().one(b"mdia", b"minf", b"stbl", b"stsd", b"avc1")
		    boxes = {b.type: m.body(b).hex() for b in entry.children}
		    size = m.body(m.trak().one(b"tkhd"))[-8:].hex()
		    return boxes.get(b"pasp"), boxes.get(b"colr"), size
		print(*told("ffmpeg.mp4"))
		assert told("out.mp4") == told("killed.mp4") == told("ffmpeg.mp4"), (told("out.mp4"), told("killed.mp4"))
		EOF
		echo "$output" >> all
	done
	# 352 pixels 12:11 wide are 384
	run cat all
	assert_output - <<-'EOF'
	None None 0160000001200000
	0000000c0000000b 6e636c7800050006000580 0180000001200000
	EOF
}

@test "mp4-wrap: a finished file tells its bit rate on average, as ffmpeg does, and of the second that had most" {
	nals.py make --frames 400 "$CLIPS/clock-320x240-30.h264" > in
	mp4-wrap -q out.mp4 < in
	ffmpeg -nostdin -v error -i out.mp4 -c copy ffmpeg.mp4
	run -0 python3 - <<-'EOF'
	import struct, mp4
	def btrt(file):
	    m = mp4.load(file)
	    return struct.unpack(">3I", m.body(m.trak().one(b"mdia", b"minf", b"stbl", b"stsd", b"avc1", b"btrt")))
	s = [(x["dts"], x["size"]) for x in mp4.load("out.mp4").samples()]
	most = max(sum(size for dts, size in s if 0 <= dts - begin < 90000) for begin, _ in s)
	assert btrt("out.mp4") == (0, 8 * most, btrt("ffmpeg.mp4")[2]), (btrt("out.mp4"), most, btrt("ffmpeg.mp4"))
	EOF
}

@test "mp4-wrap: the first frame is a sync sample, also where the camera sends no IDR picture" {
	python3 - > in <<-EOF
	import nals, sys
	units = nals.access_units(nals.annexb_split(open("$BASELINE", "rb").read()))[:20]
	units[1] = [n for n in units[0] if nals.kind(n) in (7, 8)] + units[1]
	sys.stdout.buffer.write(nals.Record("S", b"nalstream 1\n").bytes())
	for i, unit in enumerate(units[1:]):
	    for k, n in enumerate(unit):
	        flags = (k == 0) + 2 * (k == len(unit) - 1)
	        sys.stdout.buffer.write(nals.Record("N", n, track=1, flags=flags, rtp=i * 3600).bytes())
	sys.stdout.buffer.write(nals.Record("E", b"status: 0\nreason: end\n").bytes())
	EOF
	mp4-wrap -q out.mp4 < in
	run -0 bash -c "mp4.py samples out.mp4 | awk '{ print \$5, \$8 }' | uniq -c | tr -s ' '"
	assert_output $' 1 sync 7,8,1\n 18 - 1'
}

@test "mp4-wrap: each fragment begins with the arrival of its first frame" {
	nals.py make --rtp-steps 3000,3003,2999 "$CLOCK_CLIP" | h264-sei-stamp > in
	mp4-wrap - < in > pipe.mp4
	killed in killed.mp4 4
	for file in pipe killed; do
		run -0 python3 - $file.mp4 <<-'EOF'
		import json, struct, sys, mp4
		m = mp4.load(sys.argv[1])
		samples = m.samples()
		for n, moof in enumerate(m.fragments()):
		    prft = next(b for b in m.top if b.end == moof.start)
		    first = next(s for s in samples if s["fragment"] == n)
		    times = [mp4.timing(x) for x in mp4.split(m.sample(first))]
		    recv = next(json.loads(t[1])["recv"] for t in times if t and t[0] == "89H")
		    # 14496-12 8.16.5: version 1; 8 is an arbitrary but consistent moment; track 1
		    assert prft.type == b"prft" and m.body(prft) == struct.pack(">BBHIQQ", 1, 0, 8, 1, recv, first["pts"]), n
		assert len(m.fragments()) >= 4
		EOF
	done
}
