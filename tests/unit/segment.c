/* units: mp4-wrap/segment.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where files end. */
#include "../../mp4-wrap/segment.h"

#include <stdlib.h>
#include <time.h>

#include "check.h"

#define RATE	90000
#define S	INT64_C(1000000000)

static void
sizes(void)
{
	static const struct {
		const char *text;
		uint64_t bytes;
	} good[] = {
		{ "1", 1 }, { "500000", 500000 }, { "700k", 716800 }, { "1K", 1024 }, { "100M", 104857600 },
		{ "4G", UINT64_C(4294967296) }, { "8388607T", UINT64_C(9223370937343148032) },
	};
	static const char *const bad[] = {
		"", "0", "0k", "k", "-1", "1.5G", "1kB", "1 k", "8388608T", "99999999999999999999999", "1P", "x",
	};
	uint64_t bytes;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		CHECK_EQ(segment_size_parse(&bytes, good[i].text), 0);
		CHECK_EQ(bytes, good[i].bytes);
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		CHECK_EQ(segment_size_parse(&bytes, bad[i]), -1);
}

static void
lengths(void)
{
	struct segment ten = { .length_ns = 10 * S }, size = { .size = 1000 }, none = { 0 };
	struct segment both = { .length_ns = 10 * S, .size = 1000 };
	struct segment year = { .length_ns = 366 * 86400 * S };
	struct segment_place at = { .pts = 10 * RATE, .step = 3000, .clock_rate = RATE, .bytes = 999 };

	CHECK(!segment_limited(&none) && segment_limited(&ten) && segment_limited(&size));
	CHECK(segment_due(&ten, &at) && !segment_due(&size, &at) && segment_due(&both, &at));
	CHECK(!segment_due(&none, &at));
	at.pts = 10 * RATE - 1500;		/* half a frame early is the tenth second's frame */
	CHECK(segment_due(&ten, &at));
	at.pts--;
	CHECK(!segment_due(&ten, &at));
	at.bytes = 1000;
	CHECK(segment_due(&size, &at) && segment_due(&both, &at) && !segment_late(&size, &at));
	at.bytes = 2000;
	CHECK(segment_late(&size, &at));
	/* after a pause it is not that pause's half */
	at.pts = 9 * RATE;
	at.step = 8 * RATE;
	CHECK(!segment_due(&ten, &at));
	at.pts = 20 * RATE;
	at.step = 3000;
	CHECK(segment_late(&ten, &at));
	at.pts -= 1501;
	CHECK(!segment_late(&ten, &at));
	at.pts = UINT64_MAX - UINT32_MAX;
	at.clock_rate = UINT32_MAX;
	CHECK(segment_due(&year, &at) && segment_late(&year, &at));
}

static void
clocks(void)
{
	struct segment hour = { .length_ns = 3600 * S, .align = true };
	struct segment day = { .length_ns = 86400 * S, .align = true, .local = true };
	/* 2023-11-14T22:59:58Z; nothing of the stream's own time counts */
	struct segment_place at = { .clock_rate = RATE, .pts = 5 * 3600 * (uint64_t)RATE,
		.first_unix_ns = 1700002798 * S, .unix_ns = 1700002799 * S + 999999999 };

	CHECK(!segment_due(&hour, &at));
	at.unix_ns++;
	CHECK(segment_due(&hour, &at));
	at.pts = 12 * RATE;				/* late is ten seconds later, also for a short first file */
	at.unix_ns += 10 * S - 1;
	CHECK(!segment_late(&hour, &at));
	at.unix_ns++;
	CHECK(segment_late(&hour, &at));
	at.unix_ns = at.first_unix_ns - 3600 * S;	/* set back */
	CHECK(segment_due(&hour, &at) && !segment_late(&hour, &at));
	at.pts = 3610 * (uint64_t)RATE;
	CHECK(segment_late(&hour, &at));
	at.first_unix_ns = -1;				/* around 1970 */
	at.unix_ns = -3600 * S;
	CHECK(!segment_due(&hour, &at));
	at.unix_ns = 0;
	CHECK(segment_due(&hour, &at));

	setenv("TZ", "IST-5:30", 1);
	tzset();
	at.first_unix_ns = 1700002799 * S;		/* 2023-11-15T04:29:59+05:30 */
	at.unix_ns = 1700072999 * S;			/* 23:59:59 */
	CHECK(!segment_due(&day, &at));
	at.unix_ns += S;
	CHECK(segment_due(&day, &at));
	hour.local = true;				/* hours begin at half past */
	at.first_unix_ns = 1700001000 * S;
	at.unix_ns = 1700004599 * S;
	CHECK(!segment_due(&hour, &at));
	at.unix_ns += S;
	CHECK(segment_due(&hour, &at));
}

int
main(void)
{
	sizes();
	lengths();
	clocks();
	return check_failed;
}
