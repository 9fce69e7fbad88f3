/* units: rtsp-fetch/media.c rtsp-fetch/rtp.c rtsp-fetch/rtcp.c rtsp-fetch/depay.c rtsp-fetch/au.c rtsp-fetch/annexb.c rtsp-fetch/sdp.c rtsp-fetch/rtsp.c rtsp-fetch/stream.c rtsp-fetch/lock.c rtsp-fetch/ring.c rtsp-fetch/block.c rtsp-fetch/msg.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Packets to records. An input is a description up to its first NUL, then packets:
 * channel (1), length (1 or, with the channel's upper bit, 2), bytes. What comes
 * out must be a nalstream whose access units are whole.
 */
#include <sys/endian.h>

#include <stdlib.h>
#include <string.h>

#include "../../rtsp-fetch/media.h"
#include "../../rtsp-fetch/msg.h"
#include "fuzz.h"

#define STANDARD	"v=0\nm=video 0 RTP/AVP 96\na=rtpmap:96 H264/90000\n" \
	"a=fmtp:96 sprop-parameter-sets=Z2QADayzAoP2AiAAAAMAIAAAB4HihU0=,aOlwVLIs\n"

static void
drained(void)
{
}

/* The records of a block; FIRST and LAST have to be where they belong. */
static void
check(const struct block *b, bool *inside)
{
	for (size_t at = 0, len; at < b->len; at += len) {
		uint16_t flags;

		if (b->len - at < NALSTREAM_HEAD)
			abort();
		len = 4 + (size_t)be32dec(b->data + at);
		flags = be16dec(b->data + at + 6);
		if (len < NALSTREAM_HEAD || len > b->len - at)
			abort();
		if (b->data[at + 4] != NALSTREAM_NAL) {
			if (*inside)
				abort();
			continue;
		}
		if (*inside == (flags & NALSTREAM_FIRST))
			abort();
		*inside = !(flags & NALSTREAM_LAST);
	}
}

static void
drain(struct ring *ring, bool *inside)
{
	struct block *b;

	while (ring_fill(ring).bytes > 0) {
		if (ring_take(ring, &b, 1) == 0)
			break;
		check(b, inside);
		ring_recycle(ring, &b, 1);
	}
}

static void
feed(struct media *m, struct ring *ring, const uint8_t *p, const uint8_t *end)
{
	struct conn_packet packet = { .first_ntp = 17198541541196598592ULL, .slack_us = 1 };
	bool inside = false;
	size_t head;

	for (; end - p >= 3; p += packet.len) {
		head = *p & 0x80 ? 3 : 2;
		packet.channel = *p & 1;
		packet.len = head == 3 ? be16dec(p + 1) : p[1];
		p += head;
		if ((size_t)(end - p) < packet.len)
			packet.len = end - p;
		packet.data = p;
		packet.first_ntp += 100000000;
		packet.last_ntp = packet.first_ntp;
		if (media_packet(m, &packet) == -1)
			break;
		drain(ring, &inside);
	}
	if (media_finish(m) == -1)
		abort();
	drain(ring, &inside);
	if (inside)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *nul = memchr(data, '\0', size), *end = data + size;
	static bool open;
	struct ring ring;
	struct stream stream = { .ring = &ring };
	static struct media m;
	struct sdp sdp;
	struct sdp_media *media;
	char *text;

	if (!open && msg_open(MSG_ERROR) == -1)
		abort();
	open = true;
	if (nul == NULL || ring_open(&ring, 64 << 20, drained) == -1)
		return 0;
	text = nul == data ? strdup(STANDARD) : strndup((const char *)data, nul - data);
	sdp_parse(&sdp, text);
	media = sdp_choose(&sdp);
	if (media != NULL && media_open(&m, &stream, 1, media, end - nul > 1 && nul[1] & 0x40) == 0) {
		feed(&m, &ring, nul + 1, end);
		media_close(&m);
	}
	ring_destroy(&ring);
	free(text);
	return 0;
}
