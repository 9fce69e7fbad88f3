#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# VLC's RTSP server as the camera. It sends over UDP only, so what can be tried over TCP ends with SETUP.

load ../helper

setup_file() {
	export BATS_TEST_TIMEOUT=90
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	command -v cvlc > /dev/null || skip "VLC is not here"
	OPEN=$(mktemp -d)	# VLC does not run as root, and may not look into the test's own
	ffmpeg -nostdin -v error -r 30 -i "$CLIPS/clock-320x240-30.h264" -c copy "$OPEN/clip.mp4"
	chmod -R a+rX "$OPEN"
}

teardown() {
	[ -n "$BATS_TEST_COMPLETED" ] || { echo "output: ${output-}"; tail -n 20 vlc.log 2>/dev/null || true; }
	reap
	rm -rf "$OPEN"
}

answers() {
	rtsp-fetch -q --list --username alice --password 's3c ret' "$URL" > /dev/null 2>&1
}

# vlc_camera [option...]: sets URL
vlc_camera() {
	local port as=()
	port=$(python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
	URL=rtsp://127.0.0.1:$port/live
	[ "$(id -u)" != 0 ] || as=(setpriv --reuid=65534 --regid=65534 --clear-groups)
	HOME=$OPEN "${as[@]}" cvlc -v "$OPEN/clip.mp4" --loop "$@" --sout "#rtp{sdp=$URL}" > vlc.log 2>&1 3>&- &
	pids+=($!)
	wait_until answers
}

@test "VLC's server: its description is read, and SETUP says that it has no RTP over TCP" {
	vlc_camera
	run -0 rtsp-fetch --list "$URL"
	assert_output "1 video H264/90000, High, level 1.3, 320x240: recorded"
	run -1 rtsp-fetch -q "$URL"
	assert_output --partial "461 Unsupported transport"
	assert_output --partial "it does not want RTP over TCP"
}

@test "VLC's server: a password opens it, a wrong one does not" {
	vlc_camera --sout-rtsp-user alice --sout-rtsp-pwd 's3c ret'
	run -0 rtsp-fetch --trace trace --list --username alice --password 's3c ret' "$URL"
	assert_output "1 video H264/90000, High, level 1.3, 320x240: recorded"
	run -0 grep Authorization trace
	assert_output "> Authorization: Basic ***"
	run -1 rtsp-fetch --list --username alice --password wrong "$URL"
	assert_output --partial 401
	run -1 rtsp-fetch --list "$URL"
	assert_output --partial 401
}
