#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# sei-dump --summary, for people and for archives, of recordings whose truth is known.

load helper

# A scenario of tests/tools/clocksim.py as NAME.nals.
sim() {
	clocksim.py make "$1" 1 "$1.nals" "$1.truth"
}

# What Python finds in each line of JSON, d: each FILE EXPRESSION
each() {
	python3 -c '
import json, sys
for line in open(sys.argv[1]):
    d = json.loads(line)
    print(json.dumps(eval(sys.argv[2])))' "$@"
}

@test "summary: of a good recording it says so, and how fast, steady and late it is" {
	sim bursts
	run -0 --separate-stderr sei-dump --summary bursts.nals
	assert_equal "$stderr" ""
	assert_line --index 0 "bursts.nals: nothing is missing, no clock misbehaves"
	assert_line "  frames          18000, 300 of them key frames, one in 2.000 s"
	assert_line --partial "first came      2026-11-18 11:06:40.1"
	assert_line "  length          10 min 0.030 s"	# RTP's clock is 50 ppm fast
	assert_line "  rate            30 frames/s: one in 33.3 ms, steady to 0.1 %"
	assert_line "  arrival         exact for all frames"
	assert_line --regexp "^  jitter          .* behind the earliest \(median\); 95 % within .*, the latest 2\.[0-9]{3} s$"
	assert_line --regexp "camera clock    11[0-9] sender reports, one in 5\.[0-9]+ s; they agree to what RTP time tells"
	assert_line "                  1.230 s ahead of this host's at first, 1.260 s ahead at last"
	assert_line --regexp "it gains (50\.[01]|49\.9)[0-9]? ppm against it, 4\.3[0-9]+ s a day; give or take 0\.[0-9]+ ppm"
	assert_line "  camera_time     for all frames, true to the camera's clock within some 0.011 ms"
}

@test "summary: what is wrong comes first, the worst before the rest" {
	sim camera_step_jitter
	run -0 sei-dump -s camera_step_jitter.nals
	assert_line --index 0 "camera_step_jitter.nals: 2 things to look at"
	assert_line --index 1 --regexp "^  ! the camera's clock was set by -1\.[45][0-9]+ s in the .* before frame 30[0-9]{2}: camera_time is empty there"
	assert_line --index 2 --regexp "^  ! sender reports are off by up to (3|4)[0-9]\.[0-9] ms: to both sides, the middle is taken"
	assert_line --regexp "camera_time     for 59[0-9]{2} of 6000 frames \(99\.[0-9] %\), true to the camera's clock within some [12]\.[0-9]+ ms"
}

@test "summary: frames that are missing are counted, and where the longest gap is" {
	# frames 5, 6 and 30 are gone, packets 3 were lost
	nals.py make --frames 60 "$CLOCK_CLIP" > a.nals
	nals.py text < a.nals | python3 -c '
import json, sys
unit = 0
for line in sys.stdin:
    if not (line[0] == "N" and unit in (5, 6, 30)):
        print(line, end="")
    elif unit == 30 and "LAST" in line:
        print("G track=1 text=" + json.dumps("what: loss\npackets: 3\n"))
    unit += line[0] == "N" and "LAST" in line' | nals.py script > b.nals
	run -0 sei-dump -s b.nals
	assert_line --index 0 "b.nals: 3 things to look at"
	assert_line --index 1 "  ! loss, 3 packets missing (--gaps tells more)"
	assert_line --index 2 "  ! 2 gaps: some 3 frames are missing, 100.0 ms together; the longest interval is 100.0 ms before frame 5"
	assert_line --partial "there are no sender reports"
	sei-dump -s --json b.nals > b.json
	run -0 each b.json '[d[k] for k in ("frames", "gaps", "missing_frames", "interval_max_frame", "gap_ns", "events")]'
	assert_output '[57, 2, 3, 5, 100000000, {"loss": {"count": 1, "packets": 3, "frames": 0}}]'
}

@test "summary: --json has a line a file, with integers to the digit" {
	sim camera_step
	run -0 --separate-stderr sei-dump -s --json camera_step.nals "$GOLDEN/with-audio.mp4" "$GOLDEN/no-timing.mp4"
	assert_equal "$stderr" ""
	assert_equal "${#lines[@]}" 3
	printf '%s\n' "${lines[@]}" > all
	run -0 each all '[d["camera"][k] for k in ("foreign", "used")] + [len(d["camera"]["steps"]), d["first_recv_ns"]]'
	assert_line --index 0 "[0, 117, 2, 1795000000128456789]"
	assert_line --index 1 "[3, 3, 0, 1795358713956653395]"
	assert_line --index 2 "[0, 0, 0, null]"
	run -0 each all '[r["level"] for r in d["remarks"]]'
	assert_line --index 0 '["wrong", "wrong"]'
}

@test "summary: a hostile file's name and a damaged file are told, and the status is 1" {
	local name=$'a"\n\xff\xc3\xa4.nals'
	nals.py make --frames 3 "$CLOCK_CLIP" | head -c -20 > "$name"
	run -0 sei-dump -s --json "$name"
	run -0 python3 -c 'import json, sys; print(ascii(json.load(sys.stdin)["file"]))' <<< "$output"
	assert_output "'a\"\\n\\udcff\\xe4.nals'"
	python3 -c '
d = bytearray(open("'"$GOLDEN"'/plain.mp4", "rb").read())
at = d.index(b"strawlab.org/89H{")
d[at + 17] = ord("x")
open("bad.mp4", "wb").write(d)'
	run -1 sei-dump -s bad.mp4
	assert_line --index 1 --regexp "^  ! byte [0-9]+: "
	run -1 sei-dump -s --json bad.mp4
	assert_output --partial '"remarks":[{"level":"damaged","text":"'
	run -2 sei-dump -s -r bad.mp4
}

@test "summary: --json has the place of damage and how often there is some, that of an early end, and neither of clocks" {
	sim camera_step
	python3 - "$GOLDEN/plain.mp4" <<-'EOF'
	import sys
	d = bytearray(open(sys.argv[1], "rb").read())
	mark, at, places = b"strawlab.org/89H{", -1, []
	while (at := d.find(mark, at + 1)) >= 0:
	    places.append(at)
	for at in places[1:4]:
	    d[at + len(mark)] = ord("x")
	open("bad.mp4", "wb").write(d)
	EOF
	sei-dump -s bad.mp4 > text || true
	sei-dump -s --json bad.mp4 > bad.json || true
	run -0 each bad.json '[r for r in d["remarks"] if r["level"] == "damaged"]'
	place=$(sed -n 's/^  ! byte \([0-9]*\): .*(and 2 more)$/\1/p' text)
	[ "$place" -gt 0 ]
	assert_output --partial "\"offset\": $place, \"count\": 3}"
	head -c 3000 "$GOLDEN/plain.mp4" > cut.mp4
	sei-dump -s --json cut.mp4 > cut.json
	run -0 each cut.json '[r["offset"] for r in d["remarks"] if r["level"] == "ended"]'
	assert_output "[20]"	# the mdat box, behind an ftyp of 20 bytes
	sei-dump -s --json camera_step.nals > steps.json
	run -0 each steps.json '[sorted(r) for r in d["remarks"]]'
	assert_output '[["level", "text"], ["level", "text"]]'
}

@test "summary: the line with a long name of hostile bytes is whole" {
	# 1104 bytes, of which strvis makes four times as many: more than 4096.
	local dir
	dir=$(printf '\xff%.0s' {1..220})
	mkdir -p "$dir/$dir/$dir/$dir"
	cp "$GOLDEN/plain.mp4" "$dir/$dir/$dir/$dir/$dir"
	run -0 sei-dump -s "$dir/$dir/$dir/$dir/$dir"
	[ "${#lines[0]}" -gt $((4 * 1100)) ]
	[ "${lines[0]: -45}" = '\M^?: nothing is missing, no clock misbehaves' ]
}

@test "summary: of too few reports it does not say how good they are" {
	run -0 sei-dump -s "$GOLDEN/one-report.mp4"
	assert_line "  camera clock    1 sender report"
	assert_line "  camera_time     for all frames; 1 report cannot tell how true that is"
	assert_line --partial "how it drifts against it is not known"
}

@test "summary: --raw --summary counts, and says nothing about clocks" {
	run -0 sei-dump --raw -s "$GOLDEN/with-audio.mp4"
	assert_line --index 0 --partial "with-audio.mp4: nothing is missing"
	refute_output --partial misbehaves
	refute_output --partial camera
	refute_output --partial jitter
}
