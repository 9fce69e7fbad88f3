/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RFC 3550 6.4, 6.5, A.3. */
#include "rtcp.h"

#include <sys/endian.h>

#include <stdio.h>
#include <string.h>

#include "clock.h"

#define HEADER	4

/*  0 V=2 P count   1 packet type   2 length in words, less one   4 body */
bool
rtcp_next(const uint8_t *data, size_t len, size_t *at, struct rtcp_packet *p)
{
	size_t size;

	if (*at >= len || len - *at < HEADER || data[*at] >> 6 != 2)
		return false;
	size = ((size_t)be16dec(data + *at + 2) + 1) * 4;
	if (size > len - *at)
		return false;
	p->count = data[*at] & 0x1f;
	p->type = data[*at + 1];
	p->body = data + *at + HEADER;
	p->len = size - HEADER;
	*at += size;
	return true;
}

/*  0 SSRC   4 NTP timestamp   12 RTP timestamp   16 packet count   20 octet count */
void
rtcp_note_report(struct rtp_source *s, const uint8_t *report, uint64_t arrival_ntp)
{
	s->has_report = true;
	s->report_ntp_middle = be64dec(report + 4) >> 16;
	s->report_arrival_ntp = arrival_ntp;
}

/* The report block of 6.4.1, 24 bytes. */
static void
report_block(uint8_t *out, struct rtp_source *s, uint64_t now_ntp)
{
	uint32_t expected = s->max_seq - s->base_seq + 1, lost = 0, fraction = 0;
	uint32_t expected_step, lost_step;

	if (s->received < expected)
		lost = expected - s->received;
	if (lost > 0x7fffff)
		lost = 0x7fffff;
	expected_step = expected - s->expected_before;
	lost_step = lost - s->lost_before;
	if (expected_step > 0 && lost_step <= expected_step)
		fraction = (uint32_t)(((uint64_t)lost_step << 8) / expected_step);
	s->expected_before = expected;
	s->lost_before = lost;
	be32enc(out, s->ssrc);
	be32enc(out + 4, (fraction > 255 ? 255 : fraction) << 24 | lost);
	be32enc(out + 8, s->max_seq);
	be32enc(out + 12, s->jitter >> 4);
	be32enc(out + 16, s->has_report ? s->report_ntp_middle : 0);	/* LSR */
	be32enc(out + 20, s->has_report ? (now_ntp - s->report_arrival_ntp) >> 16 : 0);
}

size_t
rtcp_receiver_report(uint8_t out[RTCP_RR_MAX], struct rtp_source *s, uint32_t our_ssrc,
    uint64_t now_ntp)
{
	size_t blocks = s->begun ? 1 : 0, len = 8 + blocks * 24, item;
	uint8_t *sdes;
	int name;

	out[0] = 0x80 | blocks;
	out[1] = RTCP_RR;
	be16enc(out + 2, len / 4 - 1);
	be32enc(out + 4, our_ssrc);
	if (blocks > 0)
		report_block(out + 8, s, now_ntp);
	/* SDES: one chunk with a CNAME, its end padded with zeros to a word. */
	sdes = out + len;
	memset(sdes, 0, RTCP_RR_MAX - len);
	sdes[0] = 0x81;
	sdes[1] = RTCP_SDES;
	be32enc(sdes + 4, our_ssrc);
	sdes[8] = 1;
	name = snprintf((char *)sdes + 10, 32, "nalpipe-%08x", (unsigned)our_ssrc);
	sdes[9] = name;
	item = (10 + name + 4) / 4 * 4;
	be16enc(sdes + 2, item / 4 - 1);
	return len + item;
}
