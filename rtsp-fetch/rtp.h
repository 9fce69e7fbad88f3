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
	uint64_t rtp;			/* of the last packet, extended */
	uint64_t received, lost;	/* packets */
	uint64_t late;			/* duplicates and packets from before the last one, dropped */
	unsigned late_in_row;		/* late packets whose numbers follow one another */
	uint16_t late_seq;
	uint32_t new_ssrc;		/* another source that has sent one packet, if new_source */
	bool new_source;
	uint64_t first_rtp, first_ntp;
	int64_t transit;		/* A.8, ticks */
	uint32_t jitter;		/* A.8, ticks, scaled by 16 */
	uint32_t lost_before, expected_before;	/* at the last receiver report */
	/* The last sender report, for LSR and DLSR (6.4.1). */
	bool has_report;
	uint32_t report_ntp_middle;
	uint64_t report_arrival_ntp;
};

enum rtp_order {
	RTP_DROP = -1,		/* a duplicate, or too late */
	RTP_NEXT,
	RTP_AFTER_LOSS,		/* packets before it are missing: *nlost */
	RTP_RESTART,		/* the source began anew: its numbers go with nothing before */
};

/*
 * Takes a packet whose arrival is set into account: sequence, 64-bit time,
 * jitter. Sets p->rtp.
 */
enum rtp_order rtp_account(struct rtp_source *s, struct rtp_packet *p, uint32_t *nlost);

#endif
