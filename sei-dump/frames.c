/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The table of frames and reports. */
#include "frames.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CAP_FIRST	256

void
frames_open(struct frames *fs, unsigned want)
{
	memset(fs, 0, sizeof *fs);
	fs->want = want;
}

void
frames_close(struct frames *fs)
{
	free(fs->frame);
	free(fs->report);
	free(fs->detail);
	free(fs->sender);
	free(fs->camera_ns);
	free(fs->host_ns);
	free(fs->steady_ns);
	free(fs->clocks);
	free(fs->event);
	free(fs->text);
	memset(fs, 0, sizeof *fs);
}

/* Makes room for n elements of this size. NULL with errno; array stays valid then. */
static void *
grow(void *array, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap == 0 ? CAP_FIRST : 2 * *cap;

	if (n <= *cap)
		return array;
	if (more < n)
		more = n;
	array = reallocarray(array, more, size);
	if (array != NULL)
		*cap = more;
	return array;
}

static int
add_detail(struct frames *fs)
{
	struct detail *d = grow(fs->detail, fs->nframes + 1, &fs->details_cap, sizeof *d);

	if (d == NULL)
		return -1;
	fs->detail = d;
	d[fs->nframes] = (struct detail){ .slack_us = DETAIL_UNKNOWN };
	return 0;
}

static int
add_sender(struct frames *fs)
{
	struct sender *s = grow(fs->sender, fs->nframes + 1, &fs->senders_cap, sizeof *s);

	if (s == NULL)
		return -1;
	fs->sender = s;
	s[fs->nframes] = (struct sender){ 0 };
	return 0;
}

struct frame *
frames_add(struct frames *fs)
{
	struct frame *f = NULL;

	if (fs->nframes >= FRAMES_MAX)
		errno = EOVERFLOW;
	else
		f = grow(fs->frame, fs->nframes + 1, &fs->frames_cap, sizeof *f);
	if (f == NULL)
		return NULL;
	fs->frame = f;
	if ((fs->want & WANT_DETAILS && add_detail(fs) == -1) ||
	    (fs->want & WANT_SENDER && add_sender(fs) == -1))
		return NULL;
	f += fs->nframes;
	memset(f, 0, sizeof *f);
	f->decode = (uint32_t)fs->nframes++;
	return f;
}

void
frames_drop(struct frames *fs)
{
	fs->nframes--;
}

int
frames_report(struct frames *fs, const struct report *r)
{
	struct report *new = grow(fs->report, fs->nreports + 1, &fs->reports_cap, sizeof *r);

	if (new == NULL)
		return -1;
	fs->report = new;
	fs->report[fs->nreports++] = *r;
	return 0;
}

int
frames_event(struct frames *fs, const struct event *e, const char *text)
{
	struct event *events;
	char *all;

	if (!(fs->want & WANT_EVENTS))
		return 0;
	events = grow(fs->event, fs->nevents + 1, &fs->events_cap, sizeof *events);
	if (events == NULL)
		return -1;
	fs->event = events;
	all = grow(fs->text, fs->text_len + e->len, &fs->text_cap, 1);
	if (all == NULL)
		return -1;
	fs->text = all;
	memcpy(all + fs->text_len, text, e->len);
	events[fs->nevents] = *e;
	events[fs->nevents++].text = fs->text_len;
	fs->text_len += e->len;
	return 0;
}

static int
compare(const void *a, const void *b)
{
	const struct frame *f = a, *g = b;

	if (f->pts != g->pts)
		return f->pts < g->pts ? -1 : 1;
	return f->decode < g->decode ? -1 : f->decode > g->decode;
}

/* Turns decode numbers of reports and events into presentation numbers. */
static int
renumber(struct frames *fs)
{
	uint32_t *number = reallocarray(NULL, fs->nframes, sizeof *number);

	if (number == NULL)
		return -1;
	for (size_t i = 0; i < fs->nframes; i++)
		number[fs->frame[i].decode] = (uint32_t)i;
	for (size_t i = 0; i < fs->nreports; i++)
		fs->report[i].frame = number[fs->report[i].frame];
	for (size_t i = 0; i < fs->nevents; i++)
		fs->event[i].frame = number[fs->event[i].frame];
	free(number);
	return 0;
}

int
frames_finish(struct frames *fs)
{
	bool sorted = true;

	if (fs->nframes == 0)
		return 0;
	for (size_t i = 1; i < fs->nframes; i++) {
		if (!(fs->frame[i].flags & FRAME_PTS))
			fs->frame[i].pts = fs->frame[i - 1].pts;
		sorted = sorted && fs->frame[i].pts >= fs->frame[i - 1].pts;
	}
	for (size_t i = 0; i < fs->nreports; i++)
		if (fs->report[i].frame >= fs->nframes)
			fs->report[i].frame = (uint32_t)(fs->nframes - 1);
	for (size_t i = 0; i < fs->nevents; i++)
		if (fs->event[i].frame >= fs->nframes)
			fs->event[i].frame = (uint32_t)(fs->nframes - 1);
	if (sorted)
		return 0;
	qsort(fs->frame, fs->nframes, sizeof *fs->frame, compare);
	return fs->nreports + fs->nevents == 0 ? 0 : renumber(fs);
}
