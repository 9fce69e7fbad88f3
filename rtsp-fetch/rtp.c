/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RFC 3550: header, sequence numbers, jitter. */
#include "rtp.h"

#include <sys/endian.h>

#include "clock.h"

#define HEADER		12
#define LATE_MAX	3	/* so many late packets one after the other: the numbers began anew */

/*
 *  0 V=2 P X CC   1 M PT   2 sequence number   4 timestamp   8 SSRC   12 CC * CSRC
 *  then, with X: 2 profile, 2 length in words, words. With P the last byte counts the padding.
 */
int
rtp_parse(struct rtp_packet *p, const uint8_t *data, size_t len)
{
	size_t head, padding;

	if (len < HEADER || data[0] >> 6 != 2)
		return -1;
	head = HEADER + (size_t)(data[0] & 0x0f) * 4;
	if (data[0] & 0x10) {
		if (len < head + 4)
			return -1;
		head += 4 + (size_t)be16dec(data + head + 2) * 4;
	}
	padding = data[0] & 0x20 ? data[len - 1] : 0;
	if (len < head || padding > len - head)
		return -1;
	p->marker = data[1] >> 7;
	p->payload_type = data[1] & 0x7f;
	p->seq = be16dec(data + 2);
	p->timestamp = be32dec(data + 4);
	p->ssrc = be32dec(data + 8);
	p->payload = data + head;
	p->len = len - head - padding;
	return 0;
}

static void
begin(struct rtp_source *s, const struct rtp_packet *p)
{
	s->begun = true;
	s->ssrc = p->ssrc;
	s->base_seq = s->max_seq = p->seq;
	s->received = 0;
	s->lost_before = s->expected_before = 0;
	s->first_rtp = p->rtp;
	s->first_ntp = p->last_ntp;
	s->transit = 0;
	s->jitter = 0;
	s->late_in_row = 0;
	s->new_source = false;
}

/* A.8, with arrival in ticks since the first packet. */
static void
update_jitter(struct rtp_source *s, const struct rtp_packet *p)
{
	int64_t since_ns = clock_ntp_diff_ns(p->last_ntp, s->first_ntp);
	int64_t arrival = since_ns / CLOCK_NS_PER_S * s->clock_rate +
	    since_ns % CLOCK_NS_PER_S * s->clock_rate / CLOCK_NS_PER_S;
	int64_t transit = arrival - clock_rtp_diff(p->rtp, s->first_rtp);
	int64_t d = transit - s->transit;

	s->transit = transit;
	if (d < 0)
		d = -d;
	if (d < s->clock_rate)
		s->jitter += (int64_t)d - ((s->jitter + 8) >> 4);
}

/*
 * A packet of another SSRC: the stream began anew if a second one follows. One
 * alone is a leftover of a session that was.
 */
static bool
is_new_source(struct rtp_source *s, const struct rtp_packet *p)
{
	bool second = s->new_source && s->new_ssrc == p->ssrc;

	s->new_source = !second;
	s->new_ssrc = p->ssrc;
	return second;
}

/* A packet that is not ahead: the numbers went back if others follow it in order. */
static bool
is_numbered_anew(struct rtp_source *s, const struct rtp_packet *p)
{
	bool follows = s->late_in_row > 0 && p->seq == (uint16_t)(s->late_seq + 1);

	s->late_in_row = follows ? s->late_in_row + 1 : 1;
	s->late_seq = p->seq;
	return s->late_in_row >= LATE_MAX;
}

enum rtp_order
rtp_account(struct rtp_source *s, struct rtp_packet *p, uint32_t *nlost)
{
	uint16_t step = p->seq - (uint16_t)s->max_seq;
	enum rtp_order order = RTP_NEXT;

	*nlost = 0;
	p->rtp = s->begun ? clock_rtp_extend(s->rtp, p->timestamp) : p->timestamp;
	if (!s->begun) {
		begin(s, p);
	} else if (p->ssrc != s->ssrc) {
		s->late++;
		if (!is_new_source(s, p))
			return RTP_DROP;
		begin(s, p);
		order = RTP_RESTART;
	} else if (step == 0 || step >= 0x8000) {
		s->late++;
		if (!is_numbered_anew(s, p))
			return RTP_DROP;
		begin(s, p);
		/* What was dropped until this was sure is lost. */
		*nlost = LATE_MAX - 1;
		s->lost += *nlost;
		order = RTP_AFTER_LOSS;
	} else {
		s->new_source = false;
		s->late_in_row = 0;
		s->max_seq += step;
		*nlost = step - 1;
		s->lost += *nlost;
		if (*nlost > 0)
			order = RTP_AFTER_LOSS;
	}
	s->received++;
	s->rtp = p->rtp;
	update_jitter(s, p);
	return order;
}
