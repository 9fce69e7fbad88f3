/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Frames to samples, samples to fragments; their bytes go from the read buffer to
 * the file as they lie there. How deep pictures are reordered is settled when the
 * first fragment is written, by what the stream says and by what was seen till then.
 */
#include "fragment.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define BYTES_MAX	((uint64_t)16 << 20)	/* a larger one is closed early */
#define LIVE_PER_S	5	/* in a pipe: 0.3 s from camera to browser instead of 1.4 s, for 0.6 kB/s */
#define SAMPLES_MAX	(1 << 14)		/* and so is one of more samples: 120 a second are 120 */
#define GAP_S		10			/* between two files, belongs to neither */
#define HELD_MAX	((uint64_t)64 << 20)	/* of the stream, whatever lies between its frames */
#define HELD_NS		(CLOCK_NS_PER_S + CLOCK_NS_PER_S / 20)
#define STEP_MAX	(INT32_MAX / (2 * ORDER_MAX))	/* so that the delay has room in an offset */

void
fragment_open(struct fragment *f, struct pieces *pieces, struct mp4 *out, uint32_t clock_rate)
{
	*f = (struct fragment){
		.pieces = pieces, .out = out, .timeline.clock_rate = clock_rate,
	};
}

void
fragment_close(struct fragment *f)
{
	track_close(&f->track);
	free(f->samples);
	free(f->pts);
}

void
fragment_begin(struct fragment *f, const struct track *track, int64_t creation_unix_ns)
{
	track_close(&f->track);
	f->track = *track;
	f->creation_unix_ns = creation_unix_ns;
	f->timeline.begun = f->timed = false;
}

/* Writes the first n samples. */
static int
write_samples(struct fragment *f, size_t n)
{
	struct mp4_run run = {
		.track_id = FRAGMENT_TRACK_ID, .samples = f->samples, .nsamples = n,
		.arrival_ntp = f->arrival_ntp,
	};
	uint64_t size = 0;
	size_t npieces;
	int rc;

	for (size_t i = 0; i < n; i++)
		size += f->samples[i].size;
	run.iov = pieces_gather(f->pieces, size, &npieces);
	if (run.iov == NULL)
		return -1;
	run.niov = npieces;
	rc = mp4_fragment(f->out, &run, 1);
	free(run.iov);
	if (rc == -1)
		return -1;
	pieces_shift(f->pieces, npieces);
	f->nsamples -= n;
	memmove(f->samples, f->samples + n, f->nsamples * sizeof *f->samples);
	memmove(f->pts, f->pts + n, f->nsamples * sizeof *f->pts);
	return 0;
}

/* Gives sample i, and so the duration of the one before, its place in the file's time. */
static void
time_sample(struct fragment *f, size_t i)
{
	int64_t composition = f->pts[i] + f->origin;
	struct mp4_sample *s = &f->samples[i];

	if (composition < 0)
		composition = 0;
	s->dts = order_next(&f->order, composition, s->sync);
	s->cts = composition - (int64_t)s->dts;
	if (i > 0)
		s[-1].duration = s->dts - s[-1].dts;
}

/* A frame's duration: what those have on average between which none is missing, or 1/25 s. */
static int64_t
guess_step(const struct fragment *f, unsigned depth, int64_t first)
{
	struct order order = { 0 };
	int64_t step = f->timeline.clock_rate / 25, delay = (int64_t)depth * STEP_MAX;

	order_begin(&order, depth, delay, STEP_MAX);
	for (size_t i = 0; i < f->nsamples; i++)
		order_next(&order, f->pts[i] - first + delay, false);
	if (f->nsamples > depth + 1)
		step = (order.last - delay) / (int64_t)(f->nsamples - depth - 1);
	if (step > STEP_MAX)
		step = STEP_MAX;
	return step > 0 ? step : 1;
}

/*
 * The first fragment is about to be written: settles how deep pictures are
 * reordered, and with that all times.
 */
static int
settle_order(struct fragment *f)
{
	unsigned depth;
	int64_t first = f->pts[0], step;

	if (f->timed)
		return 0;
	for (size_t i = 1; i < f->nsamples; i++)
		first = f->pts[i] < first ? f->pts[i] : first;
	depth = order_observe(f->pts, f->nsamples);
	if (f->depth > depth)
		depth = f->depth;
	step = guess_step(f, depth, first);
	f->track.delay = depth * step;
	f->origin = (int64_t)f->track.delay - first;
	order_begin(&f->order, depth, f->track.delay, step);
	for (size_t i = 0; i < f->nsamples; i++)
		time_sample(f, i);
	f->timed = true;
	return mp4_begin(f->out, &f->track, 1, f->creation_unix_ns);
}

/*
 * Writes all samples. A picture needs some duration to be shown: the last lasts for
 * step ticks if that is not 0, else for as long as the one before, else for a 25th of
 * a second. The next frame's decode time tells the truth.
 */
static int
flush(struct fragment *f, int64_t step)
{
	if (f->nsamples == 0)
		return 0;
	if (settle_order(f) == -1)
		return -1;
	if (step <= 0)
		step = f->order.step;
	f->samples[f->nsamples - 1].duration = step > UINT32_MAX ? UINT32_MAX : step;
	return write_samples(f, f->nsamples);
}

/* Whether a fragment begins with a new frame; by presentation times. */
static bool
is_cut(const struct fragment *f, const struct fragment_frame *frame, int64_t pts)
{
	int64_t span, longest = f->timeline.clock_rate / (f->out->seekable ? 1 : LIVE_PER_S);

	if (f->nsamples == 0)
		return false;
	span = pts - f->pts[0];
	return span >= longest || f->pieces->bytes - frame->size >= BYTES_MAX ||
	    f->nsamples >= SAMPLES_MAX || (frame->key && 2 * span >= longest);
}

/* Makes room for one more sample. */
static int
grow(struct fragment *f)
{
	size_t cap = f->cap_samples == 0 ? 256 : 2 * f->cap_samples;
	struct mp4_sample *samples;
	int64_t *pts;

	if (f->nsamples < f->cap_samples)
		return 0;
	samples = reallocarray(f->samples, cap, sizeof *samples);
	if (samples == NULL)
		return -1;
	f->samples = samples;
	pts = reallocarray(f->pts, cap, sizeof *pts);
	if (pts == NULL)
		return -1;
	f->pts = pts;
	f->cap_samples = cap;
	return 0;
}

/* What the stream says of reordering, in pictures: a frame may be two. */
static void
note_depth(struct fragment *f, const struct fragment_frame *frame)
{
	unsigned depth;

	f->fields |= frame->picture.field;
	depth = frame->depth <= 0 ? 0 : (unsigned)frame->depth << f->fields;
	if (depth > f->depth)
		f->depth = depth > ORDER_MAX ? ORDER_MAX : depth;
	if (f->timed)
		order_deepen(&f->order, depth);
}

int
fragment_add(struct fragment *f, const struct fragment_frame *frame)
{
	bool cut;
	int64_t pts;

	if (grow(f) == -1)
		return -1;
	note_depth(f, frame);
	pts = timeline_next(&f->timeline, frame->rtp, frame->arrival_ntp, &frame->picture);
	cut = is_cut(f, frame, pts);
	f->pts[f->nsamples] = pts;
	f->samples[f->nsamples++] = (struct mp4_sample){ .size = frame->size, .sync = frame->key };
	if (f->timed)
		time_sample(f, f->nsamples - 1);
	if (cut && (settle_order(f) == -1 || write_samples(f, f->nsamples - 1) == -1))
		return -1;
	if (f->nsamples == 1) {
		f->opened_ns = clock_monotonic_ns();
		f->arrival_ntp = frame->arrival_ntp;
	}
	return 0;
}

int
fragment_flush(struct fragment *f)
{
	return flush(f, 0);
}

int64_t
fragment_pts(const struct fragment *f, const struct fragment_frame *frame)
{
	struct timeline t = f->timeline;

	return timeline_next(&t, frame->rtp, frame->arrival_ntp, &frame->picture);
}

int
fragment_cut(struct fragment *f, const struct fragment_frame *next)
{
	int64_t step = fragment_pts(f, next) - f->timeline.max_pts;

	if (f->nsamples > 0 && settle_order(f) == -1)
		return -1;
	if (f->timeline.broken || step > (int64_t)GAP_S * f->timeline.clock_rate ||
	    (f->order.depth > 0 && !next->idr))
		step = 0;
	return flush(f, step);
}

int64_t
fragment_tick(struct fragment *f, int64_t now_ns)
{
	int64_t due = INT64_MAX, commit;

	if (f->nsamples > 0) {
		due = f->opened_ns + HELD_NS;
		if (now_ns >= due || pieces_held(f->pieces) >= HELD_MAX) {
			if (flush(f, 0) == -1)
				return -1;
			due = INT64_MAX;
		}
	}
	commit = mp4_tick(f->out, now_ns);
	return commit < due ? commit : due;
}
