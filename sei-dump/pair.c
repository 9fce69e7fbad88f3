/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sender reports are not to be trusted one by one: some name the time of sending,
 * late by what waited in a queue, some repeat an RTP time, and cameras set their
 * clocks. So reports that are alone with what they say are left out, and of the
 * others it is said between which the clock was set. The map is laid in camera.c.
 */
#include "pair.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "fit.h"
#include "ntptime.h"

#define LAG_NS		200e6	/* a report that lags this much more than others is stale */
#define MEDIAN_SIDE	7	/* reports to either side whose median one is compared with */
#define STALE_NS	5e6
#define STEP_SIDE	12	/* reports to either side of a step */
#define STEP_SIDE_QUIET	3
#define FRACTION_NS	50e3	/* second differences that tell fractions in ns from binary ones */

double
pair_bend(const struct pair *a, const struct pair *b, const struct pair *c)
{
	double x = (double)(c->x - a->x);

	return x > 0 ? (double)(b->y - a->y) - (double)(c->y - a->y) * ((double)(b->x - a->x) / x) : 0;
}

double
pair_rate(const struct pair *a, const struct pair *b)
{
	return b->x == a->x ? 0 : (double)(b->y - a->y) / (double)(b->x - a->x);
}

/* ---- what the camera says ---- */

static void
decode(struct pair *pair, size_t n, bool in_ns)
{
	int64_t ns;

	for (size_t i = 0; i < n; i++) {
		if (pair[i].state == PAIR_FOREIGN)
			continue;
		pair[i].state = ntptime_read(pair[i].ntp, pair[i].arrival, in_ns, &ns) == NTPTIME_UNSET ?
		    PAIR_UNSET : PAIR_GOOD;
		pair[i].y = ns - pair[i].x;
	}
}

/* The median bend of each three pairs in a row; negative: there are no three. */
static double
roughness(const struct pair *pair, size_t n, double *value)
{
	const struct pair *a = NULL, *b = NULL;
	size_t m = 0;

	for (size_t i = 0; i < n; i++) {
		if (pair[i].state != PAIR_GOOD)
			continue;
		if (a != NULL && a->stretch == pair[i].stretch)
			value[m++] = fabs(pair_bend(a, b, &pair[i]));
		a = b;
		b = &pair[i];
	}
	return m > 0 ? median(value, m) : -1;
}

void
pair_decode(struct pair *pair, size_t n, double *value, struct pair_code *code)
{
	bool may_be_ns = true, whole = true;
	double binary, in_ns;
	size_t good = 0;
	int64_t ns;

	memset(code, 0, sizeof *code);
	for (size_t i = 0; i < n; i++) {
		if (pair[i].state == PAIR_FOREIGN)
			continue;
		may_be_ns = may_be_ns && ntptime_may_be_ns(pair[i].ntp);
		whole = whole && (uint32_t)pair[i].ntp == 0;
		good++;
	}
	code->whole_seconds = whole && good > 3;
	decode(pair, n, false);
	if (may_be_ns && !whole) {
		binary = roughness(pair, n, value);
		decode(pair, n, true);
		in_ns = roughness(pair, n, value);
		code->in_ns = binary > FRACTION_NS && in_ns < binary / 4;
		if (!code->in_ns)
			decode(pair, n, false);
	}
	for (size_t i = 0; i < n; i++)
		if (pair[i].state == PAIR_GOOD)
			code->from_unix |= ntptime_read(pair[i].ntp, pair[i].arrival, false, &ns) ==
			    NTPTIME_UNIX;
}

/* ---- pairs that are wrong ---- */

/* The median rate of n pairs, each to that a quarter of all behind it. */
static double
rate_of(struct pair **p, size_t n, double *value)
{
	size_t far = n / 4 > 0 ? n / 4 : 1, m = 0;

	for (size_t i = far; i < n; i++)
		if (p[i]->x > p[i - far]->x)
			value[m++] = pair_rate(p[i - far], p[i]);
	return m > 0 ? median(value, m) : 0;
}

/* y less the rate, from pair 0. */
static double
level(struct pair **p, size_t i, double rate)
{
	return (double)(p[i]->y - p[0]->y) - rate * (double)(p[i]->x - p[0]->x);
}

static size_t
keep_good(struct pair **p, size_t n)
{
	size_t m = 0;

	for (size_t i = 0; i < n; i++)
		if (p[i]->state == PAIR_GOOD)
			p[m++] = p[i];
	return m;
}

/* The lag of most pairs; of two, that of the one whose RTP time is nearer to that of its sending. */
static double
usual_lag(struct pair **p, size_t n, double *value)
{
	if (n == 2)
		return (double)(llabs(p[0]->lag) < llabs(p[1]->lag) ? p[0]->lag : p[1]->lag);
	for (size_t i = 0; i < n; i++)
		value[i] = (double)p[i]->lag;
	return median(value, n);
}

/* Reports whose RTP time is much older than that of others when they come. */
static size_t
drop_lagging(struct pair **p, size_t n, double *value)
{
	double usual, off = LAG_NS;

	if (n < 2)
		return n;
	usual = usual_lag(p, n, value);
	for (size_t i = 0; i < n; i++)
		value[i] = fabs((double)p[i]->lag - usual);
	if (n > 2)
		off = fmax(off, 8 * median(value, n));
	for (size_t i = 0; i < n; i++)
		if (fabs((double)p[i]->lag - usual) > off)
			p[i]->state = PAIR_STALE;
	return keep_good(p, n);
}

/* How far pair i is off the median of those about it. */
static double
off_median(struct pair **p, size_t i, size_t n, double rate)
{
	double v[2 * MEDIAN_SIDE + 1];
	size_t side = MEDIAN_SIDE, m = 0;

	/* The same number on either side, or a rate that is a little wrong would count. */
	side = i < side ? i : side;
	side = n - 1 - i < side ? n - 1 - i : side;
	if (side < 2)
		side = 2;
	for (size_t j = i > side ? i - side : 0; j < n && j <= i + side; j++)
		v[m++] = level(p, j, rate);
	return level(p, i, rate) - median(v, m);
}

/* Pairs that agree with none about them; a few in a row that agree with each other are a step. */
static size_t
drop_alone(struct pair **p, size_t n, double *value)
{
	double rate, limit, *off = value + n;

	if (n < 4)
		return n;
	rate = rate_of(p, n, value);
	for (size_t i = 0; i < n; i++)
		value[i] = fabs(off[i] = off_median(p, i, n, rate));
	limit = fmax(STALE_NS, 10 * median(value, n));
	for (size_t i = 0, run; i < n; i += run) {
		bool agree = true;

		for (run = 1; i + run < n && fabs(off[i]) > limit && fabs(off[i + run]) > limit; run++)
			agree = agree && fabs(level(p, i + run, rate) - level(p, i, rate)) < limit;
		if (fabs(off[i]) <= limit || (agree && (run > 2 || (run == 2 && (i == 0 || i + run == n)))))
			continue;
		for (size_t j = i; j < i + run; j++)
			p[j]->state = PAIR_STALE;
	}
	return keep_good(p, n);
}

/* RTP time must go on. */
static size_t
drop_backward(struct pair **p, size_t n)
{
	int64_t last = INT64_MIN;

	for (size_t i = 0; i < n; i++) {
		if (p[i]->x <= last)
			p[i]->state = PAIR_STALE;
		else
			last = p[i]->x;
	}
	return keep_good(p, n);
}

size_t
pair_keep(struct pair **p, size_t n, double *value)
{
	return drop_backward(p, drop_alone(p, drop_lagging(p, n, value), value));
}

/* ---- steps ---- */

struct range {
	double low, high, lag;
};

static struct range
range_of(struct pair **p, size_t begin, size_t end, double rate)
{
	struct range r = { INFINITY, -INFINITY, 0 };

	for (size_t i = begin; i < end; i++) {
		r.low = fmin(r.low, level(p, i, rate));
		r.high = fmax(r.high, level(p, i, rate));
		r.lag += (double)p[i]->lag / (double)(end - begin);
	}
	return r;
}

/*
 * By how much the clock was set between pairs i - 1 and i, judged by so many to either
 * side, from begin on: what lies between the two ranges, if that is more than slewing,
 * noise and a queue make. 0: it was not.
 */
static double
step_at(struct pair **p, size_t begin, size_t i, size_t n, size_t side, double rate, double noise)
{
	struct range a = range_of(p, i - begin > side ? i - side : begin, i, rate);
	struct range b = range_of(p, i, n - i > side ? i + side : n, rate);
	double least = noise + PAIR_SLEW * (double)(p[i]->x - p[i - 1]->x);
	double between = fmax(b.low - a.high, a.low - b.high), by;

	if (between < fmax(least, fmax(a.high - a.low, b.high - b.low) / 2))
		return 0;
	by = (b.low + b.high - a.low - a.high) / 2;
	return fabs(b.lag - a.lag - by) < 0.3 * fabs(by) ? 0 : by;
}

/* Whether few pairs are enough for a step: not if that finds them again and again, as a queue would. */
static bool
few_are_enough(struct pair **p, size_t n, double rate, double noise)
{
	size_t count = 0, begin = 0;

	for (size_t i = 1; i < n; i++)
		if (step_at(p, begin, i, n, STEP_SIDE_QUIET, rate, noise) != 0) {
			count++;
			begin = i;
		}
	return count <= 2 || count <= n / 16;
}

void
pair_run_open(struct pair_run *r, struct pair **p, size_t n, double tick_ns, double *value)
{
	r->p = p;
	r->n = n;
	r->rate = rate_of(p, n, value);
	for (size_t i = 2; i < n; i++)
		value[i - 2] = fabs(pair_bend(p[i - 2], p[i - 1], p[i]));
	r->noise = PAIR_TICKS_EXACT * tick_ns + (n > 2 ? 6 * median(value, n - 2) : 0);
	r->few = few_are_enough(p, n, r->rate, r->noise);
}

double
pair_step(const struct pair_run *r, size_t begin, size_t i)
{
	double by = step_at(r->p, begin, i, r->n, STEP_SIDE, r->rate, r->noise);

	if (by == 0 && r->few)
		by = step_at(r->p, begin, i, r->n, STEP_SIDE_QUIET, r->rate, r->noise);
	return by;
}
