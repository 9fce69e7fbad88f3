/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The lower envelope. Network and host only ever delay, so in a window of two minutes
 * the lower convex hull of arrivals lies along the line of the two clocks; its edge
 * over the window's middle is taken. Every quarter of a window there is another, and
 * between the middles of two the floor is interpolated, so that clocks may wander.
 * Windows of cameras with few frames are longer.
 *
 * First, minima of blocks of two seconds, less the median rate, tell where the floor
 * shifts and stays so, and which frames came too early to be true.
 */
#include "host.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "fit.h"

#define WINDOW_MIN_NS	(120 * CLOCK_NS_PER_S)
#define WINDOW_MAX_NS	(3600 * CLOCK_NS_PER_S)
#define WINDOW_FRAMES	1800
#define STRIDES		4	/* in a window */
#define EDGES		8	/* less of a window than a part of so many has no slope of its own */
#define LAG_NS		(10 * CLOCK_NS_PER_S)	/* between two frames whose rate is taken */
#define SPAN_NS		(30 * CLOCK_NS_PER_S)	/* a shorter recording has no rate, unless it is */
#define RATE_SURE	0.02			/* that far off */
#define PAIRS		20000
#define BLOCK_NS	(2 * CLOCK_NS_PER_S)
#define BLOCK_FRAMES	16
#define NEAR		2	/* blocks beside a shift */
#define FAR		15	/* for which it must last */
#define STAY		5	/* or so many, if the recording ends; a stall is over before */
#define SHIFT_NS	5e6
#define SHIFT_NOISE	8	/* times what block minima differ by */
#define EARLY_BLOCKS	3	/* to either side */
#define PAUSE_NS	(600 * CLOCK_NS_PER_S)
#define HULL_FRAMES	256	/* of which one hull is made before they are put together */
#define SAMPLES		100000
#define TOUCH_NS	100000

struct block {
	size_t begin, end;	/* frames */
	double min;		/* of y less the rate */
};

struct work {
	const struct unwrap *u;
	int64_t *floor;
	struct host_found *found;
	uint8_t *early;		/* of each frame: not to be believed */
	struct block *block;	/* of a stretch */
	double *value;		/* room for a value a block, or PAIRS */
	struct point *point;	/* room for a point a frame */
	struct point *hull;	/* likewise */
	double rate;
	int64_t window;		/* ns */
};

static bool
usable(const struct work *w, size_t i)
{
	return w->u->y[i] != UNWRAP_NONE && !w->early[i];
}

/* y of frame i less the rate, from that of frame 0 of its stretch. */
static double
level(const struct work *w, const struct stretch *s, size_t i)
{
	const struct unwrap *u = w->u;

	return (double)(u->y[i] - u->y[s->begin]) - w->rate * (double)(u->x[i] - u->x[s->begin]);
}

/* The median rate of y over some ten seconds, or half a stretch if it is shorter. */
static void
find_rate(struct work *w)
{
	const struct unwrap *u = w->u;
	size_t n = 0, step = u->n / PAIRS + 1;
	int64_t span = 0, all = 0;

	for (size_t m = 0; m < u->nstretches; m++) {
		const struct stretch *s = &u->stretch[m];
		size_t j = s->begin, k = 0;
		int64_t length = 0, lag, high = INT64_MIN;

		for (size_t i = s->begin; i < s->end; i++)
			if (u->y[i] != UNWRAP_NONE && u->x[i] - u->x[s->begin] > length)
				length = u->x[i] - u->x[s->begin];
		lag = length / 2 < LAG_NS ? length / 2 : LAG_NS;
		span = length > span ? length : span;
		all += length / (int64_t)u->n;
		for (size_t i = s->begin; i < s->end && lag > 0 && n < PAIRS; i++) {
			/* B-frames come later than others; those that j stops at are never such. */
			if (u->y[i] == UNWRAP_NONE || u->x[i] <= high)
				continue;
			high = u->x[i];
			while (j < s->end && (u->y[j] == UNWRAP_NONE || u->x[j] < u->x[i] + lag))
				j++;
			if (j < s->end && k++ % step == 0)
				w->value[n++] = (double)(u->y[j] - u->y[i]) / (double)(u->x[j] - u->x[i]);
		}
	}
	w->rate = n > 0 ? median(w->value, n) : 0;
	w->found->has_rate = span >= SPAN_NS || fabs(w->rate) > RATE_SURE;
	if (!w->found->has_rate)
		w->rate = 0;
	w->found->rate = w->rate;
	/* A frame takes as long as the mean. */
	w->window = all > WINDOW_MAX_NS / WINDOW_FRAMES ? WINDOW_MAX_NS : all * WINDOW_FRAMES;
	w->window = w->window < WINDOW_MIN_NS ? WINDOW_MIN_NS : w->window;
}

static void
set_min(struct work *w, const struct stretch *s, struct block *b)
{
	b->min = INFINITY;
	for (size_t i = b->begin; i < b->end; i++)
		if (usable(w, i))
			b->min = fmin(b->min, level(w, s, i));
}

/* Cuts a stretch into blocks. Returns how many. */
static size_t
make_blocks(struct work *w, const struct stretch *s)
{
	size_t n = 0, count = 0, begin = s->begin;
	int64_t from = w->u->x[begin];

	for (size_t i = s->begin; i < s->end; i++) {
		if (w->u->y[i] == UNWRAP_NONE)
			continue;
		if (++count < BLOCK_FRAMES || w->u->x[i] - from < BLOCK_NS)
			continue;
		w->block[n++] = (struct block){ begin, i + 1, 0 };
		begin = i + 1;
		from = w->u->x[i];
		count = 0;
	}
	if (n == 0 || count >= BLOCK_FRAMES / 2)
		w->block[n++] = (struct block){ begin, s->end, 0 };
	else
		w->block[n - 1].end = s->end;
	for (size_t k = 0; k < n; k++)
		set_min(w, s, &w->block[k]);
	return n;
}

/* What is more than noise between the minima of blocks. */
static double
threshold(struct work *w, size_t n)
{
	size_t m = 0;

	for (size_t k = 1; k < n; k++)
		w->value[m++] = fabs(w->block[k].min - w->block[k - 1].min);
	return m == 0 ? INFINITY : fmax(SHIFT_NS, SHIFT_NOISE * median(w->value, m));
}

/*
 * Frames far below the floor of the blocks about theirs, one or two at a time: a
 * stamp of before the host's clock was set, a glitch of RTP time.
 */
static void
drop_early(struct work *w, const struct stretch *s, size_t n, double limit)
{
	double around[2 * EARLY_BLOCKS + 1], floor;

	for (size_t k = 0; k < n; k++) {
		size_t m = 0, few = 0;
		struct block *b = &w->block[k];

		for (size_t j = k > EARLY_BLOCKS ? k - EARLY_BLOCKS : 0; j < n && j <= k + EARLY_BLOCKS; j++)
			around[m++] = w->block[j].min;
		floor = median(around, m) - limit;
		if (m < 3 || b->min >= floor)
			continue;
		for (size_t i = b->begin; i < b->end; i++)
			few += usable(w, i) && level(w, s, i) < floor;
		if (few > 2)
			continue;
		for (size_t i = b->begin; i < b->end; i++)
			if (usable(w, i) && level(w, s, i) < floor)
				w->early[i] = 1;
		w->found->early += few;
		set_min(w, s, b);
	}
}

static double
lowest(const struct work *w, size_t begin, size_t end)
{
	double min = INFINITY;

	for (; begin < end; begin++)
		min = fmin(min, w->block[begin].min);
	return min;
}

/*
 * The frame, of those from begin to end, before which no other came for the longest;
 * or one that came before those before it, if the floor falls. Single late ones do
 * not count.
 */
static size_t
longest_wait(const struct work *w, size_t begin, size_t end, double by)
{
	const struct unwrap *u = w->u;
	int64_t came, soonest = INT64_MAX, longest = -1;
	size_t at = end - 1, next = end;

	for (size_t i = end; i > 0 && next >= begin; i--) {
		if (!usable(w, i - 1))
			continue;
		came = u->x[i - 1] + u->y[i - 1];
		if (next < end && by < 0 && (double)(u->x[next] + u->y[next] - came) < by / 2)
			return next;
		if (next < end && soonest - came > longest) {
			longest = soonest - came;
			at = next;
		}
		soonest = came < soonest ? came : soonest;
		next = i - 1;
	}
	return at;
}

/*
 * The frame with which the floor shifts from one level to another. Frames between the
 * last that came before and the first that came behind it were late, and may be
 * either's: most likely it shifts where most time passes.
 */
static size_t
shift_frame(const struct work *w, const struct stretch *s, size_t begin, size_t end, double before,
    double after)
{
	double middle = (before + after) / 2, late = fmax(before, after) + fabs(after - before) / 2;
	size_t from = begin, to = end;

	for (size_t i = begin; i < end && to == end; i++) {
		if (!usable(w, i) || level(w, s, i) >= late)
			continue;
		if ((level(w, s, i) < middle) != (after < before))
			from = i + 1;
		else if (after < before)
			to = i;
	}
	if (after >= before)
		for (to = from; to < end && (!usable(w, to) || level(w, s, to) >= late);)
			to++;
	return from < to ? longest_wait(w, from, to + 1 < end ? to + 1 : end, after - before) : to;
}

/*
 * The frame before which RTP time jumped to make such a shift: its distance from the
 * one before it is off the usual one by as much. 0: there is none.
 */
static size_t
rtp_jump(const struct work *w, size_t begin, size_t end, double by)
{
	const struct unwrap *u = w->u;
	size_t n = 0, last = begin;
	double usual;

	for (size_t i = begin + 1; i < end && n < PAIRS; i++)
		if (u->y[i] != UNWRAP_NONE) {
			w->value[n++] = (double)(u->x[i] - u->x[last]);
			last = i;
		}
	usual = n > 2 ? median(w->value, n) : INFINITY;
	last = begin;
	for (size_t i = begin + 1; i < end; i++) {
		if (u->y[i] == UNWRAP_NONE)
			continue;
		if (fabs((double)(u->x[i] - u->x[last]) - usual + by) < fmax(SHIFT_NS, fabs(by) / 10))
			return i;
		last = i;
	}
	return 0;
}

/* The first of so many blocks up to k, from first on; and the one behind so many that follow it, of n. */
static size_t
back(size_t first, size_t k, size_t by)
{
	return k + 1 > first + by ? k + 1 - by : first;
}

static size_t
ahead(size_t k, size_t n, size_t by)
{
	return k + 1 + by < n ? k + 1 + by : n;
}

/* The floor on both sides of the end of a block. */
struct floors {
	double before, after;
	double soon;	/* after it, but maybe still that of a queue */
};

/* It rises behind block k, of n, if all that comes for long is above what came last. */
static bool
rises(const struct work *w, size_t first, size_t k, size_t n, double limit, struct floors *f)
{
	f->before = lowest(w, back(first, k, NEAR), k + 1);
	f->after = f->soon = lowest(w, k + 1, ahead(k, n, FAR));
	return f->after - f->before > limit && n - k - 1 >= STAY;
}

/* It falls if what comes soon is below all that came for long. */
static bool
falls(const struct work *w, size_t first, size_t k, size_t n, double limit, struct floors *f)
{
	f->before = lowest(w, back(first, k, FAR), k + 1);
	f->after = lowest(w, k + 1, ahead(k, n, FAR));
	f->soon = lowest(w, k + 1, ahead(k, n, NEAR));
	return f->soon - f->before < -limit && k + 1 - first >= STAY;
}

static bool
shifts(const struct work *w, size_t first, size_t k, size_t n, double limit, struct floors *f)
{
	struct floors next;

	if (!rises(w, first, k, n, limit, f))
		return falls(w, first, k, n, limit, f) && isfinite(f->after - f->before);
	/* If all of a block was late, the floor rises again behind it, and only there. */
	return isfinite(f->after - f->before) && !(k + 2 < n && rises(w, first, k + 1, n, limit, &next) &&
	    next.after - next.before > f->after - f->before + limit);
}

static void
add_shift(struct work *w, size_t frame, int64_t ns, bool of_rtp)
{
	if (w->found->nshifts < HOST_SHIFTS_MAX)
		w->found->shift[w->found->nshifts] = (struct shift){ frame, ns, of_rtp };
	w->found->nshifts++;
}

/* The first shift behind block k, of n, whose piece began with block first; 0: there is none. */
static size_t
next_shift(struct work *w, const struct stretch *s, size_t first, size_t *k, size_t n, double limit)
{
	struct floors f;

	for (; *k + 1 < n; ++*k) {
		size_t begin = w->block[back(first, *k, NEAR)].begin;
		size_t end = w->block[ahead(*k, n, NEAR) - 1].end, at, jump;
		double by;

		if (!shifts(w, first, *k, n, limit, &f))
			continue;
		by = f.after - f.before;
		at = jump = rtp_jump(w, begin, end, by);
		if (jump == 0)
			at = shift_frame(w, s, by > 0 ? begin : w->block[*k].begin, end, f.before, f.soon);
		if (at >= s->end)
			continue;
		add_shift(w, at, rounded(by), jump != 0);
		return at;
	}
	return 0;
}

/* Corners of hulls of the piece's frames, HULL_FRAMES together, in order. Returns how many. */
static size_t
gather(struct work *w, size_t begin, size_t end)
{
	size_t n = 0, from = 0;

	for (size_t i = begin; i < end; i++) {
		if (usable(w, i))
			w->point[n++] = (struct point){ w->u->x[i], w->u->y[i] };
		if (n - from < HULL_FRAMES)
			continue;
		points_sort(w->point + from, n - from);
		n = from + hull_lower(w->point + from, n - from);
		from = n;
	}
	points_sort(w->point, n);
	return n;
}

/* The line of this slope that touches the hull from below. */
static struct line
touching(const struct point *hull, size_t n, double slope)
{
	struct line l = { hull[0], slope };
	double low = 0;

	for (size_t i = 1; i < n; i++)
		low = fmin(low, (double)(hull[i].y - l.at.y) - slope * (double)(hull[i].x - l.at.x));
	l.at.y += rounded(low);
	return l;
}

/*
 * The line of the envelope at x, from n sorted points about it. Of a short edge only
 * the place counts, and the slope is that of the hull's middle half.
 */
static struct line
support(struct work *w, const struct point *p, size_t n, int64_t x)
{
	int64_t quarter, from, to;
	struct line l, a, b;
	size_t m;

	memcpy(w->hull, p, n * sizeof *p);
	m = hull_lower(w->hull, n);
	quarter = (w->hull[m - 1].x - w->hull[0].x) / 4;
	if (m < 2 || 4 * quarter < w->window / EDGES)
		return touching(w->hull, m, w->rate);
	l = hull_edge(w->hull, m, x);
	from = w->hull[0].x + quarter;
	to = w->hull[m - 1].x - quarter;
	a = hull_edge(w->hull, m, from);
	b = hull_edge(w->hull, m, to);
	if (a.at.x == b.at.x)
		return l;
	l.at = (struct point){ x, line_at(&l, x) };
	l.slope = (double)(line_at(&b, to) - line_at(&a, from)) / (double)(to - from);
	return l;
}

/* The line over the window about x; *from is a point before it, and moves on. */
static struct line
window(struct work *w, size_t n, int64_t x, size_t *from)
{
	size_t end;

	while (*from + 2 < n && w->point[*from + 1].x < x - w->window / 2)
		++*from;
	for (end = *from; end < n && w->point[end].x <= x + w->window / 2;)
		end++;
	if (end < *from + 2)
		end = *from + 2 < n ? *from + 2 : n;
	return support(w, w->point + *from, end - *from, x);
}

static void
fill(struct work *w, size_t begin, size_t end, int64_t from, int64_t to, const struct line *l)
{
	for (size_t i = begin; i < end; i++)
		if (w->u->y[i] != UNWRAP_NONE && w->u->x[i] >= from && w->u->x[i] < to)
			w->floor[i] = line_at(l, w->u->x[i]);
}

/* First frame from which on x is beyond where; frames before it may be as well, by a few places. */
static size_t
advance(const struct unwrap *u, size_t i, size_t end, int64_t where)
{
	while (i < end && (u->y[i] == UNWRAP_NONE || u->x[i] < where))
		i++;
	return i;
}

/* The envelope of the frames from begin to end. */
static void
piece(struct work *w, size_t begin, size_t end)
{
	size_t n = gather(w, begin, end), from = 0, at = begin, next;
	struct line l, after;
	int64_t x, last, here, stride = w->window / STRIDES;

	if (n == 0)
		return;
	w->found->pieces++;
	x = w->point[0].x;
	last = w->point[n - 1].x;
	if (last - x <= w->window) {
		l = support(w, w->point, n, x + (last - x) / 2);
		fill(w, begin, end, INT64_MIN, INT64_MAX, &l);
		return;
	}
	here = x + w->window / 2;
	last -= w->window / 2;
	l = window(w, n, here, &from);
	fill(w, begin, advance(w->u, begin, end, here + stride), INT64_MIN, here, &l);
	while (here < last) {
		x = here;
		here = here + stride < last ? here + stride : last;
		after = window(w, n, here, &from);
		l.at = (struct point){ x, line_at(&l, x) };
		l.slope = (double)(line_at(&after, here) - l.at.y) / (double)(here - x);
		/* Frames out of order are near enough. */
		at = advance(w->u, at, end, x - stride);
		next = advance(w->u, at, end, here + stride);
		fill(w, at, next, x, here, &l);
		l = after;
	}
	fill(w, at, end, here, INT64_MAX, &l);
}

/* The same, in pieces where nothing came for long: what the clocks did meanwhile nobody knows. */
static void
pieces(struct work *w, size_t begin, size_t end)
{
	int64_t last = INT64_MAX - PAUSE_NS;

	for (size_t i = begin; i < end; i++) {
		if (!usable(w, i))
			continue;
		if (w->u->x[i] > last + PAUSE_NS) {
			piece(w, begin, i);
			begin = i;
		}
		last = w->u->x[i];
	}
	piece(w, begin, end);
}

static void
take_stretch(struct work *w, const struct stretch *s)
{
	size_t n = make_blocks(w, s), k = 0, first = 0, begin = s->begin, at;
	double limit = threshold(w, n);

	if (s->jump_ns != 0)
		add_shift(w, begin, s->jump_ns, s->of_rtp);
	if (n > 2) {
		drop_early(w, s, n, limit);
		while ((at = next_shift(w, s, first, &k, n, limit)) != 0) {
			if (at > begin)
				pieces(w, begin, at);
			begin = at;
			while (k < n && w->block[k].begin < at)
				k++;
			first = k;
		}
	}
	pieces(w, begin, s->end);
}

/* Whether frame i lies at the floor, and how exact its arrival is was noted. */
static bool
shows_slack(const struct work *w, size_t i)
{
	const struct unwrap *u = w->u;

	return usable(w, i) && w->floor[i] != UNWRAP_NONE && u->y[i] - w->floor[i] <= TOUCH_NS &&
	    u->fs->detail[i].packets > 0 && u->fs->detail[i].slack_us != DETAIL_UNKNOWN;
}

/*
 * The slack of the floor: of each stride the least of the frames at the floor, for one
 * that is exact holds the line, whatever its neighbours have; and of all strides the
 * most. The last, which may be short, counts with the one before it.
 */
static uint32_t
floor_slack(const struct work *w)
{
	const struct unwrap *u = w->u;
	int64_t begin = 0, stride = w->window / STRIDES;
	uint32_t least = DETAIL_UNKNOWN, before = DETAIL_UNKNOWN, most = 0;

	for (size_t i = 0; i < u->n; i++) {
		if (!shows_slack(w, i))
			continue;
		if (least == DETAIL_UNKNOWN || u->x[i] < begin || u->x[i] - begin >= stride) {
			if (before != DETAIL_UNKNOWN && before > most)
				most = before;
			before = least;
			least = DETAIL_UNKNOWN;
			begin = u->x[i];
		}
		if (u->fs->detail[i].slack_us < least)
			least = u->fs->detail[i].slack_us;
	}
	if (before < least)
		least = before;
	return least != DETAIL_UNKNOWN && least > most ? least : most;
}

/* How far behind the floor arrivals are. */
static void
measure(struct work *w)
{
	const struct unwrap *u = w->u;
	double *delay = (double *)w->point, most = 0;
	size_t n = 0, step = u->n / SAMPLES + 1;

	for (size_t i = 0; i < u->n; i++) {
		double d;

		if (!usable(w, i) || w->floor[i] == UNWRAP_NONE)
			continue;
		d = (double)(u->y[i] - w->floor[i]);
		most = fmax(most, d);
		if (i % step == 0)
			delay[n++] = d;
	}
	if (n == 0)
		return;
	w->found->delay_median_ns = rounded(median(delay, n));
	w->found->delay_p95_ns = rounded(delay[n - 1 - n / 20]);
	w->found->delay_max_ns = rounded(most);
}

int
host_floor(const struct unwrap *u, int64_t *floor, struct host_found *found)
{
	struct work w = { .u = u, .floor = floor, .found = found };
	int result = -1;

	memset(found, 0, sizeof *found);
	for (size_t i = 0; i < u->n; i++)
		floor[i] = UNWRAP_NONE;
	w.early = calloc(u->n + 1, 1);
	w.block = reallocarray(NULL, u->n / BLOCK_FRAMES + 2, sizeof *w.block);
	w.value = reallocarray(NULL, u->n / BLOCK_FRAMES + PAIRS + 2, sizeof *w.value);
	w.point = reallocarray(NULL, u->n + 1, sizeof *w.point);
	w.hull = reallocarray(NULL, u->n + 1, sizeof *w.hull);
	if (w.early != NULL && w.block != NULL && w.value != NULL && w.point != NULL && w.hull != NULL) {
		find_rate(&w);
		for (size_t k = 0; k < u->nstretches; k++)
			take_stretch(&w, &u->stretch[k]);
		measure(&w);
		if (u->fs->detail != NULL)
			found->slack_us = floor_slack(&w);
		result = 0;
	}
	free(w.early);
	free(w.block);
	free(w.value);
	free(w.point);
	free(w.hull);
	return result;
}
