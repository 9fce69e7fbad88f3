#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
# clip.sh FILE SIZE BITRATE FRAMES: makes the H.264 that the measurements record: 30 fps, a key
# frame a second, constant bit rate. A file that is there already is left alone.
set -eu
file=$1 size=$2 rate=$3 frames=$4
[ ! -s "$file" ] || exit 0
echo "making $file ..."
mkdir -p "$(dirname "$file")"
ffmpeg -nostdin -v error -y -f lavfi -i "testsrc2=size=$size:rate=30" -frames:v "$frames" -pix_fmt yuv420p \
	-c:v libx264 -preset veryfast -profile:v high -bf 0 -g 30 -sc_threshold 0 \
	-b:v "$rate" -minrate "$rate" -maxrate "$rate" -bufsize "$rate" -x264-params nal-hrd=cbr \
	-f h264 "$file.part"
mv "$file.part" "$file"
