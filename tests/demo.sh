#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# Records the built-in test camera for ten seconds, in the current folder, and
# shows the commands that did it.
set -eu -o pipefail
build=$(cd "$1" && pwd)
clip=$(cd "$(dirname "$0")" && pwd)/data/clips/clock-320x240-30.h264
seconds=${DEMO_SECONDS:-10}
export PATH=$build:$PATH

url_file=$(mktemp)
"$build/tests/camera" "$clip" >"$url_file" &
camera=$!
trap 'kill $camera 2>/dev/null || true; rm -f "$url_file"' EXIT
for _ in $(seq 50); do
	[ -s "$url_file" ] && break
	sleep 0.1
done
url=$(cat "$url_file")

run()
{
	printf '\n$ %s\n' "$1"
	eval "$1"
}

echo "A test camera serves $url. With your own camera, in a terminal:"
echo
echo "\$ PATH=$build:\$PATH"
echo "\$ set -o pipefail"
run "rtsp-fetch --duration $seconds $url | tee -i demo.nals | h264-sei-stamp | mp4-wrap -f demo.mp4"
run "sei-dump demo.mp4 > timing.csv"
run "head -n 4 timing.csv"
run "sei-dump --reports demo.mp4 | head -n 3"

frames=$(($(wc -l <timing.csv) - 1))
cat <<END

$frames frames were recorded, each with the camera's RTP time and the time it arrived:
  $PWD/demo.mp4     the video: any player opens it
  $PWD/timing.csv   a row for every frame
  $PWD/demo.nals    the stream as it came (tee), for trying things out again
END
[ "$frames" -gt 0 ]
