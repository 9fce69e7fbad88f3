/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTCP (RFC 3550 6): reading compound packets, writing receiver reports. */
#ifndef RTCP_H
#define RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "rtp.h"

#define RTCP_RR_MAX		128

enum rtcp_type {
	RTCP_SR = 200,
	RTCP_RR = 201,
	RTCP_SDES = 202,
	RTCP_BYE = 203,
};

/* One packet of a compound. */
struct rtcp_packet {
	uint8_t type;
	uint8_t count;
	const uint8_t *body;	/* from the SSRC on, in the caller's buffer */
	size_t len;
};

/*
 * The next packet of a compound, *at bytes into it. true, or false at the end;
 * what has no sound header, or is longer than the rest, ends it.
 */
bool rtcp_next(const uint8_t *data, size_t len, size_t *at, struct rtcp_packet *p);

/* Notes a sender report (NALSTREAM_REPORT_SIZE bytes) for the next receiver report. */
void rtcp_note_report(struct rtp_source *s, const uint8_t *report, uint64_t arrival_ntp);

/*
 * A compound of receiver report and CNAME for this source (6.4.2, 6.5.1), from
 * our own SSRC. Returns its length.
 */
size_t rtcp_receiver_report(uint8_t out[RTCP_RR_MAX], struct rtp_source *s, uint32_t our_ssrc,
    uint64_t now_ntp);

#endif
