/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTP time is what the file's times are made of; arrival only bridges what it cannot tell. */
#include "timeline.h"

#include "clock.h"

#define JUMP_S	10

void
timeline_break(struct timeline *t)
{
	t->broken = t->begun;
}

/* ns as ticks, 1 at least and 2^32 - 1 at most. */
static uint64_t
step_from_ns(const struct timeline *t, int64_t ns)
{
	uint64_t ticks;

	if (ns <= 0)
		return 1;
	ticks = (uint64_t)ns / CLOCK_NS_PER_S * t->clock_rate +
	    (uint64_t)ns % CLOCK_NS_PER_S * t->clock_rate / CLOCK_NS_PER_S;
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

uint64_t
timeline_next(struct timeline *t, uint64_t rtp, uint64_t arrival_ntp)
{
	int64_t arrival_ns = clock_ntp_diff_ns(arrival_ntp, t->last_arrival_ntp);
	int64_t since_base;
	uint64_t dts = 0;

	if (!t->begun) {
		t->base_rtp = rtp;
	} else if (t->broken || is_jump(t, clock_rtp_diff(rtp, t->last_rtp), arrival_ns)) {
		t->jumps += !t->broken;
		dts = t->last_dts + step_from_ns(t, arrival_ns);
		t->base_rtp = rtp;
		t->base_dts = dts;
	} else {
		since_base = clock_rtp_diff(rtp, t->base_rtp);
		/* Before the base: dts stays 0, and is moved up below. */
		if (since_base >= 0 || t->base_dts >= 0 - (uint64_t)since_base)
			dts = t->base_dts + (uint64_t)since_base;
		if (dts <= t->last_dts) {
			t->steps_back++;
			dts = t->last_dts + 1;
		} else if (dts - t->last_dts > UINT32_MAX) {
			dts = t->last_dts + UINT32_MAX;
			t->base_rtp = rtp;
			t->base_dts = dts;
		}
	}
	t->begun = true;
	t->broken = false;
	t->last_rtp = rtp;
	t->last_dts = dts;
	t->last_arrival_ntp = arrival_ntp;
	return dts;
}
