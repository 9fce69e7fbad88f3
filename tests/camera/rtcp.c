/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writes sender reports (RFC 3550 6.4.1), in compounds, and BYE (6.6). */
#include "rtcp.h"

#include <sys/endian.h>

#include <string.h>

enum { RTCP_SR = 200, RTCP_RR, RTCP_SDES, RTCP_BYE };

#define CNAME		"nalpipe-camera"
#define SDES_CNAME	1

/* The common head: V=2, count, type, length in words after the first. */
static uint8_t *
head(uint8_t *p, unsigned count, unsigned type, size_t words, uint32_t ssrc)
{
	p[0] = 2 << 6 | count;
	p[1] = type;
	be16enc(p + 2, words);
	be32enc(p + 4, ssrc);
	return p + 8;
}

static uint8_t *
sender_report(uint8_t *p, const struct rtcp_report *r)
{
	p = head(p, 0, RTCP_SR, 6, r->ssrc);
	be64enc(p, r->ntp);
	be32enc(p + 8, r->rtp);
	be32enc(p + 12, r->packets);
	be32enc(p + 16, r->octets);
	return p + 20;
}

/* One chunk with one item, ended by at least one zero, on a word's boundary. */
static uint8_t *
description(uint8_t *p, uint32_t ssrc)
{
	size_t item = 2 + strlen(CNAME), words = item / 4 + 1;

	p = head(p, 1, RTCP_SDES, 1 + words, ssrc);
	memset(p, 0, words * 4);
	p[0] = SDES_CNAME;
	p[1] = strlen(CNAME);
	memcpy(p + 2, CNAME, strlen(CNAME));
	return p + words * 4;
}

static size_t
interleave(uint8_t *out, uint8_t channel, const uint8_t *end)
{
	out[0] = '$';
	out[1] = channel;
	be16enc(out + 2, end - out - 4);
	return end - out;
}

size_t
rtcp_report(uint8_t *out, uint8_t channel, const struct rtcp_report *r, bool second)
{
	uint8_t *p = out + 4;

	if (second)
		p = head(p, 0, RTCP_RR, 1, r->ssrc);
	p = sender_report(p, r);
	p = description(p, r->ssrc);
	return interleave(out, channel, p);
}

size_t
rtcp_bye(uint8_t *out, uint8_t channel, uint32_t ssrc)
{
	uint8_t *p = out + 4;

	p = head(p, 0, RTCP_RR, 1, ssrc);
	p = head(p, 1, RTCP_BYE, 1, ssrc);
	return interleave(out, channel, p);
}
