/* units: rtsp-fetch/list.c rtsp-fetch/sdp.c rtsp-fetch/rtsp.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Session descriptions, kind ones and others, and what --list makes of them. */
#include "../../rtsp-fetch/list.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>

#include "check.h"

/* x264's SPS and PPS of a picture of 320x240; Constrained Baseline of 192x144. */
#define SPROP		"Z2QADayzAoP2AiAAAAMAIAAAB4HihU0=,aOlwVLIs"
#define SPROP_BASELINE	"Z0LAC9mDBOwEQAAAAwBAAAAMg8UKmg=="
#define H264(pt)	"a=rtpmap:" pt " H264/90000\r\n"

static void
expect(int line, const char *description, const char *want)
{
	struct sdp sdp;
	char *text = strdup(description), *got;

	sdp_parse(&sdp, text);
	got = list_text(&sdp, sdp_choose(&sdp));
	if (got == NULL || strcmp(got, want) != 0) {
		printf("%s:%d: this came:\n%s", __FILE__, line, got);
		check_failed = 1;
	}
	free(got);
	free(text);
}

#define EXPECT(...) expect(__LINE__, __VA_ARGS__)

static void
kinds(void)
{
	EXPECT("v=0\r\nm=video 0 RTP/AVP 96\r\n" H264("96") "a=fmtp:96 sprop-parameter-sets=" SPROP "\r\n"
	    "m=audio 0 RTP/AVP 97\r\na=rtpmap:97 MPEG4-GENERIC/16000/1\r\n"
	    "m=application 0 RTP/AVP 107\r\na=rtpmap:107 vnd.onvif.metadata/90000\r\n"
	    "m=video 0 RTP/AVP 98\r\n" H264("98"),
	    "1 video H264/90000, High, level 1.3, 320x240: recorded\n"
	    "2 audio MPEG4-GENERIC/16000: not recorded, audio is not there yet\n"
	    "3 application vnd.onvif.metadata/90000: not recorded, it is not H.264\n"
	    "4 video H264/90000, resolution not announced: not recorded, unless with --track 4\n");
	EXPECT("m=video 0 RTP/AVP 26\r\nm=audio 0 RTP/AVP 0\r\nm=video 0 RTP/AVP 96\r\n"
	    "m=video 0 RTP/AVP 96\r\na=rtpmap:96 hevc/90000\r\n",
	    "1 video payload type 26: not recorded, it is not H.264\n"
	    "2 audio payload type 0: not recorded, audio is not there yet\n"
	    "3 video payload type 96: not recorded, no rtpmap says what it is\n"
	    "4 video hevc/90000: not recorded, choose H.264 in the camera's settings, or its sub-stream\n");
	EXPECT("v=0\r\n", "");
}

static void
sets(void)
{
	/* What cannot be read is passed over, and the order does not matter. */
	EXPECT("m=video 0 RTP/AVP 96\n" H264("96")
	    "a=fmtp:96 sprop-parameter-sets=,!!,aOlwVLIs," SPROP_BASELINE ";profile-level-id=640028\n",
	    "1 video H264/90000, Constrained Baseline, level 1.1, 192x144: recorded\n");
	/* An SPS cut short, and one that is none. */
	EXPECT("m=video 0 RTP/AVP 96\n" H264("96") "a=fmtp:96 sprop-parameter-sets=Z2QADQ==,/////w==\n",
	    "1 video H264/90000, resolution not announced: recorded\n");
	/* RFC 6184 has one clock rate only. */
	EXPECT("m=video 0 RTP/AVP 96\na=rtpmap:96 h264\n",
	    "1 video h264/90000, resolution not announced: recorded\n");
}

static void
payload_types(void)
{
	EXPECT("m=video 0 RTP/AVP x\na=rtpmap:-1 H264/90000\n",
	    "1 video: not recorded, its payload type cannot be read\n");
	/* A number that is nowhere else must be that of the only format. */
	EXPECT("m=video 0 RTP/AVP 96\na=rtpmap:97 H264/90000\na=fmtp:98 sprop-parameter-sets=" SPROP "\n",
	    "1 video H264/90000, High, level 1.3, 320x240: recorded\n");
	EXPECT("m=video 0 RTP/AVP\na=rtpmap:97 H264/90000\n",
	    "1 video H264/90000, resolution not announced: recorded\n");
	/* rtpmap has the last word, and of several formats H.264. */
	EXPECT("m=video 0 RTP/AVP 26\na=rtpmap:26 H264/90000\n",
	    "1 video H264/90000, resolution not announced: recorded\n");
	EXPECT("m=video 0 RTP/AVP 26 98 96\na=rtpmap:98 MP4V-ES/90000\na=rtpmap:96 H264/90000\n",
	    "1 video H264/90000, resolution not announced: recorded\n");
	EXPECT("m=\nm=video\n", "1 unknown: not recorded, its payload type cannot be read\n"
	    "2 video: not recorded, its payload type cannot be read\n");
}

/* Sections past the sixteenth are counted; their attributes are not those of the sixteenth. */
static void
sections(void)
{
	char text[4096] = "", want[4096] = "", line[128];

	for (int i = 1; i <= 20; i++) {
		strcat(text, i == 16 ? "m=video 0 RTP/AVP 96\n" H264("96") "a=control:it\n" :
		    "m=video 0 RTP/AVP 96\na=rtpmap:96 JPEG/90000\na=control:other\n");
		snprintf(line, sizeof line, i == 16 ? "%d video H264/90000, resolution not announced: recorded\n" :
		    "%d video JPEG/90000: not recorded, it is not H.264\n", i);
		strcat(want, i <= 16 ? line : "");
	}
	strcat(want, "and 4 more, which are not looked at\n");
	EXPECT(text, want);
}

/* Nothing but printable lines comes out, of bounded length, whatever goes in. */
static void
hostile(void)
{
	char *text = malloc(200000), *got;
	struct sdp sdp;
	size_t n;

	n = sprintf(text, "m=vid\x1b[31meo 0 RTP/AVP 96\na=rtpmap:96 \x1b]0;x\x07\x9b" "31m\xc2\x9bH\tH264\b/90000\n"
	    "m=video 0 RTP/AVP 96\na=rtpmap:96 ");
	memset(text + n, 'x', 100000);
	strcpy(text + n + 100000, "/4294967295999\nm=");
	n = strlen(text);
	memset(text + n, 0x1b, 50000);
	text[n + 50000] = '\0';
	sdp_parse(&sdp, text);
	CHECK_EQ(sdp.nmedia, 3);
	CHECK(sdp_choose(&sdp) == NULL);
	got = list_text(&sdp, NULL);
	CHECK(got != NULL && strlen(got) < 1000);
	for (const char *p = got; p != NULL && *p != '\0'; p++)
		CHECK(isprint((unsigned char)*p) || *p == '\n');
	n = 0;
	for (const char *p = got; p != NULL && *p != '\0'; p++)
		n += *p == '\n';
	CHECK_EQ(n, 3);
	free(got);
	free(text);
}

int
main(void)
{
	kinds();
	sets();
	payload_types();
	sections();
	hostile();
	return check_failed;
}
