#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# sei-dump --align and --match: frames of several cameras side by side, and events. The truth is that of
# tests/tools/clocksim.py, in which frame i is taken i / fps seconds after the beginning, and of tests/camera.

load helper

# sim NAME [SEED]: a scenario as NAME.nals
sim() {
	clocksim.py make "$1" "${2:-1}" "$1.nals" "$1.truth"
}

# Judges --align of simulated cameras: aligned CSV LIMIT-NS FPS FPS...
# Prints rows, those without a partner that there is within 0.49 of its interval, and the worst error in ns.
aligned() {
	python3 - "$@" <<-'EOF'
	import csv, sys
	limit, fps = int(sys.argv[2]), [int(x) for x in sys.argv[3:]]
	S, rows, missing, worst = 10 ** 9, 0, 0, 0
	for row in csv.reader(open(sys.argv[1])):
	    if row[0] == "frame_1":
	        continue
	    assert int(row[0]) == rows
	    rows += 1
	    t = int(row[0]) * S // fps[0]
	    for n, f in enumerate(fps[1:]):
	        frame, residual = row[2 + 2 * n], row[3 + 2 * n]
	        near = round(t * f / S)
	        if not frame:
	            missing += abs(near * S // f - t) < 0.49 * S / f and near < 600 * f
	            continue
	        off = int(residual) - (int(frame) * S // f - t)
	        worst = max(worst, abs(off))
	        assert abs(off) <= limit, (row, off)
	        assert abs(int(frame) * S // f - t) <= abs(near * S // f - t) + 2 * limit, (row, near)
	print(rows, "rows,", missing, "without,", worst, "ns")
	EOF
}

# The folder of a camera of its own: serve NAME [option...]. Sets URL_NAME.
serve() {
	mkdir "$1"
	pushd "$1" > /dev/null
	camera "${@:2}" "$CLOCK_CLIP"
	printf -v "URL_$1" %s "$URL"
	popd > /dev/null
}

# Judges an alignment of the cameras in A/ and B/, whose recordings are A.mp4 and B.mp4: live A B CSV CLOCK LIMIT-NS
live() {
	for c in "$1" "$2"; do sei-dump --raw -N -c frame,rtp,recv_ns "$c.mp4" > "$c.csv"; done
	python3 - "$@" <<-'EOF'
	import csv, sys
	def camera(name):
	    taken = {}
	    for line in open(name + "/truth"):
	        if line[0] == "F":
	            _, rtp, capture, *_ = map(int, line.split()[1:])
	            taken[rtp] = capture
	    rows = [list(map(int, r)) for r in csv.reader(open(name + ".csv"))]
	    # what nobody can know
	    return [taken[rtp] for _, rtp, _ in rows], min(recv - taken[rtp] for _, rtp, recv in rows)
	(a, late_a), (b, late_b) = camera(sys.argv[1]), camera(sys.argv[2])
	limit = int(sys.argv[5]) + (late_a + late_b if sys.argv[4] == "host_time" else 0)
	rows = list(csv.reader(open(sys.argv[3])))
	assert rows[0] == ["frame_1", sys.argv[4], "frame_2", "residual_ns_2"], rows[0]
	filled = [r for r in rows[1:] if r[2]]
	assert len(rows) == len(a) + 1 and len(filled) > 40, (len(rows), len(filled))
	for i, _, k, residual in filled:
	    off = int(residual) - (b[int(k)] - a[int(i)])
	    assert abs(off) <= limit, (i, k, off, limit)
	    nearest = min(abs(t - a[int(i)]) for t in b)
	    assert abs(b[int(k)] - a[int(i)]) <= nearest + 2 * limit
	EOF
}

@test "align: two cameras with other rates, offsets, drifts and delays are within 1 ms for ten minutes" {
	sim pair_a
	sim pair_b
	sei-dump --align pair_a.nals pair_b.nals > out.csv 2> err
	run -0 head -n 1 out.csv
	assert_output "frame_1,host_time,frame_2,residual_ns_2"
	grep "aligned by host_time: pair_b.nals: the camera's clock is more than 0.2 s from that of the first file" err
	run -0 aligned out.csv 1000000 30 24
	assert_output --regexp "^18000 rows, 0 without"
	# the other way round, and with a third
	sei-dump -a pair_b.nals pair_a.nals pair_b.nals > out.csv 2> err
	run -0 aligned out.csv 1000000 24 30 24
	assert_output --regexp "^14400 rows, 0 without"
}

@test "align: cameras' clocks that go together are taken, and know nothing of the network's 80 ms" {
	sim pair_set
	sim pair_set_late
	sei-dump -a pair_set.nals pair_set_late.nals > out.csv 2> err
	grep "aligned by camera_time: the cameras' clocks are good and go together" err
	run -0 aligned out.csv 1000000 10 15
	assert_output --regexp "^6000 rows, 0 without"
	# host_time can be chosen, and does know of them
	sei-dump -a --clock host_time pair_set.nals pair_set_late.nals > out.csv 2> err
	run -1 aligned out.csv 1000000 10 15
	run ! grep aligned err
}

@test "align: cameras' clocks that are near to each other now, but drift, are not taken" {
	sim pair_set
	sim pair_free
	sei-dump -a pair_set.nals pair_free.nals > out.csv 2> err
	grep "aligned by host_time: pair_free.nals: the camera's clock drifts against that of the first file" err
	run -0 aligned out.csv 1000000 10 15
	assert_output --regexp "^6000 rows, 0 without"
}

@test "align: a host's clock that was set, and says so, does no harm, nor to frames that were on their way" {
	sim host_step 1
	mv host_step.nals a.nals
	sim host_step 2
	sei-dump -a --clock host_time a.nals host_step.nals > out.csv 2> err
	run ! grep "went back" err
	run -0 aligned out.csv 1000000 30 30
	assert_output --regexp "^18000 rows, 0 without"
	# the times that are written are on the clock as it was
	run -0 sed -n "7002p" out.csv
	assert_output --regexp "^7000,2026-11-18T11:10:30\.[0-9]+Z,7000,"
}

@test "align: a clock that was set back, and does not say so, shows times twice, and their frames have no partner" {
	sim pair_back 1
	mv pair_back.nals a.nals
	sim pair_back 2
	sei-dump -a --clock host_time a.nals pair_back.nals > out.csv 2> err
	grep -E "a.nals: host_time went back: 1[78][0-9] frames whose time it shows twice are not looked up" err
	run -0 aligned out.csv 1000000 30 30
	assert_output --regexp "^18000 rows, 1[78][0-9] without"
}

@test "align: a frame that is not there has no partner, unless --within allows more" {
	python3 - <<-'EOF'
	import nals
	def write(name, times):
	    r = [nals.Record("S", b"nalstream 1\nstamps: kernel\n"), nals.Record("T", b"codec: h264\nclock-rate: 90000\n", track=1)]
	    for i, ms in enumerate(times):
	        at = nals.ntp(1795000000 * 10 ** 9 + ms * 10 ** 6)
	        r.append(nals.Record("N", bytes.fromhex("6588"), track=1, flags=7, rtp=ms * 90, first=at, last=at, packets=1))
	    r.append(nals.Record("E", b"status: 0\nreason: x\n"))
	    open(name, "wb").write(nals.unparse(r))
	write("a.nals", range(0, 1000, 100))
	write("b.nals", [10, 110, 210, 410, 510, 610, 660, 710, 810])
	EOF
	run -0 --separate-stderr sei-dump -a --clock recv_time a.nals b.nals
	assert_equal "$stderr" ""
	assert_line --index 0 "frame_1,recv_time,frame_2,residual_ns_2"
	assert_line --index 3 "2,2026-11-18T11:06:40.200000000Z,2,10000000"
	assert_line --index 4 "3,2026-11-18T11:06:40.300000000Z,,"
	assert_line --index 7 "6,2026-11-18T11:06:40.600000000Z,5,10000000"
	assert_line --index 10 "9,2026-11-18T11:06:40.900000000Z,,"
	run -0 sei-dump -N -a --raw --within 0.09 a.nals b.nals
	assert_line --index 3 "3,2026-11-18T11:06:40.300000000Z,2,-90000000"
	assert_line --index 9 "9,2026-11-18T11:06:40.900000000Z,8,-90000000"
}

@test "align: through the real programs three cameras are within 1 ms, by this host's clock and two by theirs" {
	serve a --fps 30 --sr 0.5 --clock-offset 250000000 --clock-drift 50
	serve b --fps 25 --sr 0.7 --clock-offset 250000000 --clock-drift 50 --rtp-start 4294900000
	serve c --fps 20 --sr 0.6 --clock-offset -3000000000 --clock-drift -300
	rtsp-fetch -q -d 4 "$URL_a" | h264-sei-stamp | mp4-wrap -q a.mp4 &
	recorder=$!
	rtsp-fetch -q -d 3 "$URL_c" | h264-sei-stamp | mp4-wrap -q c.mp4 &
	rtsp-fetch -q -d 3 "$URL_b" | h264-sei-stamp | mp4-wrap -q b.mp4
	wait "$recorder"
	wait "$!"
	for camera in "${pids[@]}"; do kill "$camera" 2> /dev/null || true; done
	for camera in "${pids[@]}"; do wait_until gone "$camera"; done
	sei-dump -a --clock host_time a.mp4 b.mp4 > host.csv 2> err
	live a b host.csv host_time 1000000
	sei-dump -a a.mp4 b.mp4 > camera.csv 2> err
	grep "aligned by camera_time" err
	live a b camera.csv camera_time 23000	# a tick each
	# Another time of day, another rate, another drift: only the host's clock is common.
	sei-dump -a a.mp4 c.mp4 > other.csv 2> err
	grep "aligned by host_time" err
	live a c other.csv host_time 1000000
}

@test "match: each event of a log has the nearest frame of each camera, whatever form its time has" {
	sim pair_a
	sim pair_b
	# 100.0 s after the beginning, and 200.01 s; the delay of 5 ms is in host_time
	cat > log.csv <<-'EOF'
	time,what
	1795000100123456789,flash
	"2026-11-18 11:08:20.123456789+00:00",flash
	2026-11-18T12:08:20.123456789+01:00;flash
	1795000100.123456789	flash
	1795000200133456789

	2026-11-18T12:00:00Z,too late
	EOF
	run -0 --separate-stderr sei-dump --match log.csv pair_a.nals pair_b.nals
	assert_line --index 0 "event,host_time,frame_1,residual_ns_1,frame_2,residual_ns_2"
	assert_line --index 1 --regexp "^1795000100123456789,2026-11-18T11:08:20.123456789Z,3000,[45][0-9]{6},2400,[45][0-9]{6}$"
	assert_line --index 2 --regexp "^2026-11-18 11:08:20.123456789\+00:00,2026-11-18T11:08:20.123456789Z,3000,"
	assert_line --index 3 --regexp "^2026-11-18T12:08:20.123456789\+01:00,2026-11-18T11:08:20.123456789Z,3000,"
	assert_line --index 4 --regexp "^1795000100.123456789,2026-11-18T11:08:20.123456789Z,3000,"
	assert_line --index 5 --regexp "^1795000200133456789,2026-11-18T11:10:00.133456789Z,6000,-[45][0-9]{6},4800,-[45][0-9]{6}$"
	assert_line --index 6 "2026-11-18T12:00:00Z,2026-11-18T12:00:00.000000000Z,,,,"
	assert_equal "${#lines[@]}" 7
}

@test "match: lines without a time are told, the others are matched; no match at all is told" {
	sim pair_a
	printf '%s\n' t 1795000100123456789,a 2026-11-18T11:08:20.5,no-zone 1795000100,seconds $'\033[2J' "$(printf '%5000s' x)" 1795000101123456789 > log
	run -1 --separate-stderr sei-dump -N -m log pair_a.nals
	assert_equal "${#lines[@]}" 2
	assert_regex "$stderr" "log: line 3: no time \(RFC 3339 with a zone, Unix ns, or Unix s with a point\), and others"
	echo 1695000100123456789 > log
	run -0 --separate-stderr sei-dump -N -m - pair_a.nals < log
	assert_output "1695000100123456789,2023-09-18T01:21:40.123456789Z,,"
	assert_regex "$stderr" "none of 1 event is near a frame"
	run -0 --separate-stderr sei-dump -N -m /dev/null pair_a.nals
	assert_regex "$stderr" "sei-dump: /dev/null: there are no events in it"
	run -1 --separate-stderr sei-dump -N -m . pair_a.nals
	assert_regex "$stderr" "sei-dump: \.: Is a directory"
	refute_regex "$stderr" "event"
}

@test "align: a file that cannot be read keeps its columns and has no say in the clock, and the status is 1" {
	run -1 --separate-stderr sei-dump -a "$GOLDEN/plain.mp4" none.mp4 "$GOLDEN/plain.mp4"
	assert_line --index 0 "frame_1,camera_time,frame_2,residual_ns_2,frame_3,residual_ns_3"
	assert_line --index 2 --regexp "^1,2026-11-22T14:44:57\.[0-9]+Z,,,1,0$"
	assert_regex "$stderr" "none.mp4: No such file"
	assert_regex "$stderr" "aligned by camera_time"
	run -1 --separate-stderr sei-dump -N -a none.mp4
	assert_output ""
	assert_regex "$stderr" "aligned by host_time: none.mp4: there are no frames"
	sim host_step
	run -1 --separate-stderr sei-dump -a --clock host_time host_step.nals none.mp4 host_step.nals
	refute_regex "$stderr" "went back"
}

@test "align: of a list that names no file there is only the header" {
	run -0 --separate-stderr sei-dump -a -T - < /dev/null
	assert_output "frame_1,host_time"
	assert_equal "$stderr" ""
}

@test "align: options that make no sense are usage errors" {
	run -2 sei-dump -a
	run -2 sei-dump -a -r x.mp4
	assert_output "sei-dump: --reports is a table of its own"
	run -2 sei-dump -a --clock sundial x.mp4
	run -2 sei-dump -a --raw --clock host_time x.mp4
	run -2 sei-dump -a --within 0 x.mp4
	run -2 sei-dump --within 1 x.mp4
	assert_output "sei-dump: --within needs --align or --match"
	run -2 sei-dump -a -m log x.mp4
	assert_output "sei-dump: --align, --match, --summary or --gnuplot, once"
	run -1 sei-dump -m none x.mp4
}
