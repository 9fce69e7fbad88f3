/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From RTP times to decode times that always grow. */
#ifndef TIMELINE_H
#define TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

struct timeline {
	uint32_t clock_rate;		/* Hz */
	uint64_t steps_back;		/* frames whose RTP time was not later */
	uint64_t jumps;			/* times that arrival had to bridge */

	/* The rest is timeline.c's own. */
	bool begun, broken;
	uint64_t base_rtp, base_dts;	/* a pair of them that belongs together */
	uint64_t last_rtp, last_dts, last_arrival_ntp;
};

/* The next frame begins a new RTP timeline (a reconnect). */
void timeline_break(struct timeline *t);

/*
 * Decode time of the next frame in ticks; 0 for the first. It follows RTP time
 * exactly, except: a frame that is not later than the one before comes one tick
 * after it (counted), and a jump of over 10 s that the arrival times do not bear
 * out (counted), or one after timeline_break(), is as long as the arrival times
 * say. A step never exceeds 2^32 - 1 ticks, the longest that an MP4 can hold.
 */
uint64_t timeline_next(struct timeline *t, uint64_t rtp, uint64_t arrival_ntp);

#endif
