#!/bin/bash
# SPDX-License-Identifier: MIT OR Apache-2.0
# bench.sh BUILD: what recording costs, beside other recorders and beside the least that
# copying the same bytes costs. One stream of tests/camera, as fast as it is read.
#   REPS       repetitions of each, interleaved; the table has medians (5)
#   GIGABYTES  of H.264 a recording has (1)
#   DIR        where recordings are written (/dev/shm if there is room, else BUILD/bench)
set -eu -o pipefail
here=$(cd "$(dirname "$0")" && pwd)
build=$(cd "$1" && pwd)
export PATH=$build:$build/tests:$PATH
mkdir -p "$build/bench"

# 1080p30 at 4 Mbit/s, a key frame a second
clip=$build/bench/1080p30-4M.h264
if [ ! -s "$clip" ]; then
	echo "making $clip ..."
	ffmpeg -nostdin -v error -f lavfi -i testsrc2=size=1920x1080:rate=30 -frames:v 600 -pix_fmt yuv420p \
		-c:v libx264 -preset veryfast -profile:v high -bf 0 -g 30 -sc_threshold 0 \
		-b:v 4M -minrate 4M -maxrate 4M -bufsize 4M -x264-params nal-hrd=cbr -f h264 "$clip.part"
	mv "$clip.part" "$clip"
fi

gigabytes=${GIGABYTES:-1}
need=$(python3 -c "print(int($gigabytes * 2.5e6))")
if [ -z "${DIR:-}" ]; then
	DIR=$build/bench
	[ "$(df --output=avail /dev/shm 2>/dev/null | tail -n 1)" -lt "$need" ] || DIR=/dev/shm
fi
exec python3 "$here/bench.py" "$clip" "$DIR" "${REPS:-5}" "$gigabytes"
