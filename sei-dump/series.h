/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* When the frames of one recording were, to find the one that is nearest to a time. */
#ifndef SERIES_H
#define SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "figures.h"
#include "frames.h"

enum series_clock {
	SERIES_CAMERA,
	SERIES_HOST,
	SERIES_RECV,
	SERIES_STEADY,		/* host_time had nobody set the clock; not to be chosen */
	NSERIES,
};

struct moment {
	int64_t ns;		/* Unix */
	uint32_t frame;		/* number in presentation order */
};

struct series {
	char *file;		/* as it was given */
	size_t n;
	int64_t *ns[NSERIES];	/* of frames in presentation order; FRAMES_NO_TIME. NULL: not gathered */
	struct moment *moment;	/* by time, once series_sort() has chosen a clock */
	size_t nmoments;
	size_t twice;		/* frames left out because the clock showed their time twice */
	int64_t interval_ns;	/* the median; 0: not known */
	int64_t set_ns;		/* by how much the host's clock was set meanwhile, as the recording tells */
	const char *fault;	/* why the camera's clock is not good enough; NULL: it is */
	int64_t offset_ns;	/* the camera's clock less the host's */
	bool has_drift;
	double drift, drift_error;
};

/* The column's name. */
const char *series_clock_name(enum series_clock clock);

/* Takes what fs has. 0, or -1 with errno; s is to be closed in any case. */
int series_open(struct series *s, const char *file, const struct frames *fs, const struct figures *f);
void series_close(struct series *s);

/*
 * Prepares to look up times on a clock. Where it was set back, and so showed some
 * times twice, nobody can tell which is meant: the frames of these times are left
 * out. Arrivals as they are may be out of order for other reasons, and all stay.
 * 0, or -1 with errno.
 */
int series_sort(struct series *s, enum series_clock clock);

/*
 * The frame that is nearest to a time, at most within_ns from it, and by how much it
 * is later; of two, the earlier. False: there is none.
 */
bool series_nearest(const struct series *s, int64_t unix_ns, int64_t within_ns, uint32_t *frame,
    int64_t *residual_ns);

#endif
