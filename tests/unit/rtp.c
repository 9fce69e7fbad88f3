/* units: rtsp-fetch/rtp.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTP headers (RFC 3550 5.1) and what becomes of sequence numbers and sources. */
#include "../../rtsp-fetch/rtp.h"

#include <string.h>

#include "check.h"

/* V=2, M, PT 96, seq 0x1234, timestamp 0x01020304, SSRC 0xa1b2c3d4, payload 65 66 */
static const uint8_t plain[] = {
	0x80, 0xe0, 0x12, 0x34, 1, 2, 3, 4, 0xa1, 0xb2, 0xc3, 0xd4, 0x65, 0x66,
};

static void
header(void)
{
	/* 0xb1: V=2, P, X, CC=1; a CSRC; an extension of one word; payload 65; padding 00 02 */
	static const uint8_t full[] = {
		0xb1, 0x60, 0, 1, 0, 0, 0, 9, 0, 0, 0, 7, 1, 1, 1, 1,
		0xab, 0xac, 0, 1, 2, 2, 2, 2, 0x65, 0, 2,
	};
	struct rtp_packet p;

	CHECK(rtp_parse(&p, plain, sizeof plain) == 0);
	CHECK(p.marker);
	CHECK_EQ(p.payload_type, 96);
	CHECK_EQ(p.seq, 0x1234);
	CHECK_EQ(p.timestamp, 0x01020304);
	CHECK_EQ(p.ssrc, 0xa1b2c3d4);
	CHECK_EQ(p.len, 2);
	CHECK(rtp_parse(&p, full, sizeof full) == 0);
	CHECK(!p.marker);
	CHECK_EQ(p.len, 1);
	CHECK_EQ(p.payload[0], 0x65);
	for (size_t n = 0; n < 12; n++)
		CHECK(rtp_parse(&p, plain, n) == -1);
	/* A CSRC count, an extension and a padding that are longer than the packet. */
	for (size_t n = 12; n < 24; n++)
		CHECK(rtp_parse(&p, full, n) == -1);
}

static enum rtp_order
take(struct rtp_source *s, uint32_t ssrc, uint16_t seq, uint32_t timestamp, uint32_t *nlost)
{
	struct rtp_packet p = { .ssrc = ssrc, .seq = seq, .timestamp = timestamp };

	return rtp_account(s, &p, nlost);
}

static void
sequence(void)
{
	struct rtp_source s = { .clock_rate = 90000 };
	uint32_t lost;

	CHECK(take(&s, 1, 65535, 0xffffff00, &lost) == RTP_NEXT);
	CHECK(take(&s, 1, 0, 0x100, &lost) == RTP_NEXT);
	CHECK_EQ(s.rtp, 0x100000100);		/* 2^32 + 0x100 */
	CHECK(take(&s, 1, 4, 0x200, &lost) == RTP_AFTER_LOSS);
	CHECK_EQ(lost, 3);			/* 1, 2 and 3 */
	CHECK(take(&s, 1, 4, 0x200, &lost) == RTP_DROP);
	CHECK(take(&s, 1, 2, 0x180, &lost) == RTP_DROP);
	CHECK_EQ(s.late, 2);
	CHECK(take(&s, 1, 5, 0x300, &lost) == RTP_NEXT);
	CHECK_EQ(s.lost, 3);
}

/* The numbers step back and go on from there: the third packet is believed. */
static void
numbered_anew(void)
{
	struct rtp_source s = { .clock_rate = 90000 };
	uint32_t lost;

	CHECK(take(&s, 1, 40000, 0, &lost) == RTP_NEXT);
	CHECK(take(&s, 1, 39000, 10, &lost) == RTP_DROP);
	CHECK(take(&s, 1, 39001, 20, &lost) == RTP_DROP);
	CHECK(take(&s, 1, 39002, 30, &lost) == RTP_AFTER_LOSS);
	CHECK_EQ(lost, 2);
	CHECK(take(&s, 1, 39003, 40, &lost) == RTP_NEXT);
}

/* A packet of another source is a leftover; two in a row are a new stream. */
static void
sources(void)
{
	struct rtp_source s = { .clock_rate = 90000 };
	uint32_t lost;

	CHECK(take(&s, 1, 10, 0, &lost) == RTP_NEXT);
	for (unsigned i = 0; i < 10; i++) {
		CHECK(take(&s, 2, 500 + i, 7, &lost) == RTP_DROP);
		CHECK(take(&s, 1, 11 + i, 7, &lost) == RTP_NEXT);
	}
	CHECK(take(&s, 2, 600, 90, &lost) == RTP_DROP);
	CHECK(take(&s, 2, 601, 90, &lost) == RTP_RESTART);
	CHECK_EQ(s.ssrc, 2);
	CHECK(take(&s, 2, 602, 90, &lost) == RTP_NEXT);
}

int
main(void)
{
	header();
	sequence();
	numbered_anew();
	sources();
	return check_failed;
}
