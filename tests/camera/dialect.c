/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The table of dialects, and what plays them. */
#include "dialect.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#define NGROUPS	10	/* \1 to \9, and the whole match */

#define OK		"^RTSP/1.0 200 OK"
#define HERE		"^rtsp://127\\.0\\.0\\.1:[0-9]+"	/* what the user said */
#define BAD		"400 Bad Request"
#define CHALLENGE	"^WWW-Authenticate: ([^\r]*)"
#define AUTHORIZED	"^Authorization: .*"
#define ATTRIBUTES	"((a=[^\r]*\r\n)*)"

/*
 * tests/quirks.bats says of each whose it is. Headers are written as they are in
 * rtsp.c and sdp.c; what is put before CSeq is a header more.
 */
static const struct dialect table[] = {
	/* Messages. */
	{ "header-trailing-blanks", DIALECT_EDIT, "*", "^([A-Za-z-]+: [^\r]*)\r", "\\1 \t\r" },
	{ "header-leading-blanks", DIALECT_EDIT, "*", "^([A-Za-z-]+): ", "\\1:    \t   " },
	{ "header-no-blank", DIALECT_EDIT, "*", "^([A-Za-z-]+): ", "\\1:" },
	{ "header-case", DIALECT_EDIT, "*", "^CSeq:", "Cseq:" },
	{ "header-case", DIALECT_EDIT, "*", "^Session:", "SESSION:" },
	{ "header-case", DIALECT_EDIT, "*", "^Content-Length:", "content-length:" },
	{ "header-case", DIALECT_EDIT, "*", "^Content-Base:", "Content-base:" },
	{ "header-case", DIALECT_EDIT, "*", "^Transport:", "transport:" },
	{ "header-case", DIALECT_NEEDS, "*", "^CSeq: [0-9]+\r", BAD },
	{ "no-cseq", DIALECT_EDIT, "*", "^CSeq: [^\r]*\r\n", "" },
	{ "zero-cseq", DIALECT_EDIT, "*", "^CSeq: [0-9]+", "CSeq: 0" },
	{ "stale-cseq", DIALECT_EDIT, "GET_PARAMETER", OK "\r\nCSeq: [0-9]+", "RTSP/1.0 " BAD "\r\nCSeq: 4" },
	{ "no-reason", DIALECT_EDIT, "*", OK, "RTSP/1.0 200 " },
	{ "no-reason-no-blank", DIALECT_EDIT, "*", OK, "RTSP/1.0 200" },
	{ "blank-lines", DIALECT_EDIT, "*", "^RTSP/1.0", "\r\n\r\n\r\nRTSP/1.0" },
	{ "lf-lines", DIALECT_EDIT, "*", "\r", "" },
	{ "cr-lines", DIALECT_EDIT, "*", "\n", "" },
	{ "continue", DIALECT_RAW, "DESCRIBE SETUP", "^(RTSP/1.0 )(200 OK\r\n)(CSeq: .*\r\n)",
	    "\\1100 Continue\r\n\\3\r\n\\1\\2\\3" },
	{ "asks-options", DIALECT_ASKS, "SETUP", "CSeq: 77\r\n(.*\r\n)*Public: [A-Z]",
	    "OPTIONS * RTSP/1.0\r\nCSeq: 77\r\n\r\n" },
	{ "asks-get-parameter", DIALECT_ASKS, "DESCRIBE", "CSeq: 78\r", "GET_PARAMETER rtsp://x/ RTSP/1.0\r\n"
	    "CSeq: 78\r\nContent-Type: text/parameters\r\nContent-Length: 10\r\n\r\nposition\r\n" },
	{ "asks-announce", DIALECT_ASKS, "OPTIONS", "CSeq: 79\r", "ANNOUNCE rtsp://x/ RTSP/1.0\r\n"
	    "CSeq: 79\r\nContent-Type: application/sdp\r\nContent-Length: 5\r\n\r\nv=0\r\n" },
	{ "allow", DIALECT_EDIT, "OPTIONS", "^Public:", "Allow:" },
	{ "options-404", DIALECT_EDIT, "OPTIONS", OK, "RTSP/1.0 404 Not Found" },
	{ "options-501", DIALECT_EDIT, "OPTIONS", OK, "RTSP/1.0 501 Not Implemented" },
	{ "user-agent", DIALECT_NEEDS, "*", "^User-Agent: [^ ]", BAD },
	{ "unknown-headers", DIALECT_EDIT, "*", "^CSeq:", "x-Accept-Dynamic-Rate: 1\r\nX-Empty:\r\n"
	    "no colon in this\r\n:\r\nVia: a:b:c\r\nCSeq:" },
	{ "describe-session", DIALECT_EDIT, "DESCRIBE", "^CSeq:", "Session: 99887766\r\nCSeq:" },
	{ "only-describe-session", DIALECT_SESSION, NULL, NULL, "99887766" },
	{ "only-describe-session", DIALECT_EDIT, "DESCRIBE", "^CSeq:", "Session: 99887766\r\nCSeq:" },
	{ "only-describe-session", DIALECT_EDIT, "SETUP", "^Session: [^\r]*\r\n", "" },
	{ "bad-date", DIALECT_EDIT, "*", "^CSeq:", "Date: Wed, May 12 2021 18:56:25 GMT\r\nCSeq:" },
	{ "long-lines", DIALECT_EDIT, "DESCRIBE", "^t=", "a=x-info:\r\nt=" },
	{ "long-lines", DIALECT_PAD, "DESCRIBE", "^a=x-info:", "60000" },
	{ "long-lines", DIALECT_PAD, "DESCRIBE", "^Server: ", "8000" },
	{ "bad-length", DIALECT_RAW, "OPTIONS SETUP", "^CSeq:", "Content-Length: none\r\nCSeq:" },

	/* Authentication. */
	{ "basic-first", DIALECT_EDIT, "*", CHALLENGE,
	    "WWW-Authenticate: Basic realm=\"cam\"\r\nWWW-Authenticate: \\1" },
	{ "basic-and-digest", DIALECT_EDIT, "*", CHALLENGE, "WWW-Authenticate: Basic realm=\"cam\", \\1" },
	{ "digest-and-basic", DIALECT_EDIT, "*", CHALLENGE, "WWW-Authenticate: \\1, Basic realm=\"cam\"" },
	{ "basic-first", DIALECT_HATES, "*", AUTHORIZED "Basic", BAD },
	{ "basic-and-digest", DIALECT_HATES, "*", AUTHORIZED "Basic", BAD },
	{ "digest-and-basic", DIALECT_HATES, "*", AUTHORIZED "Basic", BAD },
	{ "no-algorithm", DIALECT_HATES, "*", AUTHORIZED "algorithm", BAD },
	{ "algorithm-md5", DIALECT_EDIT, "*", CHALLENGE, "WWW-Authenticate: \\1, algorithm=md5" },
	{ "algorithm-md5", DIALECT_NEEDS, "DESCRIBE", AUTHORIZED "algorithm=md5[,\r]", BAD },
	{ "broken-sha256", DIALECT_EDIT, "*", CHALLENGE,
	    "WWW-Authenticate: \\1, algorithm=\"SHA-256\"\r\nWWW-Authenticate: \\1" },
	{ "unknown-algorithm", DIALECT_EDIT, "*", CHALLENGE,
	    "WWW-Authenticate: \\1, algorithm=SHA-512-256\r\nWWW-Authenticate: \\1" },
	{ "short-nonce", DIALECT_NONCE, NULL, NULL, "8f3c21d0" },
	{ "opaque", DIALECT_EDIT, "*", CHALLENGE, "WWW-Authenticate: \\1, opaque=\"5ccc,=69c\"" },
	{ "opaque", DIALECT_NEEDS, "DESCRIBE", AUTHORIZED "opaque=\"5ccc,=69c\"", BAD },
	{ "stale-false", DIALECT_EDIT, "*", CHALLENGE, "WWW-Authenticate: \\1, stale=\"FALSE\"" },
	{ "stale-true", DIALECT_EDIT, "*", CHALLENGE, "WWW-Authenticate: \\1,stale=TRUE" },
	{ "stale-true", DIALECT_RENONCE, "OPTIONS", NULL, "0123456789abcdef" },
	{ "new-nonce-at-play", DIALECT_RENONCE, "SETUP", NULL, "0123456789abcdef" },
	{ "new-nonce-after-play", DIALECT_RENONCE, "PLAY", NULL, "0123456789abcdef" },
	{ "own-credentials", DIALECT_EDIT, "DESCRIBE", "^Content-Base: rtsp://", "Content-Base: rtsp://joe:s3cret@" },
	{ "own-credentials", DIALECT_EDIT, "DESCRIBE", "^a=control:trackID",
	    "a=control:rtsp://joe:s3cret@10.0.0.9/stream/trackID" },
	{ "wants-srtp", DIALECT_EDIT, "SETUP", OK, "RTSP/1.0 463 Key Management Failure" },

	/* The description. */
	{ "no-content-type", DIALECT_EDIT, "DESCRIBE", "^Content-Type: [^\r]*\r\n", "" },
	{ "content-type-charset", DIALECT_EDIT, "DESCRIBE", "^(Content-Type: [^\r]*)", "\\1;charset=utf-8" },
	{ "sdp-no-head", DIALECT_EDIT, "DESCRIBE", "^[vost]=[^\r]*\r\n", "" },
	{ "sdp-two-names", DIALECT_EDIT, "DESCRIBE", "^s=", "s=a\r\ns=" },
	{ "origin", DIALECT_EDIT, "DESCRIBE", "^o=[^\r]*", "o=- 14665860 31787219 1 IN IP4 192.168.1.2\r\n"
	    "o=- 1698210484.87 -3 IN IPV4 x.y.z.w\r\no=- 0x1f 1 IP IP4\r\no=- 1 1 IN\r\no=" },
	{ "connection", DIALECT_EDIT, "DESCRIBE", "^c=[^\r]*", "c=IN\r\nc=IN 198.51.100.1\r\nc=In\r\n"
	    "c=IN c=IN IP4 1.2.3.4\r\nc=SM IPV4 224.1.2.3\r\nc=" },
	{ "time-now", DIALECT_EDIT, "DESCRIBE", "^t=0 0", "t=now-" },
	{ "sdp-order", DIALECT_EDIT, "DESCRIBE", "^(c=.*\r\nt=.*\r\n)" ATTRIBUTES, "\\2\\1" },
	{ "sdp-order", DIALECT_EDIT, "DESCRIBE", "^(a=rtpmap.*\r\n)(a=fmtp.*\r\n)(a=control.*\r\n)",
	    "\\3\\2\\1a=tool:x\r\n" },
	{ "other-media", DIALECT_EDIT, "DESCRIBE", "^m=video", "m=metadata 0 RTP/AVP 107\r\na=control:trackID=7\r\n"
	    "m=text 0 RTP/AVP 98\r\nm=application/TP-LINK 0 RTP/AVP smart/1/90000\r\n"
	    "a=rtpmap:95 TP-LINK/90000\r\na=control:trackID=8\r\nm=meta\r\nm=\r\nm=video" },
	{ "media-blanks", DIALECT_EDIT, "DESCRIBE", "^m=video 0 RTP/AVP 96", "m=video  0\tRTP/AVP 96\t " },
	{ "rtpmap-blanks", DIALECT_EDIT, "DESCRIBE", "^a=rtpmap:96 H264/90000", "a=rtpmap: 96  H264 /90000 " },
	{ "fixed-payload-type", DIALECT_PAYLOAD, NULL, NULL, "35" },
	{ "fixed-payload-type", DIALECT_EDIT, "DESCRIBE", "^(m=video 0 RTP/AVP |a=rtpmap:|a=fmtp:)96", "\\1" "35" },
	{ "jpeg-payload-type", DIALECT_PAYLOAD, NULL, NULL, "26" },
	{ "jpeg-payload-type", DIALECT_EDIT, "DESCRIBE", "^(m=video 0 RTP/AVP |a=rtpmap:|a=fmtp:)96", "\\1" "26" },
	{ "two-formats", DIALECT_EDIT, "DESCRIBE", "^m=video 0 RTP/AVP 96", "m=video 0 RTP/AVP 98 96" },
	{ "two-formats-h264", DIALECT_EDIT, "DESCRIBE", "^m=video 0 RTP/AVP 96",
	    "m=video 0 RTP/AVP 98 96\r\na=rtpmap:98 H264/90000" },
	{ "empty-fmtp", DIALECT_EDIT, "DESCRIBE", "^a=fmtp:96 [^\r]*", "a=fmtp:96" },
	{ "two-fmtp", DIALECT_EDIT, "DESCRIBE", "^(a=fmtp:96 [^\r]*)", "\\1\r\na=fmtp:96\r\na=fmtp:96 " },
	{ "fmtp-other-number", DIALECT_EDIT, "DESCRIBE", "^a=fmtp:96", "a=fmtp:104" },
	{ "no-format", DIALECT_EDIT, "DESCRIBE", "^m=video 0 RTP/AVP 96", "m=video 0 RTP/AVP" },
	{ "same-number-twice", DIALECT_EDIT, "DESCRIBE", "^m=video", "m=audio 0 RTP/AVP 96\r\n"
	    "a=rtpmap:96 MPEG4-GENERIC/16000/1\r\na=fmtp:96 config=1408\r\na=control:trackID=7\r\nm=video" },
	{ "same-number-twice", DIALECT_EDIT, "DESCRIBE", "^(a=control:trackID=1\r\n)",
	    "\\1m=audio 0 RTP/AVP 96\r\na=rtpmap:96 OPUS/48000/2\r\na=fmtp:96 x=1\r\na=control:trackID=8\r\n" },
	{ "fmtp-junk", DIALECT_EDIT, "DESCRIBE", "^a=fmtp:96 packetization-mode=1",
	    "a=fmtp:96 DecoderTag=h3c-v3 RTCP=0; ;vad=no;=;x;  Packetization-Mode = 1 " },
	{ "fmtp-junk", DIALECT_EDIT, "DESCRIBE", "sprop-parameter-sets=([^\r]*)", "  Sprop-Parameter-Sets=\\1; ;" },
	{ "session-extmap", DIALECT_EDIT, "DESCRIBE", "^(m=video(.*\r\n)*)(a=extmap:.*\r\n)", "\\3\\1" },
	{ "profile-base64", DIALECT_EDIT, "DESCRIBE", "profile-level-id=[^;\r]*", "profile-level-id=TeAo" },
	{ "profile-digits", DIALECT_EDIT, "DESCRIBE", "profile-level-id=[^;\r]*", "profile-level-id=5046314" },
	{ "mode-0", DIALECT_EDIT, "DESCRIBE", "packetization-mode=1", "packetization-mode=0" },
	{ "no-mode", DIALECT_EDIT, "DESCRIBE", "packetization-mode=1;", "" },
	{ "mode-2", DIALECT_EDIT, "DESCRIBE", "packetization-mode=1", "packetization-mode=2" },
	{ "sprop-empty", DIALECT_SETS, NULL, NULL, "" },
	{ "sprop-garbage", DIALECT_SETS, NULL, NULL, "e900f0041f,ff,67,68,6764000d" },
	{ "sprop-no-base64", DIALECT_EDIT, "DESCRIBE", "sprop-parameter-sets=[^;\r]*",
	    "sprop-parameter-sets=,!!,=,Z" },
	{ "sprop-start-codes", DIALECT_SETS, NULL, NULL, "00000001S,00000001P" },
	{ "sprop-one-element", DIALECT_SETS, NULL, NULL, "00000001S000001P" },
	{ "sprop-start-codes-behind", DIALECT_SETS, NULL, NULL, "S00000001,P00000001" },
	{ "sprop-zeros-behind", DIALECT_SETS, NULL, NULL, "S0000,P00" },
	{ "sprop-no-padding", DIALECT_EDIT, "DESCRIBE", "=+([,;\r])", "\\1" },
	{ "sprop-nal-ref-idc", DIALECT_SETS, NULL, NULL, "27s,28p" },
	{ "sprop-no-pps", DIALECT_SETS, NULL, NULL, "S," },
	{ "sprop-order", DIALECT_SETS, NULL, NULL, "P,S" },
	{ "sprop-sei", DIALECT_SETS, NULL, NULL, "S,P,06050100" "80" },
	{ "sprop-two-pps", DIALECT_SETS, NULL, NULL, "S,P,685ece3880" },
	{ "sprop-tail", DIALECT_SETS, NULL, NULL, "Sdeadbe,P" },
	{ "sprop-other", DIALECT_SETS, NULL, NULL, "6742c00bd98304ec0440000003004000000c83c50a9a,68ce3880" },
	{ "framerate", DIALECT_EDIT, "DESCRIBE", "^a=rtpmap", "a=framerate:0S\r\na=framerate:7\r\na=rtpmap" },
	{ "dimensions", DIALECT_EDIT, "DESCRIBE", "^a=rtpmap",
	    "a=x-dimensions:1,1\r\na=cliprect:0,0,1,1\r\na=rtpmap" },
	{ "sendonly", DIALECT_EDIT, "DESCRIBE", "^a=rtpmap", "a=sendonly\r\na=rtpmap" },
	{ "recvonly", DIALECT_EDIT, "DESCRIBE", "^a=rtpmap", "a=recvonly\r\na=rtpmap" },
	{ "back-channel", DIALECT_EDIT, "DESCRIBE", "^m=video", "m=audio 0 RTP/AVP 0 8 97 98 99 100 101 102\r\n"
	    "a=rtpmap:0 PCMU/8000\r\na=rtpmap:97 G726-16/8000\r\na=sendonly\r\na=control:trackID=5\r\nm=video" },
	{ "no-clock-rate", DIALECT_EDIT, "DESCRIBE", "H264/90000", "H264" },
	{ "clock-rate-0", DIALECT_EDIT, "DESCRIBE", "H264/90000", "H264/0" },
	{ "side-clock-rate", DIALECT_EDIT, "DESCRIBE", "^m=video", "m=audio 0 RTP/AVP 97\r\n"
	    "a=rtpmap:97 MPEG4-GENERIC/0\r\nm=audio 0 RTP/AVP 98\r\na=rtpmap:98 L16\r\nm=video" },
	{ "fixed-numbers-audio", DIALECT_EDIT, "DESCRIBE", "^m=video", "m=audio 0 RTP/AVP 8\r\n"
	    "a=rtpmap:8 PCMU/8000/1\r\nm=audio 0 RTP/AVP 0\r\na=rtpmap:0 MPEG4-GENERIC/16000/2\r\nm=video" },
	{ "mp2t", DIALECT_EDIT, "DESCRIBE", "^m=video", "m=video 0 MP2T/RTP 33\r\na=control:trackID=9\r\nm=video" },
	{ "h265", DIALECT_EDIT, "DESCRIBE", "H264/90000", "H265/90000" },
	{ "h265-first", DIALECT_EDIT, "DESCRIBE", "^m=video", "m=video 0 RTP/AVP 98\r\na=rtpmap:98 H265/90000\r\n"
	    "a=control:trackID=7\r\nm=video" },
	{ "mjpeg", DIALECT_EDIT, "DESCRIBE", "H264/90000", "JPEG/90000" },
	{ "more-attributes", DIALECT_EDIT, "DESCRIBE", "^t=",
	    "i=x\r\nu=http://x/\r\ne=NONE\r\na=range:npt=0- 596.48\r\n"
	    "a=Media_header:MEDIAINFO=494D4B48;\r\na=appversion:1.0\r\na:b\r\n=\r\nx\r\na=\r\nt=" },

	/* URLs. */
	{ "no-base", DIALECT_EDIT, "DESCRIBE", "^Content-Base: [^\r]*\r\n", "" },
	{ "base-no-slash", DIALECT_EDIT, "DESCRIBE", "^(Content-Base: [^\r]*)/\r", "\\1\r" },
	{ "base-no-scheme", DIALECT_EDIT, "DESCRIBE", "^Content-Base: rtsp://[^/]*",
	    "Content-Base: 192.168.1.10:554" },
	{ "base-two-schemes", DIALECT_EDIT, "DESCRIBE", "^Content-Base: ", "Content-Base: rtsp://" },
	{ "base-path", DIALECT_EDIT, "DESCRIBE", "^Content-Base: rtsp://[^/]*", "Content-Base: " },
	{ "base-other-host", DIALECT_EDIT, "DESCRIBE", "^Content-Base: rtsp://[^/]*",
	    "Content-Base: rtsp://192.168.233.233" },
	{ "base-other-host", DIALECT_URL, "SETUP", HERE "/stream/trackID=1$", "/trackID=1" },
	{ "base-other-host", DIALECT_URL, "PLAY", HERE "/stream/$", "" },
	{ "base-ipv6", DIALECT_EDIT, "DESCRIBE", "^Content-Base: rtsp://[^/]*",
	    "Content-Base: rtsp://::ffff:192.168.1.9:554" },
	{ "base-ipv6", DIALECT_URL, "SETUP", HERE "/stream/trackID=1$", "/trackID=1" },
	{ "base-ipv6", DIALECT_URL, "PLAY", HERE "/stream/$", "" },
	{ "content-location", DIALECT_EDIT, "DESCRIBE", "^Content-Base: (rtsp://[^/]*)/[^\r]*",
	    "Content-Location: \\1/other/" },
	{ "content-location", DIALECT_URL, "SETUP", "/other/trackID=1$", "/trackID=1" },
	{ "content-location", DIALECT_URL, "PLAY", "/other/$", "" },
	{ "base-and-location", DIALECT_EDIT, "DESCRIBE", "^Content-Base: (rtsp://[^/]*)/[^\r]*",
	    "Content-Location: \\1/wrong/\r\nContent-Base: \\1/other/" },
	{ "base-and-location", DIALECT_URL, "SETUP", "/other/trackID=1$", "/trackID=1" },
	{ "base-and-location", DIALECT_URL, "PLAY", "/other/$", "" },
	{ "session-control", DIALECT_EDIT, "DESCRIBE", "^a=control:\\*", "a=control:rtsp://10.0.0.9/all?session=7" },
	{ "session-control", DIALECT_URL, "SETUP", "/stream/trackID=1$", "/trackID=1" },
	{ "session-control", DIALECT_URL, "PLAY", HERE "/all\\?session=7$", "" },
	{ "session-control-base", DIALECT_EDIT, "DESCRIBE", "^a=control:\\*", "a=control:rtsp://10.0.0.9/all" },
	{ "session-control-base", DIALECT_URL, "SETUP", HERE "/all/trackID=1$", "/trackID=1" },
	{ "session-control-base", DIALECT_URL, "PLAY", HERE "/all$", "" },
	{ "no-session-control", DIALECT_EDIT, "DESCRIBE", "^a=control:\\*\r\n", "" },
	{ "control-slash", DIALECT_EDIT, "DESCRIBE", "^a=control:trackID", "a=control:/trackID" },
	{ "control-slash", DIALECT_URL, "SETUP", "/stream/trackID=1$", "/trackID=1" },
	{ "control-root", DIALECT_EDIT, "DESCRIBE", "^a=control:trackID", "a=control:/trackID" },
	{ "control-root", DIALECT_URL, "SETUP", HERE "/trackID=1$", "/trackID=1" },
	{ "control-query", DIALECT_EDIT, "DESCRIBE", "^a=control:trackID", "a=control:?trackID" },
	{ "control-query", DIALECT_URL, "SETUP", "/stream/?\\?trackID=1$", "/trackID=1" },
	{ "no-control", DIALECT_EDIT, "DESCRIBE", "^a=control:trackID[^\r]*\r\n", "" },
	{ "no-control", DIALECT_URL, "SETUP", "/stream/?$", "/trackID=1" },
	{ "control-star", DIALECT_EDIT, "DESCRIBE", "^a=control:trackID=1", "a=control:*" },
	{ "control-star", DIALECT_URL, "SETUP", "/stream/?$", "/trackID=1" },
	{ "control-other-host", DIALECT_EDIT, "DESCRIBE", "^a=control:trackID",
	    "a=control:rtsp://10.0.0.9:8554/stream/trackID" },
	{ "control-other-host", DIALECT_URL, "SETUP", HERE "/stream/trackID=1$", "/trackID=1" },
	{ "control-token", DIALECT_EDIT, "DESCRIBE", "^a=control:trackID=1",
	    "a=control:rtsp://x/t/1?token=a%2Fb&x=|" },
	{ "control-token", DIALECT_URL, "SETUP", HERE "/t/1\\?token=a%2Fb&x=\\|$", "/trackID=1" },
	{ "only-request-url", DIALECT_EDIT, "DESCRIBE", "^Content-Base: (rtsp://[^/]*)/[^\r]*", "Content-Base: \\1/" },
	{ "only-request-url", DIALECT_URL, "SETUP", "/stream/trackID=1$", "/trackID=1" },
	{ "only-request-url", DIALECT_URL, "PLAY", HERE "/$", "" },

	/* Transport and Session. */
	{ "ssrc-blanks", DIALECT_EDIT, "SETUP", "^(Transport: [^\r]*)", "\\1;ssrc=     D93FF" },
	{ "ssrc-short", DIALECT_EDIT, "SETUP", "^(Transport: [^\r]*)", "\\1;ssrc=4317f" },
	{ "ssrc-decimal", DIALECT_EDIT, "SETUP", "^(Transport: [^\r]*)", "\\1;ssrc=1449463210xyz" },
	{ "ssrc-0", DIALECT_EDIT, "SETUP", "^(Transport: [^\r]*)", "\\1;ssrc=0" },
	{ "transport-order", DIALECT_EDIT, "SETUP", "^Transport: [^\r]*",
	    "Transport: ssrc=1;interleaved=4-5;RTP/AVP/TCP" },
	{ "transport-order", DIALECT_CHANNELS, NULL, NULL, "4-5" },
	{ "no-transport", DIALECT_EDIT, "SETUP", "^Transport: [^\r]*\r\n", "" },
	{ "no-interleaved", DIALECT_EDIT, "SETUP", ";interleaved=[^\r]*", "" },
	{ "one-channel", DIALECT_EDIT, "SETUP", ";interleaved=2-3", ";interleaved=2" },
	{ "one-channel", DIALECT_CHANNELS, NULL, NULL, "2-3" },
	{ "channels-odd", DIALECT_CHANNELS, NULL, NULL, "1-2" },
	{ "channels-apart", DIALECT_CHANNELS, NULL, NULL, "9-4" },
	{ "no-tcp", DIALECT_EDIT, "SETUP", "RTP/AVP/TCP", "RTP/AVP" },
	{ "mode", DIALECT_EDIT, "SETUP", "^(Transport: [^\r]*)", "\\1; mode=\"PLAY\"" },
	{ "mode", DIALECT_HATES, "SETUP", "mode=", BAD },
	{ "two-transports", DIALECT_EDIT, "SETUP", "^Transport: ([^\r]*)", "Transport: \\1,RTP/AVP;unicast" },
	{ "two-transports", DIALECT_CHANNELS, NULL, NULL, "6-7" },
	{ "other-session", DIALECT_EDIT, "PLAY GET_PARAMETER", "^Session: [^;\r]*", "Session: 231980" },
	{ "session-blanks", DIALECT_EDIT, "*", "^Session: ([^;\r]*)[^\r]*", "Session:   \\1 ; timeout=60 " },
	{ "no-timeout", DIALECT_EDIT, "*", "^(Session: [^;\r]*)[^\r]*", "\\1" },
	{ "timeout-0", DIALECT_EDIT, "*", "^(Session: [^;\r]*)[^\r]*", "\\1;timeout=0;x;y=z" },
	{ "timeout-at-play", DIALECT_EDIT, "SETUP", "^(Session: [^;\r]*)[^\r]*", "\\1; timeout=60" },
	{ "timeout-at-play", DIALECT_EDIT, "PLAY", "^(Session: [^;\r]*)[^\r]*", "\\1; Timeout = 1" },

	/* PLAY. */
	{ "needs-range", DIALECT_NEEDS, "PLAY", "^Range: npt=", "457 Invalid Range" },
	{ "no-rtp-info", DIALECT_EDIT, "PLAY", "^RTP-Info: [^\r]*\r\n", "" },
	{ "rtp-info-tail", DIALECT_EDIT, "PLAY", "^(RTP-Info: [^\r]*)", "\\1; ;,; " },
	{ "rtp-info-relative", DIALECT_EDIT, "PLAY", "url=[^;]*", "url=trackID=1" },
	{ "rtp-info-more", DIALECT_EDIT, "PLAY", "^(RTP-Info: [^\r]*)", "\\1, url=trackID=4 ; seq=7,url=rtsp://x/9" },
	/* RTP of 257 bytes on channel 6. */
	{ "other-channel", DIALECT_EDIT, "PLAY", OK, "$\006\001\001\200RTSP/1.0 200 OK" },
	{ "other-channel", DIALECT_PAD, "PLAY", "^\\$\006\001\001\200", "256" },
	{ "rtptime-minus-1", DIALECT_EDIT, "PLAY", "rtptime=[0-9]*", "rtptime=-1" },
	{ "rtptime-0", DIALECT_EDIT, "PLAY", "seq=[0-9]*;rtptime=[0-9]*", "seq=0;rtptime=0;ssrc= d6d6627" },
};

#define NROWS	(sizeof table / sizeof table[0])

int
dialect_add(struct dialects *dialects, const char *name, const char **why)
{
	size_t before = dialects->n;

	*why = "no such dialect; see --list-dialects";
	for (size_t i = 0; i < NROWS; i++) {
		const struct dialect *q = &table[i];

		if (strcmp(q->name, name) != 0)
			continue;
		*why = "too many, or its expression is wrong";
		if (dialects->n == DIALECT_MAX || regcomp(&dialects->list[dialects->n].find,
		    q->find != NULL ? q->find : "", REG_EXTENDED | REG_NEWLINE) != 0)
			return -1;
		dialects->list[dialects->n++].dialect = q;
	}
	dialects->asked = dialects->n;
	return dialects->n > before ? 0 : -1;
}

void
dialect_close(struct dialects *dialects)
{
	for (size_t i = 0; i < dialects->n; i++)
		regfree(&dialects->list[i].find);
	dialects->n = 0;
}

void
dialect_list(FILE *out)
{
	const char *last = "";

	for (size_t i = 0; i < NROWS; i++) {
		if (strcmp(table[i].name, last) != 0)
			fprintf(out, "%s\n", table[i].name);
		last = table[i].name;
	}
}

const char *
dialect_text(struct dialects *dialects, enum dialect_kind kind)
{
	for (size_t i = 0; i < dialects->n; i++) {
		if (dialects->list[i].dialect->kind == kind) {
			dialects->list[i].played = true;
			return dialects->list[i].dialect->replace;
		}
	}
	return NULL;
}

/* Whether a row of this kind is about this method. */
static bool
is_about(const struct dialect *q, enum dialect_kind kind, const char *method)
{
	size_t len = strlen(method);

	if (q->kind != kind)
		return false;
	for (const char *p = q->methods; (p = strstr(p, method)) != NULL; p += len) {
		if ((p == q->methods || p[-1] == ' ') && (p[len] == '\0' || p[len] == ' '))
			return true;
	}
	return strcmp(q->methods, "*") == 0;
}

/* Whether bytes that do not end in NUL match. */
static bool
matches(const regex_t *find, const char *text, size_t len)
{
	char *copy = strndup(text, len);
	bool found = copy != NULL && regexec(find, copy, 0, NULL, 0) == 0;

	free(copy);
	return found;
}

const char *
dialect_refusal(struct dialects *dialects, const char *method, const char *head, size_t len)
{
	for (size_t i = 0; i < dialects->n; i++) {
		const struct dialect *q = dialects->list[i].dialect;
		bool needs = is_about(q, DIALECT_NEEDS, method);

		if (!needs && !is_about(q, DIALECT_HATES, method))
			continue;
		dialects->list[i].played = true;
		if (matches(&dialects->list[i].find, head, len) != needs)
			return q->replace;
	}
	return dialects->asked < dialects->n ? "400 I Asked Something" : NULL;
}

bool
dialect_url(struct dialects *dialects, const char *method, const char *path, char *url, size_t size)
{
	for (size_t i = 0; i < dialects->n; i++) {
		const struct dialect *q = dialects->list[i].dialect;

		if (!is_about(q, DIALECT_URL, method))
			continue;
		if (regexec(&dialects->list[i].find, url, 0, NULL, 0) != 0)
			return false;
		dialects->list[i].played = true;
		snprintf(url, size, "rtsp://camera%s%s", path, q->replace);
	}
	return true;
}

/* What a match is replaced by. */
static void
add_replacement(struct buf *out, const struct dialect *q, const char *text, const regmatch_t *groups)
{
	const regmatch_t *g;

	if (q->kind == DIALECT_PAD) {
		buf_add(out, text + groups[0].rm_so, groups[0].rm_eo - groups[0].rm_so);
		for (long n = strtol(q->replace, NULL, 10); n > 0; n--)
			buf_add(out, "x", 1);
		return;
	}
	for (const char *p = q->replace; *p != '\0'; p++) {
		if (*p != '\\' || !isdigit((unsigned char)p[1])) {
			buf_add(out, p, 1);
			continue;
		}
		g = &groups[*++p - '0'];
		if (g->rm_so >= 0)
			buf_add(out, text + g->rm_so, g->rm_eo - g->rm_so);
	}
}

/* Replaces all matches. Whether there was one. */
static bool
edit(struct buf *text, const regex_t *find, const struct dialect *q)
{
	regmatch_t groups[NGROUPS];
	struct buf out = { 0 };
	const char *p;
	bool found = false;

	buf_add(text, "", 1);
	for (p = (char *)text->data; *p != '\0' && regexec(find, p, NGROUPS, groups,
	    found && p[-1] != '\n' ? REG_NOTBOL : 0) == 0; found = true) {
		buf_add(&out, p, groups[0].rm_so);
		add_replacement(&out, q, p, groups);
		if (groups[0].rm_eo == groups[0].rm_so && p[groups[0].rm_eo] != '\0')
			buf_add(&out, p + groups[0].rm_eo++, 1);
		p += groups[0].rm_eo;
	}
	buf_add(&out, p, strlen(p));
	buf_free(text);
	*text = out;
	return found;
}

/* Makes Content-Length that of the body as it is now. */
static void
fix_length(struct buf *answer)
{
	static const char *const ends[] = { "\r\n\r\n", "\n\n", "\r\r" };
	struct dialect q = { .kind = DIALECT_EDIT };
	char replace[32];
	const char *head, *body = NULL;
	regex_t find;

	buf_add(answer, "", 1);
	answer->len--;
	head = (char *)answer->data + strspn((char *)answer->data, "\r\n");
	for (size_t i = 0; body == NULL && i < sizeof ends / sizeof ends[0]; i++) {
		body = strstr(head, ends[i]);
		if (body != NULL)
			body += strlen(ends[i]);
	}
	if (body == NULL || regcomp(&find, "(content-length:[ \t]*)[0-9]+", REG_EXTENDED | REG_ICASE) != 0)
		return;
	snprintf(replace, sizeof replace, "\\1%zu", strlen(body));
	q.replace = replace;
	edit(answer, &find, &q);
	regfree(&find);
}

/* Rows that change the text. */
static void
edit_answer(struct dialects *dialects, const char *method, struct buf *answer)
{
	bool raw = false;

	for (size_t i = 0; i < dialects->n; i++) {
		const struct dialect *q = dialects->list[i].dialect;

		if (!is_about(q, DIALECT_EDIT, method) && !is_about(q, DIALECT_RAW, method) &&
		    !is_about(q, DIALECT_PAD, method))
			continue;
		if (!edit(answer, &dialects->list[i].find, q))
			continue;
		dialects->list[i].played = true;
		raw |= q->kind == DIALECT_RAW;
	}
	if (!raw)
		fix_length(answer);
}

void
dialect_answer(struct dialects *dialects, const char *method, struct buf *answer)
{
	if (dialects->n == 0)
		return;
	edit_answer(dialects, method, answer);
	for (size_t i = 0; i < dialects->n; i++) {
		const struct dialect *q = dialects->list[i].dialect;

		if (is_about(q, DIALECT_RENONCE, method)) {
			strlcpy(dialects->nonce, q->replace, dialects->nonce_size);
			dialects->list[i].played = true;
		} else if (is_about(q, DIALECT_ASKS, method)) {
			size_t len = strlen(q->replace), old = answer->len;

			if (buf_add(answer, NULL, len) == NULL)
				return;
			memmove(answer->data + len, answer->data, old);
			memcpy(answer->data, q->replace, len);
			dialects->asked = i;
		}
	}
}

void
dialect_answered(struct dialects *dialects, const char *head, size_t len)
{
	if (dialects->asked == dialects->n || !matches(&dialects->list[dialects->asked].find, head, len))
		return;
	dialects->list[dialects->asked].played = true;
	dialects->asked = dialects->n;
}

const char *
dialect_unplayed(const struct dialects *dialects, size_t *from)
{
	while (*from < dialects->n) {
		if (!dialects->list[(*from)++].played)
			return dialects->list[*from - 1].dialect->name;
	}
	return NULL;
}
