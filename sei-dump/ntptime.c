/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RFC 5905 6, and the ways in which cameras get it wrong. */
#include "ntptime.h"

#include <stdlib.h>

#include "clock.h"

#define YEAR_S		31556952LL
#define NEAR_NS		(5 * YEAR_S * CLOCK_NS_PER_S)
#define START_S		(10 * YEAR_S)	/* no camera runs for longer */
#define NTP_UNIX_S	2208988800U	/* 1900 to 1970 */

static bool
is_near(int64_t a, int64_t b)
{
	return llabs(a - b) < NEAR_NS;
}

bool
ntptime_may_be_ns(uint64_t ntp)
{
	return (uint32_t)ntp < CLOCK_NS_PER_S;
}

enum ntptime_kind
ntptime_read(uint64_t ntp, int64_t arrival, bool in_ns, int64_t *unix_ns)
{
	uint32_t s = (uint32_t)(ntp >> 32);
	int64_t whole, fraction;

	*unix_ns = clock_unix_from_ntp(ntp);
	whole = clock_unix_from_ntp(ntp & ~(uint64_t)0xffffffff);
	fraction = in_ns && ntptime_may_be_ns(ntp) ? (int64_t)(uint32_t)ntp : *unix_ns - whole;
	*unix_ns = whole + fraction;
	if (ntp == 0)
		return NTPTIME_UNSET;
	if (is_near(*unix_ns, arrival))
		return NTPTIME_NTP;
	if (is_near(s * CLOCK_NS_PER_S, arrival)) {
		*unix_ns = s * CLOCK_NS_PER_S + fraction;
		return NTPTIME_UNIX;
	}
	if (s < START_S || (s >= NTP_UNIX_S && s - NTP_UNIX_S < START_S))
		return NTPTIME_UNSET;
	return NTPTIME_NTP;
}
