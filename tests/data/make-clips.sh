#!/bin/sh
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# Makes the clips in tests/data/clips: short H.264 streams (Annex B) with a running
# clock and the frame number in the picture. They are in the repository; this is how
# they came to be (ffmpeg with libx264, a DejaVu font). One thread, so that the same
# encoder makes the same bytes.
#
#   clock-320x240-30  the plain camera: 30 fps, an IDR picture a second, High, 6 s
#   slices-aud        four slices a picture, access unit delimiters, 25 fps, 2 s
#   bframes           two B-frames, so decode order is not presentation order, 25 fps, 2 s
#   intra             every picture is an IDR picture, 25 fps, 12 frames
#   baseline          Constrained Baseline, 25 fps, 2 s
set -eu

cd "$(dirname "$0")/clips"
font=/usr/share/fonts/truetype/dejavu/DejaVuSansMono.ttf

# clip NAME WIDTHxHEIGHT FPS FRAMES GOP [encoder options...]
clip() {
	name=$1 size=$2 fps=$3 frames=$4 gop=$5
	shift 5
	style="fontfile=$font:fontcolor=white:box=1:boxcolor=black:boxborderw=4:x=(w-tw)/2"
	ffmpeg -nostdin -v error -y -threads 1 -filter_threads 1 \
		-f lavfi -i "testsrc2=size=$size:rate=$fps,drawtext=$style:y=h*0.30:fontsize=h/8:text='%{pts\:hms}',drawtext=$style:y=h*0.55:fontsize=h/8:text='frame %{n}'" \
		-frames:v "$frames" -c:v libx264 -threads 1 -preset slow -pix_fmt yuv420p \
		-g "$gop" -keyint_min "$gop" -sc_threshold 0 -crf 31 "$@" \
		-f h264 "$name.h264"
}

clip clock-320x240-30 320x240 30 180 30 -profile:v high -bf 0
clip slices-aud 192x144 25 50 25 -profile:v high -bf 0 -x264-params slices=4:aud=1
clip bframes 192x144 25 50 25 -profile:v high -bf 2 -x264-params b-adapt=0:b-pyramid=none
clip intra 192x144 25 12 1 -profile:v high -bf 0
clip baseline 192x144 25 50 25 -profile:v baseline -bf 0
