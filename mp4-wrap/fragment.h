/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The video frames of the fragment that is being put together: when each is shown, and where it is cut. */
#ifndef FRAGMENT_H
#define FRAGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mp4.h"
#include "order.h"
#include "picture.h"
#include "pieces.h"
#include "timeline.h"
#include "track.h"

#define FRAGMENT_TRACK_ID	1

/* A whole access unit in decoding order. */
struct fragment_frame {
	uint64_t rtp;		/* extended, ticks */
	uint64_t arrival_ntp;
	uint32_t size;		/* bytes: the last of the pieces */
	bool key;		/* decoding can start here */
	bool idr;		/* and none that comes after it is shown before it */
	struct picture picture;
	int depth;		/* of reordering, in frames; -1: the stream does not say */
};

struct fragment {
	struct timeline timeline;
	struct order order;

	/* The rest is fragment.c's own. */
	struct mp4 *out;
	struct pieces *pieces;	/* of the samples in order, then of the access unit to come */
	struct track track;	/* until the first fragment is written */
	int64_t creation_unix_ns;
	struct mp4_sample *samples;
	int64_t *pts;		/* presentation times of the samples, ticks */
	size_t nsamples, cap_samples;
	bool timed;		/* decode times are known: the first fragment was written */
	int64_t origin;		/* composition time, as in the file, minus presentation time */
	unsigned depth;		/* that the stream has spoken of, in pictures */
	bool fields;		/* there were some */
	int64_t opened_ns;	/* monotonic: when the oldest sample came */
	uint64_t arrival_ntp;	/* of the oldest sample */
};

void fragment_open(struct fragment *f, struct pieces *pieces, struct mp4 *out, uint32_t clock_rate);
void fragment_close(struct fragment *f);

/*
 * Begins a file: the track, which is taken over, goes out with its first fragment.
 * Times begin at 0.
 */
void fragment_begin(struct fragment *f, const struct track *track, int64_t creation_unix_ns);

/* Takes the next frame; writes those before it where it begins a fragment. 0, or -1 with errno. */
int fragment_add(struct fragment *f, const struct fragment_frame *frame);

/*
 * Does what is due (monotonic ns): a fragment is not held back for longer than a
 * second because no frame comes, nor while much else does. Returns when to call
 * again, INT64_MAX: no need; -1 with errno.
 */
int64_t fragment_tick(struct fragment *f, int64_t now_ns);

/* Writes all that is left. 0, or -1 with errno. */
int fragment_flush(struct fragment *f);

/* Presentation time that this frame would have, ticks. */
int64_t fragment_pts(const struct fragment *f, const struct fragment_frame *frame);

/*
 * Ends a file before this frame: writes all that is left, the picture that is shown
 * last lasting until this one, unless a gap or B-frames to come lie between them. 0,
 * or -1 with errno.
 */
int fragment_cut(struct fragment *f, const struct fragment_frame *next);

#endif
