/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writes the session description. */
#include "sdp.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base64.h"
#include "h264.h"
#include "rtp.h"

#define SETS	16	/* different parameter sets that sprop-parameter-sets names */

/* The different NAL units of one type, in order. Returns how many. */
static size_t
distinct(const struct clip *clip, unsigned type, const struct clip_nal *out[SETS])
{
	size_t n = 0, k;

	for (size_t i = 0; i < clip->nnals && n < SETS; i++) {
		const struct clip_nal *nal = &clip->nals[i];

		if (NAL_TYPE(nal->data[0]) != type)
			continue;
		for (k = 0; k < n; k++) {
			if (out[k]->len == nal->len && memcmp(out[k]->data, nal->data, nal->len) == 0)
				break;
		}
		if (k == n)
			out[n++] = nal;
	}
	return n;
}

static void
add_sets(struct buf *sdp, const struct clip *clip)
{
	static const unsigned types[] = { NAL_SPS, NAL_PPS };
	const struct clip_nal *sets[SETS];
	const char *separator = ";sprop-parameter-sets=";

	for (size_t t = 0; t < 2; t++) {
		size_t n = distinct(clip, types[t], sets);

		for (size_t i = 0; i < n; i++) {
			buf_printf(sdp, "%s", separator);
			base64_add(sdp, sets[i]->data, sets[i]->len);
			separator = ",";
		}
	}
}

/* Appends the bytes of one element of a template. Returns what follows it. */
static const char *
add_element(struct buf *bytes, const struct clip *clip, const char *template)
{
	const struct clip_nal *sets[SETS];
	unsigned byte;

	for (; *template != '\0' && *template != ','; template++) {
		char c = *template;
		size_t skip = c == 's' || c == 'p';

		if (strchr("SsPp", c) == NULL) {
			if (sscanf(template++, "%2x", &byte) == 1)
				buf_add(bytes, &(uint8_t){ byte }, 1);
		} else if (distinct(clip, c == 'S' || c == 's' ? NAL_SPS : NAL_PPS, sets) > 0) {
			buf_add(bytes, sets[0]->data + skip, sets[0]->len - skip);
		}
	}
	return template;
}

static void
add_template(struct buf *sdp, const struct clip *clip, const char *template)
{
	buf_printf(sdp, ";sprop-parameter-sets=");
	while (*template != '\0') {
		struct buf bytes = { 0 };

		template = add_element(&bytes, clip, template);
		base64_add(sdp, bytes.data, bytes.len);
		buf_free(&bytes);
		if (*template == ',')
			buf_add(sdp, template++, 1);
	}
}

void
sdp_write(struct buf *sdp, const struct clip *clip, uint32_t clock_rate, bool sprop,
    const char *template)
{
	const struct clip_nal *sps[SETS];

	buf_printf(sdp, "v=0\r\no=- 1 1 IN IP4 127.0.0.1\r\ns=nalpipe test camera\r\n"
	    "c=IN IP4 0.0.0.0\r\nt=0 0\r\na=tool:nalpipe-camera\r\na=control:*\r\n"
	    "a=range:npt=now-\r\nm=video 0 RTP/AVP %u\r\na=rtpmap:%u H264/%" PRIu32 "\r\n"
	    "a=fmtp:%u packetization-mode=1", RTP_PAYLOAD_TYPE, RTP_PAYLOAD_TYPE, clock_rate,
	    RTP_PAYLOAD_TYPE);
	if (distinct(clip, NAL_SPS, sps) > 0 && sps[0]->len >= 4)
		buf_printf(sdp, ";profile-level-id=%02X%02X%02X", sps[0]->data[1], sps[0]->data[2],
		    sps[0]->data[3]);
	if (template != NULL)
		add_template(sdp, clip, template);
	else if (sprop)
		add_sets(sdp, clip);
	buf_printf(sdp, "\r\na=control:trackID=1\r\n");
}
