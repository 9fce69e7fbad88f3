#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# All structures of pictures, of our own making and x264's, finished and as kill -9 leaves them, in ffmpeg and GStreamer.

load ../helper

# decoded FILE: MD5s of the pictures, and their times in ns, as GStreamer has them.
gst() {
	gst-launch-1.0 -q filesrc location="$1" ! qtdemux ! h264parse ! avdec_h264 ! checksumsink sync=false
}

# both [nals.py option...]: in.h264, of this $kind, through mp4-wrap, and what players make of it.
both() {
	nals.py make --fps 25 "$@" in.h264 > in
	mp4-wrap -qf out.mp4 < in
	mp4.py killed out.mp4 > killed.mp4
	run -0 shown.py --step 3600 in.h264 out.mp4 killed.mp4
	echo "# $kind: ${lines[0]} / ${lines[1]}" >&3
	gst out.mp4 > out.gst
	gst killed.mp4 > killed.gst
	assert_equal "$(wc -l < out.gst)" "${lines[0]%% *}"
	cmp out.gst killed.gst
	# 40 ms each; a buffer has its time in the media, and the segment takes that of the edit list away
	read -r _ _ begins _ <<< "${lines[0]}"
	want=$(awk -v at="$((${begins/-/0} / 90))" '{ printf "0:00:%02d.%03d000000\n", at / 1000, at % 1000; at += 40 }' out.gst)
	assert_equal "$(sed 's/ .*//' out.gst)" "$want"
}

@test "interop: pictures of our own making, in every structure, are shown in their order" {
	for kind in ip poc2 ip,poc1 ibp ibbp ibbbp pyramid ibp,vui ibbbp,vui pyramid,vui ibbp,poc1 pyramid,wrap ibbp,idr40 \
	    pyramid,idr-6 pyramid,late,vui ibbp,open; do
		h264gen.py $kind in.h264 times
		both --rtp-file times
	done
}

@test "interop: fields and frames mixed are shown in their order" {
	for kind in field ibbp,field ibbbp,field,vui ibbp,field,same paff ibbp,paff pyramid,paff,wrap,idr-6; do
		h264gen.py $kind in.h264 times
		nals.py make --fps 25 --rtp-file times in.h264 > in
		mp4-wrap -qf out.mp4 < in
		mp4.py killed out.mp4 > killed.mp4
		run -0 shown.py --step 3600 in.h264 out.mp4 killed.mp4
		echo "# $kind: ${lines[0]} / ${lines[1]}" >&3
	done
}

@test "interop: x264's B-frames, pyramids, open groups of pictures, MBAFF and gradual refresh are shown in their order" {
	while read -r kind args; do
		# shellcheck disable=SC2086
		ffmpeg -nostdin -v error -y -f lavfi -i testsrc2=size=128x96:rate=25 -frames:v 75 -c:v libx264 -threads 1 \
			-pix_fmt yuv420p -sc_threshold 0 -g 25 $args -f h264 in.h264
		both
	done <<-'EOF'
	b1 -bf 1 -x264-params b-adapt=0
	b2 -bf 2 -x264-params b-adapt=0:b-pyramid=none
	b3 -bf 3 -x264-params b-adapt=0:b-pyramid=none
	pyramid -bf 3 -x264-params b-adapt=0:b-pyramid=normal
	strict -bf 3 -x264-params b-adapt=0:b-pyramid=strict
	b7,ref8 -bf 7 -x264-params b-adapt=0:b-pyramid=normal:ref=8
	adapted -bf 3 -b_strategy 2
	open -bf 3 -x264-params b-adapt=0:open-gop=1
	mbaff -bf 2 -flags +ildct+ilme -x264-params b-adapt=0:tff=1
	refresh -bf 0 -x264-params intra-refresh=1:keyint=25
	EOF
}
