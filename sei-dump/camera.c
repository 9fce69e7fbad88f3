/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The map. Which pairs are wrong, and where the clock was set, is judged in pair.c;
 * where it was set, the map has a gap; and a piece between is either followed from
 * report to report, if reports agree to a few ticks, or else a line is laid through
 * its noise.
 */
#include "camera.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define WINDOW_MIN	16	/* reports of which a line is made */
#define WINDOW_MAX	256
#define WINDOW_NOISE	0.25e6	/* ns that are left of noise: its width / the window's reports */
#define SURE		0.5e-3	/* a rate of the host that is more than a crystal's error */

struct work {
	struct camera *c;
	const struct unwrap *u;
	const struct host_found *host;
	struct camera_found *found;
	double tick_ns;
	struct pair **p;	/* the good ones of a stretch */
	double *value;
	struct point *point;	/* 3 for each pair */
	size_t longest;
	size_t stretch;
};

/* ---- the map ---- */

static int
add(struct work *w, int64_t x, int64_t y)
{
	struct camera *c = w->c;
	size_t begin = c->map[w->stretch].begin;

	if (c->n > begin && x <= c->node[c->n - 1].x)
		return 0;
	if (c->n == c->cap) {
		size_t more = c->cap == 0 ? 64 : 2 * c->cap;
		struct node *new = reallocarray(c->node, more, sizeof *new);

		if (new == NULL)
			return -1;
		c->node = new;
		c->cap = more;
	}
	c->node[c->n++] = (struct node){ x, y, false };
	return 0;
}

static void
gap(struct work *w)
{
	struct camera *c = w->c;

	if (c->n > c->map[w->stretch].begin)
		c->node[c->n - 1].gap = true;
	else
		c->map[w->stretch].known_before = false;
}

/* The rate to go by where pairs do not tell. */
static double
likely_rate(const struct work *w)
{
	return w->host->has_rate && fabs(w->host->rate) > SURE ? w->host->rate : 0;
}

/* Whether n pairs are off by no more than rounding; slewing bends as well. */
static bool
is_exact(struct work *w, struct pair **p, size_t n)
{
	double limit = PAIR_TICKS_EXACT * w->tick_ns;
	size_t within = 0;

	for (size_t i = 2; i < n; i++) {
		double off = fabs(pair_bend(p[i - 2], p[i - 1], p[i]));

		if (off > limit + PAIR_SLEW * (double)(p[i]->x - p[i - 2]->x))
			return false;
		within += off <= limit;
	}
	return n < 3 || (within > 0 && within >= (n - 2) * 9 / 10);
}

/* Every pair is a node. */
static int
follow(struct work *w, struct pair **p, size_t n)
{
	struct camera_map *m = &w->c->map[w->stretch];
	size_t far = n < 17 ? n - 1 : 16;
	bool first = w->c->n == m->begin;

	for (size_t i = 0; i < n; i++)
		if (add(w, p[i]->x, p[i]->y) == -1)
			return -1;
	m->after = n > 2 ? pair_rate(p[n - 1 - far], p[n - 1]) : likely_rate(w);
	if (first)
		m->before = n > 2 ? pair_rate(p[0], p[far]) : likely_rate(w);
	return 0;
}

/* The moments of how far pairs are off a line, and what their lags and their order have to do with it. */
struct shape {
	double skew, kurtosis;
	double with_lag;	/* slope of lag against offset: 1 if both are a queue's */
	double order;		/* 0: offsets follow each other by chance, 1: like the teeth of a saw */
};

static struct shape
shape_of(struct pair **p, size_t n, const struct line *l, double width)
{
	double mean = 0, lag = 0, m2 = 0, m3 = 0, m4 = 0, both = 0, re = 0, im = 0, last = 0, d;
	struct shape s = { 0 };

	for (size_t i = 0; i < n; i++) {
		mean += (double)(p[i]->y - line_at(l, p[i]->x)) / (double)n;
		lag += (double)p[i]->lag / (double)n;
	}
	for (size_t i = 0; i < n; i++) {
		d = (double)(p[i]->y - line_at(l, p[i]->x)) - mean;
		m2 += d * d;
		m3 += d * d * d;
		m4 += d * d * d * d;
		both += d * ((double)p[i]->lag - lag);
		if (i > 0) {
			re += cos(2 * M_PI * (d - last) / width);
			im += sin(2 * M_PI * (d - last) / width);
		}
		last = d;
	}
	if (m2 <= 0 || n < 2)
		return s;
	s.skew = m3 / (double)n / pow(m2 / (double)n, 1.5);
	s.kurtosis = m4 * (double)n / (m2 * m2);
	s.with_lag = both / m2;
	s.order = hypot(re, im) / (double)(n - 1);
	return s;
}

/*
 * Which side of n pairs the truth is on. RTP time and clock are read one after the
 * other, and what comes between them, such as a queue, makes the clock's time late:
 * it does so if the report was late by as much, if it grows and falls like a queue,
 * or if most are at one edge and some are far. Else nothing speaks for a side.
 */
static enum camera_noise
side(struct work *w, struct pair **p, size_t n, enum fit_edge *edge)
{
	double none = 0, width;
	struct line l = fit_line(w->point, n, FIT_MIDDLE, &none, 0, w->point + n, &width);
	struct shape s = shape_of(p, n, &l, width);

	*edge = FIT_UPPER;
	if (w->found->code.whole_seconds)
		return CAMERA_EARLY;
	*edge = FIT_LOWER;
	if (n >= WINDOW_MIN && (s.with_lag > 0.5 || s.order > 0.6 || s.skew > 0.7))
		return CAMERA_LATE;
	*edge = FIT_UPPER;
	if (n >= WINDOW_MIN && s.skew < -0.7)
		return CAMERA_EARLY;
	/* 1.8 of even noise, 3 of normal; of few reports even noise may seem to have 2.6. */
	*edge = s.kurtosis > 2.2 + 3 / sqrt((double)n) ? FIT_MEAN : FIT_MIDDLE;
	return CAMERA_EVEN;
}

static void
copy_points(struct work *w, struct pair **p, size_t n)
{
	for (size_t i = 0; i < n; i++)
		w->point[i] = (struct point){ p[i]->x, p[i]->y };
}

static struct line
line_of(struct work *w, struct pair **p, size_t n, enum fit_edge edge, double *width)
{
	double likely[] = { 0, w->host->rate };

	if (n == 1) {
		*width = 0;
		return (struct line){ { p[0]->x, p[0]->y }, likely_rate(w) };
	}
	copy_points(w, p, n);
	return fit_line(w->point, n, edge, likely, w->host->has_rate ? 2 : 1, w->point + n, width);
}

/* Lines through windows of pairs, each half over the next; nodes are in their middles. */
static int
smooth(struct work *w, struct pair **p, size_t n)
{
	struct camera_map *map = &w->c->map[w->stretch];
	size_t shape_n = n < WINDOW_MAX ? n : WINDOW_MAX, size;
	bool first = w->c->n == map->begin;
	enum fit_edge edge;
	enum camera_noise noise;
	double width;
	struct line l;

	copy_points(w, p, shape_n);
	noise = side(w, p, shape_n, &edge);
	l = line_of(w, p, shape_n, edge, &width);
	if (n > w->longest) {
		w->found->noise = noise;
		w->found->noise_ns = rounded(width);
	}
	size = (size_t)fmin(fmax(width / WINDOW_NOISE, WINDOW_MIN), WINDOW_MAX);
	size = size + size / 2 > n ? n : size;
	for (size_t i = 0;; i += size / 2) {
		if (i + size > n)
			i = n - size;
		l = line_of(w, p + i, size, edge, &width);
		if (i == 0) {
			if (first)
				map->before = l.slope;
			if (add(w, p[0]->x, line_at(&l, p[0]->x)) == -1)
				return -1;
		}
		if (add(w, p[i + size / 2]->x, line_at(&l, p[i + size / 2]->x)) == -1)
			return -1;
		if (i + size == n)
			break;
	}
	map->after = l.slope;
	return add(w, p[n - 1]->x, line_at(&l, p[n - 1]->x));
}

static int
segment(struct work *w, struct pair **p, size_t n)
{
	bool exact = is_exact(w, p, n) && !w->found->code.whole_seconds;
	int result = exact ? follow(w, p, n) : smooth(w, p, n);

	if (n > w->longest) {
		w->longest = n;
		if (exact)
			w->found->noise = CAMERA_EXACT;
		if (exact)
			w->found->noise_ns = 0;
	}
	return result;
}

/* ---- runs and stretches ---- */

struct camera_step *
camera_add_step(struct camera_found *found)
{
	return found->nsteps++ < CAMERA_STEPS_MAX ? &found->step[found->nsteps - 1] : NULL;
}

/* The clock was set between a, which ended a segment, and b, by as much. */
static void
step(struct work *w, const struct pair *a, const struct pair *b, double by)
{
	const struct unwrap *u = w->u;
	const struct stretch *s = &u->stretch[w->stretch];
	struct camera_step *told = camera_add_step(w->found);
	size_t f = s->begin;

	gap(w);
	if (told == NULL)
		return;		/* to look for the frame of each would take the square of the time */
	while (f + 1 < s->end && (u->y[f] == UNWRAP_NONE || u->x[f] < b->x))
		f++;
	*told = (struct camera_step){ f, rounded(by), b->x - a->x, false };
}

/* A run of pairs between which the camera's clock was always set. */
static int
take_run(struct work *w, struct pair **p, size_t n)
{
	struct pair_run run;
	size_t begin = 0;
	double by;

	n = pair_keep(p, n, w->value);
	if (n == 0)
		return 0;
	pair_run_open(&run, p, n, w->tick_ns, w->value);
	for (size_t i = 1; i < n; i++) {
		by = pair_step(&run, begin, i);
		if (by == 0)
			continue;
		if (segment(w, p + begin, i - begin) == -1)
			return -1;
		step(w, p[i - 1], p[i], by);
		begin = i;
	}
	if (n >= WINDOW_MIN) {
		w->found->has_rate = true;
		w->found->rate = run.rate;
	}
	return segment(w, p + begin, n - begin);
}

/* The pairs of one stretch. */
static int
take_stretch(struct work *w, struct pair *pair, size_t n)
{
	struct camera_map *m = &w->c->map[w->stretch];
	size_t count = 0;

	m->begin = w->c->n;
	m->known_before = m->known_after = true;
	for (size_t i = 0; i < n; i++) {
		if (pair[i].state == PAIR_GOOD)
			w->p[count++] = &pair[i];
		if (pair[i].state != PAIR_UNSET)
			continue;
		if (take_run(w, w->p, count) == -1)
			return -1;
		gap(w);
		count = 0;
	}
	if (n > 0 && count == 0 && pair[n - 1].state == PAIR_UNSET)
		m->known_after = false;
	if (take_run(w, w->p, count) == -1)
		return -1;
	m->end = w->c->n;
	return 0;
}

static void
count(struct work *w, const struct pair *pair, size_t n)
{
	struct camera_found *found = w->found;
	size_t m = 0;

	found->pairs = n;
	for (size_t i = 0; i < n; i++) {
		found->foreign += pair[i].state == PAIR_FOREIGN;
		found->unset += pair[i].state == PAIR_UNSET;
		found->stale += pair[i].state == PAIR_STALE;
		if (pair[i].state == PAIR_GOOD)
			w->value[m++] = (double)pair[i].lag;
	}
	if (m == 0)
		return;
	found->lag_ns = rounded(median(w->value, m));
	m = 0;
	for (size_t i = 0; i < n; i++)
		if (pair[i].state == PAIR_GOOD)
			w->value[m++] = (double)(pair[i].y + pair[i].x - pair[i].arrival);
	found->offset_ns = rounded(median(w->value, m));
}

static int
lay(struct work *w, struct pair *pair, size_t n)
{
	size_t i = 0, end;

	pair_decode(pair, n, w->value, &w->found->code);
	for (w->stretch = 0; w->stretch < w->u->nstretches; w->stretch++) {
		/* A report may have come before the frames of the stretch it is of. */
		while (i < n && pair[i].stretch < w->stretch)
			i++;
		for (end = i; end < n && pair[end].stretch == w->stretch;)
			end++;
		if (take_stretch(w, pair + i, end - i) == -1)
			return -1;
		i = end;
	}
	count(w, pair, n);
	return 0;
}

int
camera_open(struct camera *c, const struct unwrap *u, struct pair *pair, size_t n,
    const struct host_found *host, struct camera_found *found)
{
	struct work w = { .c = c, .u = u, .host = host, .found = found };
	int result = -1;

	memset(c, 0, sizeof *c);
	memset(found, 0, sizeof *found);
	w.tick_ns = (double)CLOCK_NS_PER_S / u->rate;
	c->map = calloc(u->nstretches + 1, sizeof *c->map);
	w.p = reallocarray(NULL, n + 1, sizeof *w.p);
	w.value = reallocarray(NULL, 2 * n + 2, sizeof *w.value);
	w.point = reallocarray(NULL, 3 * n + 3, sizeof *w.point);
	if (c->map != NULL && w.p != NULL && w.value != NULL && w.point != NULL)
		result = lay(&w, pair, n);
	free(w.p);
	free(w.value);
	free(w.point);
	return result;
}

void
camera_close(struct camera *c)
{
	free(c->node);
	free(c->map);
}

/* The last of the map's nodes at or before x; map->end: there is none. */
static size_t
find(const struct camera *c, const struct camera_map *m, int64_t x)
{
	size_t low = m->begin, high = m->end, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (c->node[middle].x <= x)
			low = middle + 1;
		else
			high = middle;
	}
	return low == m->begin ? m->end : low - 1;
}

bool
camera_at(const struct camera *c, size_t stretch, int64_t x, int64_t *unix_ns)
{
	const struct camera_map *m = &c->map[stretch];
	size_t i = find(c, m, x), base = i == m->end ? m->begin : i;
	const struct node *a;
	struct line l;

	if (m->begin == m->end)
		return false;
	a = &c->node[base];
	l.at = (struct point){ a->x, a->y };
	if (i == m->end) {
		l.slope = m->before;
		if (!m->known_before)
			return false;
	} else if (i == m->end - 1) {
		l.slope = m->after;
		if (x != a->x && !m->known_after)
			return false;
	} else {
		if (a->gap && x != a->x)
			return false;
		l.slope = (double)(a[1].y - a->y) / (double)(a[1].x - a->x);
	}
	*unix_ns = x + line_at(&l, x);
	return true;
}

bool
camera_is_near(const struct camera *c, size_t stretch, int64_t x, int64_t ns)
{
	const struct camera_map *m = &c->map[stretch];

	return m->begin < m->end && x >= c->node[m->begin].x - ns && x <= c->node[m->end - 1].x + ns;
}
