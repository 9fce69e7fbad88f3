/* units: */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Times of day and dates, in a zone with summer time. */
#include "date.h"

#include <stdlib.h>
#include <time.h>

#include "../../lib/clock.h"
#include "check.h"

#define S	CLOCK_NS_PER_S
#define NOW	(1795519200 * S)		/* 2026-11-24T11:20:00Z, 12:20 in Berlin */

static void
expect(int line, const char *text, int64_t want)
{
	int64_t got;
	const char *wrong = date_parse(&got, text, NOW);

	if (wrong != NULL || got != want) {
		printf("%s:%d: %s: %s, %" PRId64 "\n", __FILE__, line, text, wrong != NULL ? wrong : "", got);
		check_failed = 1;
	}
}

#define EXPECT(...) expect(__LINE__, __VA_ARGS__)

static void
test_day(void)
{
	EXPECT("12:20", NOW);
	EXPECT("12:20:00", NOW);
	EXPECT("12:20:01.5", NOW + S + S / 2);
	EXPECT("12:20:00.000000001", NOW + 1);
	EXPECT("12:20:00.0000000019", NOW + 1);
	EXPECT("00:00", NOW - (12 * 3600 + 20 * 60) * S);
	EXPECT("23:59:59.999999999", NOW + (11 * 3600 + 40 * 60) * S - 1);
}

static void
test_dates(void)
{
	EXPECT("2026-11-24T11:20Z", NOW);
	EXPECT("2026-11-24T12:20", NOW);
	EXPECT("2026-11-24T12:20:00.25", NOW + S / 4);
	EXPECT("2026-11-24T16:50+05:30", NOW);
	EXPECT("2026-11-24T16:50:00+0530", NOW);
	EXPECT("2026-11-23T23:20:00-12:00", NOW);
	EXPECT("2026-11-24T10:50:00-00:30", NOW);
	/* The end of the first NTP era, and a leap day. */
	EXPECT("2036-02-07T06:28:16Z", 2085978496 * S);
	EXPECT("2028-02-29T00:00:00Z", 1835395200 * S);
	/* Summer time ends on 2026-10-25: both are 03:30 local, an hour and a day apart. */
	EXPECT("2026-10-24T03:30", 1792805400 * S);
	EXPECT("2026-10-25T03:30", 1792895400 * S);
}

static void
test_wrong(void)
{
	static const char *const texts[] = { "", " ", "12", "12:", "12:2", "1:20", "24:00", "12:60", "12:20:60",
		"12:20:00.", "12:20:00.x", "12:20 ", " 12:20", "-1:20", "+1:20", "12:20Z", "12:20+01:00",
		"2026-11-24", "2026-11-24T", "2026-11-24 12:20", "2026-11-24T12", "2026-13-01T00:00",
		"2026-00-01T00:00", "2026-02-29T00:00Z", "2026-04-31T00:00", "2026-11-24T12:20+", "2026-11-24T12:20+1",
		"2026-11-24T12:20+25:00", "2026-11-24T12:20ZZ", "26-11-24T12:20", "2999-01-01T00:00",
		"2026-03-29T02:30",	/* an hour that summer time leaves out */
		"T12:20", "noon", "99999999999999999999:00" };
	int64_t ns;

	for (size_t i = 0; i < sizeof texts / sizeof texts[0]; i++) {
		if (date_parse(&ns, texts[i], NOW) == NULL) {
			printf("%s: %" PRId64 "\n", texts[i], ns);
			check_failed = 1;
		}
	}
}

int
main(void)
{
	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	test_day();
	test_dates();
	test_wrong();
	return check_failed;
}
