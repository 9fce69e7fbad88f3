/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Clock conversions (RFC 5905 6, RFC 4330 3, RFC 3550 5.1). Integers only: a
 * double holds 53 bits, and an NTP time has 64.
 */
#include "clock.h"

#include <string.h>
#include <time.h>

#include "decimal.h"

#define PAIR_TRIES	4
#define PAIR_BLUR_NS	2000
#define NTP_UNIX_S	2208988800LL	/* 1900-01-01 to 1970-01-01 */
#define MINUTE_MS	60000

static int64_t
now_ns(clockid_t id)
{
	struct timespec ts;

	clock_gettime(id, &ts);
	return ts.tv_sec * CLOCK_NS_PER_S + ts.tv_nsec;
}

/* What the host spends suspended is no step of its clock. */
#if defined(CLOCK_BOOTTIME) && !defined(PORTABLE)
#define STEADY	CLOCK_BOOTTIME
#else
#define STEADY	CLOCK_MONOTONIC
#endif

int64_t
clock_realtime_ns(void)
{
	return now_ns(CLOCK_REALTIME);
}

int64_t
clock_monotonic_ns(void)
{
	return now_ns(CLOCK_MONOTONIC);
}

void
clock_pair_read(struct clock_pair *p)
{
	int64_t before, realtime, after;

	/* Being preempted in between would look like a step of the clock. */
	p->blur_ns = INT64_MAX;
	for (int i = 0; i < PAIR_TRIES && p->blur_ns > PAIR_BLUR_NS; i++) {
		before = now_ns(STEADY);
		realtime = clock_realtime_ns();
		after = now_ns(STEADY);
		if (after - before >= p->blur_ns)
			continue;
		p->blur_ns = after - before;
		p->monotonic_ns = before + (after - before) / 2;
		p->realtime_ns = realtime;
	}
}

uint64_t
clock_ntp_from_unix(int64_t unix_ns)
{
	int64_t s = unix_ns / CLOCK_NS_PER_S, ns = unix_ns % CLOCK_NS_PER_S;
	uint64_t fraction;

	if (ns < 0) {
		ns += CLOCK_NS_PER_S;
		s--;
	}
	/* ns <= 999999999, so the rounded fraction stays below 2^32. */
	fraction = (((uint64_t)ns << 32) + CLOCK_NS_PER_S / 2) / CLOCK_NS_PER_S;
	return ((uint64_t)(s + NTP_UNIX_S) << 32) + fraction;
}

int64_t
clock_unix_from_ntp(uint64_t ntp)
{
	int64_t s = (int64_t)(ntp >> 32) - NTP_UNIX_S;
	uint64_t fraction = ntp & 0xffffffff;

	if (!(ntp >> 63))
		s += 1LL << 32;
	/* A fraction that rounds to 10^9 carries into the seconds. */
	return s * CLOCK_NS_PER_S +
	    (int64_t)((fraction * CLOCK_NS_PER_S + (1ULL << 31)) >> 32);
}

int64_t
clock_ntp_diff_ns(uint64_t a_ntp, uint64_t b_ntp)
{
	return clock_unix_from_ntp(a_ntp) - clock_unix_from_ntp(b_ntp);
}

int
clock_poll_ms(int64_t monotonic_ns)
{
	int64_t left = monotonic_ns - clock_monotonic_ns();

	if (left <= 0)
		return 0;
	return left < MINUTE_MS * 1000000LL ? (int)(left / 1000000 + 1) : MINUTE_MS;
}

uint64_t
clock_rtp_extend(uint64_t prev, uint32_t rtp)
{
	uint32_t forward = rtp - (uint32_t)prev;

	if (forward <= 0x80000000)
		return prev + forward;
	return prev - (uint32_t)-forward;
}

int64_t
clock_rtp_diff(uint64_t a, uint64_t b)
{
	return (int64_t)(a - b);
}

uint64_t
clock_ticks_from_ns(int64_t ns, uint32_t clock_rate)
{
	return (uint64_t)ns / CLOCK_NS_PER_S * clock_rate +
	    (uint64_t)ns % CLOCK_NS_PER_S * clock_rate / CLOCK_NS_PER_S;
}

size_t
clock_format_rfc3339(char *buf, int64_t unix_ns)
{
	int64_t s = unix_ns / CLOCK_NS_PER_S, ns = unix_ns % CLOCK_NS_PER_S;
	time_t t;
	struct tm tm;

	if (ns < 0) {
		ns += CLOCK_NS_PER_S;
		s--;
	}
	t = s;
	gmtime_r(&t, &tm);
	memcpy(buf, "0000-00-00T00:00:00.000000000Z", CLOCK_RFC3339_SIZE);
	decimal(buf, tm.tm_year + 1900, 4);
	decimal(buf + 5, tm.tm_mon + 1, 2);
	decimal(buf + 8, tm.tm_mday, 2);
	decimal(buf + 11, tm.tm_hour, 2);
	decimal(buf + 14, tm.tm_min, 2);
	decimal(buf + 17, tm.tm_sec, 2);
	decimal(buf + 20, ns, 9);
	return CLOCK_RFC3339_SIZE - 1;
}
