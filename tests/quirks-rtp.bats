#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
# What cameras do to RTP, RTCP and RFC 6184, one line a case. The test camera plays each oddity (camera --list-faults, --odd), and what
# rtsp-fetch makes of it is compared with the clip and the camera's log. The numbers are those of a sheet of such oddities that the
# sources of eight other projects gave: 1 RTSP messages, 3 SDP, 8 RTP over TCP, 9 RTP over UDP, 10 RTP, 11 RTCP, 12 H.264.

load helper

# Records all that a camera sends of 40 frames, into `nals`, and as text: records CLIP [camera option...]
records() {
	local clip=$1 got=0
	shift
	CLIP=$CLIPS/$clip.h264
	camera --speed max --sessions 1 --frames 40 "$@" "$CLIP"
	rtsp-fetch "$URL" > nals 2> err < /dev/null || got=$?
	camera_gone
	assert_equal "exit $got" "exit 1"
	nals.py text < nals > text
	run -0 tail -n 1 text
	assert_output --regexp 'RTCP BYE|closed the connection'
}

# Every NAL unit, time and report is the camera's, and nothing else is there: plays_on CLIP [camera option...]
plays_on() {
	records "$@"
	run -0 as_sent nals "$CLIP" max
	assert_output --regexp '^40 frames'
}

# The same, and no gap is told.
plays() {
	plays_on "$@"
	assert_equal "$(gaps)" ""
}

# The same, but parameter sets came in the SDP only.
plays_sdp() {
	records "$@" --no-inband
	run -0 as_sent nals "$CLIP" max sdp
	assert_output --regexp '^40 frames'
}

# Every picture is the camera's, in order, with its RTP time, its parameter sets and SEI before it, and so is the SEI that a fault put
# there; but for so many frames, which are not there: shows MISSING CLIP [camera option...]
shows() {
	local missing=$1
	shift
	records "$@"
	run -0 pictures "$missing" nals "$CLIP"
}

pictures() {
	python3 - "$@" <<-'EOF'
	import sys, nals
	clip = nals.access_units(nals.annexb_split(open(sys.argv[3], "rb").read()))
	units = nals.frames(nals.parse(open(sys.argv[2], "rb").read()))
	truth = open("truth").read().splitlines()
	sent = [list(map(int, t.split()[1:])) for t in truth if t.startswith("F")]
	inserted = {int(t.split("frame=")[1]) for t in truth if t.startswith("D sei-")}
	sei = bytes.fromhex("0605014280")
	assert len(units) == len(sent) - int(sys.argv[1]), (len(units), len(sent))
	frames = iter(sent)
	for unit in units:
	    for index, rtp, *_ in frames:
	        want = list(clip[index % len(clip)])
	        if [r.payload for r in unit if nals.vcl(r.payload)] == [n for n in want if nals.vcl(n)]:
	            break
	    else:
	        raise AssertionError("no such frame")
	    if index in inserted:
	        want.insert(0, sei)
	    assert len(unit) == len(want), index
	    for r, n in zip(unit, want):
	        assert r.payload[:len(n)] == n and not r.flags & 8, index
	        assert not nals.vcl(n) or r.rtp & 0xffffffff == rtp, index
	EOF
}

# G records as text: gaps [KIND]
gaps() {
	grep "^G.*what: ${1-}" text
}

# That many lines of this are in the messages: said COUNT REGEX
said() {
	assert_equal "$(grep -cE "$2" err || true) lines of $2" "$1 lines of $2"
}

# Bytes that were passed over: the stream tells all of them, and nothing else is missing.
tells_stray() {
	run -1 bash -c 'grep ^G text | grep -v "what: stray"'
	run -0 awk -F 'what: stray.nbytes: ' '/^G/ { sum += $2 + 0 } END { print sum }' text
	said 1 "^rtsp-fetch: $output bytes of the connection were neither"
}

# The types of the first frame's NAL units.
types() {
	nals.py units < nals | head -n 1 | cut -d ' ' -f 2- | sed 's/:[a-z]*//g'
}

# Each frame has one X record before it, and as sender_time the time that the camera's log has, from the nalstream and from the MP4.
sender_times() {
	h264-sei-stamp < nals > stamped 2> /dev/null || true
	mp4-wrap -q out.mp4 < stamped 2> /dev/null || true
	for file in nals stamped out.mp4; do sei-dump -N -c rtp,sender_time $file > times.${file%.mp4} 2> /dev/null; done
	python3 - <<-'EOF'
	import nals
	records = nals.parse(open("nals", "rb").read())
	sent = [list(map(int, t.split()[1:])) for t in open("truth") if t.startswith("F")]
	times = [r for r in records if r.type == "X"]
	assert len(times) == len(sent), len(times)
	for x, f in zip(times, sent):
	    after = next(r for r in records[records.index(x):] if r.type == "N")
	    assert after.flags & 1 and x.rtp == after.rtp and x.rtp & 0xffffffff == f[1] and x.first == after.first
	    assert f[3].to_bytes(8, "big") in x.payload
	def ns(text):
	    import datetime
	    whole, _, frac = text.rstrip("Z").partition(".")
	    t = datetime.datetime.fromisoformat(whole + "+00:00")
	    return int(t.timestamp()) * 10 ** 9 + int(frac)
	for name in "nals", "stamped", "out":
	    rows = [line.strip().split(",") for line in open("times." + name)]
	    assert [int(r[0]) for r in rows] == [f[1] for f in sent]
	    for r, f in zip(rows, sent):
	        assert ns(r[1]) == nals.unix_ns(f[3])
	EOF
}

# A clip whose first frame has 3 MB, in large.h264.
large() {
	python3 -c '
import sys
data = open(sys.argv[1], "rb").read()
end = data.index(b"\0\0\1\x41")
open("large.h264", "wb").write(data[:end].rstrip(b"\0") + b"\x55\xaa\x77" * 1000000 + b"\0" + data[end:])' "$CLIPS/clock-320x240-30.h264"
}

# --- 1 and 8: the connection ---

@test "1.8 CR LF before every interleaved packet" { plays clock-320x240-30 --fault crlf; said 0 'neither'; }
@test "1.10 stray bytes between packets (Canon VB-H47)" {
	plays_on clock-320x240-30 --fault garbage=9
	said 1 '^rtsp-fetch: byte [0-9]+ of the connection is neither'
	tells_stray
}
@test "1.10 stray bytes before each of ten thousand packets" {
	plays_on clock-320x240-30 --fault garbage=1 --mtu 100
	said 1 'is neither'
	tells_stray
	run -0 gaps
	assert [ "${#lines[@]}" -le 2 ]
}
@test "1.11 an interleaved length that is too small is told where the frame is cut" {
	records clock-320x240-30 --fault short-length=20 --mtu 60000
	tells_stray
	run -0 gaps
	assert_output --regexp '\\nbytes: 17\\n'
}
@test "1.11 an interleaved length that is too large costs the packet that has it, and no other" {
	shows 1 clock-320x240-30 --fault bad-length=20 --mtu 60000
	said 1 'is neither'
	run -0 gaps loss
	assert_output --partial '\npackets: 1\n'
}
@test "8.1 packets of an old session come first (live555 before 2017, Reolink)" { plays_on clock-320x240-30 --fault leftover; said 1 'began anew'; }
@test "8.1 packets of an old session come between" { plays clock-320x240-30 --fault stray; said 1 'of another session'; said 0 'began anew'; }
@test "8.2 a packet that the server could not write whole (live555 of 2013)" {
	shows 1 clock-320x240-30 --fault cut=20 --mtu 60000
	said 1 'is neither'
	run -0 gaps loss
	assert_output --partial '\npackets: 1\n'
}
@test "8.3 packets that are missing over TCP" { shows 1 intra --fault lose=46; run -0 gaps loss; }
@test "8.4 RTCP on the channel of RTP" { plays clock-320x240-30 --fault rtcp-on-rtp; }
@test "8.4 RTP on the channel of RTCP" { plays clock-320x240-30 --fault rtp-on-rtcp; }
@test "8.5 packets on channels that nobody asked for (Tenda)" { plays clock-320x240-30 --fault unasked; said 1 'not asked for'; }
@test "8.6 packets larger than any MTU (Tapo)" { large; CLIPS=. plays large --mtu 65535; }
@test "8.9 interleaved packets of no bytes" { plays clock-320x240-30 --fault nothing; }

# --- 9.3 and 10: RTP ---

@test "9.3 sequence numbers that begin anew" { shows 0 clock-320x240-30 --fault seq-restart --seq-start 20000; run -0 gaps renumbered; }
@test "9.3 sequence numbers that begin anew, ahead" { shows 0 clock-320x240-30 --fault seq-restart --seq-start 40000; run -0 gaps renumbered; }
@test "10.1 packets of another payload type with numbers of ours (Geovision)" { plays clock-320x240-30 --fault other-type; }
@test "10.2 header extensions" { plays clock-320x240-30 --fault extension; run ! grep '^X' text; }
@test "10.3 the sender's time in ONVIF's extension" { plays clock-320x240-30 --fault onvif-time; sender_times; }
@test "10.4 the sender's time as ntp-64 among other elements" {
	plays clock-320x240-30 --fault ntp-64=5 --extmap "5 urn:ietf:params:rtp-hdrext:ntp-64"
	sender_times
}
@test "10.4 an extmap of the whole session" {
	plays clock-320x240-30 --dialect session-extmap --fault ntp-64=5 --extmap "5 urn:ietf:params:rtp-hdrext:ntp-64"
	sender_times
	assert_equal "$(cat camera.err)" ""
}
@test "10.4 the sender's time as abs-capture-time, in two-byte headers" {
	plays slices-aud --fault capture-time=17 --extmap "17/sendonly http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time x"
	sender_times
}
@test "10.4 elements that no extmap names are no time" { plays clock-320x240-30 --fault ntp-64; run ! grep '^X' text; }
@test "10.5 padding" { plays clock-320x240-30 --fault padding; }
@test "10.5 padding that is larger than the packet" { plays clock-320x240-30 --fault bad-padding; said 1 'malformed'; }
@test "10.6 another SSRC in mid-stream, with other numbers and times" {
	shows 0 clock-320x240-30 --fault new-ssrc
	run -0 gaps restart
	run -0 grep -c '^T .*ssrc: ' text
	assert_output 2
}
@test "10.7 RTP times wrap after 13 hours" { plays clock-320x240-30 --rtp-start 4294900000; }
@test "10.8 RTP times begin at 0 again (Tapo)" { plays clock-320x240-30 --fault time-restart --rtp-start 500000000; said 1 'time jumps'; }
@test "10.9 single frames are hours off (Intelbras)" { plays clock-320x240-30 --fault time-outlier --rtp-start 4000000000; said 1 'time jumps'; }
@test "10.10 RTP times go back by seconds, again and again (Wyze, thingino)" { plays clock-320x240-30 --fault time-back=10; }
@test "10.13 parameter sets with the RTP time of the frame before (Reolink)" { shows 0 intra --fault sets-old-time; }
@test "10.13 the same, with the marker" { shows 0 intra --fault sets-old-time --fault sets-marker; }
@test "10.14 RTP times of B pictures go back" { plays bframes; said 0 'time jumps'; }
@test "10.17 two frames have one RTP time (Intelbras)" { plays clock-320x240-30 --fault time-repeat; }
@test "10.17 the same, of several slices each" { plays slices-aud --fault time-repeat; }

@test "10.18 RTP times are multiples of 10 ms, and uneven (10.19)" { plays clock-320x240-30 --fault time-uneven; }

# --- 11: RTCP; what it says is recorded as it comes, right or wrong ---

@test "11.1 no sender reports" { plays clock-320x240-30 --sr 0; assert_output "40 frames 0 reports"; }
@test "11.2 frames come before the first report" { plays clock-320x240-30 --sr 1; assert_output "40 frames 2 reports"; }
@test "11.3 reports have another SSRC than RTP (Tapo)" { plays clock-320x240-30 --sr 0.1 --fault sr-other-ssrc; assert_line --regexp '1[0-9] reports'; }
@test "11.4 reports stand second in their compound" { plays clock-320x240-30 --sr 0.1 --sr-second; assert_line --regexp '1[0-9] reports'; }
@test "11.5 SDES has no zero at its end (Hanwha)" { plays clock-320x240-30 --sr 0.1 --fault sdes-no-end; assert_line --regexp '1[0-9] reports'; }
@test "11.6 RTCP packets that are cut" { plays clock-320x240-30 --sr 0.1 --fault rtcp-short; assert_line --regexp '1[0-9] reports'; said 1 malformed; }
@test "11.7 the fraction in reports counts nanoseconds" { plays clock-320x240-30 --sr 0.1 --fault sr-nanoseconds; }
@test "11.8 reports have whole seconds" { plays clock-320x240-30 --sr 0.1 --fault sr-seconds; }
@test "11.9 the camera's clock counts from 1970" { plays clock-320x240-30 --sr 0.1 --clock-offset -2208988800000000000; }
@test "11.10 the camera's clock is set in between" { plays clock-320x240-30 --sr 0.1 --fault clock-step=0.6:-3600000000000; }
@test "11.12 reports have the RTP time of the one before" { plays clock-320x240-30 --sr 0.1 --fault sr-stale; }
@test "11.13 reports are far ahead in RTP time" { plays clock-320x240-30 --sr 0.1 --fault sr-ahead; said 0 'time jumps'; }
@test "11.14 reports of a track that was not asked for are not ours" {
	plays clock-320x240-30 --sr 0.1 --fault other-report
	assert_line --regexp '1[0-9] reports'
}
@test "11.15 two reports before one frame" { plays clock-320x240-30 --sr 0.1 --sr-pair; assert_line --regexp '2[0-9] reports'; }
@test "11.17 BYE of another source" { plays clock-320x240-30 --fault other-bye=20; }
@test "11.20 the camera's clock is in the next era of NTP, after 2036" { plays clock-320x240-30 --sr 0.1 --clock-offset 600000000000000000; }

# --- 12 and 3.28: H.264 ---

@test "12.1 a key frame and its parameter sets as one NAL unit, start codes between (V380, macro-video)" {
	plays clock-320x240-30 --odd glued --mtu 60000
	said 1 'start codes'
}
@test "12.1 the same, beginning with a start code" { plays clock-320x240-30 --odd glued-code --mtu 60000; }
@test "12.1 slices of a frame as one NAL unit" { plays slices-aud --odd glued --mtu 60000; }
@test "12.2 the same in fragments, with the type of the first (Amatek)" { plays clock-320x240-30 --odd glued --mtu 400; }
@test "12.2 the same in fragments, with the type of the last" { plays clock-320x240-30 --odd glued-last --mtu 400; }
@test "12.2 the same in fragments, beginning with a start code" { plays clock-320x240-30 --odd glued-code --mtu 400; }
@test "12.3 fragments with the reserved bit (Longse)" { plays slices-aud --fault fu-reserved --mtu 100; }
@test "12.4 fragments that are start and end (CostarHD)" { plays clock-320x240-30 --odd fu-single; }
@test "12.5 later fragments have another type (Tiandy)" { plays slices-aud --fault fu-other-type --mtu 100; }
@test "12.6 fragments without a byte" { plays slices-aud --odd fu-empty --mtu 100; }
@test "12.6 the same, and two frames have one RTP time (10.17)" { plays clock-320x240-30 --odd fu-empty --mtu 100 --fault time-repeat; }
# The sheet has such a NAL unit as damaged; GStreamer and FFmpeg take it. Here it is whole if the camera never sets the end bit.
@test "12.7 no fragment has the end bit" { plays slices-aud --fault fu-no-end --mtu 150; }
@test "12.7 a fragmented NAL unit that another interrupts" { shows 1 intra --fault fu-abort --mtu 150; run -0 gaps damaged; }
@test "12.7 a fragmented NAL unit that begins while another is open" { shows 1 slices-aud --fault fu-abort --mtu 100; run -0 gaps damaged; }
@test "12.8 the marker in place of the end bit" { plays clock-320x240-30 --fault fu-no-end --mtu 400; }
@test "12.9 zeros behind the last NAL unit of a STAP-A" { plays clock-320x240-30 --stap --odd stap-padded; }
@test "12.10 a size in a STAP-A that goes past its end" { plays clock-320x240-30 --stap --odd stap-lie; said 1 malformed; }
@test "12.11 parameter sets with the marker (Reolink, Tapo)" { plays clock-320x240-30 --fault sets-marker; }
@test "12.12 SEI with the marker (Ivel)" { shows 0 clock-320x240-30 --fault sei-before; }
@test "12.13 every packet has the marker (OpenIPC, Matrox)" { plays slices-aud --fault marker-every-packet --mtu 150; }
@test "12.14 no packet has the marker (FLIR)" { plays slices-aud --fault no-marker; }
@test "12.15 an access unit delimiter first (Amcrest)" { plays slices-aud; run -0 types; assert_output --regexp '^9 7 8 '; }
@test "12.16 SEI between frames, with the time of the one before and the marker (Reolink)" { shows 0 clock-320x240-30 --fault sei-between; }
@test "12.17 parameter sets in the SDP only" { plays_sdp clock-320x240-30; }
@test "12.18 parameter sets in band only" { plays clock-320x240-30 --no-sprop; }
@test "12.19 parameter sets, and the size with them, change in mid-stream (12.20)" {
	cat "$CLIPS/intra.h264" "$CLIPS/slices-aud.h264" > two.h264
	CLIPS=. records two --frames 100
	run -0 as_sent nals two.h264 max
	assert_output --regexp '^100 frames'
}
@test "12.21 several slices a frame, each with the marker" { plays slices-aud --fault marker-every-packet; }
@test "12.22 NAL units of types that there are not" { shows 0 clock-320x240-30 --fault odd-types; said 1 'kinds that'; }
@test "12.23 zeros behind parameter sets" { plays clock-320x240-30 --odd set-zeros; }
@test "12.26 SEI alone, with a time of its own" { shows 0 clock-320x240-30 --fault sei-alone; }
@test "12.27 SEI of the camera's own is left as it is" { plays clock-320x240-30; run -0 types; assert_output --regexp ' 6 '; }
@test "12.28 packets lost inside a frame" { shows 1 intra --fault lose=203 --mtu 100; run -0 gaps damaged; }
@test "12.29 a frame of 3 MB" { large; CLIPS=. plays large; }
@test "3.28 bytes behind the end of an SPS (Reolink)" { shows 0 clock-320x240-30 --odd sps-tail; }
