/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Frames to samples, samples to fragments; their bytes go from the read buffer to the file as they lie there. */
#include "fragment.h"

#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define BYTES_MAX	((uint64_t)16 << 20)	/* a larger one is closed early */
#define LIVE_PER_S	5	/* in a pipe: 0.3 s from camera to browser instead of 1.4 s, for 0.6 kB/s */
#define HELD_NS		(CLOCK_NS_PER_S + CLOCK_NS_PER_S / 20)

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
	free(f->samples);
}

/* Writes all samples. */
static int
write_samples(struct fragment *f)
{
	struct mp4_run run = {
		.track_id = FRAGMENT_TRACK_ID, .samples = f->samples, .nsamples = f->nsamples,
		.arrival_ntp = f->arrival_ntp,
	};
	uint64_t size = 0;
	size_t npieces;
	int rc;

	if (f->nsamples == 0)
		return 0;
	for (size_t i = 0; i < f->nsamples; i++)
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
	f->nsamples = 0;
	return 0;
}

/*
 * A picture needs some duration to be shown: that of the one before, else a
 * 25th of a second. The next frame's decode time tells the truth.
 */
static void
settle_pending(struct fragment *f)
{
	if (f->pending)
		f->samples[f->nsamples - 1].duration =
		    f->duration != 0 ? f->duration : f->timeline.clock_rate / 25;
	f->pending = false;
}

/* Cuts a fragment where a new frame says so, by decode time. */
static int
cut_before(struct fragment *f, uint64_t dts, const struct fragment_frame *frame)
{
	uint64_t span, longest = f->timeline.clock_rate / (f->out->seekable ? 1 : LIVE_PER_S);

	if (f->nsamples == 0)
		return 0;
	span = dts - f->samples[0].dts;
	if (span < longest && f->pieces->bytes - frame->size < BYTES_MAX &&
	    !(frame->key && 2 * span >= longest))
		return 0;
	return write_samples(f);
}

/* Makes room for one more sample. */
static int
grow(struct fragment *f)
{
	size_t cap = f->cap_samples == 0 ? 256 : 2 * f->cap_samples;
	struct mp4_sample *grown;

	if (f->nsamples < f->cap_samples)
		return 0;
	grown = reallocarray(f->samples, cap, sizeof *grown);
	if (grown == NULL)
		return -1;
	f->samples = grown;
	f->cap_samples = cap;
	return 0;
}

int
fragment_add(struct fragment *f, const struct fragment_frame *frame)
{
	uint64_t before = f->timeline.last_dts, dts;

	dts = timeline_next(&f->timeline, frame->rtp, frame->arrival_ntp);
	f->duration = dts - before;
	if (f->pending)
		f->samples[f->nsamples - 1].duration = f->duration;
	if (cut_before(f, dts, frame) == -1 || grow(f) == -1)
		return -1;
	if (f->nsamples == 0) {
		f->opened_ns = clock_monotonic_ns();
		f->arrival_ntp = frame->arrival_ntp;
	}
	f->samples[f->nsamples++] = (struct mp4_sample){
		.dts = dts, .size = frame->size, .sync = frame->key,
	};
	f->pending = true;
	return 0;
}

int
fragment_flush(struct fragment *f)
{
	settle_pending(f);
	return write_samples(f);
}

int64_t
fragment_tick(struct fragment *f, int64_t now_ns)
{
	int64_t due = INT64_MAX, commit;

	if (f->nsamples > 0) {
		due = f->opened_ns + HELD_NS;
		if (now_ns >= due) {
			if (fragment_flush(f) == -1)
				return -1;
			due = INT64_MAX;
		}
	}
	commit = mp4_tick(f->out, now_ns);
	return commit < due ? commit : due;
}
