#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# The four programs together.

load helper

# The README's pipeline: pipeline [option of rtsp-fetch...]. Exit statuses are in `status`, the stream in nals, the file is out.mp4.
pipeline() {
	bash -o pipefail -c '
		rtsp-fetch -q "$@" | tee -i nals | h264-sei-stamp | mp4-wrap out.mp4
		echo "$? ${PIPESTATUS[*]}" > status' pipeline "$@" 2> err
}

# Two ends of one stream tell the same: same_timing NALS MP4. Prints how many frames and reports there are.
same_timing() {
	sei-dump --columns rtp,recv --no-header "$2" > frames.got
	sei-dump --reports --columns recv,ntp,rtp --no-header "$2" > reports.got
	python3 - "$1" <<-'EOF'
	import struct, sys, nals
	records = nals.parse(open(sys.argv[1], "rb").read(), cut=True)
	frames = [next(r for r in u if nals.vcl(r.payload)) for u in nals.frames(records)]
	frames = ["%d,%d" % (r.rtp & 0xffffffff, r.first) for r in frames]
	reports = ["%d,%d,%d" % ((r.first,) + struct.unpack(">QI", r.payload[4:16])) for r in records if r.type == "R"]
	assert open("frames.got").read().splitlines() == frames
	assert open("reports.got").read().splitlines() == reports
	print(len(frames), "frames", len(reports), "reports")
	EOF
}

@test "pipeline: every frame and report that a camera sent is in the CSV, exact" {
	for clip in clock-320x240-30 slices-aud; do
		camera --speed 4 --sessions 1 --frames 150 --sr 0.4 --sr-before-play --sr-second --sr-pair "$CLIPS/$clip.h264"
		pipeline "$URL"
		camera_gone
		run -0 as_sent nals "$CLIPS/$clip.h264" max
		assert_output --regexp '^150 frames 2[0-9] reports$'
		local sent=$output
		run -0 same_timing nals out.mp4
		assert_output "$sent"
		run frame_count out.mp4
		assert_output 150
		run -0 bash -c "sei-dump --raw out.mp4 | sed 1d | wc -l; sei-dump --reports out.mp4 | sed 1d | wc -l; grep -c ^R truth"
		assert_equal "${lines[0]}" 150
		assert_equal "${lines[1]}" "${lines[2]}"
		rm out.mp4
	done
}

@test "pipeline: the camera's BYE is a failure all the way down, and the file is finished" {
	camera --speed max --sessions 1 --frames 90 "$CLOCK_CLIP"
	pipeline "$URL"
	run cat status
	assert_output "1 1 0 1 1"
	run frame_count out.mp4
	assert_output 90
	run mp4.py boxes out.mp4
	assert_output --regexp '/moov'
	refute_output --partial /moof
}

@test "pipeline: a duration that is over is a success all the way down" {
	camera --sessions 1 "$CLOCK_CLIP"
	pipeline --duration 1 "$URL"
	camera_gone
	run cat status
	assert_output "0 0 0 0 0"
	run -0 as_sent nals "$CLOCK_CLIP" prefix
	run -0 same_timing nals out.mp4
	assert_output --regexp '^(29|3[01]) frames'
	run cat err
	assert_output ""
}

@test "pipeline: Ctrl-C, SIGTERM or SIGHUP to all of it leave a finished file, and no failure" {
	camera "$CLOCK_CLIP"
	for signal in INT TERM HUP; do
		mkdir $signal
		cd $signal
		env --default-signal=INT,TERM,HUP setsid bash -o pipefail -c '
			trap : INT TERM HUP
			rtsp-fetch -q "$0" | h264-sei-stamp | mp4-wrap out.mp4
			echo "$? ${PIPESTATUS[*]}" > status' "$URL" > out 2>&1 3>&- &
		local group=$!
		pids+=($group)
		wait_until holds out.mp4 20000
		kill -$signal -- -$group
		wait_until gone $group
		run cat status out
		assert_output "0 0 0 0"
		run mp4.py boxes out.mp4
		refute_output --partial /moof
		run frame_count out.mp4
		assert_output --regexp '^[1-9][0-9]+$'
		assert_equal "$output" "$(sei-dump -N out.mp4 | wc -l)"
		cd ..
	done
}

@test "pipeline: Ctrl-C with tee -i in it loses nothing that was received" {
	camera --sessions 1 "$CLOCK_CLIP"
	env --default-signal=INT,TERM,HUP setsid bash -o pipefail -c '
		trap : INT
		rtsp-fetch -q "$0" | tee -i nals | h264-sei-stamp | mp4-wrap out.mp4
		echo "$? ${PIPESTATUS[*]}" > status' "$URL" > out 2>&1 3>&- &
	local group=$!
	pids+=($group)
	wait_until holds out.mp4 20000
	kill -INT -- -$group
	wait_until gone $group
	camera_gone
	run cat status out
	assert_output "0 0 0 0 0"
	run -0 as_sent nals "$CLOCK_CLIP" prefix
	run -0 same_timing nals out.mp4
	assert_output --regexp '^[1-9][0-9]+ frames'
	run tail -n 1 truth
	assert_output "Q teardown"
}

@test "pipeline: kill -9 of mp4-wrap at any moment loses at most 1.2 s" {
	# one camera of five has a key frame every 10 s only
	ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=192x144:rate=30 -frames:v 300 -c:v libx264 -preset ultrafast -bf 0 -g 300 \
	    -bsf:v h264_mp4toannexb long.h264
	run -0 python3 - <<-'EOF'
	import os, random, signal, subprocess, threading, time, nals
	SEED, N, SPAN = 20360207, 20, 6.0
	rnd = random.Random(SEED)
	# before the first fragment, anywhere, and close to the end
	moments = [rnd.uniform(0.05, 0.45), rnd.uniform(0.05, 0.45)]
	moments += [rnd.uniform(0.5, SPAN - 0.6) for _ in range(N - 4)] + [rnd.uniform(SPAN - 0.5, SPAN) for _ in range(2)]
	clips = [os.environ["CLIPS"] + "/" + c for c in ("clock-320x240-30.h264", "slices-aud.h264", "baseline.h264", "intra.h264")] + [os.getcwd() + "/long.h264"]

	def record(i):
	    folder = "kill%d" % i
	    os.mkdir(folder)
	    cam = subprocess.Popen([os.environ["BUILD"] + "/tests/camera", clips[i % 5]], stdout=subprocess.PIPE)
	    url = cam.stdout.readline().decode().strip()
	    pipe = lambda *cmd, stdin: subprocess.Popen(cmd, stdin=stdin, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=folder)
	    fetch = pipe("rtsp-fetch", "-q", url, stdin=subprocess.DEVNULL)
	    tee = pipe("tee", "-i", "nals", stdin=fetch.stdout)
	    stamp = pipe("h264-sei-stamp", stdin=tee.stdout)
	    wrap = subprocess.Popen(["mp4-wrap", "out.mp4"], stdin=stamp.stdout, stderr=subprocess.DEVNULL, cwd=folder)
	    for p in fetch, tee, stamp:
	        p.stdout.close()
	    procs[i] = [cam, fetch, tee, stamp, wrap]
	    while not (os.path.exists(folder + "/out.mp4") and os.path.exists(folder + "/nals") and os.path.getsize(folder + "/nals")):
	        time.sleep(0.01)
	    time.sleep(moments[i])
	    wrap.send_signal(signal.SIGKILL)
	    for p in wrap, stamp, tee, fetch:
	        p.wait(20)
	    cam.terminate()
	    cam.wait(20)

	procs = {}
	threads = [threading.Thread(target=record, args=(i,), daemon=True) for i in range(N)]
	for t in threads:
	    t.start()
	for t in threads:
	    t.join(40)
	if any(t.is_alive() for t in threads):
	    for p in sum(procs.values(), []):
	        p.kill()
	    raise SystemExit("a recording did not end")

	print("moment   fed  kept  lost")
	bad = 0
	for i in range(N):
	    folder = "kill%d/" % i
	    fed = [next(r for r in u if nals.vcl(r.payload)) for u in nals.frames(nals.parse(open(folder + "nals", "rb").read(), cut=True))]
	    d = subprocess.run(["sei-dump", "-N", "-c", "frame,rtp,recv", folder + "out.mp4"], capture_output=True, text=True)
	    rows = [tuple(map(int, line.split(","))) for line in d.stdout.splitlines()]
	    want = [(k, r.rtp & 0xffffffff, r.first) for k, r in enumerate(fed[:len(rows)])]
	    ok = d.returncode == 0 and rows == want
	    if os.path.getsize(folder + "out.mp4"):
	        p = subprocess.run(["ffprobe", "-v", "error", "-count_frames", "-select_streams", "v", "-show_entries",
	            "stream=nb_read_frames", "-of", "csv=p=0", folder + "out.mp4"], capture_output=True, text=True)
	        ok = ok and p.returncode == 0 and p.stderr == "" and p.stdout.strip() == str(len(rows)) and len(rows) > 0
	    else:
	        ok = ok and not rows
	    # counted up to the end of the last frame that was fed: 1/30 s after it arrived
	    end = fed[-1].first + (1 << 32) // 30 if fed else 0
	    lost = (end - (fed[len(rows)].first if len(rows) < len(fed) else end)) / 2 ** 32
	    ok = ok and lost <= 1.2
	    bad += not ok
	    print("%5.2f s %5d %5d %5.2f s%s" % (moments[i], len(fed), len(rows), lost, "" if ok else "  WRONG " + d.stderr))
	raise SystemExit(bad)
	EOF
	echo "$output" > table
	sed 's/^/# /' table >&3
}

@test "pipeline: a killed file can be finished, and has the same rows, or those of one fragment more" {
	camera "$CLOCK_CLIP"
	mkfifo fifo
	mp4-wrap out.mp4 < fifo 2>/dev/null 3>&- &
	local wrap=$!
	pids+=($wrap)
	( rtsp-fetch -q "$URL" 2>/dev/null | h264-sei-stamp > fifo 2>/dev/null ) 3>&- &
	pids+=($!)
	wait_until holds out.mp4 60000
	kill -9 $wrap
	ends 137 $wrap
	sei-dump --raw out.mp4 > before 2>/dev/null
	mp4-wrap --finish out.mp4
	run -0 --separate-stderr sei-dump --raw out.mp4
	assert_equal "$stderr" ""
	assert_equal "$(head -n "$(wc -l < before)" <<< "$output")" "$(cat before)"
	local rows=${#lines[@]}
	run frame_count out.mp4
	assert_output $((rows - 1))
}

@test "pipeline: while it records, the file can be read" {
	camera --sessions 1 "$CLOCK_CLIP"
	( rtsp-fetch -q -d 3 "$URL" | tee -i nals | h264-sei-stamp | mp4-wrap out.mp4 ) 3>&- &
	local pid=$!
	wait_until holds out.mp4 40000
	sei-dump -N -c rtp,recv out.mp4 > early
	run frame_count out.mp4
	assert_output --regexp '^[1-9][0-9]+$'
	ends 0 $pid
	sei-dump -N -c rtp,recv out.mp4 > late
	run cmp early <(head -n "$(wc -l < early)" late)
	assert_success
	assert [ "$(wc -l < late)" -gt "$(wc -l < early)" ]
	run -0 same_timing nals out.mp4
}

@test "pipeline: mp4-wrap - goes straight into a player" {
	camera --speed 10 --sessions 1 --frames 100 "$CLOCK_CLIP"
	run bash -c 'rtsp-fetch -q "$0" 2>/dev/null | h264-sei-stamp | mp4-wrap - 2>/dev/null | ffprobe -v error -count_frames -show_entries stream=nb_read_frames -of csv=p=0 -' "$URL"
	assert_output 100
}

@test "pipeline: 18446744073709551615 passes all three programs exactly" {
	{
		report 18446744073709551614 ffffffffffffffff 4294967295
		unit 4294967295 18446744073709551615 5
		report 18446744073709551615 0000000000000000 0
	} | stream > small
	nals.py make --frames 3 "$CLOCK_CLIP" | nals.py text | sed -E 's/ (first|last)=[0-9]+/ \1=18446744073709551615/g; s/rtp=100[0-9]*/rtp=4294967295/' |
	    nals.py script > in
	h264-sei-stamp < in | mp4-wrap out.mp4
	run -0 sei-dump -N -c rtp,recv out.mp4
	assert_output $'4294967295,18446744073709551615\n4294967295,18446744073709551615\n4294967295,18446744073709551615'
	h264-sei-stamp < small > stamped
	run -0 sei-dump -N -c rtp,recv stamped
	assert_output 4294967295,18446744073709551615
	run -0 sei-dump -N --reports -c recv,ntp,rtp stamped
	assert_output $'18446744073709551614,18446744073709551615,4294967295\n18446744073709551615,0,0'
}

@test "pipeline: a stream across 2036-02-07T06:28:16Z passes all three programs exactly" {
	nals.py make --frames 60 --time 2085978495000000001 --arrival-step 33333333 --reports 7 --report-ntp 0xffffffff80000000 "$CLOCK_CLIP" > in
	h264-sei-stamp < in | mp4-wrap out.mp4
	run -0 same_timing in out.mp4
	assert_output "60 frames 9 reports"
	run -0 bash -c "sei-dump -N -c recv_ns out.mp4 | awk 'NR > 1 { print \$1 - last } { last = \$1 }' | sort | uniq -c | wc -l"
	sei-dump -N -c recv_ns out.mp4 > got
	for ((i = 0; i < 60; i++)); do echo $((2085978495000000001 + i * 33333333 )); done > frames
	# the picture follows its parameter sets and SEI by 30 us in a key frame, and by none in the others
	run python3 -c '
got, want = ([int(x) for x in open(f)] for f in ("got", "frames"))
assert all(g - w in (0, 10000, 20000, 30000) for g, w in zip(got, want)), (got, want)
assert len(got) == len(want)'
	assert_success
	run -0 sei-dump -N -c recv_time out.mp4
	assert_line --index 0 --regexp '^2036-02-07T06:28:15\.'
	assert_line --index 59 --regexp '^2036-02-07T06:28:16\.96'
}

@test "pipeline: every access unit has exactly one frame time, damaged ones too" {
	for clip in slices-aud clock-320x240-30; do
		camera --speed max --sessions 1 --frames 150 --mtu 300 --fault lose=400 --fault lose=600 "$CLIPS/$clip.h264"
		pipeline --keep-damaged "$URL"
		camera_gone
		run -0 bash -c "nals.py text < nals | grep -c DAMAGED"
		assert_output --regexp '^[1-9]'
		run -0 bash -c "mp4.py sei out.mp4 | awk '/89H|\"recv\":[0-9]*,\"rtp\"/ { print \$1 }' | sort -n | uniq -c | awk '{ print \$1 }' | sort | uniq -c | tr -s ' '"
		assert_output " $(nals.py units < nals | wc -l) 1"
		run -0 same_timing nals out.mp4
		rm out.mp4
	done
}

@test "pipeline: without h264-sei-stamp it records, and the timing columns are empty" {
	camera --speed max --sessions 1 --frames 40 "$CLOCK_CLIP"
	run --separate-stderr bash -c 'rtsp-fetch -q "$0" 2>/dev/null | mp4-wrap out.mp4; echo "${PIPESTATUS[@]}"' "$URL"
	assert_output "1 1"
	# it says so at once, and why the stream ended, which may have been said on another host
	assert_equal "${stderr_lines[0]}" "mp4-wrap: there is no timing in this stream: h264-sei-stamp is not in the pipe"
	assert_equal "${stderr_lines[1]}" "mp4-wrap: the stream ended early: the camera ended the stream (RTCP BYE)"
	run frame_count out.mp4
	assert_output 40
	run bash -c "sei-dump -c rtp,recv,recv_ns,recv_time out.mp4 | sort | uniq -c | tr -s ' '"
	assert_output $' 40 ,,,\n 1 rtp,recv,recv_ns,recv_time'
}

@test "pipeline: netcat may carry the stream to another machine" {
	camera --sessions 1 "$CLOCK_CLIP"
	nc -v -l 127.0.0.1 0 2> nc.err 3>&- < /dev/null > arrived &
	local listener=$! port
	pids+=($listener)
	wait_until test -s nc.err
	port=$(grep -o '[0-9]*$' nc.err | head -n 1)
	run -0 bash -o pipefail -c 'rtsp-fetch -q -d 1 "$0" | tee -i nals | nc -N 127.0.0.1 "$1"' "$URL" "$port"
	ends 0 $listener
	run cmp nals arrived
	assert_success
	h264-sei-stamp < arrived | mp4-wrap out.mp4
	run -0 same_timing nals out.mp4
}

@test "pipeline: netcat that is cut is a failure, and what came is kept" {
	camera --sessions 1 --speed max --frames 60 "$CLOCK_CLIP"
	record_status=0
	rtsp-fetch -q "$URL" > nals 2>/dev/null || record_status=$?
	assert_equal $record_status 1
	head -c 40000 nals > cut
	run bash -c 'h264-sei-stamp < cut | mp4-wrap out.mp4; echo "${PIPESTATUS[@]}"'
	assert_line "1 1"
	run -0 same_timing cut out.mp4
	assert_output --regexp '^[1-9][0-9] frames'
}

@test "pipeline: recordings joined with cat are one, in order, with the pause between them" {
	for part in a b; do
		camera --sessions 1 --speed 2 --frames 60 "$CLOCK_CLIP"
		rtsp-fetch -q "$URL" > $part.nals 2>/dev/null || true
		camera_gone
		sleep 0.5
	done
	cat a.nals b.nals > both
	h264-sei-stamp < both | mp4-wrap out.mp4 || true
	run -0 same_timing both out.mp4
	assert_output --regexp '^120 frames'
	run frame_count out.mp4
	assert_output 120
	run -0 sei-dump -N -c pts,recv_ns out.mp4
	echo "$output" > rows
	run -0 python3 - <<-'EOF'
	rows = [line.split(",") for line in open("rows")]
	pts = [int(p.replace(".", "")) for p, _ in rows]
	recv = [int(r) for _, r in rows]
	assert all(b > a for a, b in zip(pts, pts[1:])), pts
	# frames that came in one read have one stamp
	assert all(b >= a for a, b in zip(recv, recv[1:])), recv
	# over the gap presentation time goes on as arrival does, to a tick or two of 1/90000 s
	assert abs((pts[60] - pts[59]) - (recv[60] - recv[59])) < 30000, (pts[60] - pts[59], recv[60] - recv[59])
	EOF
}

@test "pipeline: no password is in the stream or in the file" {
	camera --speed max --sessions 1 --frames 40 --auth digest --user alice --password s3cret "$CLOCK_CLIP"
	pipeline -v "${URL/127/alice:s3cret@127}"
	run frame_count out.mp4
	assert_output 40
	run grep -a -c -e s3cret -e alice nals out.mp4 err
	assert_output $'nals:0\nout.mp4:0\nerr:0'
}

@test "pipeline: a full disk is a failure all the way up, and the file can be played" {
	camera --speed 20 "$CLOCK_CLIP"
	run bash -o pipefail -c '
		rtsp-fetch -q "$0" 2>/dev/null | tee -i nals | h264-sei-stamp 2>/dev/null | (ulimit -f 200; mp4-wrap out.mp4)
		echo "${PIPESTATUS[0]} ${PIPESTATUS[3]}"' "$URL"
	assert_line "1 1"
	run frame_count out.mp4
	assert_output --regexp '^[1-9][0-9]+$'
	assert_equal "$output" "$(sei-dump -N out.mp4 2>/dev/null | wc -l)"
}

@test "pipeline: while mp4-wrap stands still, arrival stays true; what has no room is told, and the recording goes on" {
	mkfifo fetched stamped
	camera --speed 20 --sessions 1 --frames 3000 --sr 4 "$CLOCK_CLIP"
	rtsp-fetch -q --buffer 1 "$URL" > fetched 2> err 3>&- &
	local fetch=$! wrap got
	h264-sei-stamp < fetched > stamped 3>&- &
	mp4-wrap -q out.mp4 < stamped 3>&- 2> err.wrap &
	wrap=$!
	pids+=($fetch $! $wrap)
	wait_until holds out.mp4 50000
	kill -STOP $wrap
	sleep 3
	got=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\).*/\1/p' "/proc/$fetch/status")
	kill -CONT $wrap
	ends 1 $wrap
	# 1 MiB in the ring, and the program itself
	case $BUILD in *san*) ;; *) assert [ "$got" -lt 8000 ] ;; esac
	camera_gone
	sei-dump -N -c rtp,recv_ns,last_ns,slack_us,keyframe,flags out.mp4 > frames 2>/dev/null
	sei-dump -N --gaps -c frame,what,frames out.mp4 > gaps 2>/dev/null
	sei-dump -N --reports -c ntp,rtp out.mp4 > reports 2>/dev/null
	run -0 python3 - <<-'EOF'
	truth = [line.split() for line in open("truth")]
	sent = {int(t[2]): (i, int(t[5]), int(t[6])) for i, t in enumerate(t for t in truth if t[0] == "F")}
	rows = [list(map(int, line.split(","))) for line in open("frames")]
	index = [sent[r[0]][0] for r in rows]
	for rtp, recv, last, slack, _, flags in rows:
	    _, before, after = sent[rtp]
	    assert before <= recv <= last, (rtp, recv - before, recv - last)
	    # without the kernel's stamps (32: USER) nothing is known that is so exact
	    assert flags & 32 or recv - slack * 1000 <= after, (rtp, recv - before, recv - after, slack)
	# whole groups: a frame that does not follow the one before it is a key frame, and the gap before it counts the hole
	holes = {k: b - a - 1 for k, (a, b) in enumerate(zip(index, index[1:]), 1) if b != a + 1}
	assert holes and all(rows[k][4] for k in holes), holes
	told = [line.strip().split(",") for line in open("gaps")]
	assert {int(k): int(n) for k, what, n in told if what == "shed"} == holes, (told, holes)
	assert index[-1] == len(sent) - 1 == 2999
	assert [line.strip() for line in open("reports")] == [",".join(t[1:3]) for t in truth if t[0] == "R"]
	print(len(rows), "frames of", len(sent), "in", len(holes) + 1, "pieces")
	EOF
	echo "# $output; rtsp-fetch's peak: $got KiB" >&3
}
