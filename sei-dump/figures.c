/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Counting and sorting, in integers. How well camera_time is known is a rule of
 * thumb: noise of width W in the n reports of one line of camera.c leaves
 * W / 2 sqrt(n), about which the simulated recordings of tests/tools/clocksim.py keep to.
 */
#include "figures.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "clocks.h"
#include "nalstream.h"

#define NS_MAX	((int64_t)1 << 60)	/* the sum of two or three does not overflow */
#define DRIFTS	1000		/* of which the median is taken */
#define JUDGED	3		/* of fewer reports nobody can tell how far they are off */
#define HOST_NS	100e3		/* how exact host_time is where arrivals are */
#define WINDOW_MIN	16		/* reports of which camera.c makes one line: */
#define WINDOW_MAX	256		/* as many as width / WINDOW_NOISE */
#define WINDOW_NOISE	250e3

int64_t
figures_ns(const struct frames *fs, int64_t ticks)
{
	int64_t rate = fs->timescale == 0 ? 1 : fs->timescale, s = ticks / rate;

	if (s > NS_MAX / CLOCK_NS_PER_S - 1)
		return NS_MAX;
	if (s < -(NS_MAX / CLOCK_NS_PER_S - 1))
		return -NS_MAX;
	return s * CLOCK_NS_PER_S + ticks % rate * CLOCK_NS_PER_S / rate;
}

/* Presentation time between two frames. */
static int64_t
between(const struct frames *fs, size_t i, size_t k)
{
	return figures_ns(fs, (int64_t)((uint64_t)fs->frame[k].pts - (uint64_t)fs->frame[i].pts));
}

/* By how much frame i came later than the one before it, without jitter if that is known. */
static bool
came_later(const struct frames *fs, size_t i, int64_t *ns)
{
	const struct frame *f = &fs->frame[i - 1], *g = &fs->frame[i];

	if (!(f->flags & g->flags & FRAME_TIME))
		return false;
	if (fs->host_ns != NULL && fs->host_ns[f->decode] != FRAMES_NO_TIME &&
	    fs->host_ns[g->decode] != FRAMES_NO_TIME)
		*ns = fs->host_ns[g->decode] - fs->host_ns[f->decode];
	else
		*ns = clock_ntp_diff_ns(g->recv_ntp, f->recv_ntp);
	return true;
}

/* Its RTP time, which is its presentation time, fits none about it. */
static bool
is_odd(const struct frames *fs, const struct frame *f)
{
	return fs->host_ns != NULL && f->flags & FRAME_TIME && fs->host_ns[f->decode] == FRAMES_NO_TIME;
}

int64_t
figures_interval(const struct frames *fs, size_t i)
{
	const struct frame *f = &fs->frame[i - 1], *g = &fs->frame[i];
	int64_t ns, came;

	if (!(f->flags & g->flags & FRAME_PTS) || g->pts < f->pts || is_odd(fs, f) || is_odd(fs, g))
		return -1;
	ns = between(fs, i - 1, i);
	/* Frames an hour apart that came one after the other are an RTP time that jumped. */
	if (ns < 0 || (came_later(fs, i, &came) && ns > 2 * CLOCK_NS_PER_S && came < ns / 2))
		return -1;
	return ns;
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

static struct spread
spread_of(int64_t *v, size_t n)
{
	struct spread s = { .n = n };

	if (n == 0)
		return s;
	qsort(v, n, sizeof *v, compare);
	s.low = v[n / 100];
	s.median = v[n / 2];
	s.high = v[n - 1 - n / 100];
	s.max = v[n - 1];
	return s;
}

static int64_t
most_of(int64_t n)
{
	return n < NS_MAX ? n : NS_MAX;
}

/* Intervals between frames, and what is more than one. v has room for all. */
static void
intervals(struct figures *f, const struct frames *fs, int64_t *v)
{
	size_t n = 0;
	int64_t ns, most = -1;

	for (size_t i = 1; i < fs->nframes; i++) {
		ns = figures_interval(fs, i);
		if (ns < 0)
			continue;
		v[n++] = ns;
		f->length_ns = most_of(f->length_ns + ns);
		if (ns > most) {
			most = ns;
			f->longest = i;
		}
	}
	f->interval = spread_of(v, n);
	for (size_t i = n; i-- > 0 && v[i] > f->interval.median + f->interval.median / 2;) {
		f->gaps++;
		f->gap_ns = most_of(f->gap_ns + v[i] - f->interval.median);
		if (f->interval.median > 0)
			f->missing = most_of(f->missing +
			    (v[i] + f->interval.median / 2) / f->interval.median - 1);
	}
}

static void
key_intervals(struct figures *f, const struct frames *fs, int64_t *v)
{
	size_t n = 0, last = fs->nframes;

	for (size_t i = 0; i < fs->nframes; i++) {
		if (!(fs->frame[i].flags & FRAME_KEY))
			continue;
		f->keys++;
		if (last != fs->nframes)
			v[n++] = between(fs, last, i);
		last = i;
	}
	f->key = spread_of(v, n);
}

static void
arrivals(struct figures *f, const struct frames *fs)
{
	const struct detail *d;
	int64_t ns;

	for (size_t i = 0; i < fs->nframes; i++) {
		d = fs->detail == NULL ? NULL : &fs->detail[fs->frame[i].decode];
		if (d != NULL && d->packets > 0) {
			f->detailed++;
			f->exact += d->slack_us == 0;
			f->user += d->flags & NALSTREAM_USER ? 1 : 0;
			f->damaged += d->flags & NALSTREAM_DAMAGED ? 1 : 0;
		}
		if (!(fs->frame[i].flags & FRAME_TIME))
			continue;
		ns = clock_unix_from_ntp(fs->frame[i].recv_ntp);
		if (f->timed++ == 0)
			f->first_ns = ns;
		f->last_ns = ns;
	}
}

static void
computed(struct figures *f, const struct frames *fs)
{
	for (size_t i = 0; i < fs->nframes; i++) {
		size_t k = fs->frame[i].decode;
		bool camera = fs->camera_ns != NULL && fs->camera_ns[k] != FRAMES_NO_TIME;
		bool host = fs->host_ns != NULL && fs->host_ns[k] != FRAMES_NO_TIME;

		f->camera += camera;
		f->host += host;
		if (!camera || !host)
			continue;
		f->offset_last_ns = fs->camera_ns[k] - fs->host_ns[k];
		if (!f->has_offset)
			f->offset_first_ns = f->offset_last_ns;
		f->has_offset = true;
	}
}

/* camera_time - host_time of the frame shown i-th, and host_time. False if one of them is not known. */
static bool
offset_at(const struct frames *fs, size_t i, double *offset, double *at)
{
	size_t k = fs->frame[i].decode;

	if (fs->camera_ns[k] == FRAMES_NO_TIME || fs->host_ns[k] == FRAMES_NO_TIME)
		return false;
	*offset = (double)(fs->camera_ns[k] - fs->host_ns[k]);
	*at = (double)(clock_ntp_diff_ns(fs->frame[i].recv_ntp, fs->frame[0].recv_ntp));
	return true;
}

/*
 * The median drift over a distance: one that clocks were set within counts little if
 * distances are short. *over: the distance, ns.
 */
static bool
drift(const struct frames *fs, bool stepped, double *slope, double *over)
{
	size_t lag = stepped ? fs->nframes / 16 : fs->nframes - 1, n = 0, each;
	double *v = reallocarray(NULL, DRIFTS, sizeof *v), a, b, from, to;

	*over = 0;
	each = (fs->nframes - lag) / DRIFTS + 1;
	for (size_t i = 0; v != NULL && lag > 0 && i + lag < fs->nframes && n < DRIFTS; i += each)
		if (offset_at(fs, i, &a, &from) && offset_at(fs, i + lag, &b, &to) && to > from) {
			v[n++] = (b - a) / (to - from);
			*over = to - from;
		}
	if (n > 0)
		*slope = median(v, n);
	free(v);
	return n > 0;
}

/* How good the camera's clock is, by what was found of it. */
static void
clocks(struct figures *f, const struct frames *fs)
{
	const struct clocks_found *found = fs->clocks;
	const struct camera_found *c;
	double tick, over, n;

	f->sure_ns = -1;
	if (found == NULL || !found->camera)
		return;
	c = found->sent_used > 0 ? &found->sent : &found->reports;
	f->noise_ns = c->noise_ns;
	f->good = c->pairs - c->foreign - c->unset - c->stale;
	if (f->good < JUDGED || f->camera == 0)
		return;
	tick = (double)CLOCK_NS_PER_S / (fs->timescale > 0 ? fs->timescale : 1);
	n = fmin(fmax((double)c->noise_ns / WINDOW_NOISE, WINDOW_MIN), WINDOW_MAX);
	n = fmin(n, (double)f->good);
	f->sure_ns = (int64_t)fmin(fmax((double)c->noise_ns / 2 / sqrt(n), tick), (double)NS_MAX);
	if (!found->host.has_rate || !f->has_offset)
		return;
	f->has_drift = drift(fs, c->nsteps + found->host_steps + found->host.nshifts + found->stretches > 1,
	    &f->drift, &over);
	f->drift_error = f->has_drift ? (2 * (double)f->sure_ns + HOST_NS + 1e3 * found->host.slack_us) / over : 0;
}

static uint64_t
number(const struct nalrec *r, const char *key)
{
	char text[24], *end;
	unsigned long long n;

	if (nalstream_value(r, key, text, sizeof text) <= 0 || text[0] < '0' || text[0] > '9')
		return 0;
	n = strtoull(text, &end, 10);
	return *end == '\0' && n <= UINT32_MAX ? n : 0;
}

static struct happened *
kind_of(struct figures *f, const char *what)
{
	for (size_t i = 0; i < f->nhappened; i++)
		if (strcmp(f->happened[i].what, what) == 0)
			return &f->happened[i];
	if (f->nhappened == HAPPENED_MAX) {
		strlcpy(f->happened[HAPPENED_MAX - 1].what, "others", WHAT_SIZE);
		return &f->happened[HAPPENED_MAX - 1];
	}
	strlcpy(f->happened[f->nhappened].what, what, WHAT_SIZE);
	return &f->happened[f->nhappened++];
}

void
figures_what(const struct frames *fs, const struct event *e, char what[WHAT_SIZE])
{
	struct nalrec r = { .payload = (uint8_t *)fs->text + e->text, .len = e->len };

	if (nalstream_value(&r, "what", what, WHAT_SIZE) <= 0)
		strlcpy(what, "unnamed", WHAT_SIZE);
	for (char *p = what; *p != '\0'; p++)
		*p = *p > ' ' && *p < 0x7f && *p != '"' && *p != '\\' ? *p : '?';
}

static void
events(struct figures *f, const struct frames *fs)
{
	char what[WHAT_SIZE];
	struct happened *h;

	for (size_t i = 0; i < fs->nevents; i++) {
		const struct event *e = &fs->event[i];
		struct nalrec r = { .payload = (uint8_t *)fs->text + e->text, .len = e->len };

		figures_what(fs, e, what);
		h = kind_of(f, what);
		h->count++;
		h->packets += number(&r, "packets");
		h->frames += number(&r, "frames");
	}
}

int
figures_find(struct figures *f, const struct frames *fs)
{
	int64_t *v = reallocarray(NULL, fs->nframes + 1, sizeof *v);

	memset(f, 0, sizeof *f);
	if (v == NULL)
		return -1;
	f->frames = fs->nframes;
	intervals(f, fs, v);
	key_intervals(f, fs, v);
	free(v);
	f->length_ns += f->interval.median;
	arrivals(f, fs);
	computed(f, fs);
	clocks(f, fs);
	events(f, fs);
	return 0;
}
