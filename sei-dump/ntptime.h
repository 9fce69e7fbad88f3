/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a camera means by the 64 bits in which an NTP time should be. */
#ifndef NTPTIME_H
#define NTPTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum ntptime_kind {
	NTPTIME_UNSET,	/* 0, or seconds since the camera started: no time of day */
	NTPTIME_NTP,	/* seconds since 1900 */
	NTPTIME_UNIX,	/* seconds since 1970 */
};

/*
 * Which kind ntp is, to a host on whose clock it came at arrival (Unix ns): that
 * within five years of it, if there is one; else UNSET if it is in the first ten
 * years of 1900, 1970 or 2036; else NTP, however far off it may be. *unix_ns: what
 * it says, with the lower 32 bits in nanoseconds if in_ns is set.
 */
enum ntptime_kind ntptime_read(uint64_t ntp, int64_t arrival, bool in_ns, int64_t *unix_ns);

/* Whether the lower 32 bits of ntp can be nanoseconds. */
bool ntptime_may_be_ns(uint64_t ntp);

#endif
