#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0

load helper

# Some 2 KiB that hold every record type, and pictures of two slices: > every
every() {
	nals.py make --frames 3 --no-end "$CLIPS/baseline.h264" | nals.py text | awk '/hex=67/ && !n++ { print $0 } /hex=68/ && !m++ { print $0 }' > sets
	{
		report 50 e8fdf88000000000 900
		echo 'C first=60 last=60 text="realtime: 1700000000000000000\nmonotonic: 5\n"'
		sed 's/rtp=[0-9]*/rtp=1000/; s/first=[0-9]*/first=100/; s/last=[0-9]*/last=100/' sets
		echo 'N track=1 flags=KEY rtp=1000 first=110 last=120 packets=2 hex=65888421a0'
		echo 'N track=1 flags=KEY+LAST rtp=1000 first=130 last=140 packets=1 hex=650c888421'
		echo 'A track=2 rtp=77 first=150 last=150 packets=1 hex=211005'
		echo 'X track=1 rtp=4000 first=200 last=200 hex=abac000300000001'
		echo 'N track=1 flags=FIRST rtp=4000 first=210 last=220 packets=2 hex=419a2104'
		echo 'N track=1 flags=LAST rtp=4000 first=230 last=240 packets=1 hex=410c9a21'
		echo 'G track=1 first=250 last=250 text="what: loss\npackets: 3\n"'
		echo '0x01 track=7 flags=0x8000 rtp=1 first=2 last=3 slack=4 seq=5 packets=6 hex=00ff00'
		report 290 e8fdf88100000000 6000
		unit 7000 300 9 1
		unit 10000 400 1
	} | stream
}

@test "nalstream: the example of the page is what its comments say" {
	nals.py hex < "$DATA/nalstream-example.hex" > example.nals
	assert_equal "$(stat -c %s example.nals)" 353
	run -0 nals.py text < example.nals
	assert_output - <<-'EOF'
	S text="nalstream 1\ncamera: a1.\n"
	T track=1 text="codec: h264\nclock-rate: 90000\n"
	R track=1 rtp=4294967040 first=17198787657019162624 last=17198787657019162624 packets=1 hex=1a2b3c4deeae5e4000000000ffffff000000000700001000
	N track=1 flags=FIRST+KEY+SDP rtp=4294994040 first=17198787657233910989 last=17198787657233910989 slack=4294967295 hex=6742c01e
	N track=1 flags=LAST+KEY rtp=4294994040 first=17198787657233910989 last=17198787657255385825 slack=12 seq=65535 packets=3 hex=65888421
	E text="status: 0\nreason: duration\n"
	EOF
}

@test "nalstream: the example of the page passes h264-sei-stamp" {
	nals.py hex < "$DATA/nalstream-example.hex" > example.nals
	h264-sei-stamp < example.nals > out
	run bash -c 'nals.py strip < out | cmp - example.nals'
	assert_success
	run nals.py sei < out
	assert_output - <<-'EOF'
	0 o8B {"recv":17198787657019162624,"ntp":17198787655945420800,"rtp":4294967040}
	0 89H {"recv":17198787657233910989,"rtp":26744}
	EOF
}

@test "nalstream: cut at every byte, h264-sei-stamp passes all complete records and names the cut one" {
	every > in
	size=$(stat -c %s in)
	assert [ "$size" -gt 1000 ] && assert [ "$size" -lt 2500 ]
	run bash -c "nals.py text < in | cut -d' ' -f1 | sort -u | tr '\n' ' '"
	assert_output "0x01 A C E G N R S T X "
	run -0 python3 - 3>&- <<-'EOF'
	import re, subprocess, nals
	from concurrent.futures import ThreadPoolExecutor
	whole = open("in", "rb").read()
	records = nals.parse(whole)
	def check(cut):
	    p = subprocess.run(["h264-sei-stamp"], input=whole[:cut], capture_output=True)
	    complete = [r for r in records if r.end() <= cut]
	    offset = complete[-1].end() if complete else 0
	    said = p.stderr.decode()
	    ended = bool(complete) and complete[-1].type == "E"
	    assert p.returncode == (0 if ended else 1), (cut, p)
	    if ended:
	        assert not said, (cut, p)
	    else:
	        assert re.search(r"^h264-sei-stamp: .*\b%d\b" % offset, said) and said.count("\n") == 1, (cut, offset, said)
	    assert nals.unparse(nals.strip(nals.parse(p.stdout))) == whole[:offset], (cut, offset)
	with ThreadPoolExecutor(2) as pool:
	    print(len(list(pool.map(check, range(len(whole) + 1)))))
	EOF
	assert_output $((size + 1))
}

@test "nalstream: cut at every byte, mp4-wrap keeps all complete frames and names the cut record" {
	every > in
	run -0 python3 - 3>&- <<-'EOF'
	import os, re, subprocess, mp4, nals
	from concurrent.futures import ThreadPoolExecutor
	whole = open("in", "rb").read()
	records = nals.parse(whole)
	def check(cut):
	    name = "%d.mp4" % cut
	    p = subprocess.run(["mp4-wrap", "--no-sync", name], input=whole[:cut], capture_output=True)
	    complete = [r for r in records if r.end() <= cut]
	    offset = complete[-1].end() if complete else 0
	    said = p.stderr.decode()
	    ended = bool(complete) and complete[-1].type == "E"
	    assert p.returncode == (0 if ended else 1), (cut, p)
	    assert ended or re.search(r"^mp4-wrap: .*\b%d\b" % offset, said, re.M), (cut, offset, said)
	    want = [[r.payload for r in u] for u in nals.frames(complete)]
	    if want:
	        m = mp4.load(name)
	        assert m.table_samples(), cut
	        got = [mp4.split(m.sample(s)) for s in m.samples()]
	        assert got[:len(want)] == want, (cut, got)
	        assert len(got) <= len(want) + 1, (cut, got)
	        os.unlink(name)
	    return len(want)
	with ThreadPoolExecutor(2) as pool:
	    print(max(pool.map(check, range(len(whole) + 1))))
	EOF
	assert_output 4
}

# refused BYTE: both programs say so, with the offset of the record, and exit 1; the frame before it is kept
refused() {
	run -1 --separate-stderr bash -c 'h264-sei-stamp < in > out'
	assert_regex "$stderr" "^h264-sei-stamp: .*[^0-9]$1([^0-9]|$)"
	head -c "$1" in > before
	run bash -c 'nals.py strip < out | cmp - before'
	assert_success
	rm -f out.mp4
	run -1 --separate-stderr mp4-wrap --no-sync out.mp4 < in
	assert_regex "$stderr" "mp4-wrap: .*[^0-9]$1([^0-9]|$)"
	run bash -c 'mp4.py samples out.mp4 | wc -l'
	assert_output 5
}

# A stream of five frames, a record given as a script line, and the end.
with() {
	[ -e good ] || nals.py make --frames 5 --no-end "$CLIPS/baseline.h264" > good
	[ -e end ] || echo 'E text="status: 0\nreason: end\n"' | nals.py script > end
	{ cat good; echo "$1" | nals.py script; cat end; } > in
	stat -c %s good
}

@test "nalstream: payloads at their caps pass" {
	for line in "N track=1 flags=FIRST+LAST rtp=999999 first=1 last=1 packets=1 zeros=16777216" "A track=2 zeros=16777216" \
	    "G zeros=65536" "R track=3 zeros=65536" "Z zeros=65536"; do
		with "${line/zeros/seq=9 zeros}" > /dev/null
		h264-sei-stamp < in > out
		run bash -c 'nals.py strip < out | cmp - in'
		assert_success
	done
}

@test "nalstream: payloads one byte past their caps are refused" {
	for line in "N track=1 flags=FIRST+LAST zeros=16777217" "A track=2 zeros=16777217" \
	    "T zeros=65537" "R zeros=65537" "X zeros=65537" "G zeros=65537" "C zeros=65537" "E zeros=65537" "Z zeros=65537"; do
		at=$(with "$line")
		refused "$at"
	done
}

@test "nalstream: a length past the cap is refused before its payload comes" {
	for line in "N track=1 length=16777253" "G length=4294967295" "A track=2 length=2147483648"; do
		at=$(with "$line")
		refused "$at"
	done
}

@test "nalstream: a length shorter than a head is refused" {
	for length in 0 1 35; do
		at=$(with "N track=1 flags=FIRST+LAST length=$length hex=4188")
		refused "$at"
	done
}

@test "nalstream: a NAL unit and an audio frame may be empty" {
	with "N track=1 flags=FIRST+LAST rtp=999999 first=1 last=1" > /dev/null
	run -0 bash -c 'h264-sei-stamp < in > out'
	run bash -c 'nals.py strip < out | cmp - in'
	assert_success
	run -0 mp4-wrap --no-sync out.mp4 < in
	run bash -c 'mp4.py samples out.mp4 | head -n 5 | wc -l'
	assert_output 5
}

@test "nalstream: another magic, another version and a stream that begins elsewhere are refused" {
	for head in 'S text="nalstream 2\n"' 'S text="nalstream 10\n"' 'S text="nalstream 1"' 'S text=""' 'S text="\nnalstream 1\n"' \
	    'T track=1 text="codec: h264\n"' 'N track=1 flags=FIRST+LAST hex=65' 'E text="status: 0\n"'; do
		{ echo "$head"; unit 1 100 5; echo 'E text="status: 0\n"'; } | nals.py script > in
		run -1 --separate-stderr bash -c 'h264-sei-stamp < in > out'
		assert_regex "$stderr" "^h264-sei-stamp: .*[^0-9]0([^0-9]|$)"
		assert [ ! -s out ]
		run -1 --separate-stderr mp4-wrap out.mp4 < in
		assert_regex "$stderr" "mp4-wrap: .*nalstream"
		assert [ ! -e out.mp4 ]
	done
}

@test "nalstream: lines of S and T that are not known are no obstacle" {
	nals.py make --frames 5 --line "future: yes" --line "colon: a: b" --line "odd" "$CLIPS/baseline.h264" > in
	run -0 bash -c 'h264-sei-stamp < in | mp4-wrap out.mp4; exit $((PIPESTATUS[0] + PIPESTATUS[1]))'
	assert_output ""
}

@test "nalstream: what a stream says about itself cannot write control characters to the terminal" {
	nals.py make --frames 5 --status 1 --reason "$(printf 'bad \033[31mcamera\a')" "$CLIPS/baseline.h264" > in
	run -1 --separate-stderr bash -c 'h264-sei-stamp < in > out'
	refute_regex "$stderr" $'[\001-\010\013-\037]'
	run -1 --separate-stderr mp4-wrap out.mp4 < in
	refute_regex "$stderr" $'[\001-\010\013-\037]'
}

@test "nalstream: streams concatenate, and a cut one in the middle is told" {
	nals.py make --frames 10 "$CLIPS/baseline.h264" > a
	nals.py make --frames 10 --time 1700000009000000000 "$CLIPS/baseline.h264" > b
	run -0 bash -c 'cat a b | h264-sei-stamp | mp4-wrap out.mp4'
	run bash -c 'mp4.py sei out.mp4 | grep -c 89H'
	assert_output 20
	# a was cut between two records: S comes where E should have been
	head -c "$(nals.py heads < a | awk '$2 == "E" { print $1 }')" a > cut
	run bash -c 'cat cut b | h264-sei-stamp > out; nals.py strip < out | cmp - <(cat cut b)'
	assert_success
}
