/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * RFC 6184 5.6 to 5.8. The packetization mode of the SDP is not asked: what
 * comes is taken. Reserved bits, headers of later fragments and fragments without
 * a byte are ignored. Start codes inside are au.c's, which has whole NAL units.
 */
#include "depay.h"

#include <sys/endian.h>

#include "h264.h"

#define STAP_A	24
#define FU_A	28
#define FU_HEAD	2	/* FU indicator and FU header */
#define FU_S	0x80
#define FU_E	0x40

static int
whole_nal(struct depay *d, const struct rtp_packet *p, const uint8_t *nal, size_t len)
{
	if (au_nal_begin(d->au, p, nal[0], nal + 1, len - 1) == -1)
		return -1;
	return au_nal_end(d->au);
}

/*
 * A fragmented unit whose end bit did not come. It is whole if its last fragment
 * had the marker, which only what follows can tell from markers on all packets;
 * or if this camera never sets that bit, and no packet is missing.
 */
static int
close_fu(struct depay *d, bool lost)
{
	if (!d->fu_open)
		return 0;
	d->fu_open = false;
	if (lost || (d->ends && !d->fu_marked))
		au_damage(d->au);
	return d->fu_empty ? 0 : au_nal_end(d->au);
}

/* 5.7.1:  0 STAP-A NAL header   then: 0 size, 2 NAL unit */
static int
stap_a(struct depay *d, const struct rtp_packet *p)
{
	size_t at = 1, size;

	for (; p->len - at >= 2; at += size) {
		size = be16dec(p->payload + at);
		at += 2;
		if (size == 0)
			continue;
		if (size > p->len - at) {
			d->malformed++;
			return 0;
		}
		if (whole_nal(d, p, p->payload + at, size) == -1)
			return -1;
	}
	return 0;
}

/* The first fragment that has a byte begins the NAL unit, at the arrival of the first of all. */
static int
fill_fu(struct depay *d, const struct rtp_packet *p, const uint8_t *fragment, size_t len)
{
	if (len == 0)
		return 0;
	d->fu_empty = false;
	if (au_nal_begin(d->au, &d->fu_first, d->fu_header, fragment, len) == -1)
		return -1;
	return au_nal_append(d->au, p, fragment, 0);
}

static int
begin_fu(struct depay *d, const struct rtp_packet *p, uint8_t header)
{
	if (close_fu(d, false) == -1)
		return -1;
	d->fu_open = true;
	d->fu_empty = p->len == FU_HEAD;
	if (!d->fu_empty)
		return au_nal_begin(d->au, p, header, p->payload + FU_HEAD, p->len - FU_HEAD);
	d->fu_first = *p;
	d->fu_first.payload = d->fu_first.extension = NULL;	/* not ours to keep */
	d->fu_header = header;
	return 0;
}

/* 5.8:  0 FU indicator (F NRI 28)   1 FU header (S E R type)   2 fragment */
static int
fu_a(struct depay *d, const struct rtp_packet *p)
{
	const uint8_t *fragment = p->payload + FU_HEAD;
	uint8_t header;
	int rc;

	if (p->len < FU_HEAD) {
		d->malformed++;
		return 0;
	}
	header = p->payload[1];
	if (header & FU_S) {
		rc = begin_fu(d, p, (p->payload[0] & 0xe0) | NAL_TYPE(header));
	} else if (!d->fu_open) {
		if (p->len > FU_HEAD)
			au_orphan(d->au, p);
		return 0;
	} else if (d->fu_empty) {
		rc = fill_fu(d, p, fragment, p->len - FU_HEAD);
	} else {
		rc = au_nal_append(d->au, p, fragment, p->len - FU_HEAD);
	}
	d->fu_marked = p->marker;
	if (rc == -1 || !(header & FU_E))
		return rc;
	d->ends = true;
	d->fu_open = false;
	return d->fu_empty ? 0 : au_nal_end(d->au);
}

static int
by_type(struct depay *d, const struct rtp_packet *p)
{
	unsigned type = NAL_TYPE(p->payload[0]);

	if (type == FU_A)
		return fu_a(d, p);
	if (close_fu(d, false) == -1)
		return -1;
	if (type == STAP_A)
		return stap_a(d, p);
	if (type > STAP_A) {
		d->unknown++;
		return 0;
	}
	return whole_nal(d, p, p->payload, p->len);
}

int
depay_packet(struct depay *d, const struct rtp_packet *p, uint32_t nlost)
{
	if (nlost > 0 && (close_fu(d, true) == -1 || au_lost(d->au, nlost) == -1))
		return -1;
	if (p->len > 0 && by_type(d, p) == -1)
		return -1;
	return p->marker && !d->fu_open ? au_marker(d->au) : 0;
}

int
depay_renumbered(struct depay *d)
{
	return close_fu(d, true) == -1 ? -1 : au_renumbered(d->au);
}

/* Nothing more of the NAL unit under way comes; in place of the end bit there may have been the marker. */
static int
end_fu(struct depay *d)
{
	bool marked = d->fu_open && d->fu_marked;

	if (close_fu(d, !marked) == -1)
		return -1;
	return marked ? au_marker(d->au) : 0;
}

int
depay_finish(struct depay *d)
{
	return end_fu(d) == -1 ? -1 : au_finish(d->au);
}

int
depay_restart(struct depay *d)
{
	return end_fu(d) == -1 ? -1 : au_restart(d->au);
}
