/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The only place where clocks are read, converted, wrapped or compared.
 *
 * ntp   64-bit NTP timestamp (RFC 5905 6): seconds since 1900 modulo 2^32, then
 *       a binary fraction. Which era is meant follows from bit 63 (RFC 4330 3):
 *       set is 1968..2036, clear is 2036..2104.
 * unix  signed nanoseconds since 1970-01-01T00:00:00Z.
 * rtp   RTP timestamp (RFC 3550 5.1) in ticks of the track's clock, extended
 *       from 32 to 64 bits; differences are taken modulo 2^64 and read as signed.
 */
#ifndef CLOCK_H
#define CLOCK_H

#include <stddef.h>
#include <stdint.h>

#define CLOCK_NS_PER_S	1000000000LL
#define CLOCK_RFC3339_SIZE	sizeof("2036-02-07T06:28:16.000000000Z")

/* NTP time of a Unix time; the fraction is rounded, and comes back exactly. */
uint64_t clock_ntp_from_unix(int64_t unix_ns);

/* Unix time of an NTP time, to the nearest nanosecond. */
int64_t clock_unix_from_ntp(uint64_t ntp);

/* a - b in nanoseconds, right across the end of an era. */
int64_t clock_ntp_diff_ns(uint64_t a_ntp, uint64_t b_ntp);

/* CLOCK_REALTIME as Unix time; CLOCK_MONOTONIC in ns of no known origin. */
int64_t clock_realtime_ns(void);
int64_t clock_monotonic_ns(void);

/*
 * The clock that may be set, and one that nobody sets, at one moment:
 * CLOCK_BOOTTIME, which goes on while the host is suspended, or CLOCK_MONOTONIC
 * where there is no such clock.
 */
struct clock_pair {
	int64_t realtime_ns, monotonic_ns;
	int64_t blur_ns;	/* the two readings lie no further apart */
};

/* Reads both, as close together as it can be had in a few tries. */
void clock_pair_read(struct clock_pair *p);

/*
 * A timeout for poll(2) that ends at a monotonic time or just after it: 0 if
 * that has passed, a minute at most.
 */
int clock_poll_ms(int64_t monotonic_ns);

/*
 * The 64-bit RTP time whose low word is rtp and which is nearest to prev, the
 * extended time before it. A step of exactly 2^31 counts as forward.
 */
uint64_t clock_rtp_extend(uint64_t prev, uint32_t rtp);

/* a - b in ticks. */
int64_t clock_rtp_diff(uint64_t a, uint64_t b);

/* A time of at most a century (not negative) in ticks, rounded down. */
uint64_t clock_ticks_from_ns(int64_t ns, uint32_t clock_rate);

/*
 * Writes a Unix time as RFC 3339 UTC with nine decimals into
 * buf[CLOCK_RFC3339_SIZE]; returns the length without the NUL. Exact for every
 * time that an NTP timestamp can name (1968 to 2104).
 */
size_t clock_format_rfc3339(char *buf, int64_t unix_ns);

#endif
