/* units: rtsp-fetch/retry.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How long a camera is left alone, connection by connection. */
#include "../../rtsp-fetch/retry.h"

#include "check.h"

#define S	CLOCK_NS_PER_S

static void
test_doubling(void)
{
	static const int seconds[] = { 1, 2, 4, 8, 16, 32, 60, 60, 60 };
	struct retry_loss none = { 0 }, media = { .media = true, .lived_ns = 5 * S };
	struct retry r = { 0 };

	for (size_t i = 0; i < sizeof seconds / sizeof seconds[0]; i++)
		CHECK_EQ(retry_wait_ns(&r, &none), seconds[i] * S);
	CHECK_EQ(retry_wait_ns(&r, &media), 1 * S);	/* frames came, so from the start */
	CHECK_EQ(retry_wait_ns(&r, &none), 2 * S);
	for (int i = 0; i < 1000; i++)
		CHECK(retry_wait_ns(&r, &none) <= 60 * S);
}

static void
test_clean(void)
{
	struct retry_loss minutes = { .media = true, .clean = true, .lived_ns = 300 * S };
	struct retry_loss brief = { .media = true, .clean = true, .lived_ns = S / 10 };
	struct retry_loss refused = { .clean = true };
	struct retry r = { 0 };

	/* One that ends each stream after five minutes is asked at once, every time. */
	for (int i = 0; i < 10; i++)
		CHECK_EQ(retry_wait_ns(&r, &minutes), 0);
	/* One that ends after a moment is not, but for the first time. */
	r = (struct retry){ 0 };
	CHECK_EQ(retry_wait_ns(&r, &brief), 0);
	for (int i = 0; i < 10; i++)
		CHECK_EQ(retry_wait_ns(&r, &brief), 1 * S);
	CHECK_EQ(retry_wait_ns(&r, &minutes), 0);
	/* Closed in good order, but before there was a frame: no reason to hurry. */
	r = (struct retry){ 0 };
	CHECK_EQ(retry_wait_ns(&r, &refused), 1 * S);
	CHECK_EQ(retry_wait_ns(&r, &refused), 2 * S);
	/* At once, and if that does not help, from a second on. */
	CHECK_EQ(retry_wait_ns(&r, &minutes), 0);
	CHECK_EQ(retry_wait_ns(&r, &refused), 1 * S);
}

static void
test_busy(void)
{
	struct retry_loss busy = { .busy_ns = 15 * S }, day = { .busy_ns = 86400 * S };
	struct retry r = { 0 };

	CHECK_EQ(retry_wait_ns(&r, &busy), 15 * S);
	for (int i = 0; i < 3; i++)
		CHECK_EQ(retry_wait_ns(&r, &busy), 15 * S);
	CHECK_EQ(retry_wait_ns(&r, &busy), 16 * S);	/* the doubling has caught up */
	CHECK_EQ(retry_wait_ns(&r, &day), 300 * S);
}

int
main(void)
{
	test_doubling();
	test_clean();
	test_busy();
	return check_failed;
}
