/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Presentation time where RTP time is all there is. Ticks are modulo 2^64, whatever a file says. */
#ifndef PRESENTATION_H
#define PRESENTATION_H

#include <stdint.h>

#include "frames.h"

#define PRESENTATION_SUM(a, b)	((int64_t)((uint64_t)(a) + (uint64_t)(b)))

/*
 * How far presentation time advances over a gap in RTP time: as far as arrival did
 * on the host's clock, in ticks of this rate, and 1 at least.
 */
int64_t presentation_gap(uint32_t rate, uint64_t before_ntp, uint64_t after_ntp);

/* Moves all frames so that presentation begins at 0. */
void presentation_from_zero(struct frames *fs);

#endif
