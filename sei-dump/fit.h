/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Lines through points in a plane of two times. Coordinates are nanoseconds in 64
 * bits, which may be 2^62 apart; floating point is for differences from a line's own
 * origin only.
 */
#ifndef FIT_H
#define FIT_H

#include <stddef.h>
#include <stdint.h>

struct point {
	int64_t x, y;
};

/* y = at.y + slope * (x - at.x) */
struct line {
	struct point at;
	double slope;
};

/* y of the line at x, to the nearest; at most a year above or below its origin. */
int64_t line_at(const struct line *l, int64_t x);

/* Sorts by x, then y. Nothing to do if they are in order. */
void points_sort(struct point *p, size_t n);

/*
 * Keeps those of n points, sorted, that are corners of the lower convex hull.
 * Returns how many; they are at the front. 0 if n is.
 */
size_t hull_lower(struct point *p, size_t n);

/* The edge of a lower hull of n >= 2 corners that lies under x. */
struct line hull_edge(const struct point *hull, size_t n, int64_t x);

/* How points lie about a line that is right but for their noise. */
enum fit_edge {
	FIT_MIDDLE,	/* evenly on both sides, within bounds */
	FIT_MEAN,	/* on both sides, few of them far */
	FIT_LOWER,	/* above it */
	FIT_UPPER,	/* below it */
};

/*
 * A line through n >= 2 sorted points. Its slope is that of the narrowest strip
 * that holds all, or with FIT_MEAN of least squares; or one of nlikely slopes that
 * are likely without the points, if they do not speak against it: if making it so
 * costs less than e^4 in likelihood. *width is the strip's (FIT_MEAN: six times the
 * standard deviation). work has room for 2 * n points.
 */
struct line fit_line(const struct point *p, size_t n, enum fit_edge edge, const double *likely,
    size_t nlikely, struct point *work, double *width);

/* d to the nearest integer, at most 2^62 from 0. */
int64_t rounded(double d);

/* The median of n > 0 values, which it sorts. */
double median(double *values, size_t n);

#endif
