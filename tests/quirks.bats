#!/usr/bin/env bats
# SPDX-License-Identifier: MIT OR Apache-2.0
#
# What cameras in the field say and want to hear, over TCP. One line a case; the numbers are those of the rows of a
# collection of such quirks, in brackets who has it. The quirks themselves are in tests/camera/dialect.c.

load helper

export CLIP=$CLOCK_CLIP
LOGIN=(--auth digest --user joe --password 's3c:ret')

# Starts a camera with quirks, and records it: fetches STATUS [quirk...] [-- camera option...]
fetches() {
	local want=$1 got=0 quirks=()
	shift
	while [ $# -gt 0 ] && [ "$1" != -- ]; do
		quirks+=(--dialect "$1")
		shift
	done
	[ $# -eq 0 ] || shift
	# shellcheck disable=SC2086 # words
	camera --sessions 1 ${FAST-} "${quirks[@]}" "$@" "$CLIP"
	[ -z "${HOST-}" ] || URL=${URL/127.0.0.1/$HOST}
	rtsp-fetch -v -U "${USER_-joe}" -p "${PASSWORD-s3c:ret}" ${SECONDS_:+-d "$SECONDS_"} "$URL" > nals 2> err < /dev/null || got=$?
	assert_equal "exit $got $(cat err)" "exit $want $(cat err)"
	camera_gone
}

# A few frames are recorded as they were sent, and all of each quirk was played: plays [quirk...] [-- camera option...]
# HOW: how as_sent judges.
plays() {
	FAST="--speed max --frames 3" fetches 1 "$@"
	assert_equal "$(cat camera.err)" ''
	# shellcheck disable=SC2086 # words
	run -0 as_sent nals "$CLIP" max ${HOW-}
	assert_output --regexp '^3 frames '
	run ! grep -aE 's3c:?ret|OnMzYzpyZXQ' nals err
}

# The same, to the end of TEARDOWN; the message must be there: lasts SECONDS MESSAGE [quirk...] [-- camera option...]
lasts() {
	local message=$2
	SECONDS_=$1
	shift 2
	fetches 0 "$@"
	assert_equal "$(cat camera.err)" ''
	run -0 as_sent nals "$CLIP" prefix
	run -0 grep -E "$message" err
	run -0 grep '^Q' truth
	assert_output 'Q teardown'
}

# It is refused, with this message: refused MESSAGE [quirk...] [-- camera option...]
refused() {
	local message=$1
	shift
	fetches 1 "$@"
	run -0 grep -cE "^rtsp-fetch: .*$message" err
	assert_output 1
	run ! grep -aE 's3c:?ret|wr0ng' nals err
}

# --- 1: messages ---

@test "1.1 header values may end in blanks (Longse)" { plays header-trailing-blanks; }
@test "1.2 header names may be in any case, and CSeq is asked for as such (VStarcam, H264DVR)" { plays header-case; }
@test "1.3 many blanks may come before a header's value (Hikvision)" { plays header-leading-blanks; }
@test "1.3 no blank may come before a header's value" { plays header-no-blank; }
@test "1.4 answers may have no CSeq (old live555)" { plays no-cseq; }
@test "1.4 answers may all have the number 0" { plays zero-cseq; }
@test "1.5 a keep-alive may be answered 400, with the CSeq before (Tapo C220)" { lasts 0.8 '> GET_PARAMETER' stale-cseq -- --timeout 1; }
@test "1.6 the status line may have no reason" { plays no-reason; }
@test "1.6 the status line may end in the status" { plays no-reason-no-blank; }
@test "1.7 blank lines may come before a message" { plays blank-lines; }
@test "1.9 lines may end in LF" { plays lf-lines; }
@test "1.9 lines may end in CR" { plays cr-lines; }
@test "1.12 reports may come before PLAY's answer (Reolink)" { plays -- --sr-before-play; }
@test "1.13 packets may come while TEARDOWN's answer is waited for" { lasts 0.1 '> TEARDOWN' -- --mtu 100; }
@test "1.14 the camera may ask for OPTIONS, and wait for the answer" { plays asks-options; }
@test "1.14 the camera may send GET_PARAMETER with a body" { plays asks-get-parameter; }
@test "1.14 the camera may ANNOUNCE" { plays asks-announce; }
@test "1.15 methods may be in Allow instead of Public" { lasts 0.8 '> GET_PARAMETER' allow -- --timeout 1; }
@test "1.16 OPTIONS may be answered 404" { plays options-404; }
@test "1.16 OPTIONS may be answered 501" { plays options-501; }
@test "1.19 a User-Agent is always sent" { plays user-agent; }
@test "1.22 headers nobody knows, and lines that are none, are passed over (Dahua, H264DVR)" { plays unknown-headers; }
@test "1.23 a session in DESCRIBE's answer is not the one that is set up (Wowza)" { plays describe-session; }
@test "1.23 a session in DESCRIBE's answer holds if SETUP gives none" { plays only-describe-session; }
@test "1.24 dates may be nonsense (Foscam)" { plays bad-date; }
@test "1.27 lines may be of 8 kB in the head, and 60 kB in the description (Anjvision)" { plays long-lines; }
@test "1: 100 Continue is no answer yet" { plays continue; }
@test "1: a Content-Length that is no number is none" { plays bad-length; }

# --- 2: passwords ---

@test "2.1 Basic may be offered before Digest (TP-Link)" { plays basic-first -- "${LOGIN[@]}"; }
@test "2.1 Basic may be offered before Digest in one header" { plays basic-and-digest -- "${LOGIN[@]}"; }
@test "2.1 Basic may be offered behind Digest in one header" { plays digest-and-basic -- "${LOGIN[@]}"; }
@test "2.2 an algorithm is not answered that was not named (TP-Link)" { plays no-algorithm -- "${LOGIN[@]}"; }
@test "2.2 the algorithm is spelled as the camera does" { plays algorithm-md5 -- "${LOGIN[@]}"; }
@test "2.3 SHA-256 may be all that is offered (Prama, Hikvision)" { LOGIN[1]=digest-sha256; plays -- "${LOGIN[@]}"; }
# gortsplib takes MD5 whenever there is one. The first is taken here, as RFC 7616 says, and MD5 if that fails.
@test "2.4 a SHA-256 that does not work is not tried again" { plays broken-sha256 -- "${LOGIN[@]}"; }
@test "2.4 a wrong password is still called wrong then" { PASSWORD=wr0ng; refused '401.*password is wrong' broken-sha256 -- "${LOGIN[@]}"; }
@test "2.4 an algorithm that nobody knows may be offered as well" { plays unknown-algorithm -- "${LOGIN[@]}"; }
@test "2.5 a nonce may be short, without qop and opaque (Longse, Reolink)" { plays short-nonce -- "${LOGIN[@]}"; }
@test "2.5 an opaque is given back" { plays opaque -- "${LOGIN[@]}"; }
@test "2.6 stale may be quoted, and in capitals" { plays stale-false -- "${LOGIN[@]}"; }
@test "2.6 a nonce that is called stale, unquoted, is no wrong password" { plays stale-true -- "${LOGIN[@]}"; }
@test "2.6 not stale, and a new nonce each time: a wrong password" { PASSWORD=wr0ng; refused '401.*password is wrong' stale-false -- "${LOGIN[@]}"; }
@test "2.7 a new nonce may be wanted at PLAY (Axis)" { plays new-nonce-at-play -- "${LOGIN[@]}"; }
@test "2.7 a new nonce may be wanted at TEARDOWN" { lasts 0.1 '< 401' new-nonce-after-play -- "${LOGIN[@]}"; }
@test "2.7 a new nonce may be wanted at a keep-alive (Axis)" { lasts 0.8 '< 401' new-nonce-after-play -- "${LOGIN[@]}" --timeout 1; }
@test "2.9 Digest is about the URL as it was sent, with its query" { plays base-no-slash -- "${LOGIN[@]}" --path '/x?a=%2F&b=|[1]'; }
@test "2.12 user and password may have @ : # % in the URL" {
	camera --speed max --sessions 1 --frames 3 --auth digest --user 'j@e' --password 'p@ss:#%zz' "$CLIP"
	run -1 bash -c 'rtsp-fetch -v "${1/127/j@e:p@ss:#%zz@127}" > nals 2> err' bash "$URL"
	camera_gone
	run -0 as_sent nals "$CLIP" max
	run ! grep -aF 'p@ss' nals err
}
@test "2.14 a password that the camera puts into its URLs is not shown" { PASSWORD=x; plays own-credentials; }
@test "2.19 a camera that wants SRTP is said to" { refused '463 .*SRTP' wants-srtp; }

# --- 3: the description ---

@test "3.1 there may be no Content-Type (libavformat)" { plays no-content-type; }
@test "3.2 Content-Type may have a charset" { plays content-type-charset; }
@test "3.3 v= o= s= t= may be missing (macro-video, Geovision)" { plays sdp-no-head; }
@test "3.3 there may be two s=" { plays sdp-two-names; }
@test "3.4 o= may be anything (TP-Link, Axis 221, Uniview, FLIR)" { plays origin; }
@test "3.5 c= may be anything (Uniview, FritzBox, Avigilon)" { plays connection; }
@test "3.6 t= may be anything (FLIR)" { plays time-now; }
@test "3.7 lines may have any order (macro-video, Reolink, Luckfox)" { HOW=sdp plays sdp-order -- --no-inband; }
@test "3.8 media of kinds that nobody knows are passed over (TP-Link, Wisenet)" { plays other-media; }
@test "3.9 there may be blanks all over m= (VStarcam)" { plays media-blanks; }
@test "3.10 there may be blanks all over rtpmap (H264DVR)" { plays rtpmap-blanks; }
@test "3.11 H.264 may have a payload type below 96 (Bosch)" { plays fixed-payload-type; }
@test "3.12 rtpmap has the last word against the payload type (GW, Anpviz)" { plays jpeg-payload-type; }
@test "3.12 the same for audio before it" { plays fixed-numbers-audio; }
@test "3.13 the format with a rtpmap is taken" { plays two-formats; }
@test "3.13 packets of all formats of the codec are taken" { plays two-formats-h264; }
@test "3.14 fmtp may have nothing behind its number (Ubiquiti)" { plays empty-fmtp; }
@test "3.14 a full fmtp counts before an empty one" { HOW=sdp plays two-fmtp -- --no-inband; }
@test "3.15 fmtp may have another number (HIK Media Server)" { HOW=sdp plays fmtp-other-number -- --no-inband; }
@test "3.15 m= may have no number" { plays no-format; }
@test "3.16 two tracks may have one payload type (Ubiquiti)" { HOW=sdp plays same-number-twice -- --no-inband; }
@test "3.17 fmtp may have junk, blanks and capitals (Geovision, GW, Reolink)" { HOW=sdp plays fmtp-junk -- --no-inband; }
@test "3.18 profile-level-id may be base64 (macro-video)" { plays profile-base64; }
@test "3.18 profile-level-id may have seven digits" { plays profile-digits; }
@test "3.19 fragments and aggregates may come in packetization-mode 0 (Anpviz)" { plays mode-0 -- --mtu 200 --stap; }
@test "3.19 fragments and aggregates may come without a mode" { plays no-mode -- --mtu 200 --stap; }
@test "3.20 packetization-mode 2 may be said and not meant" { plays mode-2; }
@test "3.21 sprop-parameter-sets may be absent" { plays -- --no-sprop; }
@test "3.21 sprop-parameter-sets may be empty (HIK Media Server)" { plays sprop-empty; }
@test "3.22 sprop-parameter-sets may be garbage (VStarcam)" { plays sprop-garbage; }
@test "3.22 sprop-parameter-sets may be no base64" { plays sprop-no-base64; }
@test "3.23 parameter sets may have start codes before them (Tenda)" { HOW=sdp plays sprop-start-codes -- --no-inband; }
@test "3.23 parameter sets may be one piece of Annex B" { HOW=sdp plays sprop-one-element -- --no-inband; }
@test "3.24 parameter sets may have start codes behind them (GW4089IP)" { HOW=sdp plays sprop-start-codes-behind -- --no-inband; }
@test "3.24 parameter sets may have zeros behind them" { HOW=sdp plays sprop-zeros-behind -- --no-inband; }
@test "3.24 base64 may have no padding" { HOW=sdp plays sprop-no-padding -- --no-inband; }
@test "3.25 parameter sets may have nal_ref_idc 1 (IPCAM, macro-video)" { HOW="sdp othersets" plays sprop-nal-ref-idc -- --no-inband; }
@test "3.26 there may be a SPS and a comma (Hikvision)" { plays sprop-no-pps; }
@test "3.27 PPS may come before SPS" { HOW=sdp plays sprop-order -- --no-inband; }
@test "3.27 there may be SEI among parameter sets" { HOW=sdp plays sprop-sei -- --no-inband; }
@test "3.27 all PPS are kept" {
	FAST="--speed max --frames 3" fetches 1 sprop-two-pps -- --no-inband
	run -0 bash -c 'nals.py text < nals | grep -c "SDP.*hex=685ece3880$"'
	assert_output 1
}
@test "3.28 bytes behind the SPS are kept (Reolink)" {
	HOW="sdp othersets" plays sprop-tail -- --no-inband
	run -0 bash -c 'nals.py text < nals | grep -c "SDP.*hex=67.*deadbe$"'
	assert_output 1
}
@test "3.29 parameter sets in band count, not others in the description" { plays sprop-other; }
@test "3.30 framerate is not used (H264DVR)" { plays framerate; }
@test "3.31 dimensions are not used" { plays dimensions; }
@test "3.32 video may be sendonly" { plays sendonly; }
@test "3.32 video may be recvonly (D-Link)" { plays recvonly; }
@test "3.33 a back channel is not set up (Dahua)" { plays back-channel; }
@test "3.34 a clock rate of 0, or none, on another track" { plays side-clock-rate; }
@test "3.34 H.264 without a clock rate has 90000" { plays no-clock-rate; }
@test "3.34 H.264 with a clock rate of 0 has 90000" { plays clock-rate-0; }
@test "3.35 MPEG-TS beside it is passed over" { plays mp2t; }
@test "3.36 H.265 is named, and the sub-stream" { refused 'no H\.264 .*H265 .*H\.265 is not recorded.*sub-stream' h265; }
@test "3.36 H.264 behind H.265 is taken" { plays h265-first; }
@test "3.36 other codecs are named" { refused 'no H\.264 .*only: JPEG ' mjpeg; }
@test "3.37 3.38 other lines are passed over (Hikvision, Wowza)" { plays more-attributes; }

# --- 4: URLs ---

@test "4.1 a control is appended behind a query" { plays no-base -- --path '/cam?channel=1&subtype=0'; }
@test "4.2 Content-Base may end in a slash in its query (Dahua)" { plays -- --path '/cam?channel=1&proto=Onvif'; }
@test "4.3 Content-Base may have no slash behind its query (GW)" { plays base-no-slash -- --path '/cam?channel=1'; }
@test "4.4 Content-Base may have no scheme (Anjvision)" { plays base-no-scheme; }
@test "4.5 Content-Base may have two schemes" { plays base-two-schemes; }
@test "4.6 Content-Base may be a path" { plays base-path; }
@test "4.7 Content-Base may have another host and port (Foscam, Reolink)" { plays base-other-host; }
@test "4.8 Content-Base may have an IPv6 address without brackets" { plays base-ipv6; }
@test "4.9 there may be a Content-Location" { plays content-location; }
@test "4.9 there may be neither" { plays no-base; }
@test "4.9 Content-Base goes before Content-Location" { plays base-and-location; }
@test "4.10 PLAY is for the session's control, with its query (Hikvision)" { plays session-control; }
# RFC 2326 C.1.1, live555 and retina join with Content-Base; FFmpeg, GStreamer and gortsplib with the session's control.
@test "4.10 a track's control may be relative to the session's" { plays session-control-base; }
@test "4.11 the session may have no control" { plays no-session-control; }
@test "4.12 a control may begin with a slash" { plays control-slash; }
@test "4.12 a control may begin with a slash, and Content-Base end without one" { plays control-slash base-no-slash; }
@test "4.12 a control with a slash may be meant from the root" { plays control-root; }
@test "4.12 a control may begin with ?" { plays control-query; }
@test "4.13 the only track may have no control" { plays no-control; }
@test "4.14 a track's control may be *" { plays control-star; }
@test "4.15 a control may have another host (Uniview)" { plays control-other-host; }
@test "4.16 queries of controls are kept, as they are (Tuya)" { plays control-token; }
@test "4.16 a query of the URL is kept" { plays no-base -- --path '/t?token=a%2Fb|c&d=['; }
@test "4: a Content-Base that leads nowhere is not the last word" { plays only-request-url; }
@test "4.17 a path is sent byte for byte (Hikvision)" { plays -- --path '/ch|1/[x]%2Fy;z=1/ü'; }
@test "4: the host may be an IPv6 address" {
	ip -6 address 2>/dev/null | grep -q . || skip "there is no IPv6 here"
	HOST='[::ffff:127.0.0.1]' plays
}

# --- 5: SETUP ---

@test "5.1 ssrc may have blanks before it (Hikvision)" { plays ssrc-blanks; }
@test "5.2 ssrc may have an odd number of digits" { plays ssrc-short; }
@test "5.3 ssrc may be decimal, or nothing" { plays ssrc-decimal; }
@test "5.4 ssrc may be 0, and is not what is sent then (H264DVR, Tapo)" { plays ssrc-0 -- --ssrc 1a2b3c4d; }
@test "5.5 parameters may have any order, and unicast be missing (Luckfox)" { plays transport-order; }
@test "5.6 there may be no Transport" { plays no-transport; }
@test "5.7 there may be no interleaved" { plays no-interleaved; }
@test "5.8 interleaved may be one channel" { plays one-channel; }
@test "5.9 channels may be odd" { plays channels-odd; }
@test "5.9 channels may be apart, and in the wrong order" { plays channels-apart; }
@test "5.10 Transport may not say TCP (Escam Q6)" { plays no-tcp; }
@test "5.11 mode may come, and is not sent (Hikvision, H264DVR)" { plays mode; }
@test "5.16 a later session is not the one that was set up (H264DVR)" { lasts 0.1 '> TEARDOWN' other-session; }
@test "5.17 there may be blanks all over Session (GW)" { plays session-blanks; }
@test "5.17 there may be no timeout (Reolink)" { plays no-timeout; }
@test "5.17 6.12 the timeout of PLAY's answer counts (GW)" { lasts 0.8 '> GET_PARAMETER' timeout-at-play; }
@test "5.18 a timeout of 0 is none, and other parameters are passed over" { lasts 0.1 '> TEARDOWN' timeout-0; }
@test "5.20 there may be two transports" { plays two-transports; }
@test "5.23 packets on channels that were not asked for are counted (Tenda)" {
	plays other-channel
	run -0 grep -c '1 packets came on channels that were not asked for' err
	assert_output 1
}

# --- 6: PLAY ---

@test "6.1 PLAY has a Range (Parrot)" { plays needs-range; }
@test "6.2 there may be no RTP-Info (VStarcam, H264DVR)" { plays no-rtp-info; }
@test "6.3 6.4 RTP-Info may end in ; and have blanks (Laureii, Axis)" { plays rtp-info-tail; }
@test "6.5 RTP-Info may have a relative url (Dahua, Wowza)" { plays rtp-info-relative; }
@test "6.6 RTP-Info may be about other tracks (Dahua)" { plays rtp-info-more; }
@test "6.7 rtptime may be -1 (OMNY)" { plays rtptime-minus-1; }
@test "6.8 6.9 6.10 rtptime and seq may be 0, and ssrc be there (UniFi, Hikvision, Reolink)" { plays rtptime-0; }
