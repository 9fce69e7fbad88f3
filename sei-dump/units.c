/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Access units by ITU-T H.264 7.4.1.2.3, as far as streams of cameras need it: one
 * begins at what may only stand before a picture, or at a slice with the first
 * macroblock. The second field of a frame goes with the first.
 */
#include "units.h"

#include <string.h>

#include "payload.h"
#include "presentation.h"

#define JUMP		((int64_t)10 * H264_CLOCK_RATE)	/* by which RTP time and arrival never differ */

void
units_open(struct units *u, struct frames *fs, struct jsonl *jsonl, struct findings *found)
{
	memset(u, 0, sizeof *u);
	u->frames = fs;
	u->found = found;
	u->jsonl = jsonl;
	fs->timescale = H264_CLOCK_RATE;
}

bool
units_plausible(const uint8_t *p, size_t len)
{
	bool reference = len > 0 && NAL_REF(p[0]) != 0;
	struct slice_start slice;

	if (len == 0 || p[0] & 0x80)		/* forbidden_zero_bit */
		return false;
	switch (NAL_TYPE(p[0])) {
	case NAL_SLICE:
	case NAL_PARTITION_A:
		return slice_parse(&slice, p, len) == 0;
	case NAL_IDR:
		return reference && slice_parse(&slice, p, len) == 0;
	case NAL_SPS:
	case NAL_PPS:
	case NAL_SPS_EXTENSION:
	case NAL_SUBSET_SPS:
		return reference;
	case NAL_SEI:
	case NAL_AUD:
	case NAL_END_SEQUENCE:
	case NAL_END_STREAM:
	case NAL_FILLER:
		return !reference;
	default:
		return NAL_TYPE(p[0]) != 0 && NAL_TYPE(p[0]) <= NAL_SLICE_3D;
	}
}

/* Types that stand before a picture, and so end the one before. */
static bool
begins_unit(unsigned type)
{
	return (type >= NAL_SEI && type <= NAL_AUD) || (type >= NAL_PREFIX && type <= 18);
}

/* The frame's time is known now: by RTP time since the one before, or over a jump by their arrivals. */
static void
set_pts(struct units *u, struct frame *f)
{
	int64_t ticks = (int32_t)(f->rtp - u->last_rtp);
	int64_t arrived = presentation_gap(H264_CLOCK_RATE, u->last_ntp, f->recv_ntp);
	bool jump = ticks - arrived > JUMP || arrived - ticks > JUMP;

	if (u->begun)
		f->pts = PRESENTATION_SUM(u->last_pts, jump ? arrived : ticks);
	f->flags |= FRAME_PTS | (jump || !u->begun ? FRAME_ANEW : 0);
	u->begun = true;
	u->last_rtp = f->rtp;
	u->last_ntp = f->recv_ntp;
	u->last_pts = f->pts;
}

/* An access unit without a picture is no frame. */
static void
end_unit(struct units *u)
{
	struct frame *f;

	if (u->in_unit && !u->in_picture)
		frames_drop(u->frames);
	else if (u->in_unit) {
		f = &u->frames->frame[u->frames->nframes - 1];
		if (f->flags & FRAME_TIME)
			set_pts(u, f);
	}
	u->in_unit = u->in_picture = false;
}

/* Whether this slice is of the second field of the frame that order is of. */
static bool
is_second_field(const struct units *u, const struct slice_order *order)
{
	return u->has_order && u->order.field_pic_flag && order->field_pic_flag &&
	    u->order.frame_num == order->frame_num &&
	    u->order.bottom_field_flag != order->bottom_field_flag;
}

/* A slice or a partition. Whether a picture begins with it, and whether that is a second field. */
static bool
begins_picture(struct units *u, const uint8_t *p, size_t len, bool *second)
{
	unsigned type = NAL_TYPE(p[0]);
	struct slice_start start;
	struct slice_order order;

	*second = false;
	if (type == NAL_PARTITION_B || type == NAL_PARTITION_C || slice_parse(&start, p, len) == -1 ||
	    start.first_mb_in_slice != 0)
		return false;
	if (!u->has_sps || slice_parse_order(&order, p, len, &u->sps) == -1) {
		u->has_order = false;
		return true;
	}
	*second = is_second_field(u, &order);
	u->order = order;
	u->has_order = !*second;	/* a third field is a new frame's */
	return true;
}

/* A unit of its own for a second field is taken back, unless it has a time of its own. */
static void
take_back(struct units *u)
{
	struct frames *fs = u->frames;

	if (fs->nframes < 2 || fs->frame[fs->nframes - 1].flags & FRAME_TIME)
		return;
	frames_drop(fs);
	u->in_unit = false;
}

static int
begin_unit(struct units *u)
{
	u->in_unit = true;
	u->position = 0;
	return frames_add(u->frames) == NULL ? -1 : 0;
}

static int
take_slice(struct units *u, const uint8_t *p, size_t len)
{
	bool second, begins = begins_picture(u, p, len, &second);

	if (second && u->in_picture)
		return 0;
	if (begins && u->in_picture)
		end_unit(u);
	if (second && u->in_unit) {
		take_back(u);
		if (!u->in_unit)
			return 0;
	}
	if (!u->in_unit && !begins)
		return 0;	/* more of the picture before */
	if (!u->in_unit && begin_unit(u) == -1)
		return -1;
	if (NAL_TYPE(p[0]) == NAL_IDR)
		u->frames->frame[u->frames->nframes - 1].flags |= FRAME_KEY;
	u->in_picture = true;
	return 0;
}

int
units_nal(struct units *u, const uint8_t *p, size_t len, uint64_t offset)
{
	unsigned type = NAL_TYPE(p[0]);

	if (nal_is_vcl(type))
		return take_slice(u, p, len);
	if (!begins_unit(type))
		return 0;
	if (u->in_picture)
		end_unit(u);
	if (!u->in_unit && begin_unit(u) == -1)
		return -1;
	if (type == NAL_SPS)
		u->has_sps = sps_parse(&u->sps, p, len) == 0;
	u->position++;
	if (type != NAL_SEI)
		return 0;
	if (payload_take(u->frames, &u->sei, p, len, offset, u->found) == -1)
		return -1;
	return jsonl_sei(u->jsonl, (uint32_t)u->frames->nframes - 1, u->position - 1, offset, p, len);
}

void
units_finish(struct units *u)
{
	end_unit(u);
	presentation_from_zero(u->frames);
}
