/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Convex hulls (Andrew's monotone chain), the narrowest strip between two of them
 * (Chebyshev's line) and least squares. For noise within bounds a strip's error
 * falls with the number of points, that of least squares with its square root.
 */
#include "fit.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define FAR	0x1p55	/* ns, a year: no line goes further up or down */
#define LIKELY	4.0	/* log of the likelihood that a likely slope may cost */

int64_t
rounded(double d)
{
	return (int64_t)rint(fmax(-0x1p62, fmin(d, 0x1p62)));
}

int64_t
line_at(const struct line *l, int64_t x)
{
	double d = l->slope * (double)(x - l->at.x);

	return l->at.y + rounded(fmax(-FAR, fmin(d, FAR)));
}

static int
compare(const void *a, const void *b)
{
	const struct point *p = a, *q = b;

	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	return p->y < q->y ? -1 : p->y > q->y;
}

void
points_sort(struct point *p, size_t n)
{
	for (size_t i = 1; i < n; i++)
		if (compare(&p[i - 1], &p[i]) > 0) {
			qsort(p, n, sizeof *p, compare);
			return;
		}
}

static double
slope(const struct point *a, const struct point *b)
{
	return (double)(b->y - a->y) / (double)(b->x - a->x);
}

size_t
hull_lower(struct point *p, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		if (m > 0 && p[i].x == p[m - 1].x)
			continue;	/* sorted: the lower one is there */
		while (m > 1 && slope(&p[m - 2], &p[m - 1]) >= slope(&p[m - 1], &p[i]))
			m--;
		p[m++] = p[i];
	}
	return m;
}

struct line
hull_edge(const struct point *hull, size_t n, int64_t x)
{
	size_t i = 1;

	while (i < n - 1 && hull[i].x < x)
		i++;
	return (struct line){ hull[i - 1], slope(&hull[i - 1], &hull[i]) };
}

/* The strip of this slope: its width, and how far its lower edge lies above the origin. */
static double
strip(const struct point *p, size_t n, struct point origin, double by, double *low)
{
	double least = INFINITY, most = -INFINITY, d;

	for (size_t i = 0; i < n; i++) {
		d = (double)(p[i].y - origin.y) - by * (double)(p[i].x - origin.x);
		least = fmin(least, d);
		most = fmax(most, d);
	}
	*low = least;
	return most - least;
}

/* Corners of both hulls, the only points that count for strips. Returns how many. */
static size_t
corners(const struct point *p, size_t n, struct point *work)
{
	size_t lower, upper;

	memcpy(work, p, n * sizeof *p);
	lower = hull_lower(work, n);
	for (size_t i = 0; i < n; i++)
		work[lower + i] = (struct point){ p[i].x, -p[i].y };
	points_sort(work + lower, n);
	upper = hull_lower(work + lower, n);
	for (size_t i = 0; i < upper; i++)
		work[lower + i].y = -work[lower + i].y;
	return lower + upper;
}

/* The narrowest strip lies along an edge of one of the hulls. */
static double
narrowest(const struct point *c, size_t n, struct point origin)
{
	double best = INFINITY, by = 0, s, width, low;

	for (size_t i = 1; i < n; i++) {
		if (c[i].x <= c[i - 1].x)
			continue;	/* from the lower hull to the upper */
		s = slope(&c[i - 1], &c[i]);
		width = strip(c, n, origin, s, &low);
		if (width < best) {
			best = width;
			by = s;
		}
	}
	return by;
}

/* Sums of squares about a line of this slope through the means; *mean is of y there. */
static double
squares(const struct point *p, size_t n, struct point origin, double by, double *mean)
{
	double sum = 0, sum2 = 0, d;

	for (size_t i = 0; i < n; i++) {
		d = (double)(p[i].y - origin.y) - by * (double)(p[i].x - origin.x);
		sum += d;
		sum2 += d * d;
	}
	*mean = sum / (double)n;
	return fmax(sum2 - sum * *mean, 0);
}

static double
least_squares(const struct point *p, size_t n, struct point origin)
{
	double x = 0, y = 0, xx = 0, xy = 0, dx, dy;

	for (size_t i = 0; i < n; i++) {
		x += (double)(p[i].x - origin.x) / (double)n;
		y += (double)(p[i].y - origin.y) / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		dx = (double)(p[i].x - origin.x) - x;
		dy = (double)(p[i].y - origin.y) - y;
		xx += dx * dx;
		xy += dx * dy;
	}
	return xx > 0 ? xy / xx : 0;
}

/* How far the line of this slope is from the origin; *spread is what likelihood goes by. */
static double
place(const struct point *p, size_t n, struct point origin, enum fit_edge edge, double by,
    double *spread, double *width)
{
	double low;

	if (edge == FIT_MEAN) {
		*spread = sqrt(squares(p, n, origin, by, &low));
		*width = 6 * *spread / sqrt((double)n);
		return low;
	}
	*width = *spread = strip(p, n, origin, by, &low);
	if (edge == FIT_LOWER)
		return low;
	return edge == FIT_UPPER ? low + *width : low + *width / 2;
}

struct line
fit_line(const struct point *p, size_t n, enum fit_edge edge, const double *likely, size_t nlikely,
    struct point *work, double *width)
{
	struct line l = { .at = p[0] };
	double spread, least, at, w;
	size_t count = n;

	if (edge != FIT_MEAN) {
		count = corners(p, n, work);
		p = work;
	}
	l.slope = edge == FIT_MEAN ? least_squares(p, n, l.at) : narrowest(p, count, l.at);
	at = place(p, count, l.at, edge, l.slope, &least, width);
	for (size_t i = 0; i < nlikely; i++) {
		double a = place(p, count, l.at, edge, likely[i], &spread, &w);

		if ((double)n * log(spread / fmax(least, 1)) >= LIKELY)
			continue;
		l.slope = likely[i];
		*width = w;
		at = a;
		break;
	}
	l.at.y += rounded(fmax(-FAR, fmin(at, FAR)));
	return l;
}

static int
by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return x < y ? -1 : x > y;
}

double
median(double *values, size_t n)
{
	qsort(values, n, sizeof *values, by_value);
	return values[n / 2];
}
