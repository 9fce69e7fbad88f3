#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# sei-dump --json: everything raw.

load helper

# The lines of a file, each of which must be JSON, from the file and through a pipe alike: lines FILE
lines() {
	sei-dump --json "$1" > lines.json
	cat "$1" | sei-dump --json | diff lines.json -
	python3 -c 'import json; [json.loads(line) for line in open("lines.json")]'
}

@test "sei-dump --json: every message and report of retina-record's files, with its bytes' place in the file" {
	for f in plain one-report with-audio; do
		sei-dump --json "$GOLDEN/$f.mp4" > lines.json
		python3 - "$GOLDEN/$f" <<-'EOF'
		import csv, json, sys, mp4
		golden = sys.argv[1]
		lines = [json.loads(line) for line in open("lines.json")]
		frames = [l for l in lines if l.get("uuid") == "strawlab.org/89H"]
		reports = [l for l in lines if l.get("uuid") == "strawlab.org/o8B"]
		want = list(csv.DictReader(open(golden + ".frames.csv")))
		assert [(l["frame"], l["json"]["rtp"], l["json"]["recv"]) for l in frames] == [(int(w["index"]), int(w["rtp"]), int(w["recv"])) for w in want]
		want = list(csv.DictReader(open(golden + ".reports.csv")))
		assert [[l["frame"]] + [l["json"][k] for k in ("recv", "ntp", "rtp")] for l in reports] == [[int(w[k]) for k in ("frame", "recv", "ntp", "rtp")] for w in want]
		# all the SEI that a walker of our own finds, in its order
		m = mp4.load(golden + ".mp4")
		sei = []
		for n, s in enumerate(m.samples()):
		    at = s["offset"]
		    for k, nal in enumerate(mp4.split(m.sample(s))):
		        if nal[0] & 31 == 6:
		            sei.append((n, at + 4, k))
		        at += 4 + len(nal)
		assert [(l["frame"], l["offset"], l["nal"]) for l in lines if l["sei"] == 0] == sei
		EOF
	done
}

@test "sei-dump --json: what each NAL unit holds comes back byte for byte, whoever wrote it, and relayed timing beside ours" {
	relay='{"recv":18446744073709551615,"rtp":4294967295}'
	python3 - "$relay" > in.nals <<-'EOF'
	import sys, nals
	R = nals.Record
	first = 17198541541196598592
	def sei(*messages, tail=b"\x80"):
	    out = b"\x06"
	    for type_, payload in messages:
	        out += b"\xff" * (type_ // 255) + bytes([type_ % 255]) + b"\xff" * (len(payload) // 255) + bytes([len(payload) % 255]) + payload
	    return out + tail
	misp = b"MISPmicrosectime" + bytes([0x1f]) + b"\x00\x05\xff\xf0\x12\xff\x34\x56\xff\x78\x9a"
	units = [bytes.fromhex("6764000dacb30283f60220000003002000000781e2854d"), bytes.fromhex("68e97054b22c"),
	         sei((5, b"strawlab.org/89H" + sys.argv[1].encode())),
	         sei((1, b"\x12\x34"), (300, b"x" * 300), (5, bytes(range(16, 32)) + b'{"a":1}'), (5, b"short")),
	         sei((5, misp)),
	         sei((5, b"\"quoted\\uuid\"   " + b"{not json")),
	         sei(tail=b"\x05\x40abc"),
	         sei((4, b"\x01\x02"), tail=b"\xff\xff"),
	         bytes.fromhex("6588")]
	out = [R("S", nals.text_payload("nalstream 1")), R("T", nals.text_payload("codec: h264", "clock-rate: 90000"), track=1)]
	out += [R("N", n, track=1, flags=(i == 0) + 2 * (i == len(units) - 1) + 4, rtp=1000, first=first, last=first, seq=i, packets=1)
	        for i, n in enumerate(units)]
	out += [R("E", nals.text_payload("status: 0", "reason: duration"))]
	sys.stdout.buffer.write(nals.unparse(out))
	EOF
	h264-sei-stamp < in.nals > s.nals
	mp4-wrap -q --no-sync out.mp4 < s.nals
	nals.py annexb < s.nals > out.h264
	for f in s.nals out.mp4 out.h264; do
		sei-dump --json $f > lines.json
		run -0 python3 - <<-'EOF'
		import json
		for line in open("lines.json"):
		    l = json.loads(line)
		    if "sei" in l:
		        assert l.pop("frame") == 0 and l.pop("offset") > 0
		        if l.get("size") == 300:
		            assert l["hex"] == "78" * 300
		            l["hex"] = "..."
		        print(json.dumps(l, separators=(",", ":")))
		EOF
		assert_output - <<-EOF
		{"nal":2,"sei":0,"type":5,"size":62,"uuid":"strawlab.org/89H","json":$relay}
		{"nal":3,"sei":0,"type":1,"size":2,"hex":"1234"}
		{"nal":3,"sei":1,"type":300,"size":300,"hex":"..."}
		{"nal":3,"sei":2,"type":5,"size":23,"uuid":"101112131415161718191a1b1c1d1e1f","json":{"a":1}}
		{"nal":3,"sei":3,"type":5,"size":5,"hex":"73686f7274"}
		{"nal":4,"sei":0,"type":5,"size":28,"uuid":"MISPmicrosectime","misp":{"status":31,"microseconds":1671335861713050},"hex":"1f0005fff012ff3456ff789a"}
		{"nal":5,"sei":0,"type":5,"size":25,"uuid":"\"quoted\\\\uuid\"   ","hex":"7b6e6f74206a736f6e"}
		{"nal":6,"sei":0,"type":5,"size":64,"hex":"616263","cut":true}
		{"nal":7,"sei":0,"type":4,"size":2,"hex":"0102"}
		{"nal":7,"sei":1,"rest":"ffff"}
		{"nal":8,"sei":0,"type":5,"size":77,"uuid":"nalpipe/frame/v1","json":{"last":17198541541196598592,"slack":0,"packets":9,"flags":0}}
		{"nal":9,"sei":0,"type":5,"size":56,"uuid":"strawlab.org/89H","json":{"recv":17198541541196598592,"rtp":1000}}
		EOF
	done
}

@test "sei-dump --json: all records of a nalstream with their heads, and the numbers of frames as in the tables" {
	nals.py make --frames 12 --reports 3 --extras "$CLIPS/bframes.h264" > a.nals
	h264-sei-stamp < a.nals > s.nals
	for f in a s; do
		lines $f.nals
		sei-dump -N -c frame,rtp a.nals > frames
		python3 - $f.nals <<-'EOF'
		import json, sys, nals
		number = {int(rtp): int(n) for n, rtp in (line.split(",") for line in open("frames"))}
		lines = [json.loads(line) for line in open("lines.json")]
		records = nals.parse(open(sys.argv[1], "rb").read())
		heads = [l for l in lines if "record" in l]
		assert len(heads) == len(records)
		for l, r in zip(heads, records):
		    assert (l["record"], l["offset"], l["size"]) == (r.type, r.offset, len(r.payload))
		    assert all(l[k] == getattr(r, k) for k in nals.FIELDS)
		    if r.type == "N":
		        assert l["frame"] == number[r.rtp], l
		    elif r.type in "STGCE":
		        text = "".join("%s: %s\n" % kv for kv in l["lines"].items())
		        assert text.encode("latin-1") == r.payload.replace(b"nalstream 1\n", b"")
		    elif r.type != "A":
		        assert bytes.fromhex(l["hex"]) == r.payload
		    if r.type == "R":
		        assert list(l["report"].values()) == list(__import__("struct").unpack(">IQIII", r.payload))
		EOF
	done
	mp4-wrap -q --no-sync out.mp4 < s.nals
	mp4-wrap - < s.nals > fragments.mp4
	lines fragments.mp4
	sei-dump --json out.mp4 | sed 's/"offset":[0-9]*,//' > out.json
	sed 's/"offset":[0-9]*,//' lines.json | diff - out.json
	jq -r 'select(.uuid == "strawlab.org/89H") | "\(.frame),\(.json.rtp)"' out.json | sort -n | diff - frames
}

@test "sei-dump --json: where an index is given up for another way of reading, nothing is said twice" {
	nals.py make --frames 90 "$CLOCK_CLIP" | h264-sei-stamp | mp4-wrap -q --no-sync out.mp4
	sei-dump -j out.mp4 > want
	python3 -c '
import struct
d = bytearray(open("out.mp4", "rb").read())
i = d.rindex(b"stts")
struct.pack_into(">I", d, i + 12, 40)	# a time for 40 frames
open("bad.mp4", "wb").write(d)'
	sei-dump -j bad.mp4 2> said | diff - want
	assert_regex "$(< said)" "bad.mp4: byte [0-9]+: sample tables that do not tell"
	# no fragments are hidden in here
	python3 -c '
import struct
d = bytearray(open("'"$GOLDEN"'/plain.mp4", "rb").read())
i = d.rindex(b"stts")
struct.pack_into(">I", d, i + 12, 40)
struct.pack_into(">I", d, i + 8, 1)
open("bad.mp4", "wb").write(d)'
	sei-dump -j "$GOLDEN/plain.mp4" > want
	sei-dump -j bad.mp4 2> said | diff - want
}

@test "sei-dump --json: file names of any bytes are JSON, and come back; --json goes with no table" {
	name=$'a"b\\\n\xc3\xa4\xff.mp4'
	cp "$GOLDEN/one-report.mp4" "$name"
	sei-dump -j -H "$name" | python3 -c '
import json, os, sys
assert {os.fsencode(json.loads(line)["file"]) for line in sys.stdin.buffer} == {os.fsencode(sys.argv[1])}' "$name"
	sei-dump -j -H "$name" | jq -c .frame | tail -n 1 | grep -qx 25
	run -2 sei-dump -j -g "$name"
	run -2 sei-dump -r --json "$name"
	run -2 sei-dump --json -c frame "$name"
	run -1 bash -c "sei-dump -j '$GOLDEN/plain.mp4' > /dev/full"
}

@test "sei-dump --json: what is appended to a stream while it is read has no wrong numbers" {
	nals.py make --frames 170 --no-end "$CLOCK_CLIP" > all.nals
	# of a stream that is written to a pipe nobody reads, all was counted when the pipe is full
	for _ in 1 2 3 4 5 6 7 8; do nals.py make --frames 170 --no-end "$CLOCK_CLIP"; done > a.nals
	mkfifo pipe
	sei-dump --json a.nals > pipe &
	exec 9< pipe
	head -c 4096 <&9 > got
	sleep 0.3
	cat all.nals >> a.nals
	cat <&9 >> got
	exec 9<&-
	wait $!
	run -0 python3 - <<-'EOF'
	import collections, json
	n = collections.Counter(l["frame"] for l in map(json.loads, open("got")) if l.get("record") == "N" and l["flags"] & 1)
	assert len(n) == 8 * 170 and set(n.values()) == {1}, n.most_common(3)
	EOF
}
