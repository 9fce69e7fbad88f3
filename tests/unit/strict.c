/* units: rtsp-fetch/strict.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What --strict lets pass. */
#include "../../rtsp-fetch/strict.h"

#include <string.h>

#include "check.h"

#define RATE	90000

static void
expect(int line, uint64_t rtp, uint64_t lost, uint32_t ssrc, const char *want)
{
	struct rtp_source before = { .clock_rate = RATE, .begun = true, .ssrc = 1, .rtp = 50 * RATE, .lost = 2 };
	struct rtp_source now = before;
	char why[128] = "";
	bool breach;

	now.rtp = rtp;
	now.lost = lost;
	now.ssrc = ssrc;
	breach = strict_breach(&before, &now, why, sizeof why);
	if (breach != (want[0] != '\0') || strstr(why, want) == NULL) {
		printf("%s:%d: %s\n", __FILE__, line, why);
		check_failed = 1;
	}
	now = before;
	now.jumps++;			/* of one frame, and rtp stays what it was */
	CHECK(strict_breach(&before, &now, why, sizeof why) && strstr(why, "jumped") != NULL);
	now = before;
	now.base_seq = 7;
	CHECK(strict_breach(&before, &now, why, sizeof why) && strstr(why, "numbers") != NULL);
	before.begun = false;
	CHECK(!strict_breach(&before, &now, why, sizeof why));
}

#define EXPECT(...) expect(__LINE__, __VA_ARGS__)

int
main(void)
{
	EXPECT(50 * RATE, 2, 1, "");
	EXPECT(50 * RATE + 3000, 2, 1, "");
	EXPECT(60 * RATE, 2, 1, "");
	EXPECT(60 * RATE + 1, 2, 1, "jumped by +10.000 s");
	EXPECT(49 * RATE, 2, 1, "");			/* B pictures */
	EXPECT(49 * RATE - 1, 2, 1, "jumped by -1.000 s");
	EXPECT(50 * RATE, 5, 1, "3 packets were lost");
	EXPECT(50 * RATE, 2, 7, "began anew");
	return check_failed;
}
