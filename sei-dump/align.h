/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Several recordings side by side: frames of one, or events, and what is nearest in the others. */
#ifndef ALIGN_H
#define ALIGN_H

#include <stdio.h>

#include "csv.h"
#include "series.h"

struct align {
	struct series *series;
	size_t n, cap;
	enum series_clock clock;
	int64_t within_ns;	/* how near is nearest; 0: align_within() */
};

void align_close(struct align *a);

/* One more recording, the next in order. 0, or -1 with errno. */
int align_add(struct align *a, const char *file, const struct frames *fs, const struct figures *f);

/*
 * Whether all cameras' clocks are good, and go together: then NULL. Else why not, and
 * which recording's is the first that does not: its number from 0. Those without
 * frames, as of a file that could not be read, do not count.
 */
const char *align_fault(const struct align *a, size_t *which);

/* Sets the clock and prepares the recordings for it. 0, or -1 with errno. */
int align_choose(struct align *a, enum series_clock clock);

/* How far recording i's nearest frame may be: 0.6 of its usual interval, or as was asked for. */
int64_t align_within(const struct align *a, size_t i);

/* A row a frame of the first recording. 0, or -1 with errno. */
void align_header(const struct align *a, struct csv *csv);
int align_rows(const struct align *a, struct csv *csv);

/* The names of their fields, from recording number from on. */
void align_names(const struct align *a, size_t from, struct csv *csv);

/* The two fields of recording i about a time. Returns whether there is a frame. */
bool align_fields(const struct align *a, size_t i, int64_t unix_ns, struct csv *csv);

#endif
