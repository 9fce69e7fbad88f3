/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTP packets (RFC 3550 5.1) and what a receiver keeps of their source (A.1, A.8). */
#ifndef RTP_H
#define RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct rtp_packet {
	bool marker;
	uint8_t payload_type;
	uint16_t seq;
	uint32_t timestamp;
	uint32_t ssrc;
	const uint8_t *payload;		/* in the caller's buffer */
	size_t len;
	const uint8_t *extension;	/* 5.3.1, from its profile on; NULL: there is none */
	size_t extension_len;

	/* Set by the receiver. */
	uint64_t rtp;			/* timestamp extended to 64 bits */
	uint64_t first_ntp, last_ntp;	/* arrival of its first and last byte, host clock */
	uint32_t slack_us;		/* of first_ntp */
	bool user;			/* stamps are not the kernel's */
};

/* Parses a packet. 0, or -1: it is not one, or its lengths lie. */
int rtp_parse(struct rtp_packet *p, const uint8_t *data, size_t len);

/* The source of one track. */
struct rtp_source {
	uint32_t clock_rate;		/* Hz */
	bool begun;
	uint32_t ssrc;
	uint32_t base_seq, max_seq;	/* extended to 32 bits */
	uint64_t rtp;			/* of the last packet, extended; but for jumps, see rtp_account() */
	uint64_t last_ntp;		/* arrival of the last packet */
	uint64_t received, lost;	/* packets */
	uint64_t late;			/* duplicates, and packets that do not go on with the source */
	uint64_t jumps;			/* of the RTP time, off what arrival and the packets before say */
	/* Packets in a row that may be the source begun anew. */
	unsigned strange;
	uint32_t strange_ssrc;
	uint16_t strange_seq;
	bool has_left;			/* the SSRC before this one */
	uint32_t left_ssrc;
	/* RTP times in a row that go on with one another, but not with the source's. */
	unsigned jump_row;
	uint32_t jump_timestamp;
	uint64_t first_rtp, first_ntp;
	int64_t transit;		/* A.8, ticks */
	uint32_t jitter;		/* A.8, ticks, scaled by 16 */
	uint32_t lost_before, expected_before;	/* at the last receiver report */
	/* The last sender report, for LSR and DLSR (6.4.1). */
	bool has_report;
	uint32_t report_ntp_middle;
	uint64_t report_arrival_ntp;
};

#define RTP_HELD_MAX	2	/* packets that wait until it is sure that the source began anew */

enum rtp_order {
	RTP_DROP = -1,		/* a duplicate, too late, or of a source that was left */
	RTP_NEXT,		/* goes on; what was held is of no use */
	RTP_AFTER_LOSS,		/* likewise, but packets before it are missing: *nlost */
	RTP_HOLD,		/* the source may have begun anew: to be kept, with those held so far */
	RTP_HOLD_FIRST,		/* the same, instead of those held so far */
	RTP_RENUMBERED,		/* the numbers began anew with the packets held; this is the next */
	RTP_RESTART,		/* likewise, of another SSRC: they go with nothing before */
};

/*
 * Takes a packet whose arrival is set into account: sequence, 64-bit time,
 * jitter. Sets p->rtp. A time that is far off (some cameras have single frames
 * hours away) does not count for those after it until three in a row agree, so
 * that the upper half of the 64 bits stays true.
 */
enum rtp_order rtp_account(struct rtp_source *s, struct rtp_packet *p, uint32_t *nlost);

/* A packet that was held is taken after all. Sets p->rtp. */
void rtp_account_held(struct rtp_source *s, struct rtp_packet *p);

#endif
