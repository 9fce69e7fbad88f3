#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# camera_time and host_time against the truth: of tests/tools/clocksim.py, whose scenarios say what they must keep to,
# and of tests/camera through the real programs.

load helper

CLOCK_CLIP=$CLIPS/clock-320x240-30.h264

# sim NAME [SEED...]
sim() {
	run -0 clocksim.py check "$@"
	said=$output
}

# Records the camera for so many seconds: record SECONDS [rtsp-fetch option...]
record() {
	rtsp-fetch -q -d "$1" "${@:2}" "$URL" | h264-sei-stamp | mp4-wrap -q out.mp4
	camera_gone
}

# camera_time must be that of the camera's log, to a tick; host_time must be neither earlier than the frame was taken (but for a
# drift that three seconds do not show) nor later than it came: live FILE [step]. step: where the clock was set it may be empty
live() {
	sei-dump -N -c rtp,recv_ns,camera_time,host_time "$1" 2> said > rows
	run -0 python3 - "${2:-}" <<-'EOF'
	import sys, clocksim, nals
	truth = {}
	for line in open("truth"):
	    if line[0] == "F":
	        _, rtp, capture, ntp, *_ = map(int, line.split()[1:])
	        truth[rtp] = nals.unix_ns(ntp), capture
	rows = [line.rstrip().split(",") for line in open("rows")]
	empty = 0
	for rtp, recv, camera, host in rows:
	    want, taken = truth[int(rtp)]
	    empty += camera == ""
	    if camera:
	        off = clocksim.ns_of(camera) - want
	        assert abs(off) <= 11112, (rtp, off)
	    assert taken - 1500000 <= clocksim.ns_of(host) <= int(recv), (rtp, taken, host, recv)
	assert len(rows) > 20 and empty < (len(rows) / 2 if sys.argv[1] == "step" else 1), (len(rows), empty)
	print(len(rows), "frames,", empty, "without camera_time")
	EOF
}

@test "clocks: camera_time follows honest reports to a tick, also with a single one" {
	sim honest
	sim few
}

@test "clocks: of two reports the one that was not sent when it says is not believed, and of three it is told how far they are off" {
	sim two
	assert_regex "$said" "1 of 2 sender reports contradict those about them and are not used"
	sim three
	assert_regex "$said" "sender reports are off by up to [2-5]\.[0-9] ms"
}

@test "clocks: camera_time is right where reports are off by 20 ms to both sides, from 30 reports on" {
	sim jitter30 1 2 3 4 5 6 7 8 9
	assert_regex "$said" "sender reports are off by up to [34][0-9]\.[0-9] ms: to both sides, the middle is taken"
	sim jitter
	sim gauss
}

@test "clocks: camera_time does not follow a queue before reports, and says so" {
	sim sawtooth
	assert_regex "$said" "sender reports are off by up to 1[12][0-9]\.[0-9] ms: late, the earliest are taken"
	sim sawtooth_clock
}

@test "clocks: reports with a stale RTP time are left out, and counted" {
	sim stale_pairs
	assert_regex "$said" "[0-9]+ of [0-9]+ sender reports contradict those about them and are not used"
}

@test "clocks: where the camera's clock was set, camera_time is empty between two reports and right on both sides" {
	sim camera_step
	assert_regex "$said" "the camera's clock was set by -1\.(5000|4999)[0-9]{2} s in the 5\.[0-9]{3} s before frame 20[0-9]{2}: camera_time is empty there"
	assert_regex "$said" "set by 0\.0(400|399)[0-9]{2} s in the"
	sim camera_step_jitter 1 2 3
	sim camera_and_host
}

@test "clocks: an RTP clock that is 1000 ppm or 16 % off is followed, and told" {
	sim rtp_1000
	assert_regex "$said" "the camera's RTP clock is -999 ppm slow against its own clock"
	sim rtp_slow
	assert_regex "$said" "RTP clock is 19047[0-9] ppm slow against this host's clock"
}

@test "clocks: fractions in nanoseconds and seconds since 1970 are decoded, and told" {
	sim nanoseconds
	assert_regex "$said" "the camera gives fractions of a second in nanoseconds"
	sim unix
	assert_regex "$said" "the camera's seconds count from 1970"
	sim seconds
	assert_regex "$said" "whole seconds only"
}

@test "clocks: a camera that does not know the time of day has no camera_time" {
	for s in boot boot1970 zero; do
		sim $s
		assert_regex "$said" "does not know the time of day in [0-9]+ of [0-9]+ sender reports"
	done
}

@test "clocks: a report of before a restart that comes behind the first of after it costs none of the others" {
	python3 - > a.nals <<-'EOF'
	import struct, sys, nals
	S, T0 = 10 ** 9, 1795000000 * 10 ** 9
	out = []
	def stamp(t): return {"first": nals.ntp(T0 + t), "last": nals.ntp(T0 + t), "packets": 1, "track": 1}
	def head():
	    out.append(nals.Record("S", nals.text_payload("nalstream 1", "stamps: kernel")))
	    out.append(nals.Record("T", nals.text_payload("codec: h264", "clock-rate: 90000"), track=1))
	def report(base, t):    # the camera's clock is 2000 ppm fast
	    rtp = base + t * 9 // 100000
	    out.append(nals.Record("R", struct.pack(">IQIII", 7, nals.ntp(T0 + t + t // 500), rtp & 0xffffffff, 0, 0), rtp=rtp, **stamp(t)))
	base = 1000
	head()
	for i in range(1200):
	    t = i * S // 10
	    if i == 600:
	        head()
	        report(77000000, t - S // 100)
	        report(base, t - S // 100)
	        base = 77000000
	    if i % 50 == 20:
	        report(base, t)
	    out.append(nals.Record("N", bytes.fromhex("6588"), flags=7, rtp=base + t * 9 // 100000, **stamp(t)))
	out.append(nals.Record("E", nals.text_payload("status: 0")))
	sys.stdout.buffer.write(nals.unparse(out))
	EOF
	run -0 sei-dump -N -c camera_time a.nals
	assert_line --index 1190 --regexp "^2026-11-18T11:08:39\.23(8000|7999)"
}

@test "clocks: RTP time has 90000 ticks a second where nothing but a muxer's timescale speaks for others" {
	# a report whose RTP time is a second before the first frame; one frame as ffmpeg has it, three with more than RTP can have
	for n in 1 3; do
		nals.py make --frames $n --reports 9 "$CLOCK_CLIP" | nals.py text | sed '/^R/s/000f4240/000de2b0/' |
			nals.py script | h264-sei-stamp | mp4-wrap -q $n.mp4
		timescale=$([ $n = 1 ] && echo '\x00\x00\x32\x00' || echo '\xff\xff\xff\xff')
		LC_ALL=C sed "s/\x00\x01\x5f\x90/$timescale/g" $n.mp4 > b.mp4
		run ! cmp -s $n.mp4 b.mp4
		sei-dump -N -c camera_time b.mp4 > got 2> err
		sei-dump -N -c camera_time $n.mp4 2> err | diff - got
		grep "^2023-11-14T13:45:37.000" got
	done
}

@test "clocks: local time stays as it is, and is told" {
	sim local
	assert_regex "$said" "the camera's clock is 7200\.[0-9]+ s ahead of this host's \(is it local time\?\)"
}

@test "clocks: what the camera sends with frames is camera_time, and is compared with reports" {
	sim sent
	assert_regex "$said" "camera_time of 6000 frames is what the camera sent with them; it is .* ms from what sender reports say"
	sim sent_some
	assert_regex "$said" "1 of 600 times sent with frames contradict"
	sim sent_at_first
	sim sent_set
	assert_regex "$said" "the camera's clock was set by -1\.5[0-9]* s in the 0\.100 s before frame 2000"
	refute_regex "$said" "is empty there"
}

@test "clocks: host_time is within 0.2 ms of the truth through 20 ms of jitter" {
	sim skew
	sim slack
}

@test "clocks: host_time is within 1 ms through stalls, queues behind key frames and frames that are a second late" {
	sim bursts
}

@test "clocks: host_time is within 1 ms where a clock is set, told or not" {
	sim host_step
	refute_regex "$said" "jumped"
	sim host_step_untold
	assert_regex "$said" "arrivals jumped by -[23]\.[0-9]+ s at frame 60[0-9]{2}, and nothing says why"
	sim rtp_step
	assert_regex "$said" "RTP time jumped by 0\.[67][0-9]+ s at frame 6000"
	sim rtp_restart
	assert_regex "$said" "RTP time jumped by 3600\.0[0-9]+ s at frame 6000"
	sim host_step_days
	assert_regex "$said" "arrivals jumped by (43200\.0|43199\.9)[0-9]+ s at frame"
	sim host_step_years
	assert_regex "$said" "arrivals jumped by (1700000000\.0|1699999999\.9)[0-9]+ s at frame"
}

@test "clocks: where a clock is set while frames wait in a queue, host_time is within 1 ms and the jump is told whole" {
	sim host_step_untold 15
	assert_regex "$said" "arrivals jumped by 0\.0[34][0-9]+ s at frame 11945, and nothing says why"
	sim rtp_step 16
	assert_regex "$said" "RTP time jumped by 0\.(69|70)[0-9]+ s at frame 6000"
	sim rtp_step 21
	assert_regex "$said" "RTP time jumped by -0\.(49|50)[0-9]+ s at frame 11986"	# presented before those of the half second before it
}

@test "clocks: frames that came too early, or with an RTP time hours off, do not bend host_time" {
	sim early
	assert_regex "$said" "5 frames came earlier than can be"
	sim outliers
	assert_regex "$said" "360 frames have an RTP time that fits none about it"
}

@test "clocks: 14 hours, in which RTP time wraps, and the end of the NTP era" {
	sim wrap14h
	sim era
}

@test "clocks: through the real programs camera_time is right to a tick" {
	camera --sr 0.5 --clock-offset 86400000000000 --clock-drift 300 "$CLOCK_CLIP"
	record 3
	live out.mp4
	assert_output --regexp "^[0-9]+ frames, 0 without"
	assert_regex "$(cat said)" "the camera's clock is 86400\.[0-9]+ s ahead"
}

@test "clocks: through the real programs a camera's clock that is set is found, and its nanoseconds are read" {
	camera --sr 0.3 --clock-offset 250000000 --fault clock-step=2:-1500000000 --fault sr-nanoseconds "$CLOCK_CLIP"
	record 4
	# the log has NTP times as they should be
	live out.mp4 step
	assert_regex "$(cat said)" "fractions of a second in nanoseconds"
	assert_regex "$(cat said)" "the camera's clock was set by -1\.5[0-9]* s in the 0\.[0-9]+ s before frame [56][0-9]"
}

@test "clocks: through the real programs ONVIF's time of each frame is camera_time" {
	camera --sr 1 --fault onvif-time --fault clock-step=1.5:3600000000000 "$CLOCK_CLIP"
	record 3
	live out.mp4
	assert_output --regexp "^[0-9]+ frames, 0 without"
}

@test "clocks: reports of the audio stream in a recording of retina-record are told and not used" {
	run -0 --separate-stderr sei-dump -N -c frame,camera_time "$GOLDEN/with-audio.mp4"
	assert_regex "$stderr" "3 of 6 sender reports are not of the video's clock and are not used"
	# gst-rtsp-server's clock was this host's: arrival was some 0.3 ms later
	assert_line --index 1 --regexp "^1,2026-11-22T14:45:14\.1138[0-9]{5}Z"
}

@test "clocks: --raw says nothing and computes nothing" {
	run -0 --separate-stderr sei-dump --raw "$GOLDEN/with-audio.mp4"
	assert_equal "$stderr" ""
	assert_line --index 0 frame,pts,keyframe,rtp,recv,recv_ns,recv_time
	run -2 --separate-stderr sei-dump --raw -c frame,host_time "$GOLDEN/with-audio.mp4"
	assert_regex "$stderr" "host_time is no raw column"
	run -0 --separate-stderr sei-dump -c frame,rtp,recv "$GOLDEN/with-audio.mp4"
	assert_equal "$stderr" ""
}

@test "clocks: without reports camera_time is empty and says why" {
	nals.py make --frames 5 "$CLOCK_CLIP" > a.nals
	run -0 --separate-stderr sei-dump -N -c frame,camera_time a.nals
	assert_line --index 4 "4,"
	assert_equal "$stderr" "sei-dump: a.nals: there are no sender reports: camera_time is empty"
}

@test "clocks: columns are the same from an MP4, a stamped stream and a raw one, whatever the order of frames" {
	local made="--frames 60 --reports 7 --rtp-steps 3000,3001,2999"
	both() { sei-dump -c rtp,camera_time,host_time "$1" 2> /dev/null; }
	# shellcheck disable=SC2086
	for clip in bframes clock-320x240-30; do
		nals.py make $made "$CLIPS/$clip.h264" > a.nals
		h264-sei-stamp < a.nals > s.nals
		mp4-wrap -q out.mp4 < s.nals
		diff <(both a.nals) <(both s.nals)
		diff <(both a.nals | sort) <(both out.mp4 | sort)
		run -0 bash -c 'sei-dump -N -c camera_time a.nals 2> /dev/null | sort -c'
		rm out.mp4
	done
}

# A minute of 20 frames/s that come on time, every N-th of which may be 41.7 ms late: slacks N [FROM [FRAMES]]
slacks() {
	local i t
	for ((i = 0; i < ${3:-1200}; i++)); do
		t=$((17198541541196598592 + i * 4294967296 / 20))
		printf 'N track=1 flags=FIRST+LAST+KEY rtp=%d first=%u last=%u slack=%d packets=1 hex=6588\n' \
		    $((i * 4500)) $t $t $((i % $1 == 0 && i >= ${2:-0} ? 41704 : 0))
	done | stream
}

@test "clocks: host_time is as exact as the exact frames that it touches; if there are none it is told" {
	slacks 30 > some.nals
	run -0 --separate-stderr sei-dump -c host_time some.nals
	refute_regex "$stderr" "may be late"
	run -0 --separate-stderr sei-dump -s some.nals
	refute_output --partial "may be late"
	slacks 1 100 > most.nals
	run -0 --separate-stderr sei-dump -c host_time most.nals
	refute_regex "$stderr" "may be late"	# five exact seconds hold the line of half a minute
	slacks 1 1200 3600 > later.nals
	run -0 --separate-stderr sei-dump -c host_time later.nals
	assert_regex "$stderr" "later.nals: host_time may be late by up to 41\.704 ms"
	slacks 1 > all.nals
	run -0 --separate-stderr sei-dump -c host_time all.nals
	assert_regex "$stderr" "all.nals: host_time may be late by up to 41\.704 ms: so exact are the arrivals"
}
