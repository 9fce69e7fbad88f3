/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Picture order counts (ITU-T H.264 8.2.1) and complementary fields (3.30), from slice headers. */
#include "picture.h"

#define FRAMES_MAX	16	/* MaxDpbFrames, A.3.1 h */

/* 8.2.1.1. Of a frame it is that of the top field, which is as good for the order of frames. */
static int64_t
count(struct pictures *p, const uint8_t *nal, const struct slice_order *s, const struct sps *sps)
{
	int64_t max = (int64_t)1 << sps->log2_max_pic_order_cnt_lsb, msb;
	int64_t step;

	if (NAL_TYPE(nal[0]) == NAL_IDR) {
		p->msb = 0;
		p->lsb = 0;
		p->n = 0;
	}
	msb = p->msb;
	step = (int64_t)s->pic_order_cnt_lsb - p->lsb;
	if (step <= -max / 2)
		msb += max;
	else if (step > max / 2)
		msb -= max;
	if (NAL_REF(nal[0]) != 0) {
		p->msb = msb;
		p->lsb = s->pic_order_cnt_lsb;
	}
	return msb + s->pic_order_cnt_lsb;
}

/* Compares a picture's count with those before it, and adds it to them. */
static void
place(struct pictures *p, int64_t poc, struct picture *picture)
{
	int64_t before = INT64_MIN, other;

	picture->place = PLACE_NEXT;
	for (unsigned back = 1; back <= p->n && back <= PICTURES_BACK; back++) {
		other = p->counts[(p->n - back) % PICTURES_BACK];
		if (other > poc) {
			picture->place = PLACE_BEHIND;
		} else if (other > before) {
			before = other;
			picture->after = back;
		}
	}
	p->counts[p->n++ % PICTURES_BACK] = poc;
}

/* 7.4.1.2.4: the fields of a frame have its frame_num and different parity, and are neighbours. */
static bool
is_second(struct pictures *p, const uint8_t *nal, const struct slice_order *s)
{
	bool second = p->half && s->field_pic_flag && NAL_TYPE(nal[0]) != NAL_IDR &&
	    s->bottom_field_flag != p->half_bottom && s->frame_num == p->half_frame_num;

	p->half = s->field_pic_flag && !second;
	p->half_bottom = s->bottom_field_flag;
	p->half_frame_num = s->frame_num;
	return second;
}

struct picture
pictures_take(struct pictures *p, const uint8_t *nal, size_t len, const struct sps *sps)
{
	struct picture picture = { .place = PLACE_UNKNOWN };
	struct slice_order s;

	if (sps == NULL || slice_parse_order(&s, nal, len, sps) == -1) {
		p->half = false;
		return picture;
	}
	picture.field = s.field_pic_flag;
	picture.second = is_second(p, nal, &s);
	if (sps->pic_order_cnt_type == 0)
		place(p, count(p, nal, &s, sps), &picture);
	else if (sps->pic_order_cnt_type == 2 || NAL_TYPE(nal[0]) == NAL_IDR)
		picture.place = PLACE_NEXT;		/* 8.2.1.3: shown as they are decoded */
	return picture;
}

void
pictures_forget(struct pictures *p)
{
	p->n = 0;
	p->half = false;
}

int
pictures_depth(const struct sps *sps)
{
	bool intra = sps->profile_idc == 44 || (sps->constraint_flags & 0x10 &&
	    (sps->profile_idc == 100 || sps->profile_idc == 110 || sps->profile_idc == 122 ||
	    sps->profile_idc == 244));

	if (sps->pic_order_cnt_type == 2)
		return 0;
	if (sps->bitstream_restriction_flag && sps->max_num_reorder_frames <= FRAMES_MAX)
		return sps->max_num_reorder_frames;
	return intra ? 0 : -1;		/* E.2.1: then up to MaxDpbFrames, which no camera means */
}
