/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From RTP times to presentation times. */
#ifndef TIMELINE_H
#define TIMELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "picture.h"

struct timeline {
	uint32_t clock_rate;		/* Hz */
	uint64_t steps_back;		/* frames whose RTP time was not later, as it should be */
	uint64_t jumps;			/* times that arrival had to bridge */
	uint64_t misplaced;		/* frames with a later RTP time than others, but shown before them */

	/* The rest is timeline.c's own. */
	bool begun, broken, reorders;
	struct timeline_base {
		uint64_t rtp;		/* a pair of them ... */
		int64_t pts;		/* ... that belongs together */
	} base, before;			/* before the last jump, in case that was one of a single frame */
	unsigned doubt;			/* for so many frames yet it may have been one */
	int64_t last_pts;		/* of the picture before */
	uint64_t last_rtp;
	int64_t max_pts;		/* of the latest of all */
	uint64_t max_rtp, max_arrival_ntp;
	int64_t floor_pts;		/* all since the last bridge are later than this */
	int64_t pts[PICTURES_BACK];	/* of the last pictures, a ring */
	uint64_t n;			/* pictures so far */
};

/* The next frame begins a new RTP timeline (a reconnect). */
void timeline_break(struct timeline *t);

/*
 * Presentation time of the next frame in decoding order, in ticks; 0 for the first.
 * It follows RTP time exactly, except:
 * - The second field of a frame comes one tick after the first if its RTP time is the same.
 * - A frame that is not later than those which it is shown after comes one tick after
 *   them (counted).
 * - If it is shown after all before it, and is more than a second back, or there are
 *   B-frames, which need room, or if it is over 10 s away and the arrival times do not
 *   bear that out (a jump, counted), or after timeline_break(), it comes as much after
 *   the latest as it arrived later. If one of the next frames is on the old time
 *   again, so are those after it.
 * Where the picture does not say, it is taken for a B-frame if it is two seconds back
 * at most. No step forward exceeds 2^32 - 1 ticks, the longest that an MP4 can hold.
 */
int64_t timeline_next(struct timeline *t, uint64_t rtp, uint64_t arrival_ntp,
    const struct picture *picture);

#endif
