/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * RFC 6184 5.6 to 5.8. The packetization mode of the SDP is not asked: what
 * comes is taken. Reserved bits, and headers of later fragments, are ignored.
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
 * A fragmented unit whose end bit did not come: it is whole if its last fragment
 * had the marker. Only what follows can tell that from markers on all packets.
 */
static int
close_fu(struct depay *d)
{
	if (!d->fu_open)
		return 0;
	d->fu_open = false;
	if (!d->fu_marked)
		au_damage(d->au);
	return au_nal_end(d->au);
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

/* 5.8:  0 FU indicator (F NRI 28)   1 FU header (S E R type)   2 fragment */
static int
fu_a(struct depay *d, const struct rtp_packet *p)
{
	uint8_t indicator = p->payload[0], header;
	const uint8_t *fragment = p->payload + FU_HEAD;

	if (p->len < FU_HEAD)
		return 0;
	header = p->payload[1];
	if (header & FU_S) {
		if (close_fu(d) == -1 || au_nal_begin(d->au, p, (indicator & 0xe0) | NAL_TYPE(header), fragment,
		    p->len - FU_HEAD) == -1)
			return -1;
		d->fu_open = true;
	} else if (!d->fu_open) {
		au_orphan(d->au, p);
		return 0;
	} else if (au_nal_append(d->au, p, fragment, p->len - FU_HEAD) == -1) {
		return -1;
	}
	d->fu_marked = p->marker;
	if (!(header & FU_E))
		return 0;
	d->fu_open = false;
	return au_nal_end(d->au);
}

static int
by_type(struct depay *d, const struct rtp_packet *p)
{
	unsigned type = NAL_TYPE(p->payload[0]);

	if (type == FU_A)
		return fu_a(d, p);
	if (close_fu(d) == -1)
		return -1;
	if (type == STAP_A)
		return stap_a(d, p);
	if (type == 0 || type > 23) {
		d->unknown++;
		return 0;
	}
	return whole_nal(d, p, p->payload, p->len);
}

int
depay_packet(struct depay *d, const struct rtp_packet *p, uint32_t nlost)
{
	if (nlost > 0) {
		d->fu_marked = false;
		if (close_fu(d) == -1 || au_lost(d->au, nlost) == -1)
			return -1;
	}
	if (p->len > 0 && by_type(d, p) == -1)
		return -1;
	return p->marker && !d->fu_open ? au_marker(d->au) : 0;
}

void
depay_reset(struct depay *d)
{
	d->fu_open = false;
	au_reset(d->au);
}
