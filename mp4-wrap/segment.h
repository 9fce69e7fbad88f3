/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* At which key frame one file ends and the next begins. */
#ifndef SEGMENT_H
#define SEGMENT_H

#include <stdbool.h>
#include <stdint.h>

struct segment {
	int64_t length_ns;	/* 0: no limit */
	uint64_t size;		/* bytes; 0: no limit */
	bool align;		/* to multiples of the length on the wall clock */
	bool local;		/* of the local time zone, not of UTC */
};

/* Where a frame would stand in the file. */
struct segment_place {
	uint64_t pts;		/* since the file's first frame, ticks */
	uint64_t step;		/* since the frame before, ticks */
	uint32_t clock_rate;	/* ticks a second */
	uint64_t bytes;		/* of the file up to here */
	int64_t first_unix_ns;	/* when the file's first frame came */
	int64_t unix_ns;	/* when this one came */
};

/* Whether files end before the input does. */
bool segment_limited(const struct segment *s);

/* Whether the file ends before a key frame that would stand here. */
bool segment_due(const struct segment *s, const struct segment_place *at);

/* Whether it should have ended by now, well before here: no key frame comes. */
bool segment_late(const struct segment *s, const struct segment_place *at);

/*
 * Reads a number of bytes, as 500000, 700k, 100M or 4G, powers of 1024. 0, or
 * -1: it is none, 0, or over 2^63 - 1.
 */
int segment_size_parse(uint64_t *bytes, const char *text);

#endif
