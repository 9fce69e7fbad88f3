#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# GStreamer's RTSP server as the camera, ffmpeg and GStreamer as readers.

load ../helper

setup_file() {
	export BATS_TEST_TIMEOUT=90
}

setup() {
	cd "$BATS_TEST_TMPDIR"
	/usr/bin/python3 -c '
import gi
gi.require_version("GstRtspServer", "1.0")
from gi.repository import Gst, GstRtspServer
Gst.init(None)
missing = [e for e in ("x264enc", "rtph264pay", "h264parse", "qtdemux") if not Gst.ElementFactory.find(e)]
raise SystemExit("no " + " ".join(missing) if missing else 0)' > probe 2>&1 ||
		skip "GStreamer's RTSP server is not here: $(tail -n 1 probe)"
}

teardown() {
	[ -n "$BATS_TEST_COMPLETED" ] || { echo "output: ${output-}"; cat gst.err 2>/dev/null || true; }
	reap
}

# gst_camera [option...]: sets URL; its own count of what it sent is in gst.log
gst_camera() {
	rm -f gst.url gst.log
	"$TESTS/interop/gst-camera.py" --log gst.log "$@" > gst.url 2> gst.err 3>&- &
	CAMERA=$!
	pids+=($!)
	wait_until test -s gst.url
	URL=$(cat gst.url)
}

# Records until the camera ends it: the stream is in nals, the file is out.mp4.
recorded() {
	run -0 bash -c 'rtsp-fetch -q "$@" 2> err | tee -i nals | h264-sei-stamp 2>> err | mp4-wrap out.mp4 2>> err
		echo "${PIPESTATUS[@]}"' recorded "$@" "$URL"
	assert_output "1 0 1 1"
	run cat err
	assert_output --partial BYE
	wait_until gone "$CAMERA"
}

ffmpeg_frames() {
	ffprobe -v error -count_frames -select_streams v -show_entries stream=nb_read_frames -of csv=p=0 "$1" 2>&1
}

# Pictures that GStreamer's demuxer gives, and its decoder.
gst_frames() {
	gst-launch-1.0 -v filesrc location="$1" ! qtdemux ! h264parse ! avdec_h264 ! fakesink silent=false sync=false 2>/dev/null |
	    grep -c 'last-message = chain'
}

# All frames that the server counted are in the file, and decode without a word: complete FRAMES
complete() {
	run tail -n 1 gst.log
	assert_output "E $1"
	run -0 bash -c "nals.py units < nals | wc -l"
	assert_output "$1"
	run ffmpeg -nostdin -v error -i out.mp4 -f null -
	assert_success
	assert_output ""
	run ffmpeg_frames out.mp4
	assert_output "$1"
	run -0 bash -c "sei-dump -N -c rtp,recv out.mp4 | sort -u | wc -l"
	assert_output "$1"
	# the server's own distances, in ticks; it rounds to the nanosecond, and down
	sei-dump -N -c rtp out.mp4 > rtp
	run python3 -c '
rtp = [int(x) for x in open("rtp")]
pts = [int(x.split()[2]) * 9 // 100000 for x in open("gst.log") if x[0] == "F"]
keys = [x.split()[4] for x in open("gst.log") if x[0] == "F"]
bad = [(r - rtp[0] & 0xffffffff) - (p - pts[0]) for r, p in zip(rtp, pts)]
assert all(abs(b) <= 2 for b in bad), bad'
	assert_success
	assert_equal "$(sei-dump -N -c keyframe out.mp4)" "$(awk '/^F/ { print $5 }' gst.log)"
}

pictures() {
	ffmpeg -nostdin -v error -i "$1" -map 0:v -fps_mode passthrough -f framemd5 - 2>&1 | grep -v '^#' | sed 's/.*, *//'
}

@test "gst-rtsp-server: every frame that it sent is in the file and decodes" {
	gst_camera --frames 75
	recorded
	complete 75
}

@test "gst-rtsp-server: every frame of a camera with four slices a picture, behind Digest" {
	gst_camera --frames 75 --multislice --user alice --password 's3c ret'
	recorded --username alice --password 's3c ret'
	complete 75
	run -0 bash -c "nals.py units < nals | sed -n 2p | grep -o '\b1\b' | wc -l"
	assert_output 4
}

@test "gst-rtsp-server: parameter sets between the slices of a picture do not tear it apart" {
	gst_camera --frames 75 --multislice --config-interval -1
	recorded
	complete 75
}

@test "gst-rtsp-server: a wrong password is refused" {
	gst_camera --frames 75 --user alice --password s3cret
	run -1 rtsp-fetch --username alice --password wrong "$URL"
	assert_output --partial 401
}

@test "gst-rtsp-server: the pictures of a clip are the clip's" {
	for clip in clock-320x240-30 slices-aud; do
		gst_camera --clip "$CLIPS/$clip.h264"
		recorded
		local n
		n=$(sed -n 's/^E //p' gst.log)
		complete "$n"
		pictures "$CLIPS/$clip.h264" > want
		pictures out.mp4 > got
		run cmp want got
		assert_success
		rm out.mp4
	done
}

@test "gst-rtsp-server: SIGINT while it sends leaves a whole recording" {
	gst_camera
	env --default-signal=INT setsid bash -o pipefail -c '
		trap : INT
		rtsp-fetch -q "$0" | tee -i nals | h264-sei-stamp | mp4-wrap out.mp4
		echo "${PIPESTATUS[*]}" > status' "$URL" > out 2>&1 3>&- &
	local group=$!
	pids+=($group)
	wait_until holds out.mp4 20000
	kill -INT -- -$group
	wait_until gone $group
	run cat status out
	assert_output "0 0 0 0"
	run ffmpeg -nostdin -v error -i out.mp4 -f null -
	assert_success
	assert_output ""
	run ffmpeg_frames out.mp4
	assert_output "$(nals.py units < nals | wc -l)"
	# its frames are the server's first, in order
	sei-dump -N -c rtp out.mp4 > rtp
	run python3 -c '
rtp = [int(x) for x in open("rtp")]
pts = [int(x.split()[2]) * 9 // 100000 for x in open("gst.log") if x[0] == "F"]
assert len(pts) >= len(rtp)
assert all(abs((r - rtp[0] & 0xffffffff) - (p - pts[0])) <= 2 for r, p in zip(rtp, pts))'
	assert_success
}

@test "gst-rtsp-server: the timing survives ffmpeg -c copy" {
	gst_camera --frames 60 --multislice
	recorded
	for form in mp4 mkv frag; do
		case $form in
		mp4) ffmpeg -nostdin -v error -i out.mp4 -c copy copy.mp4 ;;
		mkv) ffmpeg -nostdin -v error -i out.mp4 -c copy copy.mkv
			ffmpeg -nostdin -v error -i copy.mkv -c copy -y copy.mp4 ;;
		frag) ffmpeg -nostdin -v error -i out.mp4 -c copy -movflags frag_keyframe+empty_moov -y copy.mp4 ;;
		esac
		run -0 sei-dump -c frame,keyframe,rtp,recv,recv_ns,recv_time copy.mp4
		assert_output "$(sei-dump -c frame,keyframe,rtp,recv,recv_ns,recv_time out.mp4)"
		run -0 sei-dump --reports copy.mp4
		assert_output "$(sei-dump --reports out.mp4)"
	done
	assert [ "$(sei-dump -N --reports out.mp4 | wc -l)" -ge 1 ]
}

@test "GStreamer reads as many frames as ffmpeg: finished, and killed" {
	gst_camera --frames 75
	recorded
	run -0 gst_frames out.mp4
	assert_output 75
	nals.py make --frames 150 "$CLIPS/clock-320x240-30.h264" | h264-sei-stamp > stamped
	mkfifo fifo
	mp4-wrap killed.mp4 < fifo 2>/dev/null 3>&- &
	local wrap=$!
	pids+=($wrap)
	exec 9> fifo
	cat stamped >&9
	wait_until holds killed.mp4 60000
	kill -9 $wrap
	exec 9>&-
	ends 137 $wrap
	run mp4.py boxes killed.mp4
	assert_output --partial /moof
	run ffmpeg_frames killed.mp4
	assert_output --regexp '^[1-9][0-9]+$'
	local n=$output
	run -0 gst_frames killed.mp4
	assert_output "$n"
	assert_equal "$(sei-dump -N killed.mp4 2>/dev/null | wc -l)" "$n"
	mp4-wrap --finish killed.mp4
	run -0 gst_frames killed.mp4
	assert [ "$output" -ge "$n" ]
}

@test "interop: B-frames of GStreamer are in the file at the times that its server gave them" {
	gst_camera --bframes 2 --frames 100
	recorded
	run -0 python3 - <<-'EOF'
	import mp4
	sent = [int(line.split()[2]) for line in open("gst.log") if line[0] == "F"]
	got = [s["pts"] for s in mp4.load("out.mp4").samples()]
	assert sorted(sent) != sent and mp4.load("out.mp4").edits()
	# the recording may begin at a later key frame; RTP times are rounded to ticks
	first = len(sent) - len(got)
	assert 0 <= first <= 48, (len(sent), len(got))
	for k, pts in enumerate(got):
	    want = (sent[first + k] - sent[first]) * 90000 // 10 ** 9
	    assert abs(pts - got[0] - want) <= 1, (k, pts, want)
	assert min(got) == 0
	EOF
	ffmpeg -nostdin -v error -i out.mp4 -fps_mode passthrough -f framemd5 - | grep -v '^#' | cut -d, -f3 > shown
	assert [ -s shown ]
	sort -n -u shown | diff shown -
}
