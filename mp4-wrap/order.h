/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Decode times from presentation times: that of the i-th picture is the
 * (i - depth)-th smallest presentation time of all, so none has to wait for those
 * after it. All times in ticks.
 */
#ifndef ORDER_H
#define ORDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "picture.h"

#define ORDER_MAX	PICTURES_BACK

struct order {
	unsigned depth;		/* so many pictures may come before one that is shown before them */
	uint64_t deepened;	/* how often it was found to be too small */
	int64_t step;		/* from one decode time to the next, of late: a frame's duration */

	/* The rest is order.c's own. */
	int64_t window[ORDER_MAX + 1];	/* the times not given out, ascending */
	size_t n;
	int64_t last;		/* decode time; -1: there was none */
};

/* How deep the pictures with these presentation times are reordered, ORDER_MAX at most. */
unsigned order_observe(const int64_t *pts, size_t n);

/* Begins with this depth: the earliest picture is shown at pts, which is depth * step or more. */
void order_begin(struct order *o, unsigned depth, int64_t pts, int64_t step);

/* From here on the depth is this at least, ORDER_MAX at most. */
void order_deepen(struct order *o, unsigned depth);

/*
 * Decode time of the next picture: later than that of the one before, and not
 * later than pts, or else the depth grows by one (counted). Within 2^31 - 1 ticks
 * before pts. Behind a gap it stays near pts; first: no picture to come is shown
 * before this one.
 */
int64_t order_next(struct order *o, int64_t pts, bool first);

#endif
