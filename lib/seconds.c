/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Options that are times: strtonum(3) knows no decimals, and a double is not exact. */
#include "seconds.h"

#include <stddef.h>
#include <string.h>

#include "clock.h"

int
seconds_parse(int64_t *ns, const char *text, int64_t max_s)
{
	const char *p = text;
	int64_t s = 0, unit = CLOCK_NS_PER_S / 10;

	*ns = 0;
	for (; *p >= '0' && *p <= '9'; p++) {
		s = s * 10 + (*p - '0');
		if (s > max_s)
			return -1;
	}
	if (*p == '.') {
		for (p++; *p >= '0' && *p <= '9'; p++, unit /= 10)
			*ns += (*p - '0') * unit;
	}
	if (*p != '\0' || strpbrk(text, "0123456789") == NULL || (s == max_s && *ns > 0))
		return -1;
	*ns += s * CLOCK_NS_PER_S;
	return 0;
}
