/* units: rtsp-fetch/hostclock.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Steps of the host's clock, on times that are made up. */
#include <stdio.h>
#include <string.h>

#include "../../rtsp-fetch/hostclock.h"
#include "check.h"

#define MS	1000000LL

/* A look at the clock: REALTIME is MONOTONIC + offset. */
static int64_t
look(struct hostclock *h, int64_t monotonic_ns, int64_t offset_ns, int64_t blur_ns)
{
	struct clock_pair now = { monotonic_ns + offset_ns, monotonic_ns, blur_ns };

	return hostclock_step(h, &now);
}

static void
test_steps(void)
{
	static const int64_t base = 1795514433905458288;
	struct hostclock h = { 0 };

	CHECK(look(&h, 0, base, 100) == 0);			/* the first look knows nothing */
	CHECK(look(&h, 33 * MS, base, 100) == 0);
	CHECK(look(&h, 66 * MS, base - 3000 * MS, 100) == -3000 * MS);
	CHECK(look(&h, 99 * MS, base - 3000 * MS, 100) == 0);	/* told once */
	CHECK(look(&h, 132 * MS, base, 100) == 3000 * MS);
	/* Years at once, both ways: the first synchronisation after a boot. */
	CHECK(look(&h, 165 * MS, base - 1795514433LL * 1000 * MS, 100) == -1795514433LL * 1000 * MS);
	CHECK(look(&h, 198 * MS, base, 100) == 1795514433LL * 1000 * MS);
	/* 10 ms in 33: more than a tenth and 1 ms. */
	CHECK(look(&h, 231 * MS, base + 10 * MS, 100) == 10 * MS);
}

static void
test_no_steps(void)
{
	struct hostclock h = { 0 };
	int64_t offset = 0, now = 0;

	CHECK(look(&h, now, offset, 100) == 0);
	/* Slewed as fast as chrony may, 83333 ppm, for an hour of looks a second. */
	for (int i = 0; i < 3600; i++) {
		now += 1000 * MS;
		offset += 83333 * 1000;
		CHECK(look(&h, now, offset, 100) == 0);
	}
	/* Less than 1 ms is not told apart from being interrupted. */
	CHECK(look(&h, now += MS, offset += MS, 100) == 0);
	/* Interrupted for 50 ms between the two readings, before and now. */
	CHECK(look(&h, now += MS, offset += 50 * MS, 51 * MS) == 0);
	CHECK(look(&h, now += MS, offset -= 50 * MS, 100) == 0);
}

static void
test_text(void)
{
	struct clock_pair now = { 1795514433905458288, 749370289155, 100 };
	char text[HOSTCLOCK_MAX];

	hostclock_text(text, &now, -1500000000);
	CHECK(strncmp(text, "realtime: 1795514433905458288\nmonotonic: 749370289155\n", 54) == 0);
	CHECK(strstr(text, "\nstep: -1500000000\n") != NULL);
	hostclock_text(text, &now, 0);
	CHECK(strstr(text, "step") == NULL);
	CHECK(text[strlen(text) - 1] == '\n');
}

static void
test_pair(void)
{
	struct clock_pair a, b;

	clock_pair_read(&a);
	clock_pair_read(&b);
	CHECK(b.monotonic_ns >= a.monotonic_ns && a.blur_ns >= 0);
	CHECK(a.realtime_ns > 1700000000LL * 1000 * MS);
}

int
main(void)
{
	test_steps();
	test_no_steps();
	test_text();
	test_pair();
	return check_failed;
}
