/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Presentation order of pictures: picture order count type 0 (ITU-T H.264 8.2.1.1)
 * of one active SPS; between two IDR pictures the counts are ranked.
 */
#include "order.h"

#include <stdlib.h>

#include "bits.h"
#include "h264.h"

struct order {
	bool known;				/* type 0, and an SPS that could be read */
	unsigned frame_num_bits, lsb_bits;
	bool frame_mbs_only;
	int64_t prev_msb, prev_lsb;		/* of the last reference picture */
};

struct ranked {
	int64_t poc;
	size_t unit;
};

/* 7.3.2.1.1 as far as frame_mbs_only_flag. */
static void
read_sps(struct order *o, const struct clip_nal *nal)
{
	struct sps sps;
	struct bits b;

	o->known = false;
	if (sps_parse(&sps, nal->data, nal->len) == -1 || sps.pic_order_cnt_type != 0)
		return;
	bits_open(&b, nal->data + 4, nal->len - 4);
	bits_ue(&b);				/* seq_parameter_set_id */
	if (sps.profile_idc >= 100) {
		if (bits_ue(&b) == 3)		/* chroma_format_idc */
			return;
		bits_ue(&b);
		bits_ue(&b);			/* bit depths */
		bits_u(&b, 1);			/* qpprime_y_zero_transform_bypass_flag */
		if (bits_u(&b, 1))		/* seq_scaling_matrix_present_flag */
			return;
	}
	o->frame_num_bits = bits_ue(&b) + 4;
	bits_ue(&b);				/* pic_order_cnt_type */
	o->lsb_bits = bits_ue(&b) + 4;
	o->frame_mbs_only = sps.frame_mbs_only_flag;
	o->known = !b.error && o->frame_num_bits <= 16 && o->lsb_bits <= 16;
}

/* 7.3.3 as far as pic_order_cnt_lsb, and 8.2.1.1. */
static int64_t
read_poc(struct order *o, const struct clip_nal *nal)
{
	int64_t max = 1LL << o->lsb_bits, lsb, msb;
	struct bits b;

	bits_open(&b, nal->data + 1, nal->len - 1);
	bits_ue(&b);				/* first_mb_in_slice */
	bits_ue(&b);				/* slice_type */
	bits_ue(&b);				/* pic_parameter_set_id */
	bits_u(&b, o->frame_num_bits);
	if (!o->frame_mbs_only && bits_u(&b, 1))
		bits_u(&b, 1);			/* bottom_field_flag */
	if (NAL_TYPE(nal->data[0]) == NAL_IDR) {
		bits_ue(&b);			/* idr_pic_id */
		o->prev_msb = o->prev_lsb = 0;
	}
	lsb = bits_u(&b, o->lsb_bits);
	msb = o->prev_msb;
	if (lsb < o->prev_lsb && o->prev_lsb - lsb >= max / 2)
		msb += max;
	else if (lsb > o->prev_lsb && lsb - o->prev_lsb > max / 2)
		msb -= max;
	if (NAL_REF(nal->data[0]) != 0) {
		o->prev_msb = msb;
		o->prev_lsb = lsb;
	}
	return msb + lsb;
}

static int64_t
unit_poc(struct order *o, const struct clip *clip, const struct clip_unit *unit)
{
	for (size_t i = unit->first; i < unit->first + unit->nnals; i++) {
		const struct clip_nal *nal = &clip->nals[i];

		if (NAL_TYPE(nal->data[0]) == NAL_SPS)
			read_sps(o, nal);
		else if (nal_is_vcl(NAL_TYPE(nal->data[0])))
			return o->known ? read_poc(o, nal) : 0;
	}
	return 0;
}

/* Equal counts, which only unknown ones have, keep decode order. */
static int
by_poc(const void *a, const void *b)
{
	const struct ranked *x = a, *y = b;

	if (x->poc != y->poc)
		return x->poc < y->poc ? -1 : 1;
	return x->unit < y->unit ? -1 : x->unit > y->unit;
}

int
order_pictures(struct clip *clip)
{
	struct order o = { 0 };
	struct ranked *r = reallocarray(NULL, clip->nunits, sizeof *r);

	if (r == NULL)
		return -1;
	for (size_t i = 0; i < clip->nunits; i++) {
		r[i].poc = unit_poc(&o, clip, &clip->units[i]);
		r[i].unit = i;
	}
	for (size_t i = 0, end; i < clip->nunits; i = end) {
		for (end = i + 1; end < clip->nunits && !clip->units[end].key; end++)
			;
		qsort(r + i, end - i, sizeof *r, by_poc);
		for (size_t k = i; k < end; k++)
			clip->units[r[k].unit].position = k;
	}
	free(r);
	return 0;
}
