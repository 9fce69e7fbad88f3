/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The table of frames and reports. */
#include "frames.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#define CAP_FIRST	256

void
frames_close(struct frames *fs)
{
	free(fs->frame);
	free(fs->report);
	memset(fs, 0, sizeof *fs);
}

/* Makes room for one more element of this size. NULL with errno; array stays valid then. */
static void *
grow(void *array, size_t n, size_t *cap, size_t size)
{
	size_t more = *cap == 0 ? CAP_FIRST : 2 * *cap;

	if (n < *cap)
		return array;
	array = reallocarray(array, more, size);
	if (array != NULL)
		*cap = more;
	return array;
}

struct frame *
frames_add(struct frames *fs)
{
	struct frame *f = NULL;

	if (fs->nframes >= FRAMES_MAX)
		errno = EOVERFLOW;
	else
		f = grow(fs->frame, fs->nframes, &fs->frames_cap, sizeof *f);
	if (f == NULL)
		return NULL;
	fs->frame = f;
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
	struct report *new = grow(fs->report, fs->nreports, &fs->reports_cap, sizeof *r);

	if (new == NULL)
		return -1;
	fs->report = new;
	fs->report[fs->nreports++] = *r;
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

/* Turns the reports' decode numbers into presentation numbers. */
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
	if (sorted)
		return 0;
	qsort(fs->frame, fs->nframes, sizeof *fs->frame, compare);
	return fs->nreports == 0 ? 0 : renumber(fs);
}
