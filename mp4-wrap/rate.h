/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bit rates of a track, for its `btrt` boxes (ISO/IEC 14496-12 8.5.2.2). */
#ifndef RATE_H
#define RATE_H

#include <stdint.h>

#include "box.h"

#define RATE_WINDOW	1024	/* samples of one second that are looked at together */

struct rate {
	uint64_t bytes;			/* of all samples */
	uint64_t window, highest;	/* of those of the last second; of the second that had most */
	struct {
		uint64_t dts;
		uint32_t size;
	} ring[RATE_WINDOW];
	uint32_t first, n;		/* of the last second, in the ring */
};

/* Takes the next sample: decode time in ticks, bytes. */
void rate_take(struct rate *r, uint64_t dts, uint32_t size, uint32_t timescale);

/* A `btrt` for a track of this length in ticks. The size of its decoding buffer is not known. */
void rate_write(const struct rate *r, struct box_writer *w, uint64_t duration, uint32_t timescale);

#define RATE_BTRT_SIZE	20	/* bytes that it writes */

#endif
