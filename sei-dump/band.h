/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Values over time for a picture: all of them, or of each column of pixels the least and the greatest. */
#ifndef BAND_H
#define BAND_H

#include <stdbool.h>
#include <stddef.h>

#include "csv.h"

#define BAND_COLUMNS	1250	/* pixels that a picture has for them */

struct band {
	struct csv *out;
	double length, unit;	/* of x in all; what it is written in */
	double *low, *high;	/* of columns; NULL: all values are written as they come */
};

/* Begins a block of data of this name, for about n values. 0, or -1 with errno. */
int band_open(struct band *b, struct csv *out, const char *name, double length, double unit, size_t n);

/* A value at x, from 0 to length. Written are x, least and greatest. */
void band_add(struct band *b, double x, double value);

void band_close(struct band *b);

#endif
