/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RFC 3550: header, sequence numbers, jitter. */
#include "rtp.h"

#include <sys/endian.h>

#include "clock.h"

#define HEADER		12
#define RESTART_AFTER	2	/* packets of another SSRC in a row: the source began anew */
#define RENUMBER_AFTER	3	/* packets with other numbers in a row: they began anew */
#define DROPOUT_MAX	3000	/* A.1: numbers that step by more began anew as well */
#define LEFT_NS		CLOCK_NS_PER_S	/* a source that was left is not taken again before */
#define JUMP_S		10	/* RTP time that steps by more */
#define JUMP_ROW	3	/* until so many in a row agree */

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
	p->extension = NULL;
	p->extension_len = 0;
	if (data[0] & 0x10) {
		if (len < head + 4)
			return -1;
		p->extension = data + head;
		p->extension_len = 4 + (size_t)be16dec(data + head + 2) * 4;
		head += p->extension_len;
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
	if (s->begun && p->ssrc != s->ssrc) {
		s->has_left = true;
		s->left_ssrc = s->ssrc;
		s->has_report = false;
	}
	s->begun = true;
	s->ssrc = p->ssrc;
	s->base_seq = s->max_seq = p->seq;
	s->received = 0;
	s->lost_before = s->expected_before = 0;
	s->first_rtp = s->rtp = p->rtp;
	s->first_ntp = p->last_ntp;
	s->transit = 0;
	s->jitter = 0;
	s->strange = s->jump_row = 0;
}

static int64_t
ticks(const struct rtp_source *s, int64_t ns)
{
	return ns / CLOCK_NS_PER_S * s->clock_rate + ns % CLOCK_NS_PER_S * s->clock_rate / CLOCK_NS_PER_S;
}

/* A.8, with arrival in ticks since the first packet. */
static void
update_jitter(struct rtp_source *s, const struct rtp_packet *p)
{
	int64_t arrival = ticks(s, clock_ntp_diff_ns(p->last_ntp, s->first_ntp));
	int64_t transit = arrival - clock_rtp_diff(p->rtp, s->first_rtp);
	int64_t d = transit - s->transit;

	s->transit = transit;
	if (d < 0)
		d = -d;
	if (d < s->clock_rate)
		s->jitter += (int64_t)d - ((s->jitter + 8) >> 4);
}

/* The RTP time is far from the last: that of a frame alone, or of a new timeline? */
static void
note_jump(struct rtp_source *s, const struct rtp_packet *p)
{
	int32_t step = (int32_t)(p->timestamp - s->jump_timestamp);
	int64_t limit = (int64_t)JUMP_S * s->clock_rate;

	if (s->jump_row > 0 && step == 0)
		return;			/* of the same frame */
	if (s->jump_row > 0 && step < limit && step > -limit) {
		s->jump_row++;
	} else {
		s->jump_row = 1;
		s->jumps++;
	}
	s->jump_timestamp = p->timestamp;
	if (s->jump_row < JUMP_ROW)
		return;
	s->rtp = p->rtp;
	s->jump_row = 0;
}

/* Sets p->rtp, and the source's to it. */
static void
extend(struct rtp_source *s, struct rtp_packet *p)
{
	int64_t step, limit = (int64_t)JUMP_S * s->clock_rate, waited;

	p->rtp = clock_rtp_extend(s->rtp, p->timestamp);
	step = clock_rtp_diff(p->rtp, s->rtp);
	if (step >= limit || step <= -limit) {
		waited = ticks(s, clock_ntp_diff_ns(p->last_ntp, s->last_ntp));
		if (step < 0 || step - waited >= limit) {
			note_jump(s, p);
			return;
		}
	}
	s->rtp = p->rtp;
	s->jump_row = 0;
}

/* So many packets in a row that do not go on with the source go on with one another. */
static unsigned
count_strange(struct rtp_source *s, const struct rtp_packet *p)
{
	bool follows = s->strange > 0 && p->ssrc == s->strange_ssrc &&
	    p->seq == (uint16_t)(s->strange_seq + 1);

	s->strange = follows ? s->strange + 1 : 1;
	s->strange_ssrc = p->ssrc;
	s->strange_seq = p->seq;
	s->late++;
	return s->strange;
}

/* Whether a packet of this SSRC may begin a stream: some servers send on from old sessions. */
static bool
is_welcome(const struct rtp_source *s, const struct rtp_packet *p)
{
	return !s->has_left || p->ssrc != s->left_ssrc ||
	    clock_ntp_diff_ns(p->last_ntp, s->last_ntp) >= LEFT_NS;
}

/* A packet of another SSRC, or one that is not ahead, or too far. */
static enum rtp_order
take_strange(struct rtp_source *s, struct rtp_packet *p)
{
	bool other = p->ssrc != s->ssrc;
	unsigned n;

	if (other && !is_welcome(s, p)) {
		s->late++;
		return RTP_DROP;
	}
	n = count_strange(s, p);
	if (n < (other ? RESTART_AFTER : RENUMBER_AFTER))
		return n == 1 ? RTP_HOLD_FIRST : RTP_HOLD;
	s->late -= n;
	p->rtp = clock_rtp_extend(s->rtp, p->timestamp);
	begin(s, p);
	return other ? RTP_RESTART : RTP_RENUMBERED;
}

static enum rtp_order
take_next(struct rtp_source *s, struct rtp_packet *p, uint16_t step, uint32_t *nlost)
{
	s->strange = 0;
	s->max_seq += step;
	*nlost = step - 1;
	s->lost += *nlost;
	extend(s, p);
	return *nlost > 0 ? RTP_AFTER_LOSS : RTP_NEXT;
}

enum rtp_order
rtp_account(struct rtp_source *s, struct rtp_packet *p, uint32_t *nlost)
{
	uint16_t step = p->seq - (uint16_t)s->max_seq;
	enum rtp_order order = RTP_NEXT;

	*nlost = 0;
	if (!s->begun) {
		p->rtp = p->timestamp;
		begin(s, p);
	} else if (p->ssrc != s->ssrc || step == 0 || step > DROPOUT_MAX) {
		order = take_strange(s, p);
		if (order != RTP_RESTART && order != RTP_RENUMBERED)
			return order;
	} else {
		order = take_next(s, p, step, nlost);
	}
	s->received++;
	s->last_ntp = p->last_ntp;
	update_jitter(s, p);
	return order;
}

void
rtp_account_held(struct rtp_source *s, struct rtp_packet *p)
{
	p->rtp = clock_rtp_extend(s->rtp, p->timestamp);
	s->base_seq--;
	s->received++;
}
