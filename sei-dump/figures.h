/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A recording in some figures, exact where they are integers. */
#ifndef FIGURES_H
#define FIGURES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "frames.h"

#define HAPPENED_MAX	16	/* kinds of events that are told apart; the rest is together in the last */
#define WHAT_SIZE	24

/* Of times between frames, ns. Among n: 1 % are below low, 1 % are above high. */
struct spread {
	size_t n;
	int64_t low, median, high, max;
};

/* Events of one kind. */
struct happened {
	char what[WHAT_SIZE];	/* safe to print */
	uint64_t count, packets, frames;
};

struct figures {
	size_t frames, keys;
	size_t timed;			/* frames with a time of arrival */
	int64_t first_ns, last_ns;	/* arrival of the first and the last of these, Unix ns */
	int64_t length_ns;		/* all intervals and one for the last frame; without jumps of RTP time */
	struct spread interval;		/* by presentation time */
	size_t longest;			/* the frame before which it is */
	size_t gaps;			/* intervals of more than 1.5 medians */
	int64_t missing;		/* frames that find room there */
	int64_t gap_ns;			/* what they have more than a median, together */
	struct spread key;		/* between key frames */
	size_t detailed, exact, user, damaged;	/* frames: with details, slack 0, user's stamp, damaged */
	size_t camera, host;		/* frames with these times */
	bool has_offset;
	int64_t offset_first_ns, offset_last_ns;	/* camera_time - host_time, first and last that have both */
	bool has_drift;
	double drift, drift_error;	/* the camera's clock against the host's, less 1; about so exact */
	size_t good;			/* reports, or times sent with frames, that camera_time is made of */
	int64_t noise_ns;		/* from their one side to the other */
	int64_t sure_ns;		/* about so well; -1: nobody knows */
	size_t nhappened;
	struct happened happened[HAPPENED_MAX];
};

/* What has to be gathered for them: enum frames_want. */
#define FIGURES_WANT	(WANT_CAMERA | WANT_HOST | WANT_SENDER | WANT_EVENTS | WANT_DETAILS)
#define FIGURES_WANT_RAW	(WANT_EVENTS | WANT_DETAILS)

/* fs is in presentation order. 0, or -1 with errno: memory ran out. */
int figures_find(struct figures *f, const struct frames *fs);

/* Presentation time from frame i - 1 to i in ns, if that is one; else -1: none, or RTP time jumped. */
int64_t figures_interval(const struct frames *fs, size_t i);

/* What an event is, safe to print. */
void figures_what(const struct frames *fs, const struct event *e, char what[WHAT_SIZE]);

/* Ticks of pts in ns, at most 2^60. */
int64_t figures_ns(const struct frames *fs, int64_t ticks);

#endif
