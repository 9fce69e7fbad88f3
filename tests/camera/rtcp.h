/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Interleaved RTCP packets that the camera sends (RFC 3550 6.1, 6.4, 6.5, 6.6). */
#ifndef RTCP_H
#define RTCP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTCP_MAX	128	/* room that any of these needs, the '$' head included */

struct rtcp_report {
	uint32_t ssrc;
	uint64_t ntp;
	uint32_t rtp;
	uint32_t packets, octets;
};

/*
 * A compound packet with a sender report and an SDES CNAME; with second set, behind
 * an empty receiver report. Returns the bytes written to out[RTCP_MAX].
 */
size_t rtcp_report(uint8_t *out, uint8_t channel, const struct rtcp_report *r, bool second);

/* The end of the stream: an empty receiver report and a BYE. */
size_t rtcp_bye(uint8_t *out, uint8_t channel, uint32_t ssrc);

#endif
