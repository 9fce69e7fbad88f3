/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A window of sorted presentation times, out of which decode times come (ISO/IEC 14496-12 8.6.1). */
#include "order.h"

#include <string.h>

#define GAP_STEPS	64	/* twice as far as pictures can be out of order */
#define ROOM_STEPS	16	/* frames that a decoder can hold back (A.3.1) */

unsigned
order_observe(const int64_t *pts, size_t n)
{
	unsigned depth = 0, later;

	for (size_t i = 1; i < n; i++) {
		later = 0;
		for (size_t k = 1; k <= ORDER_MAX && k <= i; k++)
			later += pts[i - k] > pts[i];
		if (later > depth)
			depth = later;
	}
	return depth;
}

/* As if a frame had come in every step before pts. */
static void
fill(struct order *o, int64_t pts)
{
	for (o->n = 0; o->n < o->depth; o->n++)
		o->window[o->n] = pts - (int64_t)(o->depth - o->n) * o->step;
}

void
order_begin(struct order *o, unsigned depth, int64_t pts, int64_t step)
{
	*o = (struct order){ .depth = depth, .deepened = o->deepened, .step = step, .last = -1 };
	fill(o, pts);
}

void
order_deepen(struct order *o, unsigned depth)
{
	if (depth > o->depth)
		o->depth = depth > ORDER_MAX ? ORDER_MAX : depth;
}

static void
insert(struct order *o, int64_t pts)
{
	size_t i = o->n++;

	for (; i > 0 && o->window[i - 1] > pts; i--)
		o->window[i] = o->window[i - 1];
	o->window[i] = pts;
}

/*
 * Times from before a gap would make the picture behind it wait for as long as the
 * gap is, and players look at that (ffmpeg 5.1 ends an edit there). Pictures that
 * are shown before it may come yet: room for them.
 */
static void
skip_gap(struct order *o, int64_t pts, bool first)
{
	if (o->n > 0 && pts - o->window[o->n - 1] > GAP_STEPS * o->step)
		fill(o, first ? pts : pts - ROOM_STEPS * o->step);
}

int64_t
order_next(struct order *o, int64_t pts, bool first)
{
	int64_t dts = o->last + 1;

	skip_gap(o, pts, first);
	insert(o, pts);
	/* While the window grows, nothing leaves it, and pictures are decoded a tick apart. */
	if (o->n > o->depth) {
		if (o->window[0] > dts)
			dts = o->window[0];
		memmove(o->window, o->window + 1, --o->n * sizeof o->window[0]);
	}
	if (dts < pts - INT32_MAX)
		dts = pts - INT32_MAX;
	if (dts > pts) {
		o->deepened++;
		order_deepen(o, o->depth + 1);
	}
	if (o->last >= 0 && dts - o->last > 1)		/* 1: one that was pushed on, or a field */
		o->step = dts - o->last;
	o->last = dts;
	return dts;
}
