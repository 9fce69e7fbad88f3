/* units: mp4-wrap/order.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Decode times: golden ones of small structures, and what holds for any input. */
#include "../../mp4-wrap/order.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

/* Presentation times, each with the decode time wanted: a delay of depth steps of 10 is in both. */
static void
check(unsigned depth, const int64_t (*times)[2], size_t n)
{
	struct order o = { 0 };
	int64_t pts[16] = { 0 };

	for (size_t i = 0; i < n; i++)
		pts[i] = times[i][0];
	CHECK_EQ(order_observe(pts, n), depth);
	order_begin(&o, depth, depth * 10, 10);
	for (size_t i = 0; i < n; i++)
		CHECK_EQ(order_next(&o, pts[i], i == 0), times[i][1]);
	CHECK_EQ(o.deepened, 0);
	CHECK_EQ(o.depth, depth);
}

static void
structures(void)
{
	static const int64_t none[][2] = { { 0, 0 }, { 10, 10 }, { 25, 25 }, { 26, 26 } };
	static const int64_t ibp[][2] = { { 10, 0 }, { 30, 10 }, { 20, 20 }, { 50, 30 }, { 40, 40 } };
	static const int64_t ibbp[][2] = { { 10, 0 }, { 40, 10 }, { 20, 20 }, { 30, 30 }, { 70, 40 }, { 50, 50 }, { 60, 60 } };
	static const int64_t pyramid[][2] = { { 20, 0 }, { 60, 10 }, { 40, 20 }, { 30, 30 }, { 50, 40 }, { 100, 50 },
		{ 80, 60 }, { 70, 70 }, { 90, 80 } };

	check(0, none, 4);
	check(1, ibp, 5);
	check(1, ibbp, 7);
	check(2, pyramid, 9);
}

/* IBBP from a stream that had not spoken of it: times are crowded once, then never again. */
static void
deeper(void)
{
	struct order o = { 0 };

	order_begin(&o, 0, 0, 10);
	CHECK_EQ(order_next(&o, 0, true), 0);
	CHECK_EQ(order_next(&o, 30, false), 30);
	CHECK_EQ(order_next(&o, 10, false), 31);	/* 21 too late: the offset is below zero */
	CHECK_EQ(o.depth, 1);
	CHECK_EQ(order_next(&o, 20, false), 32);
	CHECK_EQ(o.deepened, 2);
	for (int64_t i = 1; i < 20; i++) {
		CHECK(order_next(&o, 30 * i + 30, false) <= 30 * i + 30);
		CHECK(order_next(&o, 30 * i + 10, false) <= 30 * i + 10);
		CHECK(order_next(&o, 30 * i + 20, false) <= 30 * i + 20);
	}
	CHECK_EQ(o.deepened, 2);
}

/* Behind a gap decode times go on near it, with room for B-frames where there may be some. */
static void
gap(void)
{
	struct order o = { 0 };

	order_begin(&o, 1, 10, 10);
	CHECK_EQ(order_next(&o, 10, true), 0);
	CHECK_EQ(order_next(&o, 20, false), 10);
	CHECK_EQ(order_next(&o, 100000, true), 99990);
	CHECK_EQ(order_next(&o, 100030, false), 100000);
	CHECK_EQ(order_next(&o, 100010, false), 100010);
	CHECK_EQ(order_next(&o, 900000, false), 900000 - 16 * 10 - 10);
	CHECK_EQ(order_next(&o, 899980, false), 899980);
	CHECK_EQ(o.deepened, 0);
}

/* Any times at all: decode times grow, offsets have room in 32 bits. */
static void
any(void)
{
	struct order o = { 0 };
	int64_t last = -1, pts, dts;

	srandom(1);
	order_begin(&o, 2, 20, 10);
	for (int i = 0; i < 100000; i++) {
		pts = last + 1 + random() % 1000 - (i % 3 == 0 ? 0 : random() % 500);
		if (i % 1000 == 0)
			pts += UINT32_MAX;
		if (pts < 0)
			pts = 0;
		dts = order_next(&o, pts, i % 7 == 0);
		CHECK(dts > last && pts - dts <= INT32_MAX && pts - dts >= INT32_MIN);
		last = dts;
	}
	CHECK(o.depth <= ORDER_MAX);
}

int
main(void)
{
	structures();
	deeper();
	gap();
	any();
	return check_failed;
}
