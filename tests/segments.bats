#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# One recording in many files: where they end, how they are called, what is done with each.

load helper

# Streams of nals.py begin at 2023-11-14T22:13:20Z.
INTRA=$CLIPS/intra.h264	# key frames only

# Streams of so many frames, of which several tests make files.
setup_file() {
	export BATS_TEST_TIMEOUT=120
	for n in 30 90 150 180 240 360 600; do nals.py make --frames "$n" "$CLOCK_CLIP" > "$BATS_FILE_TMPDIR/$n"; done
}

# A command that waits until the test lets it go on.
GATE='until [ -e gate ]; do sleep 0.02; done'

teardown() {
	touch gate
	[ -n "$BATS_TEST_COMPLETED" ] || { echo "output: ${output-}"; cat err 2> /dev/null || true; }
	reap
}

# Judges segments by the single file of the same stream: same_frames SINGLE SEGMENT...
# Every frame, with the SEI in it, is there once and in order; times and durations are those of the single file but for
# what `gaps` names: indexes of segments whose last frame does not last until the next one.
same_frames() {
	python3 - "$@" <<-'EOF'
	import os, sys, mp4
	gaps = set(map(int, os.environ.get("gaps", "").split()))
	single = mp4.load(sys.argv[1])
	want = single.samples()
	n = 0
	for i, path in enumerate(sys.argv[2:]):
	    m = mp4.load(path)
	    got = m.samples()
	    assert got and not m.fragments() and m.top[-1].type == b"moov", path
	    assert got[0]["pts"] == 0 and got[0]["sync"], path
	    kinds = [x[0] & 31 for x in mp4.split(m.sample(got[0]))]
	    assert 7 in kinds and 8 in kinds and 5 in kinds, (path, kinds)
	    assert m.entries()[0][3:] == single.entries()[0][3:] or "othersets" in os.environ, path
	    for k, s in enumerate(got):
	        w = want[n]
	        assert m.sample(s) == single.sample(w), (path, k, n)
	        assert s["pts"] == w["pts"] - want[n - k]["pts"], (path, k)
	        assert s["sync"] == w["sync"], (path, k)
	        if not (k == len(got) - 1 and i in gaps):
	            assert s["duration"] == w["duration"], (path, k, s["duration"], w["duration"])
	        n += 1
	assert n == len(want), (n, len(want))
	print(len(sys.argv) - 2, "files", n, "frames")
	EOF
}

creation() {
	mp4.py info "$1" | sed -n 's/^creation //p'
}

@test "segments: no frame and no report is lost or doubled between two files, and times go on" {
	nals.py make --frames 600 --rtp-steps 3000,3007,2993 --reports 7 --sets first --extras "$CLOCK_CLIP" | h264-sei-stamp > in
	mp4-wrap -q one.mp4 < in
	run -0 --separate-stderr mp4-wrap --print --segment 4 '%H%M%S.mp4' < in
	assert_equal "$stderr" ""
	assert_output $'221320.mp4\n221324.mp4\n221328.mp4\n221332.mp4\n221336.mp4'
	run -0 same_frames one.mp4 2*.mp4
	assert_output "5 files 600 frames"
	run -0 creation 221328.mp4
	assert_output $((1700000000 + 8))
	sei-dump --columns rtp,recv one.mp4 | tail -n +2 > want
	for f in 2*.mp4; do sei-dump --columns rtp,recv "$f" | tail -n +2; done > got
	run -0 diff want got
	sei-dump --reports --columns ntp,rtp one.mp4 | tail -n +2 > want
	assert [ "$(wc -l < want)" -ge 85 ]
	for f in 2*.mp4; do sei-dump --reports --columns ntp,rtp "$f" | tail -n +2; done > got
	run -0 diff want got
	run -0 ffprobe -v error -count_frames -show_entries stream=nb_read_frames,duration -of csv=p=0 221332.mp4
	assert_output "4.000000,120"
}

@test "segments: a file ends at the first key frame after SECONDS or BYTES, whichever comes first" {
	ln -s "$BATS_FILE_TMPDIR/600" in
	mp4-wrap -q one.mp4 < in
	run -0 mp4-wrap -q -P -t 4.5 a.mp4 < in		# key frames are a second apart
	assert_output $'a.mp4\na-1.mp4\na-2.mp4\na-3.mp4'
	run -0 same_frames one.mp4 a.mp4 a-?.mp4
	mp4-wrap -q --segment-size 100k b.mp4 < in
	mapfile -t files < <(ls -v b*.mp4)
	run -0 same_frames one.mp4 b.mp4 b-*.mp4
	assert_output "5 files 600 frames"
	for f in b.mp4 b-1.mp4; do
		# one group of pictures is up to 25 kB, the index less than 4 kB
		assert [ "$(stat -c %s $f)" -ge 102400 ]
		assert [ "$(stat -c %s $f)" -lt 132000 ]
	done
	run -0 mp4-wrap -q -P -t 2 -b 100k c.mp4 < in
	assert_equal "${#lines[@]}" 10
	run -0 mp4-wrap -q -P -t 3600 -b 1 d.mp4 < in
	assert_equal "${#lines[@]}" 20
}

@test "segments: jitter of the camera's clock does not make every other file longer" {
	# 60 frames are 2 s but for a tick, or two
	nals.py make --frames 600 --rtp-steps 2999,3001,2999,3001,2999 "$CLOCK_CLIP" > in
	run -0 mp4-wrap -q -P -t 2 a.mp4 < in
	assert_equal "${#lines[@]}" 10
}

@test "segments: 14 hours cut at full hours of the clock, of local time with --local" {
	# from 22:13:20, a key frame each 10 s; RTP time passes 2^32
	nals.py make --frames 5040 --rtp 0xfff00000 --rtp-steps 900000 "$INTRA" | h264-sei-stamp > in
	mp4-wrap -q one.mp4 < in
	run -0 mp4-wrap -q -P -t 3600 --align '%Y-%m-%d/%H%M%S.mp4' < in
	assert_equal "${#lines[@]}" 15
	assert_line --index 0 2023-11-14/221320.mp4
	assert_line --index 1 2023-11-14/230000.mp4
	assert_line --index 14 2023-11-15/120000.mp4
	run -0 same_frames one.mp4 20*/*.mp4
	assert_output "15 files 5040 frames"
	export TZ=IST-5:30
	run -0 mp4-wrap -q -P -t 3600 --align --local 'local-%H%M.mp4' < in
	assert_equal "${#lines[@]}" 15
	assert_line --index 1 local-0400.mp4
	run -0 mp4-wrap -q -P -t 3600 --align '%{camera}-%H%M.mp4' < in
	assert_line --index 1 cam1-2300.mp4
	# without --align: from the first frame on
	run -0 mp4-wrap -q -P -t 3600 '%{camera}-%H%M%S.mp4' < in
	assert_equal "${#lines[@]}" 14
	assert_line --index 13 cam1-111320.mp4
}

@test "segments: the hour that comes twice has two names" {
	# 2023-10-29T00:20:00Z, 02:20 in summer; summer time ends at 01:00Z
	nals.py make --time 1698538800000000000 --frames 120 --rtp-steps 5400000 --fps 1 "$INTRA" > in
	export TZ=CET-1CEST,M3.5.0,M10.5.0/3
	run -0 mp4-wrap -q -P --local -t 3600 '%Y%m%d_%H%M.mp4' < in
	assert_output $'20231029_0220.mp4\n20231029_0220-1.mp4'
	run -0 mp4-wrap -q -P -t 3600 '%Y%m%d_%H%M.mp4' < in
	assert_output $'20231029_0020.mp4\n20231029_0120.mp4'
}

@test "segments: without a name it is that of retina-record, in local time, and told" {
	nals.py make --frames 30 --camera gate "$CLOCK_CLIP" > in
	export TZ=IST-5:30
	run -0 --separate-stderr mp4-wrap < in
	assert_output ""
	assert_regex "$stderr" "recording to movie20231115_034320_gate.mp4"
	run -0 --separate-stderr mp4-wrap --print < in
	assert_output movie20231115_034320_gate-1.mp4
	printf '%s\n' 'S text="nalstream 1\nhost: x\n"' > script
	nals.py text < in | tail -n +2 >> script
	run -0 --separate-stderr bash -c 'nals.py script < script | mp4-wrap -P'
	assert_output movie20231115_034320_camera.mp4
}

@test "segments: the camera in a name is that of the stream's last head, whatever it calls itself" {
	for camera in cam1 ../../etc; do nals.py make --frames 90 --camera $camera "$CLOCK_CLIP"; done > in
	run -0 mp4-wrap -q -P -t 2 '%{camera}.mp4' < in
	assert_output $'cam1.mp4\ncam1-1.mp4\n_.-..-etc.mp4'
	run -0 bash -c 'for f in cam1.mp4 cam1-1.mp4 _*.mp4; do mp4.py samples $f | wc -l; done'
	# The second stream begins in the second file, which goes on: there are 30 + 60 frames in it.
	assert_output $'60\n90\n30'
}

@test "segments: a name that is taken gets a number before its suffix, and nothing is overwritten" {
	ln -s "$BATS_FILE_TMPDIR/180" in
	echo precious > out.mp4
	echo precious > out-2.mp4
	run -0 mp4-wrap -q -P -t 2 out.mp4 < in
	assert_output $'out-1.mp4\nout-3.mp4\nout-4.mp4'
	run -0 mp4-wrap -q -P -t 2 out.mp4 < in
	assert_output $'out-5.mp4\nout-6.mp4\nout-7.mp4'
	run -0 cat out.mp4 out-2.mp4
	assert_output $'precious\nprecious'
	mkdir 221320.mp4
	ln -s nowhere 221320-1.mp4
	run -0 mp4-wrap -q -P '%H%M%S.mp4' < in
	assert_output 221320-2.mp4
	assert [ ! -e nowhere ]
}

@test "segments: folders are made from the first one with a % on; one before that must be there" {
	ln -s "$BATS_FILE_TMPDIR/90" in
	run -1 --separate-stderr mp4-wrap -P -t 2 'disk/%Y/%m/%H%M%S.mp4' < in
	assert_regex "$stderr" "disk/%Y.*No such file"
	run -1 --separate-stderr mp4-wrap -P -t 2 'disk/out.mp4' < in
	assert [ ! -e disk ]
	mkdir disk
	run -0 mp4-wrap -q -P -t 2 'disk/%Y/%m/%H%M%S.mp4' < in
	assert_output $'disk/2023/11/221320.mp4\ndisk/2023/11/221322.mp4'
	touch file
	run -1 --separate-stderr mp4-wrap -P 'file/%H%M%S.mp4' < in
	assert_regex "$stderr" "Not a directory"
	ln -s /nowhere/at/all 2023
	run -1 --separate-stderr mp4-wrap -q -P '%Y/%H%M%S.mp4' < in
	assert_regex "$stderr" "2023/221320.mp4"
}

@test "segments: what cannot be is refused before anything is recorded" {
	ln -s "$BATS_FILE_TMPDIR/30" in
	mkdir empty
	cd empty
	mkfifo fifo
	for wrong in "-t 2 -" "-b 2M -" "-P -" "-c true -" "-t 2 fifo" "-t 2 /dev/null" "-t 0 a.mp4" "-t x a.mp4" "-t -1 a.mp4" "-b 0 a.mp4" \
	    "-b 1X a.mp4" "-a a.mp4" "-f -t 2 a.mp4" "-f %H.mp4" "out%03d.mp4" "%{host}.mp4" "100%" "%H/" "-F -t 2 a.mp4" "-F -c true a.mp4"; do
		# shellcheck disable=SC2086
		run -2 --separate-stderr mp4-wrap $wrong < ../in
		assert_output ""
		assert_regex "$stderr" "^mp4-wrap: "
	done
	run -0 ls
	assert_output fifo
}

@test "segments: one that cannot be opened ends the recording, and those before it are finished" {
	ln -s "$BATS_FILE_TMPDIR/240" in
	ln -s /nowhere/at/all 24
	run -1 --separate-stderr mp4-wrap -P -t 2 '%S/out.mp4' < in
	assert_output $'20/out.mp4\n22/out.mp4'
	assert_regex "$stderr" "24/out.mp4"
	assert_equal "${#stderr_lines[@]}" 1
	run -0 bash -c 'mp4.py boxes 20/out.mp4 | tail -1; mp4.py boxes 22/out.mp4 | grep -c "/moov$"'
	assert_line --index 1 1
}

@test "segments: a name that is too long is told by its pattern" {
	ln -s "$BATS_FILE_TMPDIR/30" in
	long=$(printf '%%T%.0s' {1..600})		# 8 bytes each
	run -1 --separate-stderr mp4-wrap -q "$long" < in
	assert_equal "$stderr" "mp4-wrap: $long: File name too long"
}

@test "segments: a folder that goes away while it records, as a disk does, is not made again" {
	ln -s "$BATS_FILE_TMPDIR/180" in
	mkdir disk
	mkfifo fifo
	mp4-wrap -q -P -t 2 'disk/%S/out.mp4' < fifo > names 2> err 3>&- &
	pid=$!
	pids+=($pid)
	exec 9> fifo
	head -c $(($(stat -Lc %s in) / 2)) in >&9
	printed() { [ -s names ]; }
	wait_until printed
	mv disk gone
	tail -c +$(($(stat -Lc %s in) / 2 + 1)) in >&9
	exec 9>&-
	ends 1 $pid
	assert [ ! -e disk ]
	run -0 cat err
	assert_line --regexp 'disk/24/out.mp4: No such file'
}

@test "segments: B-frames stay in their order, and the picture shown last lasts until the next file" {
	nals.py make --fps 25 --frames 200 "$CLIPS/bframes.h264" | h264-sei-stamp > in
	mp4-wrap -q one.mp4 < in
	run -0 mp4-wrap -q -P -t 2 b.mp4 < in
	assert_output $'b.mp4\nb-1.mp4\nb-2.mp4\nb-3.mp4'
	gaps="0 1 2" run -0 same_frames one.mp4 b.mp4 b-?.mp4
	assert_output "4 files 200 frames"
	for f in b.mp4 b-1.mp4 b-2.mp4; do
		run -0 ffprobe -v error -show_entries stream=start_time,duration,nb_frames -of csv=p=0 $f
		assert_output 0.000000,2.000000,50
	done
}

@test "segments: cameras of other sizes and clocks behind one another, with audio, have files of their own" {
	nals.py make --frames 50 "$CLIPS/baseline.h264" > a
	nals.py make --frames 90 --time 1700000010000000000 --extras "$CLOCK_CLIP" > b
	# the second at 10 kHz, and its audio is the first track
	python3 - > in <<-'EOF'
	import nals, sys
	sys.stdout.buffer.write(open("a", "rb").read())
	records = nals.parse(open("b", "rb").read())
	for r in records:
	    r.track = {1: 2, 2: 1}.get(r.track, r.track)
	    if r.type == "T":
	        r.payload = r.payload.replace(b"clock-rate: 90000", b"clock-rate: 10000")
	    if r.track == 2:
	        r.rtp //= 9
	sys.stdout.buffer.write(nals.unparse(records))
	EOF
	mp4-wrap -q -t 1 out.mp4 < in
	for f in out.mp4 out-?.mp4; do
		ffprobe -v error -count_frames -show_entries stream=width,time_base,nb_read_frames -of csv=p=0 $f
	done > got
	run -0 cat got
	assert_output $'192,1/90000,50\n320,1/10000,30\n320,1/10000,30\n320,1/10000,30'
}

@test "segments: at a key frame whose B-frames are shown before it, a file lasts as long as its frames" {
	for kind in open,ibp open,ibbp open,pyramid,vui; do
		h264gen.py $kind b.h264 b.times
		nals.py make --frames 72 --rtp-file b.times b.h264 > in		# 25 a second, a recovery point every 24
		mp4-wrap -q -b 1 $kind.mp4 < in
		for f in $kind.mp4 $kind-1.mp4 $kind-2.mp4; do
			run -0 ffprobe -v error -show_entries stream=start_time,duration,nb_frames -of csv=p=0 "$f"
			assert_output 0.000000,0.960000,24
		done
	done
}

@test "segments: killed with B-frames, every file has its frames in order after --finish" {
	h264gen.py ibbp,vui b.h264 b.times
	nals.py make --frames 72 --rtp-file b.times b.h264 | h264-sei-stamp > in
	mp4-wrap -q -t 0.9 whole.mp4 < in
	mkfifo fifo
	mp4-wrap -q -S -t 0.9 out.mp4 < fifo 3>&- &
	pid=$!
	exec 9> fifo
	cat in >&9
	wait_until test -s out-2.mp4		# a second after the last frame
	kill -9 $pid
	exec 9>&-
	wait $pid || true
	wait_until mp4-wrap --finish out.mp4 out-1.mp4 out-2.mp4 2> err		# one may be finishing still
	for f in "" -1 -2; do
		run -0 diff <(mp4.py samples whole$f.mp4) <(mp4.py samples out$f.mp4)
	done
}

@test "segments: a reconnect does not end a file, and a gap between two files belongs to neither" {
	{
		nals.py make --frames 45 --no-end "$CLOCK_CLIP"
		nals.py make --frames 45 --no-end --time 1700000003123456789 --rtp 5 "$CLOCK_CLIP"	# 3 s after the first frame
		nals.py make --frames 30 --time 1700003603123456789 --rtp 77 "$CLOCK_CLIP"		# an hour later
	} | h264-sei-stamp > in
	mp4-wrap -q one.mp4 < in || true
	run mp4-wrap -q -P -t 5 '%H%M%S.mp4' < in
	assert_output $'221320.mp4\n231323.mp4'
	gaps=0 run -0 same_frames one.mp4 221320.mp4 231323.mp4
	assert_output "2 files 120 frames"
	run -0 bash -c 'mp4.py samples 221320.mp4 | tail -1 | cut -d" " -f4; mp4.py samples 221320.mp4 | sed -n 45p | cut -d" " -f4'
	assert_output --regexp $'^3000\n13800[0-9]$'
}

@test "segments: files that come faster than they can be finished are named in their order" {
	nals.py make --frames 100 "$INTRA" > in
	run -0 mp4-wrap -q -S -P -b 1 out.mp4 < in
	assert_output "$(echo out.mp4; printf 'out-%d.mp4\n' {1..99})"
}

@test "segments: a camera without key frames is told of, once" {
	{ nals.py make --frames 30 --no-end "$CLOCK_CLIP"; } > head
	stream > in <<-EOF
	$(nals.py text < head | grep -v '^[STE]')
	$(for i in {1..40}; do unit $((1000000 + 90000 * i)) "$(printf 0x%x $((0xe8fdf88000000000 + (i << 32))))" 1; done | sed '10s/LAST+0/LAST+KEY/')
	EOF
	run -0 --separate-stderr mp4-wrap -P -t 5 out.mp4 < <(head -c -300 in; sleep 0.2; tail -c 300 in)
	assert_output out.mp4
	assert_equal "$(grep -c 'no key frame comes' <<< "$stderr")" 1
	run -0 --separate-stderr mp4-wrap -P -t 50 out.mp4 < in
	refute_regex "$stderr" "no key frame comes"
	# what is no IDR picture, but can be started at, will do when it is late
	nals.py text < in | awk '/hex=6188/ && ++n == 16 { sub("LAST", "LAST+KEY") } { print }' | nals.py script > late
	run -0 --separate-stderr mp4-wrap -P -t 5 late.mp4 < late
	assert_output $'late.mp4\nlate-1.mp4'
	run -0 bash -c 'mp4.py samples late.mp4 | wc -l; mp4.py samples late-1.mp4 | wc -l'
	assert_output $'45\n25'
}

@test "segments: a command runs for each finished file, and none delays the recording" {
	ln -s "$BATS_FILE_TMPDIR/180" in
	# each waits until the recording has ended
	run -0 --separate-stderr mp4-wrap -q -P -t 2 -c "$GATE"'; mv "$1" "done-$1"' '%S.mp4' < in
	assert_output $'20.mp4\n22.mp4\n24.mp4'
	run -0 ls
	refute_output --partial done
	touch gate
	moved() { [ -e done-20.mp4 ] && [ -e done-22.mp4 ] && [ -e done-24.mp4 ]; }
	wait_until moved
	run -0 bash -c 'for f in done-*; do mp4.py samples $f | wc -l; done'
	assert_output $'60\n60\n60'
}

@test "segments: a single file has its command as well, and a stream without end keeps its order" {
	ln -s "$BATS_FILE_TMPDIR/30" in
	run -0 mp4-wrap -q -c 'echo "$1" >> log' one.mp4 < in
	logged() { grep -q one.mp4 log 2>/dev/null; }
	wait_until logged
	mkfifo fifo
	cat fifo > /dev/null &
	run -0 mp4-wrap -q -c 'echo "$1" >> log' fifo < in
	logged() { grep -q fifo log; }
	wait_until logged
}

@test "segments: a command gets the name at its end, or where its \$1 is, and nothing else of the recording" {
	ln -s "$BATS_FILE_TMPDIR/30" in
	mkdir "a b"
	cat > hook <<-'EOF'
	#!/bin/sh
	cat > stdin
	readlink /proc/self/fd/0 >> stdin
	{ for a; do printf '<%s>' "$a"; done; echo; } > args
	ls /proc/$$/fd > fds
	grep -E '^Sig(Ign|Blk)' /proc/self/status > signals
	echo said
	touch ready
	EOF
	chmod +x hook
	./hook < /dev/null 2> err >&2 3>&- 4>&-
	mv fds usual
	for command in './hook -x' './hook -x "$1"' './hook -x "${1}"' './hook -x "$@"'; do
		rm -f ready out.mp4
		env --default-signal mp4-wrap -q -P -c "$command" 'a b/%H;x.mp4' < in > names 2> err 3>&- 4>&-
		wait_until test -e ready
		run -0 cat args
		assert_output "<-x><$(cat names)>"
		run -0 cat stdin
		assert_output /dev/null
		run -0 diff usual fds
		# a shell blocks nothing, and what mp4-wrap ignores, a command does not; glibc's posix_spawn ignores its own two, 32 and 33
		run -0 cat signals
		assert_output --regexp $'^SigBlk:\t0+\nSigIgn:\t0+(180000000)?$'
		run -0 cat err
		assert_output said
	done
}

@test "segments: a command that fails is told of, each time, and changes nothing" {
	ln -s "$BATS_FILE_TMPDIR/180" in
	# the input ends only when the commands did
	mkfifo fifo
	mp4-wrap -P -t 2 -c 'case $1 in 20*) exit 3 ;; 22*) kill -9 $$ ;; esac' '%S.mp4' < fifo > names 2> err 3>&- &
	pid=$!
	pids+=($pid)
	exec 9> fifo
	cat in >&9
	told() { grep -q '20.mp4: .*exit status 3' err && grep -q '22.mp4: .*signal 9' err; }
	wait_until told
	exec 9>&-
	ends 0 $pid
	assert_equal "$(grep -c -- --on-close err)" 2
	run -0 cat names
	assert_output $'20.mp4\n22.mp4\n24.mp4'
	run -0 --separate-stderr mp4-wrap -q -P -c 'no-such-command-here' one.mp4 < in
	assert_output one.mp4
}

@test "segments: of commands that hang, a few run, the others wait, and all have been started at the end" {
	ln -s "$BATS_FILE_TMPDIR/600" in
	run -0 --separate-stderr mp4-wrap -P -t 1 -c 'echo >> started; '"$GATE"'; echo >> ended' '%S.mp4' < in
	assert_equal "${#lines[@]}" 20
	assert_equal "$(grep -c 'others wait' <<< "$stderr")" 1
	all() { [ "$(wc -l < "$1")" -eq 20 ]; }
	wait_until all started
	touch gate
	wait_until all ended
}

@test "segments: Ctrl-C ends the recording in good order, and leaves commands alone" {
	ln -s "$BATS_FILE_TMPDIR/150" in
	mkfifo fifo
	# a process group of its own, as a shell gives to a pipeline
	setsid env --default-signal=INT mp4-wrap -q -P -t 2 -c 'trap "echo hit >> log" INT; '"$GATE"'; echo "$1" >> log' '%S.mp4' < fifo > names 2> err 3>&- &
	pid=$!
	pids+=($pid)
	exec 9> fifo
	cat in >&9
	printed() { [ "$(wc -l < names)" -ge 2 ]; }
	wait_until printed
	kill -INT -- -$pid
	exec 9>&-
	ends 0 $pid
	run -0 cat names
	assert_output $'20.mp4\n22.mp4\n24.mp4'
	touch gate
	all() { [ "$(wc -l < log)" -eq 3 ]; }
	wait_until all
	run -0 sort log
	assert_output $'20.mp4\n22.mp4\n24.mp4'
	run -0 bash -c 'for f in 2?.mp4; do mp4.py samples $f | wc -l; done'
	assert_output $'60\n60\n30'
}

@test "segments: after kill -9 the finished files are whole, and --finish makes the last one so" {
	nals.py make --frames 150 --no-end "$CLOCK_CLIP" | h264-sei-stamp > in || true
	nals.py make --frames 150 "$CLOCK_CLIP" | h264-sei-stamp | mp4-wrap -q one.mp4
	mkfifo fifo
	mp4-wrap -q -S -P -t 2 '%S.mp4' < fifo > names 2> err 3>&- &
	pid=$!
	pids+=($pid)
	exec 9> fifo
	head -c -30 in >&9
	ready() { [ "$(wc -l < names)" -eq 2 ] && mp4.py boxes 24.mp4 2>/dev/null | grep -q /moof; }
	wait_until ready
	kill -9 $pid
	exec 9>&-
	ends 137 $pid
	run -0 mp4.py samples 24.mp4
	run -0 mp4-wrap --finish -P 20.mp4 22.mp4 24.mp4
	assert_output $'20.mp4\n22.mp4\n24.mp4'
	mp4.py samples 24.mp4 > samples
	n=$((120 + $(wc -l < samples)))
	assert [ $n -ge 121 ]
	nals.py make --frames $n "$CLOCK_CLIP" | h264-sei-stamp | mp4-wrap -q -f one.mp4
	run -0 same_frames one.mp4 20.mp4 22.mp4 24.mp4
	assert_output "3 files $n frames"
}

@test "segments: one that cannot be finished is told of, stays playable, and the recording goes on, exit 1" {
	nals.py make --frames 390 "$CLOCK_CLIP" > in
	mp4-wrap -q -t 6 a.mp4 < in
	# a limit of its size that has room for the frames of a file, but not for its index
	limit=$((($(stat -c %s a.mp4) - 1) / 1024))
	assert [ $((limit * 1024)) -ge "$(mp4.py boxes a.mp4 | awk '$3 == "/moov" { print $1 }')" ]
	run -1 --separate-stderr bash -c "ulimit -f $limit; exec mp4-wrap -P -t 6 '%S.mp4' < in"
	for f in 20 26; do assert_regex "$stderr" "$f.mp4: cannot be finished, but is playable as it is: File too large"; done
	assert_output 32.mp4
	run -0 bash -c "mp4.py samples 20.mp4 | wc -l"
	assert_output 180
	run -0 mp4-wrap --finish 20.mp4 26.mp4
	mp4-wrap -q one.mp4 < in
	run -0 same_frames one.mp4 20.mp4 26.mp4 32.mp4
}

@test "segments: a full disk keeps all files, exit 1" {
	[ "$(id -u)" -eq 0 ] || skip "not root"
	mkdir disk
	mount -t tmpfs -o size=120k tmpfs disk 2>/dev/null || skip "no right to mount"
	ln -s "$BATS_FILE_TMPDIR/360" in
	run --separate-stderr mp4-wrap -P -t 2 'disk/%S.mp4' < in
	cp -r disk kept
	umount disk
	assert_equal "$status" 1
	assert_regex "$stderr" "No space left"
	run -0 bash -c 'for f in kept/*; do mp4.py samples $f | wc -l; done | head -2'
	assert_output $'60\n60'
}

@test "segments: a stream that is cut inside a record keeps all files, the last one finished" {
	nals.py make --frames 150 "$CLOCK_CLIP" | h264-sei-stamp | head -c -200 > in
	run -1 --separate-stderr mp4-wrap -P -t 2 '%S.mp4' < in
	assert_output $'20.mp4\n22.mp4\n24.mp4'
	for f in 2?.mp4; do
		run -0 mp4.py boxes $f
		refute_output --partial moof
	done
}

@test "segments: nothing to record leaves no file and no folder, exit 1" {
	stream < /dev/null > in
	mkdir empty
	cd empty
	run -1 --separate-stderr mp4-wrap -t 2 '%Y/%S.mp4' < ../in
	assert_regex "$stderr" "nothing to record"
	run -0 ls
	assert_output ""
}
