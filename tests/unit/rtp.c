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
	CHECK(take(&s, 1, 4, 0x200, &lost) == RTP_HOLD_FIRST);	/* a duplicate */
	CHECK(take(&s, 1, 2, 0x180, &lost) == RTP_HOLD_FIRST);	/* late */
	CHECK_EQ(s.late, 2);
	CHECK(take(&s, 1, 5, 0x300, &lost) == RTP_NEXT);
	CHECK_EQ(s.lost, 3);
}

/* The numbers step back and go on from there: the third packet is believed, and two were held. */
static void
numbered_anew(void)
{
	struct rtp_source s = { .clock_rate = 90000 };
	struct rtp_packet held = { .ssrc = 1, .timestamp = 10 };
	uint32_t lost;

	CHECK(take(&s, 1, 40000, 0, &lost) == RTP_NEXT);
	CHECK(take(&s, 1, 39000, 10, &lost) == RTP_HOLD_FIRST);
	CHECK(take(&s, 1, 39001, 20, &lost) == RTP_HOLD);
	CHECK(take(&s, 1, 39002, 30, &lost) == RTP_RENUMBERED);
	CHECK_EQ(lost, 0);
	rtp_account_held(&s, &held);
	CHECK_EQ(held.rtp, 10);
	CHECK_EQ(s.base_seq, 39001);
	CHECK_EQ(s.received, 2);
	CHECK_EQ(s.late, 0);
	CHECK(take(&s, 1, 39003, 40, &lost) == RTP_NEXT);
	/* RFC 3550 A.1: 3000 may be lost; more are a new count */
	CHECK(take(&s, 1, 42003, 50, &lost) == RTP_AFTER_LOSS);
	CHECK_EQ(lost, 2999);
	CHECK(take(&s, 1, 45004, 60, &lost) == RTP_HOLD_FIRST);
	CHECK(take(&s, 1, 42004, 60, &lost) == RTP_NEXT);
}

/* A packet of another source is a leftover; two in a row are a new stream. */
static void
sources(void)
{
	struct rtp_source s = { .clock_rate = 90000 };
	uint32_t lost;

	CHECK(take(&s, 1, 10, 0, &lost) == RTP_NEXT);
	for (unsigned i = 0; i < 10; i++) {
		CHECK(take(&s, 2, 500 + i, 7, &lost) == RTP_HOLD_FIRST);
		CHECK(take(&s, 1, 11 + i, 7, &lost) == RTP_NEXT);
	}
	CHECK(take(&s, 2, 600, 90, &lost) == RTP_HOLD_FIRST);
	CHECK(take(&s, 2, 602, 90, &lost) == RTP_HOLD_FIRST);	/* not the next */
	CHECK(take(&s, 2, 603, 90, &lost) == RTP_RESTART);
	CHECK_EQ(s.ssrc, 2);
	CHECK(take(&s, 2, 604, 90, &lost) == RTP_NEXT);
}

/* An old session that goes on sending (live555): it is not taken again while the new one sends. */
static void
old_session(void)
{
	struct rtp_source s = { .clock_rate = 90000 };
	struct rtp_packet p = { .ssrc = 1, .seq = 7 };
	uint32_t lost;

	CHECK(take(&s, 1, 5, 0, &lost) == RTP_NEXT);
	CHECK(take(&s, 2, 100, 0, &lost) == RTP_HOLD_FIRST);
	CHECK(take(&s, 2, 101, 0, &lost) == RTP_RESTART);
	for (unsigned i = 0; i < 5; i++) {
		CHECK(take(&s, 1, 6 + 2 * i, 0, &lost) == RTP_DROP);
		CHECK(take(&s, 1, 7 + 2 * i, 0, &lost) == RTP_DROP);
		CHECK(take(&s, 2, 102 + i, 0, &lost) == RTP_NEXT);
	}
	/* A second without the new one: 2^32 of the NTP time. */
	p.seq = 50;
	p.last_ntp = 1ULL << 32;
	CHECK(rtp_account(&s, &p, &lost) == RTP_HOLD_FIRST);
	p.seq = 51;
	CHECK(rtp_account(&s, &p, &lost) == RTP_RESTART);
}

static uint64_t
rtp_after(struct rtp_source *s, uint16_t seq, uint32_t timestamp)
{
	struct rtp_packet p = { .ssrc = 1, .seq = seq, .timestamp = timestamp };
	uint32_t lost;

	CHECK(rtp_account(s, &p, &lost) == RTP_NEXT);
	return p.rtp;
}

/* One time that is far off changes nothing of those behind it; the third that agrees does. */
static void
jumps(void)
{
	struct rtp_source s = { .clock_rate = 90000 };

	CHECK_EQ(rtp_after(&s, 1, 0xfffffff0), 0xfffffff0);
	CHECK_EQ(rtp_after(&s, 2, 0x10), 0x100000010);
	/* as far as it can be: 2^31 ahead, and the next would be nearest to 2^32 + 2^32 */
	CHECK_EQ(rtp_after(&s, 3, 0x80000010), 0x180000010);
	CHECK_EQ(rtp_after(&s, 4, 0x20), 0x100000020);
	CHECK_EQ(s.jumps, 1);
	CHECK_EQ(rtp_after(&s, 5, 0x70000000), 0x170000000);
	CHECK_EQ(rtp_after(&s, 6, 0x70000000), 0x170000000);	/* of the same frame */
	CHECK_EQ(rtp_after(&s, 7, 0x70000bb8), 0x170000bb8);
	CHECK_EQ(rtp_after(&s, 8, 0x70001770), 0x170001770);	/* and the new timeline stands */
	CHECK_EQ(rtp_after(&s, 9, 0xe0000000), 0x1e0000000);
	CHECK_EQ(s.jumps, 3);
}

int
main(void)
{
	header();
	sequence();
	numbered_anew();
	sources();
	old_session();
	jumps();
	return check_failed;
}
