/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Times of frames by number, and in order of time for a binary search. */
#include "series.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "clocks.h"

#define KNOWN_PARTS	10		/* at most one of so many frames has no camera_time */
#define SURE_NS		5000000
#define LAG_NS		200000000

const char *
series_clock_name(enum series_clock clock)
{
	static const char *const names[] = { "camera_time", "host_time", "recv_time", "host_time" };

	return names[clock];
}

static int
take(struct series *s, enum series_clock clock, const struct frames *fs, const int64_t *times)
{
	int64_t *ns = reallocarray(NULL, fs->nframes + 1, sizeof *ns);

	if (ns == NULL)
		return -1;
	for (size_t i = 0; i < fs->nframes; i++) {
		const struct frame *f = &fs->frame[i];

		if (clock != SERIES_RECV)
			ns[i] = times[f->decode];
		else
			ns[i] = f->flags & FRAME_TIME ? clock_unix_from_ntp(f->recv_ntp) : FRAMES_NO_TIME;
	}
	s->ns[clock] = ns;
	return 0;
}

/* What speaks against the camera's clock. */
static const char *
fault(const struct figures *f, const struct clocks_found *found)
{
	const struct camera_found *c;

	if (found == NULL || !found->camera || f->camera < f->frames - f->frames / KNOWN_PARTS)
		return "camera_time is known for too few frames";
	c = found->sent_used > 0 ? &found->sent : &found->reports;
	if (c->nsteps > 0)
		return "the camera's clock was set";
	if (f->sure_ns < 0 || f->sure_ns > SURE_NS)
		return "the camera's clock is not known to 5 ms";
	return llabs(c->lag_ns) > LAG_NS ? "camera_time may be late" : NULL;
}

int
series_open(struct series *s, const char *file, const struct frames *fs, const struct figures *f)
{
	memset(s, 0, sizeof *s);
	s->file = strdup(file);
	if (s->file == NULL || take(s, SERIES_RECV, fs, NULL) == -1 ||
	    (fs->camera_ns != NULL && take(s, SERIES_CAMERA, fs, fs->camera_ns) == -1) ||
	    (fs->host_ns != NULL && take(s, SERIES_HOST, fs, fs->host_ns) == -1) ||
	    (fs->steady_ns != NULL && take(s, SERIES_STEADY, fs, fs->steady_ns) == -1))
		return -1;
	s->n = fs->nframes;
	s->interval_ns = f->interval.median;
	for (size_t i = fs->nframes; i-- > 0 && s->set_ns == 0 && s->ns[SERIES_STEADY] != NULL;)
		if (s->ns[SERIES_HOST][i] != FRAMES_NO_TIME && s->ns[SERIES_STEADY][i] != FRAMES_NO_TIME)
			s->set_ns = s->ns[SERIES_HOST][i] - s->ns[SERIES_STEADY][i];
	s->fault = fault(f, fs->clocks);
	s->offset_ns = f->offset_first_ns;
	s->has_drift = f->has_drift;
	s->drift = f->drift;
	s->drift_error = f->drift_error;
	return 0;
}

void
series_close(struct series *s)
{
	free(s->file);
	for (int i = 0; i < NSERIES; i++)
		free(s->ns[i]);
	free(s->moment);
	memset(s, 0, sizeof *s);
}

/* Leaves out times that the clock showed twice: earlier than one before, or later than one behind them. */
static int
drop_twice(struct series *s)
{
	int64_t blur = s->interval_ns / 2, most = INT64_MIN, least = INT64_MAX;
	size_t n = 0;
	bool *twice = calloc(s->nmoments + 1, sizeof *twice);

	if (twice == NULL)
		return -1;
	for (size_t i = 0; i < s->nmoments; i++) {
		twice[i] = most > INT64_MIN && s->moment[i].ns < most - blur;
		most = s->moment[i].ns > most ? s->moment[i].ns : most;
	}
	for (size_t i = s->nmoments; i-- > 0;) {
		twice[i] = twice[i] || (least < INT64_MAX && s->moment[i].ns > least + blur);
		least = s->moment[i].ns < least ? s->moment[i].ns : least;
	}
	for (size_t i = 0; i < s->nmoments; i++)
		if (!twice[i])
			s->moment[n++] = s->moment[i];
	s->twice = s->nmoments - n;
	s->nmoments = n;
	free(twice);
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct moment *m = a, *n = b;

	if (m->ns != n->ns)
		return m->ns < n->ns ? -1 : 1;
	return m->frame < n->frame ? -1 : m->frame > n->frame;
}

int
series_sort(struct series *s, enum series_clock clock)
{
	s->moment = reallocarray(NULL, s->n + 1, sizeof *s->moment);
	if (s->moment == NULL)
		return -1;
	for (size_t i = 0; i < s->n && s->ns[clock] != NULL; i++)
		if (s->ns[clock][i] != FRAMES_NO_TIME)
			s->moment[s->nmoments++] = (struct moment){ s->ns[clock][i], (uint32_t)i };
	if (clock != SERIES_RECV && drop_twice(s) == -1)
		return -1;
	for (size_t i = 1; i < s->nmoments; i++)
		if (compare(&s->moment[i - 1], &s->moment[i]) > 0) {
			qsort(s->moment, s->nmoments, sizeof *s->moment, compare);
			break;
		}
	return 0;
}

bool
series_nearest(const struct series *s, int64_t unix_ns, int64_t within_ns, uint32_t *frame,
    int64_t *residual_ns)
{
	size_t low = 0, high = s->nmoments, middle;

	while (low < high) {
		middle = low + (high - low) / 2;
		if (s->moment[middle].ns < unix_ns)
			low = middle + 1;
		else
			high = middle;
	}
	if (s->nmoments == 0)
		return false;
	if (low == s->nmoments || (low > 0 && unix_ns - s->moment[low - 1].ns <= s->moment[low].ns - unix_ns))
		low--;
	/* Of equal times the first. */
	while (low > 0 && s->moment[low - 1].ns == s->moment[low].ns)
		low--;
	*frame = s->moment[low].frame;
	*residual_ns = s->moment[low].ns - unix_ns;
	return llabs(*residual_ns) <= within_ns;
}
