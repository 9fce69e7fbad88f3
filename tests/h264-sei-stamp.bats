#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0

load helper

@test "h264-sei-stamp: the SEI goes after delimiter, parameter sets and the camera's SEI, before the slice" {
	{ unit 1000 100 9 7 8 6 5; unit 4000 200 9 1; unit 7000 300 6 1; unit 10000 400 1; } | stream > in
	h264-sei-stamp < in > out
	run nals.py units < out
	assert_output - <<-'EOF'
	1000 9:fk 7:k 8:k 6:k frame:k 89H:k 5:lk
	4000 9:f frame 89H 1:l
	7000 6:f frame 89H 1:l
	10000 frame:f 89H 1:l
	EOF
}

@test "h264-sei-stamp: the SEI goes before prefix NAL units, partitions and slice extensions" {
	{ unit 1 100 7 8 14 5 14 5; unit 2 200 14 1 20; unit 3 300 2 3 4; unit 4 400 6 20 1; unit 5 500 21 1; unit 6 600 13 19 1 12
	} | stream > in
	h264-sei-stamp < in > out
	run nals.py units < out
	assert_output - <<-'EOF'
	1 7:fk 8:k frame:k 89H:k 14:k 5:k 14:k 5:lk
	2 frame:f 89H 14 1 20:l
	3 frame:f 89H 2 3 4:l
	4 6:f frame 89H 20 1:l
	5 frame:f 89H 21 1:l
	6 13:f 19 frame 89H 1 12:l
	EOF
}

@test "h264-sei-stamp: a picture of four slices gets one SEI" {
	nals.py make --fps 25 "$CLIPS/slices-aud.h264" > in
	h264-sei-stamp < in > out
	run -0 bash -c "nals.py units < out | cut -d' ' -f2- | sort | uniq -c | sed 's/^ *//'"
	assert_output - <<-'EOF'
	48 9:f frame 89H 1 1 1 1:l
	1 9:fk 7:k 8:k 6:k frame:k 89H:k 5:k 5:k 5:k 5:lk
	1 9:fk 7:k 8:k frame:k 89H:k 5:k 5:k 5:k 5:lk
	EOF
}

@test "h264-sei-stamp: the bytes of both SEI are those of sei-timing(5)" {
	{ report 12345678901234567890 0123456789abcdef 999; unit 4294968296 17198541541196598592 5; } | stream > in
	h264-sei-stamp < in > out
	run bash -c "nals.py text < out | sed -n 's/^N .*hex=06/06/p'"
	# 16 + 72 = 0x58 and 16 + 42 = 0x3a bytes of payload; 4294968296 = 2^32 + 1000
	o8b=$(printf 'strawlab.org/o8B{"recv":12345678901234567890,"ntp":81985529216486895,"rtp":999}' | od -An -v -tx1 | tr -d ' \n')
	_89h=$(printf 'strawlab.org/89H{"recv":17198541541196598592,"rtp":1000}' | od -An -v -tx1 | tr -d ' \n')
	assert_equal "${#o8b} ${#_89h}" "$((2 * 79)) $((2 * 56))"
	assert_line --index 0 "06054f${o8b}80"
	assert_line --index 2 "060538${_89h}80"
	assert_equal "${#lines[@]}" 3
}

@test "h264-sei-stamp: last, slack, packets and flags of a frame are those of all its records, under our own UUID" {
	stream > in <<-'EOF'
	N track=1 flags=FIRST+KEY+LOST rtp=1000 first=100 last=101 slack=9 seq=7 packets=1 hex=6764
	N track=1 flags=KEY rtp=1000 first=100 last=101 slack=9 seq=7 packets=1 hex=68ee
	N track=1 flags=KEY+SDP rtp=1000 first=4000000000000 last=4000000000000 hex=6601
	N track=1 flags=KEY+USER rtp=1000 first=4110 last=5000 slack=33 seq=8 packets=9 hex=6588
	N track=1 flags=LAST+KEY+DAMAGED rtp=1000 first=4120 last=4900 seq=17 packets=2 hex=6544
	N track=1 flags=FIRST+LAST rtp=4000 first=9000 last=17198541541196598592 slack=4294967295 seq=65535 packets=65535 hex=4188
	EOF
	h264-sei-stamp < in > out
	run nals.py own < out
	# the units of an aggregate (seq 7) share their packet: 1 + 9 + 2; 8 + 16 + 32 = DAMAGED, LOST, USER
	assert_output - <<-'EOF'
	0 frame {"last":5000,"slack":33,"packets":12,"flags":56}
	1 frame {"last":17198541541196598592,"slack":4294967295,"packets":65535,"flags":0}
	EOF
	# 16 + 57 = 0x49 bytes of payload
	want=$(printf 'nalpipe/frame/v1{"last":5000,"slack":33,"packets":12,"flags":56}' | od -An -v -tx1 | tr -d ' \n')
	run bash -c "nals.py text < out | sed -n 's/^N .*hex=06/06/p' | head -n 1"
	assert_output "060540${want}80"
}

@test "h264-sei-stamp: reports, gaps and clock records come in order of arrival, before the frame's own" {
	{
		echo 'C first=50 last=50 text="realtime: 1795514433905458288\nmonotonic: 749370289155\nstatus: 64\nstep: -1500000000\n"'
		unit 1000 100 7 8 5
		unit 2000 200 1
		echo 'G track=1 first=210 last=210 text="what: loss\npackets: 3\n"'
		report 220 0000000100000000 7
		echo 'C first=230 last=230 text="realtime: 5\nmonotonic: 4\n"'
		echo 'G first=240 last=240 text="what: shed\ngroups: 2\nframes: 61\nreason: too slow\n"'
		unit 3000 300 9 1
		echo 'G track=1 first=310 last=310 text="what: restart\nssrc: 12345678\n"'
	} | stream > in
	h264-sei-stamp < in > out
	run nals.py units < out
	assert_output - <<-'EOF'
	1000 7:fk 8:k clock:k frame:k 89H:k 5:lk
	2000 frame:f 89H 1:l
	3000 9:f event o8B clock event event frame 89H 1:l
	EOF
	run bash -c "nals.py own < out | grep -v frame/v1 | grep -v ' frame '"
	assert_output - <<-'EOF'
	0 clock {"recv":50,"track":0,"realtime":1795514433905458288,"monotonic":749370289155,"status":64,"step":-1500000000}
	2 event {"recv":210,"track":1,"what":"loss","packets":3}
	2 clock {"recv":230,"track":0,"realtime":5,"monotonic":4}
	2 event {"recv":240,"track":0,"what":"shed","groups":2,"frames":61,"reason":"too slow"}
	2 event {"recv":310,"track":1,"what":"restart","ssrc":"12345678"}
	EOF
	run bash -c 'nals.py strip < out | cmp - in'
	assert_success
}

@test "h264-sei-stamp: whatever stands in an event's lines, its SEI is valid JSON in printable ASCII, of the right size" {
	{
		printf '%s\n' 'G track=1 first=1 text="what: a\"b\\\\c\tä\nno colon\nempty: \nwhat: second\nrecv: 9\npackets: 007\nframes: -0\nrtp: 99999999999999999999\n"'
		for n in 236 237 238 239 491 492 493 2000; do
			printf 'G first=2 text="what: %s\\n"\n' "$(head -c $n /dev/zero | tr '\0' x)"
		done
		unit 1000 100 5
	} | stream > in
	h264-sei-stamp < in > out
	run python3 - <<-'EOF'
	import json, mp4, nals
	unit = nals.frames(nals.parse(open("out", "rb").read()))[0]
	events = [r.payload for r in unit if (mp4.timing(r.payload) or [""])[0] == "event"]
	for e in events:
	    size = pos = 0
	    while e[2 + pos] == 255:
	        size, pos = size + 255, pos + 1
	    size += e[2 + pos]
	    assert len(e) == 2 + pos + 1 + size + 1 and e[-1] == 0x80, e
	    assert all(32 <= c < 127 for c in e[3 + pos:-1]), e
	first = json.loads(mp4.timing(events[0])[1])
	assert first == {"recv": 1, "track": 1, "what": 'a"b\\\\c\t\xe4', "empty": "", "packets": "007", "frames": "-0",
	                 "rtp": "99999999999999999999"}, first
	print(*(len(json.loads(mp4.timing(e)[1])["what"]) for e in events[1:]))
	EOF
	assert_output "236 237 238 239 491 492 493 2000"
}

@test "h264-sei-stamp: of concatenated streams the video may have another track number" {
	{ unit 1000 100 5; report 150 0000000100000000 6; } | stream > a
	{ unit 5000 200 5; report 250 0000000200000000 7; } | stream | nals.py text | sed 's/track=1/track=2/' | nals.py script > b
	cat a b | h264-sei-stamp > out
	run grep -aEo '(o8B|89H)\{[^}]*' out
	assert_output - <<-'EOF'
	o8B{"recv":150,"ntp":4294967296,"rtp":6
	89H{"recv":100,"rtp":1000
	o8B{"recv":250,"ntp":8589934592,"rtp":7
	89H{"recv":200,"rtp":5000
	EOF
}

@test "h264-sei-stamp: what waits in a stream without a picture does not go into the next stream's, and is told" {
	report 50 0000000100000000 6 | stream > a
	unit 5000 200 5 | stream > b
	run -0 --separate-stderr bash -c 'cat a b | h264-sei-stamp > out'
	assert_regex "$stderr" "^h264-sei-stamp: 1 reports, events and clock records are not in the SEI"
	run nals.py sei < out
	assert_output '0 89H {"recv":200,"rtp":5000}'
}

@test "h264-sei-stamp: S without an end of its last line gets one" {
	{ echo 'S text="nalstream 1\ncamera: x"'; unit 1 100 5; } | nals.py script > in
	run -1 bash -c 'h264-sei-stamp < in | tee out | h264-sei-stamp | cmp - out; exit ${PIPESTATUS[0]}'
	run bash -c 'nals.py text < out | head -n 1'
	assert_output --regexp '^S text="nalstream 1\\ncamera: x\\nstamped: h264-sei-stamp [0-9.]+\\n"$'
}

@test "h264-sei-stamp: an event that is too long for a SEI is told, and passes in the stream" {
	{ printf 'G first=2 text="what: %s\\n"\n' "$(head -c 20000 /dev/zero | tr '\0' x)"; unit 1000 100 5; } | stream > in
	run -0 --separate-stderr bash -c 'h264-sei-stamp < in > out'
	assert_regex "$stderr" "^h264-sei-stamp: 1 reports, events and clock records are not in the SEI"
	run bash -c 'nals.py strip < out | cmp - in'
	assert_success
}

@test "h264-sei-stamp: every report since the last frame comes first, in order" {
	{
		report 50 e8fdf88000000000 10
		report 60 e8fdf88100000000 4294967295
		unit 1000 100 7 8 5
		unit 2000 200 1
		report 250 ffffffffffffffff 0
		unit 3000 300 9 1
	} | stream > in
	h264-sei-stamp < in > out
	run nals.py sei < out
	assert_output - <<-'EOF'
	0 o8B {"recv":50,"ntp":16788848214546579456,"rtp":10}
	0 o8B {"recv":60,"ntp":16788848218841546752,"rtp":4294967295}
	0 89H {"recv":100,"rtp":1000}
	1 89H {"recv":200,"rtp":2000}
	2 o8B {"recv":250,"ntp":18446744073709551615,"rtp":0}
	2 89H {"recv":300,"rtp":3000}
	EOF
	run nals.py units < out
	assert_line --index 0 "1000 7:fk 8:k o8B:k o8B:k frame:k 89H:k 5:lk"
	assert_line --index 2 "3000 9:f o8B frame 89H 1:l"
}

@test "h264-sei-stamp: reports after the last frame go into the last" {
	{ unit 1000 100 5; unit 2000 200 1; report 250 0000000100000000 7; report 260 0000000200000000 8; } | stream > in
	h264-sei-stamp < in > out
	run nals.py sei < out
	assert_output - <<-'EOF'
	0 89H {"recv":100,"rtp":1000}
	1 o8B {"recv":250,"ntp":4294967296,"rtp":7}
	1 o8B {"recv":260,"ntp":8589934592,"rtp":8}
	1 89H {"recv":200,"rtp":2000}
	EOF
}

@test "h264-sei-stamp: reports before and after the last frame stand in it in order" {
	{ unit 1000 100 5; report 150 0000000100000000 6; unit 2000 200 1; report 250 0000000100000000 7; } | stream > in
	h264-sei-stamp < in > out
	run bash -c "nals.py sei < out | cut -d, -f1"
	assert_output - <<-'EOF'
	0 89H {"recv":100
	1 o8B {"recv":150
	1 o8B {"recv":250
	1 89H {"recv":200
	EOF
}

@test "h264-sei-stamp: reports after the last frame of a cut stream go into the last too" {
	{ unit 1000 100 5; unit 2000 200 1; report 250 0000000100000000 7; } | stream > whole
	offset=$(nals.py heads < whole | awk '$2 == "E" { print $1 }')
	head -c "$offset" whole > in
	run -1 --separate-stderr bash -c 'h264-sei-stamp < in > out'
	run nals.py sei < out
	assert_line '1 o8B {"recv":250,"ntp":4294967296,"rtp":7}'
	run bash -c 'nals.py strip < out | cmp - in'
	assert_success
}

@test "h264-sei-stamp: an access unit without a slice gets no SEI, and its reports wait" {
	{ report 40 0000000100000000 5; unit 500 50 7 8; unit 1000 100 5; report 150 0000000200000000 6; unit 1500 160 6; unit 2000 200 1; } | stream > in
	h264-sei-stamp < in > out
	run nals.py units < out
	assert_output - <<-'EOF'
	500 7:f 8:l
	1000 o8B:fk frame:k 89H:k 5:lk
	1500 6:fl
	2000 o8B:f frame 89H 1:l
	EOF
}

@test "h264-sei-stamp: reports after an access unit without a slice go into the last picture" {
	{ unit 1000 100 5; unit 2000 200 1; report 250 0000000100000000 7; unit 3000 300 6; } | stream > in
	h264-sei-stamp < in > out
	run -0 bash -c "nals.py sei < out | grep -c o8B"
	run bash -c 'nals.py strip < out | cmp - in'
	assert_success
}

@test "h264-sei-stamp: a stream without frames passes with its reports untouched" {
	report 250 0000000100000000 7 | stream > in
	h264-sei-stamp < in > out
	run bash -c 'nals.py strip < out | cmp - in'
	assert_success
}

@test "h264-sei-stamp: reports of the audio track never appear as ours" {
	nals.py make --frames 12 --extras --reports 4 "$CLIPS/clock-320x240-30.h264" > in
	h264-sei-stamp < in > out
	run -0 bash -c "nals.py text < in | grep -c '^R track=2'"
	assert_output 3
	run -0 bash -c "nals.py sei < out | grep -c o8B"
	assert_output 3
	# RTP times of the video's reports: frames 0, 4 and 8
	run -0 bash -c "nals.py sei < out | grep o8B | grep -o 'rtp.*'"
	assert_output - <<-'EOF'
	rtp":1000000}
	rtp":1012000}
	rtp":1024000}
	EOF
}

@test "h264-sei-stamp: video need not be the first track" {
	{
		echo 'T track=1 text="codec: aac\nclock-rate: 16000\n"'
		echo 'T track=2 text="codec: h264\nclock-rate: 90000\n"'
		echo 'R track=1 rtp=77 first=40 last=40 packets=1 hex=0badcafee8fdf880000000000000004d0000000100000002'
		{ report 50 0000000100000000 88; unit 1000 100 5; } | sed 's/track=1/track=2/'
		echo 'A track=1 rtp=99 first=120 last=120 packets=1 hex=211005'
		echo 'R track=1 rtp=99 first=140 last=140 packets=1 hex=0badcafee8fdf88000000000000000630000000100000002'
		echo 'E text="status: 0\nreason: duration\n"'
	} | { echo 'S text="nalstream 1\n"'; cat; } | nals.py script > in
	h264-sei-stamp < in > out
	run grep -aEo '(o8B|89H)[^}]*' out
	assert_output - <<-'EOF'
	o8B{"recv":50,"ntp":4294967296,"rtp":88
	89H{"recv":100,"rtp":1000
	EOF
}

@test "h264-sei-stamp: recv and rtp are those of the first slice, not of the parameter sets before it" {
	stream > in <<-'EOF'
	N track=1 flags=FIRST+KEY rtp=999 first=100 last=101 packets=1 hex=6764
	N track=1 flags=KEY rtp=1000 first=110 last=115 slack=3 packets=9 hex=6588
	N track=1 flags=LAST+KEY rtp=1001 first=120 last=125 packets=9 hex=6544
	EOF
	h264-sei-stamp < in > out
	run nals.py sei < out
	assert_output '0 89H {"recv":110,"rtp":1000}'
}

@test "h264-sei-stamp: the largest recv and rtp survive" {
	unit 18446744073709551615 18446744073709551615 5 | stream > in
	h264-sei-stamp < in > out
	run nals.py sei < out
	assert_output '0 89H {"recv":18446744073709551615,"rtp":4294967295}'
}

@test "h264-sei-stamp: zero in every field survives" {
	stream > in <<-'EOF'
	N flags=FIRST+LAST track=1 hex=6588
	EOF
	h264-sei-stamp < in > out
	run nals.py sei < out
	assert_output '0 89H {"recv":0,"rtp":0}'
}

@test "h264-sei-stamp: a stream across 2036-02-07T06:28:16Z is exact" {
	# 100 ms before the end of the era, in steps of 33 333 333 ns
	nals.py make --frames 9 --time 2085978495900000000 "$CLIPS/clock-320x240-30.h264" > in
	h264-sei-stamp < in > out
	run python3 - <<-'EOF'
	import json, mp4, nals
	units = nals.frames(nals.parse(open("out", "rb").read()))
	recv = [json.loads(t[1])["recv"] for u in units for t in [mp4.strawlab(r.payload) for r in u] if t]
	own = [next(r for r in u if nals.vcl(r.payload)).first for u in units]
	assert recv == own, (recv, own)
	assert recv[0] > 1 << 63 and recv[-1] < 1 << 63, recv
	print(len(recv))
	EOF
	assert_success
	assert_output 9
}

@test "h264-sei-stamp: a damaged picture has its SEI too" {
	{
		unit 1000 100 5
		echo 'N track=1 flags=FIRST+LAST+DAMAGED+LOST rtp=2000 first=200 last=200 packets=1 hex=4188'
	} | stream > in
	h264-sei-stamp < in > out
	run nals.py units < out
	assert_line --index 1 --regexp '^2000 frame:fd? 89H 1:ld$'
}

@test "h264-sei-stamp: records of every type, known or not, pass untouched and in order" {
	nals.py make --frames 40 --extras --reports 3 "$CLIPS/clock-320x240-30.h264" > in
	h264-sei-stamp < in > out
	run bash -c 'nals.py strip < out | cmp - in'
	assert_success
	run bash -c "nals.py text < out | cut -d' ' -f1 | sort -u | tr -d '\n'"
	assert_output ACEGNRSTXZ
}

@test "h264-sei-stamp: input byte by byte gives the same as in one piece" {
	nals.py make --frames 2 --extras --reports 1 "$CLIPS/baseline.h264" | head -c 3000 > in
	h264-sei-stamp < in > whole || true
	python3 -c '
import os
for byte in open("in", "rb").read():
    os.write(1, bytes([byte]))' | h264-sei-stamp > bytes || true
	run cmp whole bytes
	assert_success
}

@test "h264-sei-stamp: S says who stamped, and which version" {
	unit 1 100 5 | stream > in
	h264-sei-stamp < in > out
	version=$(h264-sei-stamp --version | grep -Eo '[0-9]+\.[0-9]+(\.[0-9]+)?')
	run bash -c 'nals.py text < out | head -n 1'
	assert_output 'S text="nalstream 1\ncamera: cam1\nstamped: h264-sei-stamp '"$version"'\n"'
}

@test "h264-sei-stamp: a stream that is stamped passes unchanged" {
	nals.py make --frames 20 --extras --reports 3 --line "stamped: h264-sei-stamp 9.9" "$CLIPS/slices-aud.h264" > in
	h264-sei-stamp < in > out
	run cmp in out
	assert_success
	nals.py make --frames 20 --extras --reports 3 "$CLIPS/slices-aud.h264" | h264-sei-stamp > once
	h264-sei-stamp < once > twice
	run cmp once twice
	assert_success
}

@test "h264-sei-stamp: timing SEI that the camera sent stays, ours comes after it" {
	old=0605$(printf '%02x' 56)$(printf 'strawlab.org/89H{"recv":17198541541196598592,"rtp":1234}' | od -An -v -tx1 | tr -d ' \n')80
	stream > in <<-EOF
	N track=1 flags=FIRST+KEY rtp=1000 first=100 last=100 packets=1 hex=$old
	N track=1 flags=LAST+KEY rtp=1000 first=110 last=110 packets=1 hex=6588
	EOF
	h264-sei-stamp < in > out
	run nals.py sei < out
	assert_output - <<-'EOF'
	0 89H {"recv":17198541541196598592,"rtp":1234}
	0 89H {"recv":110,"rtp":1000}
	EOF
	run nals.py units < out
	assert_output '1000 89H:fk frame:k 89H:k 5:lk'
}

@test "h264-sei-stamp: retina-record's own SEI come back byte for byte" {
	[ -e "$GOLDEN/plain.mp4" ] || skip "no tests/data/retina-record"
	nals.py golden "$GOLDEN/plain.mp4" > in
	run grep -c strawlab in
	assert_output 0
	h264-sei-stamp < in > out
	run python3 - "$GOLDEN/plain.mp4" <<-'EOF'
	import struct, sys, mp4, nals
	want = mp4.load(sys.argv[1])
	got = nals.frames(nals.parse(open("out", "rb").read()))
	samples = [want.sample(s) for s in want.samples()]
	assert len(got) == len(samples)
	same = 0
	for unit, sample in zip(got, samples):
	    ours = [r.payload for r in unit]
	    theirs = mp4.split(sample)
	    # the same SEI in the same order, the same units of the camera in the same order
	    for pick in (lambda n: mp4.strawlab(n), lambda n: not mp4.strawlab(n)):
	        assert [n for n in ours if pick(n)] == [n for n in theirs if pick(n)]
	    same += b"".join(struct.pack(">I", len(n)) + n for n in ours) == sample
	# retina-record puts its SEI in front of the parameter sets of a key frame, where H.264 7.4.1.2.3 does not want it
	keys = sum(s["sync"] for s in want.samples())
	assert same == len(samples) - keys, same
	print(same, "samples the same in every byte,", keys, "key frames")
	EOF
	assert_success
	assert_output "76 samples the same in every byte, 4 key frames"
}

@test "h264-sei-stamp: concatenated streams are both stamped, each with its own reports" {
	{ unit 1000 100 5; report 150 0000000100000000 6; } | stream > a
	{ report 160 0000000200000000 7; unit 5000 200 5; } | stream > b
	cat a b | h264-sei-stamp > out
	run nals.py sei < out
	assert_output - <<-'EOF'
	0 o8B {"recv":150,"ntp":4294967296,"rtp":6}
	0 89H {"recv":100,"rtp":1000}
	1 o8B {"recv":160,"ntp":8589934592,"rtp":7}
	1 89H {"recv":200,"rtp":5000}
	EOF
	run -0 grep -ac '^stamped: ' out
	assert_output 2
}

@test "h264-sei-stamp: exits with the status of E" {
	for status in 0 1; do
		nals.py make --frames 3 --status $status --reason "camera said BYE" "$CLIPS/baseline.h264" > in
		run -$status h264-sei-stamp < in
	done
	nals.py make --frames 3 "$CLIPS/baseline.h264" > good
	cat in good > both
	run -1 h264-sei-stamp < both
}

@test "h264-sei-stamp: a stream without E was cut: all of it passes, exit 1" {
	nals.py make --frames 5 --no-end "$CLIPS/baseline.h264" > in
	run -1 --separate-stderr bash -c 'h264-sei-stamp < in > out'
	assert_regex "$stderr" "^h264-sei-stamp: .*[^0-9]$(stat -c %s in)([^0-9]|$)"
	run bash -c 'nals.py strip < out | cmp - in'
	assert_success
}

@test "h264-sei-stamp: a stream that stops inside a record keeps all before it and names the byte, exit 1" {
	nals.py make --frames 5 "$CLIPS/baseline.h264" > whole
	last=$(nals.py heads < whole | awk '$2 == "N" { at = $1 } END { print at }')
	head -c $((last + 45)) whole > in
	run -1 --separate-stderr bash -c 'h264-sei-stamp < in > out'
	assert_regex "$stderr" "[^0-9]$last([^0-9]|$)"
	assert_equal "${#stderr_lines[@]}" 1
	head -c "$last" whole > kept
	run bash -c 'nals.py strip < out | cmp - kept'
	assert_success
}

@test "h264-sei-stamp: no input, and input that is no nalstream, are told plainly, exit 1" {
	run -1 --separate-stderr h264-sei-stamp < /dev/null
	assert_output ""
	assert_regex "$stderr" "^h264-sei-stamp: "
	run -1 --separate-stderr h264-sei-stamp < "$CLIPS/intra.h264"
	assert_output ""
	assert_regex "$stderr" "^h264-sei-stamp: .*nalstream"
	echo '-rtsp://not a stream, but longer than the forty bytes of a head' > text
	run -1 --separate-stderr h264-sei-stamp < text
	assert_regex "$stderr" "^h264-sei-stamp: .*nalstream"
}

@test "h264-sei-stamp: --quiet does not hide a failure's status" {
	nals.py make --frames 5 --no-end "$CLIPS/baseline.h264" > in
	run -1 h264-sei-stamp -q < in
	run -1 h264-sei-stamp --quiet < in
}

@test "h264-sei-stamp: a full disk exits 1" {
	nals.py make --frames 5 "$CLIPS/baseline.h264" > in
	run -1 --separate-stderr bash -c 'h264-sei-stamp < in > /dev/full'
	assert_regex "$stderr" "^h264-sei-stamp: .*No space left"
}

@test "h264-sei-stamp: a reader that went away ends it with exit 1, not by a signal" {
	nals.py make --frames 600 "$CLIPS/clock-320x240-30.h264" > in
	run -1 bash -c 'h264-sei-stamp < in | true; exit ${PIPESTATUS[0]}'
}

@test "h264-sei-stamp: options" {
	run -0 --separate-stderr h264-sei-stamp --help
	assert_output --partial "h264-sei-stamp"
	assert_output --partial "--quiet"
	run -0 --separate-stderr h264-sei-stamp -h
	run -0 --separate-stderr h264-sei-stamp -V
	assert_output --regexp '^h264-sei-stamp .*[0-9]+\.[0-9]+'
	for wrong in --nonsense -Z operand; do
		run -2 --separate-stderr h264-sei-stamp $wrong < /dev/null
		assert_output ""
		assert_regex "$stderr" "^h264-sei-stamp: |usage: h264-sei-stamp"
	done
}

@test "h264-sei-stamp: live, one access unit is held back and no more" {
	mkfifo pipe
	nals.py make --frames 10 --no-end "$CLIPS/baseline.h264" > in
	h264-sei-stamp < pipe > out 3>&- &
	pid=$!
	exec 9> pipe
	cat in >&9
	nine() { [ "$(python3 -c 'import nals; print(len(nals.frames(nals.parse(open("out", "rb").read(), cut=True))))')" -eq 9 ]; }
	wait_until nine
	exec 9>&-
	ends 1 $pid
}

@test "h264-sei-stamp: after a signal it reads on to the end of its input" {
	mkfifo pipe
	nals.py make --frames 20 "$CLIPS/baseline.h264" > in
	for signal in INT TERM HUP; do
		env --default-signal=INT h264-sei-stamp < pipe > out 3>&- &
		pid=$!
		exec 9> pipe
		head -c 5000 in >&9
		started() { [ -s out ]; }
		wait_until started
		kill -$signal $pid
		sleep 0.1
		tail -c +5001 in >&9
		exec 9>&-
		ends 0 $pid
		run bash -c 'nals.py strip < out | cmp - in'
		assert_success
		rm out
	done
}

@test "h264-sei-stamp: a second signal ends it at once, on whole records" {
	mkfifo pipe
	nals.py make --frames 20 "$CLIPS/baseline.h264" | head -c 5000 > in
	h264-sei-stamp < pipe > out 3>&- &
	pid=$!
	exec 9> pipe
	cat in >&9
	started() { [ -s out ]; }
	wait_until started
	kill -TERM $pid
	sleep 0.1
	kill -TERM $pid
	gone() { ! kill -0 $pid 2>/dev/null; }
	wait_until gone
	exec 9>&-
	status=0
	wait $pid || status=$?
	assert [ "$status" -le 1 ]
	run -0 nals.py units < out
}

@test "h264-sei-stamp: a prefix NAL unit without its slice at the end of a stream, or before another, loses no record" {
	{ unit 90000 1000 7 8 5; unit 93000 2000 14; printf '%s\n' 'G text="what: loss\npackets: 1\n"'; } | stream > one
	cat one one > two
	for f in one two; do
		run -0 bash -c "h264-sei-stamp < $f | nals.py strip | cmp - $f"
	done
	run -0 bash -c "{ head -c 400 two; sleep 0.3; tail -c +401 two; } | h264-sei-stamp | nals.py strip | cmp - two"
}

@test "h264-sei-stamp: with a reader that is stuck, a second signal ends it" {
	mkfifo fifo
	sleep 30 < fifo &
	reader=$!
	nals.py make --frames 3000 "$CLIPS/clock-320x240-30.h264" > big
	h264-sei-stamp < big > fifo 2>/dev/null &
	stamp=$!
	sleep 0.5
	kill -TERM $stamp
	sleep 0.2
	kill -TERM $stamp
	# 137 if it has to be killed before its ten seconds are over
	{ sleep 5; kill -KILL $stamp 2>/dev/null; } &
	guard=$!
	got=0
	wait $stamp || got=$?
	assert_equal $got 1
	kill $guard
	kill $reader
}
