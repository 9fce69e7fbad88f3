/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The interpreted columns, camera_time and host_time, and what was found out on the way. */
#ifndef CLOCKS_H
#define CLOCKS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "camera.h"
#include "frames.h"
#include "host.h"

struct clocks_found {
	uint32_t rtp_rate;		/* ticks a second */
	size_t frames;			/* with a time of arrival */
	size_t stretches;		/* in which RTP time counts on; more than one: it began anew */
	size_t outliers;		/* frames whose RTP time fits none about it; they have no times */
	size_t host_steps;		/* of the host's clock, which the recording tells */
	struct host_found host;
	bool camera;			/* the rest is there: camera_time was wanted */
	struct camera_found reports;
	size_t sent_used;		/* frames whose camera_time is what the camera sent with them */
	struct camera_found sent;	/* the same of these times */
	int64_t sent_median_ns, sent_max_ns;	/* they less what reports say: median, and furthest from it */
	size_t sent_compared;		/* with reports, frames */
};

/*
 * Fills camera_ns and host_ns of fs, as wanted, which must not be in presentation
 * order yet. 0, or -1 with errno.
 */
int clocks_find(struct frames *fs);

/* Once fs is in presentation order: turns the numbers of frames that were found into those. */
void clocks_renumber(struct frames *fs);

#endif
