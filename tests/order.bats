#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# Pictures that are shown in another order than they are decoded in, and clocks that misbehave.

load helper

# The H.264 in.h264 as out.mp4, finished, and as killed.mp4, as kill -9 leaves it: wrapped [nals.py option...]
wrapped() {
	nals.py make --fps 25 "$@" in.h264 > in
	mp4-wrap -f out.mp4 < in 2> said
	mp4.py killed out.mp4 > killed.mp4
	# what finishing makes of it is what comes of an undisturbed recording
	cp killed.mp4 again.mp4
	mp4-wrap -q --finish again.mp4
	cmp again.mp4 out.mp4
}

# generated KIND: the same of h264gen.py's.
generated() {
	h264gen.py "$1" in.h264 times
	wrapped --rtp-file times
}

# What mp4-wrap said, but for its missing h264-sei-stamp.
said() {
	grep -v 'no timing in this stream' said || true
}

@test "mp4-wrap: pictures are shown in their order, at their times, whatever the structure" {
	while read -r kind want; do
		generated "$kind"
		run -0 shown.py --step 3600 in.h264 out.mp4 killed.mp4
		assert_line --index 0 "$want"
		assert_line --index 1 "$want"
		assert_equal "$(said)" ""
	done <<-'EOF'
	ibbp,vui 72 72 3600 0 10800
	pyramid,wrap,idr-6 72 72 7200 0 18000
	pyramid,late,vui 72 72 7200 0 18000
	ibbp,open 72 72 3600 0 10800
	ibbp,poc1 72 72 3600 0 10800
	ibbp,field,same 72 144 3600 0 10800
	ibbp,paff 72 108 4870 0 14400
	EOF
	# those of x264
	cp "$CLIPS/bframes.h264" in.h264
	wrapped
	run -0 shown.py --step 3600 in.h264 out.mp4
	assert_output "50 50 3600 0 10800"
}

@test "mp4-wrap: without reordering there is neither edit list nor composition offset" {
	nals.py make "$CLIPS/baseline.h264" | mp4-wrap -q out.mp4
	run mp4.py boxes out.mp4
	refute_output --regexp 'edts|ctts'
}

@test "mp4-wrap: B-frames that come late, in a stream that does not speak of them, are shown at their times all the same" {
	generated pyramid,late
	assert_equal "$(said | wc -l)" 1
	assert_regex "$(said)" "out of order"
	for f in out.mp4 killed.mp4; do
		assert_equal "$(mp4.py samples $f | awk '{ print $3 }')" "$(cat times)"
	done
	# once finished there is no offset below zero
	run ffprobe -v error -show_entries packet=pts -of csv=p=0 out.mp4
	assert_equal "$(sort -n <<< "$output")" "$(sort -n times)"
	run -0 python3 - <<-'EOF'
	import mp4
	def offsets(name):
	    m = mp4.load(name)
	    shift = sum(t for _, t in m.edits())
	    return [s["pts"] + shift - s["dts"] for s in m.samples()]
	assert min(offsets("killed.mp4")) < 0 and min(offsets("out.mp4")) == 0
	EOF
}

@test "mp4-wrap: RTP times in decoding order are kept, and that they contradict the pictures is said once" {
	h264gen.py ibbp in.h264 times
	seq 0 3600 255600 > times
	wrapped --rtp-file times
	assert_equal "$(said | wc -l)" 1
	assert_regex "$(said)" "contradict the order of its pictures"
	assert_equal "$(mp4.py samples out.mp4 | awk '{ print $3 }')" "$(cat times)"
}

@test "mp4-wrap: each field is a sample, and two of one RTP time are a tick apart" {
	generated ibp,field,same
	run -0 python3 - <<-'EOF'
	import mp4
	want = [int(line) for line in open("times")]
	got = [s["pts"] for s in mp4.load("out.mp4").samples()]
	assert got == [t + i % 2 for i, t in enumerate(want)], got[:9]
	EOF
	assert_equal "$(said)" ""
}

@test "mp4-wrap: recovery points are entry points, with their parameter sets" {
	generated ibbp,open
	run mp4.py samples out.mp4
	assert_equal "$(grep -n ' sync ' <<< "$output" | sed 's/:.* / /')" "$(printf '1 7,8,5\n25 7,8,6,1\n49 7,8,6,1')"
	# also of a recording that begins at one, or at any picture
	for skip in 24 25; do
		nals.py make --skip $skip --sets first in.h264 > tail
		{ nals.py make --frames 1 in.h264 | nals.py text | grep -v '^E' | grep -v 'N.*hex=65'; nals.py text < tail | grep '^[NE]'; } |
			nals.py script | mp4-wrap -fq tail.mp4
		run mp4.py samples tail.mp4
		assert_line --index 0 --partial " sync "
	done
}

@test "mp4-wrap: sei-dump has B-frames in presentation order, each with its own RTP time" {
	h264gen.py pyramid in.h264 times
	nals.py make --rtp-file times --rtp 4294900000 in.h264 | h264-sei-stamp > in
	mp4-wrap out.mp4 < in
	mp4.py killed out.mp4 > killed.mp4
	for f in out.mp4 killed.mp4; do
		run -0 python3 - <(sei-dump -N -c frame,pts,rtp $f) <<-'EOF'
		import sys
		rows = [line.split(",") for line in open(sys.argv[1]).read().split()]
		assert len(rows) == 72
		for k, (frame, pts, rtp) in enumerate(rows):
		    assert int(frame) == k and pts == "%.9f" % (k * 3600 / 90000), (k, pts)
		    assert int(rtp) == (4294900000 + k * 3600) % 2 ** 32, (k, rtp)
		EOF
	done
}

# misbehaves NAME EXPRESSION: RTP times as Python makes them of i, the access unit, and t, its time; said: what is to be
# said of it, a word, or nothing; arrival follows t.
misbehaves() {
	python3 - "$2" <<-'EOF'
	import random, sys
	times = [int(line) for line in open("times")]
	with open("bad", "w") as f:
	    for i, t in enumerate(times):
	        f.write("%d\n" % eval(sys.argv[1]))
	EOF
	wrapped --rtp-file bad --rtp 100000000000
	run shown.py --seeks 1 in.h264 out.mp4
	assert_success
	assert_equal "$1: $(said | wc -l)" "$1: ${3:-1}"
	# what the camera said is untouched
	assert_equal "$(h264-sei-stamp < in | nals.py sei | grep 89H | sed 's/.*"rtp":\([0-9]*\).*/\1/')" \
		"$(awk '{ printf "%.0f\n", ($1 + 100000000000) % 4294967296 }' bad)"
}

@test "mp4-wrap: a file plays and can be seeked in whatever the RTP times do, and it is said once" {
	h264gen.py ip in.h264 times
	misbehaves "half a second back" "t - 45000 * (i >= 40)"
	misbehaves "five seconds back" "t - 450000 * (i >= 40)"
	misbehaves "a frame two hours off" "t + 648000000 * (i == 40)"
	misbehaves "no durations" "t // 14400 * 14400"
	misbehaves "all the same" "7"
	h264gen.py ibbp in.h264 times
	misbehaves "half a second back, B-frames" "t - 45000 * (i >= 40)"
	misbehaves "a B-frame two hours off" "t + 648000000 * (i == 41)"
	misbehaves "a P-frame two hours off" "t + 648000000 * (i == 40)"
	misbehaves "chance, B-frames" "random.Random(i).randrange(1 << 40)" 2
}

@test "mp4-wrap: a camera of one frame a minute, one of 120 a second, and 14 hours are exact" {
	h264gen.py ip in.h264 times
	for step in 5400000 750; do
		awk '{ print $1 / 3600 * '$step' }' times > bad
		nals.py make --rtp-file bad --rtp 4294967000 --rtp-steps $step in.h264 > in
		run -0 --separate-stderr mp4-wrap -qf out.mp4 < in
		assert_output ""
		run -0 shown.py --step $step --seeks 3 in.h264 out.mp4
	done
	# a frame every ten seconds; the lower 32 bits wrap after 13 h 15 min
	nals.py make --frames 5040 --rtp-steps 900000 --rtp 0xfffffffffffffff0 in.h264 > in
	run -0 --separate-stderr mp4-wrap -qf out.mp4 < in
	mp4.py killed out.mp4 > killed.mp4
	for f in out.mp4 killed.mp4; do
		run python3 - $f <<-'EOF'
		import sys, mp4
		m = mp4.load(sys.argv[1])
		assert [(s["dts"], s["pts"]) for s in m.samples()] == [(900000 * k, 900000 * k) for k in range(5040)]
		EOF
		assert_success
	done
	run ffprobe -v error -read_intervals 50000%+#1 -show_entries packet=pts_time -of csv=p=0 out.mp4
	assert_output --regexp '^(49[89]|500)[0-9]{2}\.000000'
}
