/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Packetising H.264 (RFC 6184, packetization-mode 1): single NAL units, STAP-A, FU-A. */
#include "rtp.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "h264.h"

#define STAP_A	24
#define FU_A	28

static bool
is_parameter_set(const struct clip_nal *nal)
{
	unsigned type = NAL_TYPE(nal->data[0]);

	return type == NAL_SPS || type == NAL_PPS;
}

/* Begins a packet and returns where its len bytes of payload go, or NULL. */
static uint8_t *
add_packet(struct rtp *rtp, size_t len)
{
	struct rtp_packet *p;
	uint8_t *head;

	if (rtp->npackets == rtp->packets_cap) {
		size_t cap = rtp->packets_cap ? rtp->packets_cap * 2 : 1024;

		if ((p = reallocarray(rtp->packets, cap, sizeof *p)) == NULL)
			return NULL;
		rtp->packets = p;
		rtp->packets_cap = cap;
	}
	p = &rtp->packets[rtp->npackets];
	p->at = rtp->bytes.len;
	p->len = RTP_INTERLEAVED + RTP_HEAD + len;
	if ((head = buf_add(&rtp->bytes, NULL, p->len)) == NULL)
		return NULL;
	rtp->npackets++;
	memset(head, 0, RTP_INTERLEAVED + RTP_HEAD);
	head[0] = '$';
	be16enc(head + 2, RTP_HEAD + len);
	head[4] = 2 << 6;
	head[5] = rtp->payload_type;
	return head + RTP_INTERLEAVED + RTP_HEAD;
}

static int
add_single(struct rtp *rtp, const struct clip_nal *nal)
{
	uint8_t *p = add_packet(rtp, nal->len);

	if (p == NULL)
		return -1;
	memcpy(p, nal->data, nal->len);
	return 0;
}

/*
 * RFC 6184 5.8: FU indicator (F, NRI of the NAL unit; type 28), FU header
 * (S, E, R; the NAL unit's type), then its bytes without their first.
 */
static int
add_fragments(struct rtp *rtp, const struct clip_nal *nal, size_t room, bool empty)
{
	for (size_t at = 1, n; at < nal->len; at += n) {
		uint8_t *p;

		/* With empty ones, every other has nothing, beginning with the first. */
		if (empty && ((p = add_packet(rtp, 2)) == NULL))
			return -1;
		if (empty) {
			p[0] = (nal->data[0] & 0xe0) | FU_A;
			p[1] = NAL_TYPE(nal->data[0]) | (at == 1 ? 0x80 : 0);
		}
		n = nal->len - at < room - 2 ? nal->len - at : room - 2;
		if ((p = add_packet(rtp, 2 + n)) == NULL)
			return -1;
		p[0] = (nal->data[0] & 0xe0) | FU_A;
		p[1] = NAL_TYPE(nal->data[0]) | (at == 1 && !empty ? 0x80 : 0) |
		    (at + n == nal->len ? 0x40 : 0);
		memcpy(p + 2, nal->data + at, n);
	}
	return 0;
}

/* How many parameter sets from here on fit one STAP-A, and its size. */
static size_t
stap_fits(const struct clip_nal *nal, size_t n, size_t room, size_t *len)
{
	size_t i;

	*len = 1;
	for (i = 0; i < n && is_parameter_set(nal + i) && *len + 2 + nal[i].len <= room; i++)
		*len += 2 + nal[i].len;
	return i;
}

/* What stands behind the last NAL unit of a STAP-A, and should not. */
static const struct tail { size_t len; uint8_t bytes[8]; } tails[] = {
	[RTP_STAP_PADDED] = { 7, { 0 } },
	[RTP_STAP_LIE] = { 5, { 0x10, 0x00, 0x41, 0x9a, 0x02 } },
};

static size_t
tail_len(enum rtp_odd odd)
{
	return odd == RTP_STAP_PADDED || odd == RTP_STAP_LIE ? tails[odd].len : 0;
}

/* RFC 6184 5.7.1: type 24 with the highest NRI, then size (2) and NAL unit each. */
static int
add_stap(struct rtp *rtp, const struct clip_nal *nal, size_t n, size_t len, enum rtp_odd odd)
{
	uint8_t *p = add_packet(rtp, len + tail_len(odd)), *head = p;

	if (p == NULL)
		return -1;
	*p++ = STAP_A;
	for (size_t i = 0; i < n; i++) {
		if ((nal[i].data[0] & 0x60) > (*head & 0x60))
			*head = (nal[i].data[0] & 0x60) | STAP_A;
		be16enc(p, nal[i].len);
		memcpy(p + 2, nal[i].data, nal[i].len);
		p += 2 + nal[i].len;
	}
	memcpy(p, tail_len(odd) > 0 ? tails[odd].bytes : head, tail_len(odd));
	return 0;
}

/* All NAL units of a unit in one, start codes between them. */
static int
add_glued(struct rtp *rtp, const struct clip_nal *nal, size_t n, size_t room, enum rtp_odd odd)
{
	static const uint8_t code[] = { 0, 0, 0, 1 };
	struct buf all = { 0 };
	struct clip_nal whole;
	int r = -1;

	for (size_t i = 0; i < n; i++) {
		if (i > 0 || odd == RTP_GLUED_CODE)
			buf_add(&all, code, sizeof code);
		buf_add(&all, nal[i].data, nal[i].len);
	}
	if (!all.failed && odd == RTP_GLUED_LAST)
		all.data[0] = nal[n - 1].data[0];
	whole = (struct clip_nal){ .data = all.data, .len = all.len };
	if (!all.failed)
		r = all.len <= room ? add_single(rtp, &whole) : add_fragments(rtp, &whole, room, false);
	buf_free(&all);
	return r;
}

/* A parameter set with something behind it. */
static int
add_tailed(struct rtp *rtp, const struct clip_nal *nal, const void *tail, size_t len)
{
	uint8_t *p = add_packet(rtp, nal->len + len);

	if (p == NULL)
		return -1;
	memcpy(p, nal->data, nal->len);
	memcpy(p + nal->len, tail, len);
	return 0;
}

static int
add_nal(struct rtp *rtp, const struct clip_nal *nal, size_t room, enum rtp_odd odd)
{
	if (odd == RTP_SET_ZEROS && is_parameter_set(nal))
		return add_tailed(rtp, nal, "\0\0\0", 3);
	if (odd == RTP_SPS_TAIL && NAL_TYPE(nal->data[0]) == NAL_SPS)
		return add_tailed(rtp, nal, "\x80\x12\x34", 3);
	if (nal->len > room || (odd == RTP_FU_SINGLE && nal->len > 1 && nal->len + 1 <= room))
		return add_fragments(rtp, nal, room, odd == RTP_FU_EMPTY);
	return add_single(rtp, nal);
}

static int
add_unit(struct rtp *rtp, const struct clip *clip, const struct clip_unit *unit,
    const struct rtp_form *form)
{
	size_t room = form->mtu - RTP_HEAD, before = rtp->npackets, len, n = 1;
	bool glued = form->odd >= RTP_GLUED && form->odd <= RTP_GLUED_CODE;

	for (size_t i = 0; i < unit->nnals; i += n) {
		const struct clip_nal *nal = &clip->nals[unit->first + i];
		int r;

		n = 1;
		if (form->no_inband && is_parameter_set(nal))
			continue;
		if (glued && unit->nnals > 1)
			r = add_glued(rtp, nal, n = unit->nnals, room, form->odd);
		else if (form->stap && (n = stap_fits(nal, unit->nnals - i, room, &len)) > 1)
			r = add_stap(rtp, nal, n, len, form->odd);
		else
			r = add_nal(rtp, nal, room, form->odd);
		if (r == -1)
			return -1;
		if (n == 0)
			n = 1;
	}
	if (rtp->npackets > before)
		rtp->bytes.data[rtp->packets[rtp->npackets - 1].at + RTP_INTERLEAVED + 1] |= RTP_MARKER;
	return 0;
}

int
rtp_form_odd(struct rtp_form *form, const char *name)
{
	static const char *const names[] = { "", "glued", "glued-last", "glued-code", "fu-single", "fu-empty",
		"stap-padded", "stap-lie", "set-zeros", "sps-tail" };

	for (unsigned i = 1; i < sizeof names / sizeof names[0]; i++) {
		if (strcmp(names[i], name) == 0) {
			form->odd = i;
			return 0;
		}
	}
	return -1;
}

int
rtp_open(struct rtp *rtp, const struct clip *clip, const struct rtp_form *form)
{
	memset(rtp, 0, sizeof *rtp);
	rtp->payload_type = form->payload_type;
	if ((rtp->first = reallocarray(NULL, clip->nunits + 1, sizeof *rtp->first)) == NULL)
		return -1;
	for (size_t i = 0; i < clip->nunits; i++) {
		rtp->first[i] = rtp->npackets;
		if (add_unit(rtp, clip, &clip->units[i], form) == -1) {
			rtp_close(rtp);
			errno = ENOMEM;
			return -1;
		}
	}
	rtp->first[clip->nunits] = rtp->npackets;
	return 0;
}

void
rtp_close(struct rtp *rtp)
{
	buf_free(&rtp->bytes);
	free(rtp->packets);
	free(rtp->first);
	memset(rtp, 0, sizeof *rtp);
}

void
rtp_patch(uint8_t *packet, uint8_t channel, uint16_t seq, uint32_t timestamp, uint32_t ssrc)
{
	packet[1] = channel;
	be16enc(packet + 6, seq);
	be32enc(packet + 8, timestamp);
	be32enc(packet + 12, ssrc);
}
