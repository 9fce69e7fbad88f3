/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * When each frame would have come, had the network delayed it as little as those
 * about it that it delayed least: the lower envelope of arrival against RTP time
 * (Moon, Skelly and Towsley 1999), in pieces where it shifts (Zhang, Liu and Xia 2002).
 */
#ifndef HOST_H
#define HOST_H

#include <stdbool.h>

#include "unwrap.h"

#define HOST_SHIFTS_MAX	32	/* that are told one by one */

/* The envelope jumped. */
struct shift {
	size_t frame;		/* from this one on, in decode order */
	int64_t ns;
	bool of_rtp;		/* RTP time did, by as much less; else a clock, or the way through the network */
};

struct host_found {
	size_t pieces, early, nshifts;	/* early: frames that came before all likelihood */
	struct shift shift[HOST_SHIFTS_MAX];
	bool has_rate;
	double rate;		/* the host's clock against RTP's nominal one, less 1 */
	int64_t delay_median_ns, delay_p95_ns, delay_max_ns;	/* of arrivals behind the envelope */
	uint32_t slack_us;	/* of frames within 0.1 ms of the envelope: the most of each stride's least */
};

/*
 * Fills floor[], of u->n, with the envelope in terms of u's y; UNWRAP_NONE where
 * there is none. 0, or -1 with errno.
 */
int host_floor(const struct unwrap *u, int64_t *floor, struct host_found *found);

#endif
