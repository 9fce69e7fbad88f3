/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The camera's scripted clock. All of a session hangs on one count: ticks of the
 * RTP clock since the session began. From them follow, exactly:
 *
 *   elapsed  scripted time of the host since the session's start, in ns
 *   ntp      the camera's own clock: the host's start + offset, running faster
 *            than the host by drift, and stepped by a fault
 *   real     when that is on the host's CLOCK_REALTIME, at the speed asked for
 *
 * The RTP clock is driven by the camera's clock, steps excepted.
 */
#ifndef SCRIPT_H
#define SCRIPT_H

#include <stdbool.h>
#include <stdint.h>

struct script {
	uint32_t clock_rate;		/* RTP ticks a second */
	int64_t offset_ns;		/* camera minus host at the start */
	int64_t drift_ppb;		/* how much faster the camera runs */
	int64_t speed_num, speed_den;	/* scripted time passes this much faster */
	int64_t start_unix_ns;		/* host REALTIME of tick 0 */
	int64_t step_at_ns, step_ns;	/* from this elapsed time on, ntp is off by that much */
};

/* Scripted host time since the start at which the RTP clock reaches ticks. */
int64_t script_elapsed(const struct script *s, int64_t ticks);

/* The last tick at or before an elapsed time. */
int64_t script_ticks(const struct script *s, int64_t elapsed_ns);

/* The camera's clock at a tick. */
uint64_t script_ntp(const struct script *s, int64_t ticks);

/* The scripted host time at a tick, Unix ns: when a frame was captured. */
int64_t script_capture(const struct script *s, int64_t ticks);

/* CLOCK_REALTIME at which an elapsed time is reached, and the way back. */
int64_t script_real(const struct script *s, int64_t elapsed_ns);
int64_t script_elapsed_at(const struct script *s, int64_t real_unix_ns);

#endif
