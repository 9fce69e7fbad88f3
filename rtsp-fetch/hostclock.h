/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The host's own clock, which all times of arrival are told on: its state, and its steps. */
#ifndef HOSTCLOCK_H
#define HOSTCLOCK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "clock.h"

#define HOSTCLOCK_NS	CLOCK_NS_PER_S	/* between two records of it */
#define HOSTCLOCK_MAX	512		/* bytes of its text */

struct hostclock {
	bool begun;
	struct clock_pair last;	/* when it was looked at last */
};

/*
 * By how much the clock was set since the last look, in ns; 0: it was not. It is
 * taken for set if REALTIME gained or lost over MONOTONIC more than 1 ms and a
 * tenth of the time in between: no daemon slews that fast.
 */
int64_t hostclock_step(struct hostclock *h, const struct clock_pair *now);

/*
 * The payload of a C record, as nalstream(5) has it. step_ns: the result of
 * hostclock_step(). Returns out.
 */
const char *hostclock_text(char out[HOSTCLOCK_MAX], const struct clock_pair *now, int64_t step_ns);

#endif
