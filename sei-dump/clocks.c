/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Brings together what frames, reports, the sender's own times and events say about
 * clocks. The host comes first: its floor tells when a report was sent late. Nothing
 * here changes what was recorded.
 */
#include "clocks.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define FOREIGN_NS	(10 * CLOCK_NS_PER_S)	/* no report of the video's clock is that far off */
#define SENT_NS		(10 * CLOCK_NS_PER_S)	/* so far beyond frames that have the camera's time it is gone by */
#define SETTLED_NS	(5 * CLOCK_NS_PER_S)	/* of a shorter stretch neither clock is sure */
#define APART_NS	(CLOCK_NS_PER_S / 5)	/* more than the network's least delay changes by */
#define TIME_MIN	(-61505152 * CLOCK_NS_PER_S)	/* what an NTP timestamp can name */
#define TIME_MAX	(4233462144 * CLOCK_NS_PER_S)

/* What is needed for a time only. */
struct work {
	struct frames *fs;
	struct unwrap u;
	int64_t *floor;
	struct pair *pair;		/* of reports, then of sent times */
	struct camera reports, sent;
	size_t nsent;
};

static void
close_work(struct work *w)
{
	unwrap_close(&w->u);
	free(w->floor);
	free(w->pair);
	camera_close(&w->reports);
	camera_close(&w->sent);
}

/* An array of n times that are not known. */
static int64_t *
no_times(size_t n)
{
	int64_t *t = reallocarray(NULL, n + 1, sizeof *t);

	for (size_t i = 0; t != NULL && i < n; i++)
		t[i] = FRAMES_NO_TIME;
	return t;
}

static void
put(int64_t *times, size_t i, int64_t ns)
{
	if (ns >= TIME_MIN && ns < TIME_MAX)
		times[i] = ns;
}

static int
host_times(struct work *w)
{
	struct frames *fs = w->fs;

	fs->host_ns = no_times(w->u.n);
	if (fs->host_ns == NULL)
		return -1;
	if (fs->want & WANT_STEADY && (fs->steady_ns = no_times(w->u.n)) == NULL)
		return -1;
	/* On the clock as it was when the frame came. */
	for (size_t i = 0; i < w->u.n; i++)
		if (w->floor[i] != UNWRAP_NONE)
			put(fs->host_ns, i, clock_unix_from_ntp(fs->frame[i].recv_ntp) -
			    (w->u.y[i] - w->floor[i]));
	for (size_t i = 0; fs->steady_ns != NULL && i < w->u.n; i++)
		if (w->floor[i] != UNWRAP_NONE)
			put(fs->steady_ns, i, w->u.x[i] + w->floor[i]);
	return 0;
}

/* The stretch of frame i; *k is that of one before it. */
static uint32_t
stretch_of(const struct unwrap *u, size_t i, size_t *k)
{
	while (*k + 1 < u->nstretches && i >= u->stretch[*k + 1].begin)
		++*k;
	while (*k > 0 && i < u->stretch[*k].begin)
		--*k;
	return (uint32_t)*k;
}

static int
by_stretch(const void *a, const void *b)
{
	const struct pair *p = a, *q = b;

	return p->stretch < q->stretch ? -1 : p->stretch > q->stretch;
}

static int
map_reports(struct work *w)
{
	const struct frames *fs = w->fs;
	size_t k = 0;

	w->pair = calloc(fs->nreports + 1, sizeof *w->pair);
	if (w->pair == NULL)
		return -1;
	for (size_t i = 0; i < fs->nreports; i++) {
		struct pair *p = &w->pair[i];
		size_t f = unwrap_report(&w->u, &fs->report[i], w->floor, &p->x, &p->lag);

		p->ntp = fs->report[i].ntp;
		p->arrival = clock_unix_from_ntp(fs->report[i].recv_ntp);
		if (f == w->u.n || llabs(p->lag) > FOREIGN_NS) {
			p->state = PAIR_FOREIGN;
			p->stretch = (uint32_t)k;
			continue;
		}
		p->stretch = stretch_of(&w->u, f, &k);
		p->frame = (uint32_t)f;
	}
	/* A late one of before a restart may stand behind an early one of after it; else they stay in order. */
	if (fs->nreports > 1 && mergesort(w->pair, fs->nreports, sizeof *w->pair, by_stretch) == -1)
		return -1;
	return camera_open(&w->reports, &w->u, w->pair, fs->nreports, &fs->clocks->host,
	    &fs->clocks->reports);
}

static int
compare(const void *a, const void *b)
{
	const struct pair *p = a, *q = b;

	if (p->stretch != q->stretch)
		return p->stretch < q->stretch ? -1 : 1;
	if (p->x != q->x)
		return p->x < q->x ? -1 : 1;
	return p->frame < q->frame ? -1 : p->frame > q->frame;
}

/* The times that came with frames, as pairs, in place of those of reports. */
static int
map_sent(struct work *w)
{
	const struct frames *fs = w->fs;
	size_t n = 0, k = 0;

	for (size_t i = 0; i < w->u.n; i++)
		n += fs->sender[i].known && w->u.y[i] != UNWRAP_NONE && fs->sender[i].rtp == fs->frame[i].rtp;
	free(w->pair);
	w->pair = calloc(n + 1, sizeof *w->pair);
	if (w->pair == NULL)
		return -1;
	for (size_t i = 0; i < w->u.n; i++) {
		if (!fs->sender[i].known || w->u.y[i] == UNWRAP_NONE || fs->sender[i].rtp != fs->frame[i].rtp)
			continue;
		w->pair[w->nsent++] = (struct pair){ .x = w->u.x[i], .ntp = fs->sender[i].ntp,
			.arrival = clock_unix_from_ntp(fs->frame[i].recv_ntp),
			.frame = (uint32_t)i, .stretch = stretch_of(&w->u, i, &k) };
	}
	qsort(w->pair, n, sizeof *w->pair, compare);	/* B-frames */
	return camera_open(&w->sent, &w->u, w->pair, n, &fs->clocks->host, &fs->clocks->sent);
}

/* What came with a frame is its time, if it fits those about it. */
static int
take_sent(struct work *w)
{
	struct clocks_found *found = w->fs->clocks;
	int64_t *camera_ns = w->fs->camera_ns, by_report;
	double *off = reallocarray(NULL, w->nsent + 1, sizeof *off), middle, most = 0;
	size_t n = 0;

	if (off == NULL)
		return -1;
	for (size_t i = 0; i < w->nsent; i++) {
		const struct pair *p = &w->pair[i];

		if (p->state != PAIR_GOOD)
			continue;
		if (camera_at(&w->reports, p->stretch, p->x, &by_report))
			off[n++] = (double)(p->x + p->y - by_report);
		put(camera_ns, p->frame, p->x + p->y);
		found->sent_used++;
	}
	found->sent_compared = n;
	if (n > 0) {
		middle = median(off, n);
		most = fabs(off[0] - middle) > fabs(off[n - 1] - middle) ? off[0] : off[n - 1];
		found->sent_median_ns = rounded(middle);
		found->sent_max_ns = rounded(most);
	}
	free(off);
	return 0;
}

/* By what came with frames about it; well before the first such and behind the last, reports know better. */
static bool
camera_time(const struct work *w, size_t stretch, int64_t x, int64_t *ns)
{
	const struct camera_map *reports = &w->reports.map[stretch];
	bool alone = reports->begin == reports->end;

	if ((alone || camera_is_near(&w->sent, stretch, x, SENT_NS)) && camera_at(&w->sent, stretch, x, ns))
		return true;
	return camera_at(&w->reports, stretch, x, ns);
}

static void
add_step(struct camera_found *c, const struct camera_step *s)
{
	struct camera_step *told = camera_add_step(c);

	if (told != NULL)
		*told = *s;
}

/* Whether arrivals jumped, for which nothing but the host's clock is to blame, behind frame a, up to b. */
static bool
host_jumped(const struct host_found *h, size_t a, size_t b)
{
	for (size_t i = 0; i < h->nshifts && i < HOST_SHIFTS_MAX; i++)
		if (!h->shift[i].of_rtp && h->shift[i].frame > a && h->shift[i].frame <= b)
			return true;
	return false;
}

/*
 * Where RTP time begins anew, no report tells whether the camera's clock was set
 * meanwhile, as when it was switched off. The host's clock tells.
 */
static void
find_steps_between(struct work *w)
{
	const struct unwrap *u = &w->u;
	struct clocks_found *found = w->fs->clocks;
	const int64_t *camera_ns = w->fs->camera_ns;
	size_t before = u->n, first, last;
	int64_t passed, by;

	for (size_t k = 0; k < u->nstretches; k++) {
		first = last = u->n;
		for (size_t i = u->stretch[k].begin; i < u->stretch[k].end; i++) {
			if (w->floor[i] == UNWRAP_NONE || camera_ns[i] == FRAMES_NO_TIME)
				continue;
			first = first == u->n ? i : first;
			last = i;
		}
		if (first == u->n || u->x[last] - u->x[first] < SETTLED_NS)
			continue;
		if (before < u->n && !host_jumped(&found->host, before, first)) {
			passed = u->x[first] + w->floor[first] - u->x[before] - w->floor[before];
			by = camera_ns[first] - camera_ns[before] - passed;
			if (fabs((double)by) > (double)(APART_NS + found->reports.noise_ns) + PAIR_SLEW * fabs((double)passed)) {
				add_step(&found->reports, &(struct camera_step){ first, by, passed, true });
				add_step(&found->sent, &(struct camera_step){ first, by, passed, true });
			}
		}
		before = last;
	}
}

static int
camera_times(struct work *w)
{
	struct frames *fs = w->fs;
	const struct unwrap *u = &w->u;
	size_t k = 0, stretch;
	int64_t ns;

	fs->clocks->camera = true;
	fs->camera_ns = no_times(u->n);
	if (fs->camera_ns == NULL || map_reports(w) == -1 || map_sent(w) == -1)
		return -1;
	for (size_t i = 0; i < u->n; i++) {
		if (u->y[i] == UNWRAP_NONE)
			continue;
		stretch = stretch_of(u, i, &k);
		if (camera_time(w, stretch, u->x[i], &ns))
			put(fs->camera_ns, i, ns);
	}
	find_steps_between(w);
	return take_sent(w);
}

static int
find(struct work *w)
{
	struct frames *fs = w->fs;
	struct clocks_found *found;

	found = fs->clocks = calloc(1, sizeof *fs->clocks);
	if (found == NULL || unwrap_open(&w->u, fs) == -1)
		return -1;
	w->floor = reallocarray(NULL, w->u.n + 1, sizeof *w->floor);
	if (w->floor == NULL || host_floor(&w->u, w->floor, &found->host) == -1)
		return -1;
	for (size_t i = 0; i < found->host.nshifts && i < HOST_SHIFTS_MAX; i++)
		if (found->host.shift[i].of_rtp && unwrap_split(&w->u, found->host.shift[i].frame) == -1)
			return -1;
	for (size_t i = 0; i < w->u.n; i++)
		found->frames += fs->frame[i].flags & FRAME_TIME ? 1 : 0;
	found->rtp_rate = w->u.rate;
	found->stretches = w->u.nstretches;
	found->outliers = w->u.outliers;
	found->host_steps = w->u.steps;
	if (fs->want & WANT_HOST && host_times(w) == -1)
		return -1;
	return fs->want & WANT_CAMERA ? camera_times(w) : 0;
}

int
clocks_find(struct frames *fs)
{
	struct work w = { .fs = fs };
	int result = 0;

	if (fs->want & (WANT_CAMERA | WANT_HOST) && fs->nframes > 0)
		result = find(&w);
	close_work(&w);
	return result;
}

/* The number in presentation order of a frame in decode order. */
static size_t
presented(const struct frames *fs, size_t decode)
{
	if (decode < fs->nframes && fs->frame[decode].decode == decode)
		return decode;
	for (size_t i = 0; i < fs->nframes; i++)
		if (fs->frame[i].decode == decode)
			return i;
	return decode;
}

static void
renumber_steps(const struct frames *fs, struct camera_found *c)
{
	for (size_t i = 0; i < c->nsteps && i < CAMERA_STEPS_MAX; i++)
		c->step[i].frame = presented(fs, c->step[i].frame);
}

void
clocks_renumber(struct frames *fs)
{
	struct clocks_found *f = fs->clocks;

	if (f == NULL)
		return;
	for (size_t i = 0; i < f->host.nshifts && i < HOST_SHIFTS_MAX; i++)
		f->host.shift[i].frame = presented(fs, f->host.shift[i].frame);
	renumber_steps(fs, &f->reports);
	renumber_steps(fs, &f->sent);
}
