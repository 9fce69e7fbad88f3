/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTP time is what the file's times are made of; arrival only bridges what it cannot tell. */
#include "timeline.h"

#include "clock.h"

#define JUMP_S		10
#define STEP_BACK_S	1	/* a clock that was set back by more is another clock */
#define DOUBT		3	/* frames, as with rtp-fetch's extension of RTP times */
#define UNKNOWN_S	2	/* 16 frames at 8 a second */

void
timeline_break(struct timeline *t)
{
	t->broken = t->begun;
}

/* ns as ticks, 1 at least and 2^32 - 1 at most. */
static uint64_t
step_from_ns(const struct timeline *t, int64_t ns)
{
	uint64_t ticks = ns <= 0 ? 0 : clock_ticks_from_ns(ns, t->clock_rate);

	if (ticks == 0)
		return 1;
	return ticks > UINT32_MAX ? UINT32_MAX : ticks;
}

/* Whether a step of RTP time is large and arrival contradicts it. */
static bool
is_jump(const struct timeline *t, int64_t rtp_step, int64_t arrival_ns)
{
	int64_t limit = (int64_t)JUMP_S * t->clock_rate, arrived;

	if (rtp_step > UINT32_MAX || rtp_step < -(int64_t)UINT32_MAX)
		return true;
	if (rtp_step >= -limit && rtp_step <= limit)
		return false;
	arrived = arrival_ns <= 0 ? 0 : (int64_t)step_from_ns(t, arrival_ns);
	return rtp_step - arrived > limit || rtp_step - arrived < -limit;
}

/* The presentation time that an RTP time is. */
static int64_t
convert(const struct timeline_base *base, uint64_t rtp)
{
	return (int64_t)((uint64_t)base->pts + (rtp - base->rtp));
}

/* As much after all others as it arrived after the latest. */
static int64_t
bridge(struct timeline *t, uint64_t rtp, int64_t arrival_ns)
{
	if (t->doubt == 0)
		t->before = t->base;
	t->doubt = DOUBT;
	t->base.rtp = rtp;
	t->base.pts = t->max_pts + (int64_t)step_from_ns(t, arrival_ns);
	t->floor_pts = t->max_pts;
	return t->base.pts;
}

/* The earliest time for a frame that is shown before others. */
static int64_t
earliest(const struct timeline *t, const struct picture *picture)
{
	int64_t least = t->max_pts - (int64_t)JUMP_S * t->clock_rate, before;

	if (picture->after != 0 && picture->after <= t->n) {
		before = t->pts[(t->n - picture->after) % PICTURES_BACK];
		least = before < t->max_pts ? before + 1 : t->max_pts;
	}
	return least > t->floor_pts ? least : t->floor_pts + 1;
}

/* Whether this time of a frame could be meant, behind a jump: not far from what arrival says. */
static bool
is_plausible(const struct timeline *t, int64_t pts, int64_t arrival_ns, const struct picture *picture)
{
	int64_t limit = (int64_t)STEP_BACK_S * t->clock_rate;

	if (picture->place == PLACE_BEHIND)
		return pts < t->max_pts && pts >= earliest(t, picture);
	return pts > t->max_pts && pts - t->max_pts <= limit + (int64_t)step_from_ns(t, arrival_ns);
}

/* The time of a frame that is shown before one that was decoded before it. */
static int64_t
place_behind(struct timeline *t, int64_t pts, bool jump, const struct picture *picture)
{
	int64_t least = earliest(t, picture);

	t->reorders |= pts >= least && pts < t->max_pts;
	if (pts > t->max_pts && !jump && pts - t->max_pts <= (int64_t)STEP_BACK_S * t->clock_rate) {
		t->misplaced++;
		return pts;
	}
	t->steps_back += pts < least || pts > t->max_pts;
	return pts < least || pts > t->max_pts ? least : pts;
}

/* The time of a frame that is shown after all others. */
static int64_t
place_next(struct timeline *t, int64_t pts, uint64_t rtp, int64_t arrival_ns, bool jump)
{
	int64_t limit = t->reorders ? 0 : (int64_t)STEP_BACK_S * t->clock_rate;

	if (jump || t->max_pts - pts > limit) {
		t->jumps++;
		return bridge(t, rtp, arrival_ns);
	}
	if (pts <= t->max_pts) {
		t->steps_back++;
		return t->max_pts + 1;
	}
	if (pts - t->max_pts <= UINT32_MAX)
		return pts;
	t->base.rtp = rtp;
	t->base.pts = t->max_pts + UINT32_MAX;
	return t->base.pts;
}

/* The time of a frame that is not the first. */
static int64_t
next(struct timeline *t, uint64_t rtp, int64_t arrival_ns, const struct picture *picture)
{
	int64_t pts = convert(&t->base, rtp);
	bool jump = is_jump(t, clock_rtp_diff(rtp, t->max_rtp), arrival_ns);

	if (t->broken)
		return bridge(t, rtp, arrival_ns);
	if (picture->second && rtp == t->last_rtp)
		return t->last_pts + 1;
	if (t->doubt > 0 && is_plausible(t, convert(&t->before, rtp), arrival_ns, picture)) {
		t->base = t->before;
		t->max_rtp = t->base.rtp + (uint64_t)(t->max_pts - t->base.pts);
		t->doubt = 0;
		return convert(&t->base, rtp);
	}
	t->doubt -= t->doubt > 0;
	if (picture->place == PLACE_BEHIND)
		return place_behind(t, pts, jump, picture);
	if (picture->place == PLACE_UNKNOWN && !jump && pts < t->max_pts && pts > t->floor_pts &&
	    t->max_pts - pts <= (int64_t)UNKNOWN_S * t->clock_rate)
		return pts;
	return place_next(t, pts, rtp, arrival_ns, jump);
}

int64_t
timeline_next(struct timeline *t, uint64_t rtp, uint64_t arrival_ntp,
    const struct picture *picture)
{
	int64_t arrival_ns = clock_ntp_diff_ns(arrival_ntp, t->max_arrival_ntp), pts = 0;

	if (t->begun)
		pts = next(t, rtp, arrival_ns, picture);
	else
		*t = (struct timeline){ .clock_rate = t->clock_rate, .steps_back = t->steps_back,
			.jumps = t->jumps, .misplaced = t->misplaced, .base.rtp = rtp,
			.floor_pts = INT64_MIN, .max_pts = -1 };
	t->begun = true;
	t->broken = false;
	t->last_rtp = rtp;
	t->last_pts = pts;
	t->pts[t->n++ % PICTURES_BACK] = pts;
	if (pts > t->max_pts) {
		t->max_pts = pts;
		t->max_rtp = rtp;
		t->max_arrival_ntp = arrival_ntp;
	}
	return pts;
}
