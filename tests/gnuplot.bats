#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# sei-dump --gnuplot: a program that gnuplot draws, from which nothing is missing.

load helper

# width x height of a PNG, as its header has it
png_size() {
	python3 -c '
import struct, sys
d = open(sys.argv[1], "rb").read()
assert d[:8] == b"\x89PNG\r\n\x1a\n" and d[-8:-4] == b"IEND"
print("%dx%d" % struct.unpack(">II", d[16:24]))' "$1"
}

# Draws the program that is in p.gp, without a word.
drawn() {
	run -0 bash -c 'gnuplot p.gp > p.png'
	assert_output ""
	run -0 png_size p.png
	assert_output 1400x1050
}

@test "gnuplot: a recording with gaps, steps and noise is drawn, and of long ones no outlier is lost" {
	clocksim.py make picture 1 garden.nals truth
	sei-dump --gnuplot garden.nals > p.gp 2> err
	[ "$(stat -c %s p.gp)" -lt 200000 ]
	drawn
	sei-dump --raw -N -c recv_ns garden.nals > recv
	sei-dump -N -c host_time,camera_time garden.nals 2> err > computed
	run -0 python3 - <<-'EOF'
	import clocksim
	blocks, name = {}, None
	for line in open("p.gp"):
	    if " << END" in line:
	        name = line[1:].split()[0]
	        blocks[name] = []
	    elif line == "END\n":
	        name = None
	    elif name:
	        blocks[name].append([float(x) for x in line.split()])
	recv = [int(x) for x in open("recv")]
	host, camera = zip(*((clocksim.ns_of(x) for x in line.rstrip().split(",")) for line in open("computed")))
	late = [(r - h) / 1e6 for r, h in zip(recv, host)]
	most = max(r[2] for r in blocks["delay"])
	assert abs(most - max(late)) < 1e-3 and abs(min(r[1] for r in blocks["delay"]) - min(late)) < 1e-3, (most, max(late))
	assert len(blocks["delay"]) <= 1250 and len(blocks["interval"]) <= 1250
	# each column has its own: that of the latest frame, too
	at = late.index(max(late)) / 25 / 60
	assert any(r[2] == most and abs(r[0] - at) < 0.3 for r in blocks["delay"])
	assert abs(max(r[2] for r in blocks["interval"]) - 12040) < 0.5
	off = [(c - h) / 1e6 for c, h in zip(camera, host) if c]
	base = round(off[0])
	assert abs(max(r[2] for r in blocks["camera"]) - (max(off) - base)) < 1e-3
	assert abs(min(r[1] for r in blocks["camera"]) - (min(off) - base)) < 1e-3
	assert len(blocks["report"]) in range(190, 200) and not blocks["outside"]
	EOF
	# the gap of 12 s is a red area, that of 0.4 s and the one frame's a line; the step of the host's clock has its name
	run -0 grep -c "^set object rectangle from 4\.999[0-9]*, graph 0 to 5\.[12][0-9]*, graph 1 fillcolor" p.gp
	assert_output 1
	run -0 grep -c "^set arrow from .*#e07070" p.gp
	assert_output 3
	grep "^set label 1 'clock-step'" p.gp
	grep "3 gaps, 12.440 s together; the longest interval is 12.040 s before frame 7490" p.gp
}

@test "gnuplot: reports that are far outside are drawn at the edge" {
	clocksim.py make stale_pairs 1 a.nals truth
	sei-dump --gnuplot a.nals > p.gp 2> err
	drawn
	run -0 bash -c "sed -n '/^.outside/,/^END/p' p.gp | wc -l"
	assert_output 21	# 19 stale ones
}

@test "gnuplot: a file without times, one without frames and one with a bad name are drawn as well" {
	local name=$'it\'s `touch owned` $HOME\n@x "y" \\ {z}.mp4'
	cp "$GOLDEN/plain.mp4" "$name"
	sei-dump --gnuplot "$name" > p.gp
	drawn
	[ ! -e owned ]
	sei-dump --gnuplot "$GOLDEN/no-timing.mp4" > p.gp
	drawn
	grep "there are no times of arrival" p.gp
	stream < /dev/null > empty.nals
	sei-dump --gnuplot empty.nals > p.gp
	drawn
	run -2 sei-dump --gnuplot "$name" "$name"
	run -2 sei-dump --gnuplot --raw "$name"
}
