/* units: rtsp-fetch/keepalive.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which keep-alives a camera gets, by what it says and by what becomes of them. */
#include "../../rtsp-fetch/keepalive.h"

#include <string.h>

#include "check.h"

#define S	CLOCK_NS_PER_S

/* The first letters of the next n methods. */
static void
expect(int line, struct keepalive *k, const char *want)
{
	char got[16] = "";

	for (size_t i = 0; want[i] != '\0'; i++)
		got[i] = keepalive_next(k)[0];
	if (strcmp(got, want) != 0) {
		printf("%s:%d: %s, not %s\n", __FILE__, line, got, want);
		check_failed = 1;
	}
}

#define EXPECT(...) expect(__LINE__, __VA_ARGS__)

static void
test_public(void)
{
	struct keepalive k = { 0 };

	keepalive_begin(&k);
	EXPECT(&k, "OOOO");			/* no Public, or nothing in it */
	keepalive_begin(&k);
	keepalive_offer(&k, "DESCRIBE");
	keepalive_offer(&k, "get_parameter");
	keepalive_offer(&k, "SET_PARAMETER");
	EXPECT(&k, "OGGG");
	keepalive_begin(&k);
	keepalive_offer(&k, "SET_PARAMETER");
	EXPECT(&k, "OSSS");
}

static void
test_refusal(void)
{
	struct keepalive k = { 0 };

	keepalive_begin(&k);
	keepalive_offer(&k, "GET_PARAMETER");
	keepalive_offer(&k, "SET_PARAMETER");
	EXPECT(&k, "OG");
	keepalive_refuse(&k);
	EXPECT(&k, "SS");
	keepalive_refuse(&k);
	EXPECT(&k, "OO");
	keepalive_refuse(&k);
	EXPECT(&k, "OO");			/* there is nothing else */
}

static void
new_session(struct keepalive *k)
{
	keepalive_begin(k);
	keepalive_offer(k, "GET_PARAMETER");
}

static void
test_turns(void)
{
	struct keepalive k = { 0 };

	new_session(&k);
	EXPECT(&k, "OGG");
	keepalive_ended(&k, 15 * S, 15 * S);
	new_session(&k);
	EXPECT(&k, "OOO");
	keepalive_ended(&k, 29 * S, 15 * S);
	new_session(&k);
	EXPECT(&k, "GGG");
	keepalive_ended(&k, 12 * S, 15 * S);
	new_session(&k);
	EXPECT(&k, "OOO");
	/* What ended long before or after its timeout did not end by it. */
	keepalive_ended(&k, 5 * S, 15 * S);
	keepalive_ended(&k, 300 * S, 15 * S);
	new_session(&k);
	EXPECT(&k, "OOO");
}

static void
test_interval(void)
{
	CHECK_EQ(keepalive_interval_ns(15 * S), 5 * S);
	CHECK_EQ(keepalive_interval_ns(60 * S), 20 * S);
	CHECK_EQ(keepalive_interval_ns(3600 * S), 30 * S);
}

int
main(void)
{
	test_public();
	test_refusal();
	test_turns();
	test_interval();
	return check_failed;
}
