/* units: mp4-wrap/name.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names from patterns, with cameras that call themselves anything. */
#include "../../mp4-wrap/name.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "check.h"

#define MOMENT	INT64_C(1698539407000001999)	/* 2023-10-29T00:30:07.000001999Z, a Sunday */

static void
expect(int line, const char *pattern, const char *camera, const char *want)
{
	static struct name n;

	if (name_bad(pattern) != NULL) {
		printf("%s:%d: bad at %s\n", __FILE__, line, name_bad(pattern));
		check_failed = 1;
		return;
	}
	name_open(&n, pattern, false);
	if (name_make(&n, camera, MOMENT) == -1 || strcmp(n.text, want) != 0) {
		printf("%s:%d: %s is not %s\n", __FILE__, line, n.text, want);
		check_failed = 1;
	}
}

#define EXPECT(...) expect(__LINE__, __VA_ARGS__)

static void
conversions(void)
{
	EXPECT("%Y-%m-%d/%H%M%S.mp4", "c", "2023-10-29/003007.mp4");
	EXPECT("%Y%m%dT%H%M%S.%fZ %s %j %a %b %y %%", "c", "20231029T003007.000001Z 1698539407 302 Sun Oct 23 %");
	EXPECT("%FT%T%z", "c", "2023-10-29T00:30:07+0000");
	EXPECT("plain.mp4", "c", "plain.mp4");
	EXPECT(NAME_AUTOMATIC, "gate", "movie20231029_003007_gate.mp4");
}

/* Only these: none that has blanks, slashes, or is cut off. */
static void
bad(void)
{
	static const char *const patterns[] = {
		"%", "a%", "%03d", "%D", "%c", "%x", "%n", "%e", "%Ey", "%{", "%{camer", "%{host}", "%Y%", "% d",
	};

	for (size_t i = 0; i < sizeof patterns / sizeof patterns[0]; i++) {
		if (name_bad(patterns[i]) == NULL) {
			printf("%s: %s is not bad\n", __FILE__, patterns[i]);
			check_failed = 1;
		}
	}
	CHECK(strcmp(name_bad("%Y %03d"), "%03d") == 0);
	for (int c = 1; c < 256; c++) {
		char pattern[] = { '%', (char)c, '\0' }, text[NAME_SIZE];
		static struct name n;

		if (name_bad(pattern) != NULL)
			continue;
		name_open(&n, pattern, true);
		CHECK_EQ(name_make(&n, "", MOMENT), 0);
		strlcpy(text, n.text, sizeof text);
		CHECK(strpbrk(text, "/ \n\t") == NULL);
	}
}

static void
cameras(void)
{
	static char long_name[10001], want[256];

	EXPECT("%{camera}.mp4", "ipv4-192-168-1-32", "ipv4-192-168-1-32.mp4");
	EXPECT("%{camera}", "Hall_2.left", "Hall_2.left");
	EXPECT("%{camera}", "../../etc", "_.-..-etc");
	EXPECT("%{camera}", "..", "_.");
	EXPECT("%{camera}", ".", "_");
	EXPECT("%{camera}", "/etc/passwd", "_etc-passwd");
	EXPECT("%{camera}", "-rf", "_rf");
	EXPECT("%{camera}", "", "camera");
	EXPECT("%{camera}", "a\nb\033[2J\x7f\xff c%Y;$(x)`'\"\\", "a-b--2J---c-Y---x-----");
	EXPECT("%{camera}/%{camera}", "a", "a/a");
	memset(long_name, 'x', sizeof long_name - 1);
	memset(want, 'x', NAME_CAMERA_SIZE - 1);
	EXPECT("%{camera}", long_name, want);
}

static void
numbers(const char *pattern, const char *first, const char *second)
{
	static struct name n;

	name_open(&n, pattern, false);
	CHECK_EQ(name_make(&n, "c", MOMENT), 0);
	CHECK_EQ(name_another(&n), 0);
	CHECK(strcmp(n.text, first) == 0);
	/* the same name again goes on where it was */
	CHECK_EQ(name_make(&n, "c", MOMENT), 0);
	CHECK(strcmp(n.text, second) == 0);
	if (strchr(pattern, '%') == NULL)
		return;
	CHECK_EQ(name_make(&n, "c", MOMENT + 1000000000), 0);
	CHECK(strchr(n.text, '-') == NULL);
}

static void
bounds(void)
{
	static char pattern[NAME_SIZE + 1];
	static struct name n;

	memset(pattern, 'a', NAME_SIZE);
	name_open(&n, pattern, false);
	CHECK_EQ(name_make(&n, "c", MOMENT), -1);
	pattern[NAME_SIZE - 1] = '\0';
	name_open(&n, pattern, false);
	CHECK_EQ(name_make(&n, "c", MOMENT), 0);
	CHECK_EQ(strlen(n.text), NAME_SIZE - 1);
	CHECK_EQ(name_another(&n), -1);
	memcpy(pattern, "%{camera}", 9);
	name_open(&n, pattern, false);
	CHECK_EQ(name_make(&n, "a long name", MOMENT), -1);

	name_open(&n, "/a/b/c%Y/d.mp4", false);
	CHECK_EQ(n.fixed, strlen("/a/b/"));
	name_open(&n, "%Y/d.mp4", false);
	CHECK_EQ(n.fixed, 0);
	name_open(&n, "a/b.mp4", false);
	CHECK_EQ(n.fixed, 2);
}

/* Both halves of the hour that comes twice, and times outside of 32 bits. */
static void
times(void)
{
	static struct name n;

	setenv("TZ", "CET-1CEST,M3.5.0,M10.5.0/3", 1);
	tzset();
	name_open(&n, "%H%M%S.mp4", true);
	CHECK_EQ(name_make(&n, "c", MOMENT), 0);
	CHECK(strcmp(n.text, "023007.mp4") == 0);
	CHECK_EQ(name_make(&n, "c", MOMENT + INT64_C(3600000000000)), 0);
	CHECK(strcmp(n.text, "023007-1.mp4") == 0);
	name_open(&n, "%F %T.%f %z", true);
	CHECK_EQ(name_make(&n, "c", MOMENT + INT64_C(3600000000000)), 0);
	CHECK(strcmp(n.text, "2023-10-29 02:30:07.000001 +0100") == 0);
	name_open(&n, "%F %T.%f %s", false);
	CHECK_EQ(name_make(&n, "c", -1), 0);
	CHECK(strcmp(n.text, "1969-12-31 23:59:59.999999 -1") == 0);
	CHECK_EQ(name_make(&n, "c", INT64_C(4233600000) * 1000000000), 0);
	CHECK(strcmp(n.text, "2104-02-28 00:00:00.000000 4233600000") == 0);
}

int
main(void)
{
	conversions();
	bad();
	cameras();
	numbers("rec/%H%M%S.mp4", "rec/003007-1.mp4", "rec/003007-2.mp4");
	numbers("rec.d/name", "rec.d/name-1", "rec.d/name-2");
	numbers("rec/.mp4", "rec/.mp4-1", "rec/.mp4-2");
	numbers("a.b.mp4", "a.b-1.mp4", "a.b-2.mp4");
	bounds();
	times();
	return check_failed;
}
