/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Frames on one line of time that never wraps or steps back, in decode order:
 *
 *   x   the frame's RTP time at its nominal rate, in ns. In each stretch that RTP
 *       time counts on without a break, it begins at the arrival of the first frame
 *   y   arrival - x, with the steps of the host's clock that are known taken out
 *
 * Of a perfect camera and network all y are 0; what they do is what the clocks and
 * the network do. Both are near enough to Unix time for differences of any two to
 * fit into 64 bits.
 */
#ifndef UNWRAP_H
#define UNWRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frames.h"

#define UNWRAP_NONE	INT64_MIN	/* y of a frame that has no place here */

struct stretch {
	size_t begin, end;	/* numbers in decode order */
	int64_t jump_ns;	/* how much later it began than RTP time said; 0: that is told, or is not known */
	bool of_rtp;		/* and that is RTP time's doing, not arrival's */
};

struct unwrap {
	const struct frames *fs;	/* not yet in presentation order */
	size_t n;			/* frames */
	uint32_t rate;			/* RTP ticks a second */
	int64_t *x, *y;			/* of each */
	struct stretch *stretch;
	size_t nstretches, stretches_cap;
	size_t outliers;		/* frames whose RTP time fits none before and behind it */
	size_t steps;			/* of the host's clock */
};

/* 0, or -1 with errno. fs must not change meanwhile. */
int unwrap_open(struct unwrap *u, const struct frames *fs);
void unwrap_close(struct unwrap *u);

/* A stretch ends before this frame, with which RTP time jumped. 0, or -1 with errno. */
int unwrap_split(struct unwrap *u, size_t frame);

/*
 * A report's x, and how far its arrival is from that of the frames beside it, given
 * how far behind x those are (floor[], as y; UNWRAP_NONE: y itself): 0 if its RTP
 * time is that of its sending. Returns the frame it was compared with; u->n: there
 * is none.
 */
size_t unwrap_report(const struct unwrap *u, const struct report *r, const int64_t *floor,
    int64_t *x, int64_t *lag);

#endif
