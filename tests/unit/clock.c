/* units: */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* lib/clock.c: NTP and Unix time on both sides of 2036, RTP extension, RFC 3339. */
#include <stdint.h>
#include <string.h>

#include "check.h"
#include "clock.h"

#define NS	1000000000LL
#define ERA1	2085978496LL	/* 2036-02-07T06:28:16Z in Unix seconds: 2^32 - 2208988800 */

static void
golden_ntp(void)
{
	/* 1970-01-01 is 2208988800 = 0x83aa7e80 s after 1900; half a second is 2^31. */
	CHECK_EQ(clock_ntp_from_unix(0), 0x83aa7e8000000000);
	CHECK_EQ(clock_ntp_from_unix(NS / 2), 0x83aa7e8080000000);
	/* 1 ns is 4.295 units, 2 ns 8.59, 999999999 ns 2^32 - 4.295: rounded. */
	CHECK_EQ(clock_ntp_from_unix(1), 0x83aa7e8000000004);
	CHECK_EQ(clock_ntp_from_unix(2), 0x83aa7e8000000009);
	CHECK_EQ(clock_ntp_from_unix(NS - 1), 0x83aa7e80fffffffc);
	/* 1 ns before 1970: 0x83aa7e7f and .999999999 */
	CHECK_EQ(clock_ntp_from_unix(-1), 0x83aa7e7ffffffffc);
	/* 1968-01-20T03:14:08Z, where this era's half begins: 2^31 - 2208988800 = -61505152 s */
	CHECK_EQ(clock_ntp_from_unix(-61505152 * NS), 0x8000000000000000);
	/* the last nanosecond of era 0, and the first of era 1 */
	CHECK_EQ(clock_ntp_from_unix(ERA1 * NS - 1), 0xfffffffffffffffc);
	CHECK_EQ(clock_ntp_from_unix(ERA1 * NS), 0);
	CHECK_EQ(clock_ntp_from_unix(ERA1 * NS + 1), 4);
	/* 2104-02-26T09:42:23.999999999Z, the last that can be told */
	CHECK_EQ(clock_ntp_from_unix((ERA1 + 0x7fffffff) * NS + NS - 1), 0x7ffffffffffffffc);
}

static void
golden_unix(void)
{
	CHECK_EQ(clock_unix_from_ntp(0x83aa7e8000000000), 0);
	CHECK_EQ(clock_unix_from_ntp(0x8000000000000000), -61505152 * NS);
	CHECK_EQ(clock_unix_from_ntp(0), ERA1 * NS);
	CHECK_EQ(clock_unix_from_ntp(0x7fffffff00000000), (ERA1 + 0x7fffffff) * NS);
	/* All ones is 0.23 ns before the era's end, and nearest to the end. */
	CHECK_EQ(clock_unix_from_ntp(UINT64_MAX), ERA1 * NS);
	/* Nearest: 2 units are 0.466 ns, 3 units 0.698 ns. */
	CHECK_EQ(clock_unix_from_ntp(0x83aa7e8000000002), 0);
	CHECK_EQ(clock_unix_from_ntp(0x83aa7e8000000003), 1);
	/*
	 * retina-record's first frame in plain.mp4: 17198541541196598592 = 4004347496 * 2^32 + 4057107776;
	 * 4004347496 - 2208988800 = 1795358696; 4057107776 * 10^9 / 2^32 = 944619014.86
	 */
	CHECK_EQ(clock_unix_from_ntp(17198541541196598592U), 1795358696 * NS + 944619015);
}

static void
round_trips(void)
{
	static const int64_t seconds[] = { -61505152, -1, 0, 1, 1700000000, ERA1 - 1, ERA1, ERA1 + 1, ERA1 + 0x7fffffff };
	uint64_t seed = 1;
	int64_t ns;
	size_t i, k;

	for (i = 0; i < sizeof(seconds) / sizeof(seconds[0]); i++) {
		for (k = 0; k < 20000; k++) {
			seed = seed * 6364136223846793005 + 1442695040888963407;
			ns = seconds[i] * NS + (int64_t)(k < 1000 ? k : k < 2000 ? 999999999 - (k - 1000) : seed % 1000000000);
			if (clock_unix_from_ntp(clock_ntp_from_unix(ns)) != ns) {
				CHECK_EQ(clock_unix_from_ntp(clock_ntp_from_unix(ns)), ns);
				return;
			}
		}
	}
}

static void
differences(void)
{
	uint64_t era = clock_ntp_from_unix(ERA1 * NS);

	CHECK_EQ(clock_ntp_diff_ns(0x83aa7e8080000000, 0x83aa7e8000000000), NS / 2);
	CHECK_EQ(clock_ntp_diff_ns(0x83aa7e8000000000, 0x83aa7e8080000000), -NS / 2);
	CHECK_EQ(clock_ntp_diff_ns(7, 7), 0);
	/* one second on each side of the era's end */
	CHECK_EQ(clock_ntp_diff_ns(era + (1ULL << 32), era - (1ULL << 32)), 2 * NS);
	CHECK_EQ(clock_ntp_diff_ns(era - (1ULL << 32), era + (1ULL << 32)), -2 * NS);
	/* years apart */
	CHECK_EQ(clock_ntp_diff_ns(clock_ntp_from_unix((ERA1 + 1000000000) * NS), clock_ntp_from_unix(1000000000 * NS)), ERA1 * NS);
}

static void
rtp(void)
{
	const uint64_t wrap = 1ULL << 32;

	CHECK_EQ(clock_rtp_extend(0, 0), 0);
	CHECK_EQ(clock_rtp_extend(1000, 4000), 4000);
	CHECK_EQ(clock_rtp_extend(4000, 1000), 1000);
	/* forward over the wrap, and back again: a reordered packet */
	CHECK_EQ(clock_rtp_extend(0xfffffff0, 0x10), wrap + 0x10);
	CHECK_EQ(clock_rtp_extend(wrap + 0x10, 0xfffffff0), 0xfffffff0);
	CHECK_EQ(clock_rtp_extend(7 * wrap + 0xfffffff0, 0x10), 8 * wrap + 0x10);
	/* nearest; exactly half way counts as forward */
	CHECK_EQ(clock_rtp_extend(5 * wrap, 0x7fffffff), 5 * wrap + 0x7fffffff);
	CHECK_EQ(clock_rtp_extend(5 * wrap, 0x80000000), 5 * wrap + 0x80000000);
	CHECK_EQ(clock_rtp_extend(5 * wrap, 0x80000001), 4 * wrap + 0x80000001);
	CHECK_EQ(clock_rtp_extend(5 * wrap + 0x80000000, 0), 6 * wrap);
	CHECK_EQ(clock_rtp_extend(5 * wrap + 0x80000001, 1), 6 * wrap + 1);
	/* the low word is the sender's own, whatever came before */
	CHECK_EQ(clock_rtp_extend(UINT64_MAX, 5) & 0xffffffff, 5);
	/* before the first packet, below zero: modulo 2^64, so differences stay right */
	CHECK_EQ(clock_rtp_diff(clock_rtp_extend(5, 0xfffffffb), 5), -10);

	CHECK_EQ(clock_rtp_diff(4000, 1000), 3000);
	CHECK_EQ(clock_rtp_diff(1000, 4000), -3000);
	CHECK_EQ(clock_rtp_diff(5, UINT64_MAX - 4), 10);
	CHECK_EQ(clock_rtp_diff(UINT64_MAX - 4, 5), -10);
}

static void
rfc3339(void)
{
	static const struct {
		int64_t s, ns;
		const char *text;
	} times[] = {
		{ 0, 0, "1970-01-01T00:00:00.000000000Z" },
		{ 0, 1, "1970-01-01T00:00:00.000000001Z" },
		{ -1, 999999999, "1969-12-31T23:59:59.999999999Z" },
		{ -61505152, 0, "1968-01-20T03:14:08.000000000Z" },
		{ 951782399, 500000000, "2000-02-28T23:59:59.500000000Z" },
		{ 951782400, 0, "2000-02-29T00:00:00.000000000Z" },
		{ 1700000000, 123456789, "2023-11-14T22:13:20.123456789Z" },
		{ 2147483648, 0, "2038-01-19T03:14:08.000000000Z" },
		{ ERA1 - 1, 999999999, "2036-02-07T06:28:15.999999999Z" },
		{ ERA1, 0, "2036-02-07T06:28:16.000000000Z" },
		{ 4107542400, 0, "2100-03-01T00:00:00.000000000Z" },
		{ ERA1 + 0x7fffffff, 999999999, "2104-02-26T09:42:23.999999999Z" },
	};
	char buf[CLOCK_RFC3339_SIZE];
	size_t i, len;

	for (i = 0; i < sizeof(times) / sizeof(times[0]); i++) {
		memset(buf, 'x', sizeof(buf));
		len = clock_format_rfc3339(buf, times[i].s * NS + times[i].ns);
		CHECK_EQ(len, 30);
		CHECK(memchr(buf, 0, sizeof(buf)) != NULL);
		if (memcmp(buf, times[i].text, sizeof(buf)) != 0)
			printf("%.30s, not %s\n", buf, times[i].text);
		CHECK(memcmp(buf, times[i].text, sizeof(buf)) == 0);
	}
}

static void
now(void)
{
	int64_t a, b;

	/* later than this test was written, and in order */
	CHECK(clock_realtime_ns() > 1700000000 * NS);
	a = clock_monotonic_ns();
	b = clock_monotonic_ns();
	CHECK(b >= a);
	/* poll(2) is not to wake before the time, nor to wait without end */
	CHECK_EQ(clock_poll_ms(b), 0);
	CHECK_EQ(clock_poll_ms(0), 0);
	CHECK(clock_poll_ms(clock_monotonic_ns() + 1000000) <= 2);
	CHECK(clock_poll_ms(clock_monotonic_ns() + 50 * NS) > 0);
	CHECK(clock_poll_ms(clock_monotonic_ns() + 50 * NS) <= 50001);
	CHECK_EQ(clock_poll_ms(b + 3600 * NS), 60000);
	CHECK_EQ(clock_poll_ms(INT64_MAX), 60000);
}

int
main(void)
{
	golden_ntp();
	golden_unix();
	round_trips();
	differences();
	rtp();
	rfc3339();
	now();
	return check_failed;
}
