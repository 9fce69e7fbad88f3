#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# Other people's players open mp4-wrap's files: finished, as kill -9 leaves them, and while they are made. The pictures say
# their own numbers, so that a player is held to the very picture that it shows, read through and sought.

load ../helper

INTEROP=$TESTS/interop
STREAMS="plain same other alone pps bframes long"
SEEKS="0 41 154 123 20 61 179 143 40 89 14 163 59 60 119 120"

setup_file() {
	export BATS_TEST_TIMEOUT=120
	cd "$BATS_FILE_TMPDIR"
	"$INTEROP/changes.py"
	for s in $STREAMS; do
		h264-sei-stamp < $s.nals > $s.stamped
		mp4-wrap $s.mp4 < $s.stamped
	done
	mp4-wrap - < plain.stamped | cat > plain-pipe.mp4
	# all of them at once: what kill -9 leaves, with all frames in it
	local killed=() fds=() s fd
	for s in $STREAMS; do
		mkfifo $s.fifo
		mp4-wrap --no-sync $s-killed.mp4 < $s.fifo 3>&- &
		killed+=($!)
		exec {fd}> $s.fifo
		fds+=($fd)
		cat $s.stamped >&$fd
	done
	for s in $STREAMS; do
		frames() { [ "$(sei-dump -N $s-killed.mp4 2>/dev/null | wc -l)" -eq 180 ]; }
		wait_until frames
	done
	kill -9 "${killed[@]}"
	for fd in "${fds[@]}"; do exec {fd}>&-; done
	wait "${killed[@]}" || true
}

setup() {
	cd "$BATS_FILE_TMPDIR"
}

# The files of these streams, or of all.
files() {
	local s
	for s in ${*:-$STREAMS}; do ls $s.mp4 $s-*.mp4; done
}

# Seconds that the stream of a file stands still after each 30 pictures.
pause() {
	case $1 in long*) echo 10800 ;; *) echo 0 ;; esac
}

@test "ffmpeg shows every picture of finished, killed and piped files, and the very one that is sought" {
	local seeks="0 41 154 123 20 61 120" ats
	grey() { ffmpeg -nostdin -v error "$@" -fps_mode passthrough -vf scale=320:240 -f rawvideo -pix_fmt gray -; }
	for f in $(files); do
		ats=$(for n in $seeks; do echo $n; done | awk -v pause=$(pause $f) '{ printf "%.3f\n", $1 ? ($1 - 0.4) / 30 + int($1 / 30) * pause : 0 }')
		run -0 --separate-stderr bash -c "$(declare -f grey)"'
			{ grey -i $0; for at; do grey -ss "$at" -i $0 -frames:v 1; done; } | pattern.py read 320 240' $f $ats
		assert_equal "$f $stderr" "$f "
		run diff <(echo "$output") <(seq 0 179; echo "$seeks" | tr ' ' '\n')
		assert_equal "$f $output" "$f "
	done
}

@test "GStreamer shows every picture of finished, killed and piped files, and the very one that is sought" {
	"$INTEROP/gst-read.py" 2>&1 | grep -q NUMBER || skip "GStreamer for Python is not here"
	for f in $(files); do
		run -0 --separate-stderr timeout 60 "$INTEROP/gst-read.py" $f $(pause $f) $SEEKS
		run diff <(echo "$output") <(seq -s ' ' 0 179; for n in $SEEKS; do echo $n $n; done)
		assert_equal "$f $output" "$f "
	done
}

@test "Chromium plays finished, killed and piped files, and shows the very picture that is sought" {
	command -v chromium > /dev/null || skip "Chromium is not here"
	"$INTEROP/browser.py" files 0 "$SEEKS" $(files plain same other alone pps bframes) > played
	"$INTEROP/browser.py" files 10800 "$SEEKS" $(files long) >> played
	run -0 python3 - <<-'EOF'
	import json
	for line in open("played"):
	    r = json.loads(line)
	    where = (r["file"], r.get("error"))
	    long = r["file"].startswith("long")
	    assert "error" not in r and len(r["seeks"]) == 16, where
	    assert all(n == got for n, got in r["seeks"]), (where, r["seeks"])
	    assert abs(r["duration"] - (6 + 5 * 10800 * long)) < 0.001, (where, r["duration"])
	    if long:
	        continue
	    # it need not show each, at four times the speed not even the last, and the page may see a later one than it was told of
	    numbers = [s[0] for s in r["shown"]]
	    assert len(numbers) > 10 and numbers == sorted(numbers) and r["last"] > 170, (where, numbers, r["last"])
	    assert all(s[0] - s[1] > -0.1 for s in r["shown"]), (where, r["shown"])
	EOF
	assert_equal "$(wc -l < played)" "$(files | wc -l)"
}

# With B-frames this way through VLC leaves out some two or four pictures, also of a file by ffmpeg.
# VLC goes where it likes within a second or so when it seeks: to a key frame, in fragments to the next one, and not to the last
# pictures before a change of size.
@test "VLC shows every picture of finished, killed and piped files, and goes on to the end from where it is sent" {
	command -v cvlc > /dev/null || skip "VLC is not here"
	mkdir -p vlc
	chmod 777 vlc
	chmod 755 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR"
	local as=()
	# it refuses root
	[ "$(id -u)" != 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	raw='#transcode{vcodec=I420,width=320,height=240}:std{access=file,mux=dummy,dst=vlc/raw}'
	vlc_numbers() {
		rm -f vlc/raw
		HOME=$PWD/vlc timeout 30 "${as[@]}" cvlc -q --no-audio --intf dummy "$@" --sout "$raw" vlc://quit 2>/dev/null || return
		ffmpeg -nostdin -v error -f rawvideo -pix_fmt yuv420p -s 320x240 -i vlc/raw -f rawvideo -pix_fmt gray - |
			pattern.py read 320 240
	}
	for f in $(files plain same other alone pps); do
		run diff <(vlc_numbers $f) <(seq 0 179)
		assert_equal "$f $output" "$f "
		for n in 42 75 135; do
			run vlc_numbers --start-time=$(python3 -c "print($n / 30)") $f
			# a picture from before it went there may come first
			run -0 python3 - $n <<-EOF
			import sys
			n, numbers = int(sys.argv[1]), [int(x) for x in """$output""".split()]
			if len(numbers) > 1 and numbers[1] != numbers[0] + 1:
			    del numbers[0]
			assert abs(numbers[0] - n) <= 30 and numbers == list(range(numbers[0], 180)), ("$f", n, numbers)
			EOF
		done
	done
}

@test "mp4box.js finds no fault in the boxes, and all samples" {
	command -v npm > /dev/null || skip "npm is not here"
	mkdir -p "$BUILD/node"
	cp "$INTEROP/package.json" "$BUILD/node/"
	[ -d "$BUILD/node/node_modules/mp4box" ] || npm install --prefix "$BUILD/node" --no-audit --no-fund > npm.log 2>&1 ||
		skip "npm cannot install mp4box: $(grep -m 1 ERR npm.log)"
	run -0 --separate-stderr node "$INTEROP/mp4box.cjs" $(files)
	assert_equal "$stderr" ""
	assert_equal "${#lines[@]}" "$(files | wc -l)"
	for s in $STREAMS; do
		ticks=$((540000 + 5 * 90000 * $(pause $s)))
		rest="avc1\.64000d 180 6 $ticks 320x240 2023-11-14T22:13:20.000Z"
		assert_line --regexp "^$s.mp4 finished $rest ftyp,mdat,moov$"
		assert_line --regexp "^$s-killed.mp4 fragments $rest ftyp,free,moov,prft,moof,mdat$"
	done
}

@test "MediaInfo counts all frames, and has the first one's wall clock" {
	command -v mediainfo > /dev/null || skip "MediaInfo is not here"
	for f in $(files); do
		run -0 mediainfo --Output='General;%Format% %FrameCount% %Encoded_Date% %IsTruncated%' $f
		assert_output "MPEG-4 180 2023-11-14 22:13:20 UTC "
		run -0 mediainfo --Output='Video;%Format% %Width%x%Height% %Duration%' $f
		assert_output "AVC 320x240 $((6000 + 5000 * $(pause $f)))"
	done
}

# What a camera sends is seen while it sends on: live COMMAND..., which gets the fragments
live() {
	pattern.py clip live.h264 320x240 0 450
	camera --once --log truth "$PWD/live.h264"
	rtsp-fetch -q "$URL" 2>/dev/null | h264-sei-stamp 2>/dev/null | mp4-wrap -q - 2>/dev/null | "$@"
}

@test "Chromium shows a camera by Media Source Extensions, less than two seconds behind" {
	command -v chromium > /dev/null || skip "Chromium is not here"
	live "$INTEROP/browser.py" live 9 > live.json
	camera_gone
	run -0 python3 - <<-'EOF'
	import json, statistics
	r = json.load(open("live.json"))
	assert "error" not in r and r["mime"] == 'video/mp4; codecs="avc1.64000d"', r
	sent = {}
	for line in open("truth"):
	    if line.startswith("F"):
	        words = line.split()
	        sent[int(words[1])] = int(words[5]) / 1e6
	numbers = [s[0] for s in r["shown"]]
	assert len(numbers) > 60 and -1 not in numbers and numbers == sorted(numbers), numbers
	# once it has caught up with what it missed while the browser started
	late = sorted(s[2] - sent[s[0]] for s in r["shown"][len(numbers) // 2:])
	print("%d ms behind the camera, %d at most" % (statistics.median(late), late[-1]))
	assert statistics.median(late) < 2000, late
	EOF
	echo "# $output" >&3
}

@test "ffplay shows a camera from a pipe" {
	command -v ffplay > /dev/null || skip "ffplay is not here"
	run live env SDL_VIDEODRIVER=dummy SDL_AUDIODRIVER=dummy ffplay -v error -autoexit -
	assert_success
	assert_output ""
	run bash -c 'mp4-wrap -q - < plain.stamped | ffmpeg -v error -i - -vf scale=320:240 -f rawvideo -pix_fmt gray - |
		pattern.py read 320 240'
	assert_output "$(seq 0 179)"
}
