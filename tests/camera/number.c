/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Numbers of options, and arithmetic on them, without floating point. */
#include "number.h"

#include <ctype.h>
#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

int
number_decimal(const char *s, unsigned digits, int64_t *out)
{
	bool negative = *s == '-', point = false, any = false;
	int64_t v = 0;

	s += *s == '-' || *s == '+';
	for (; isdigit((unsigned char)*s) || (*s == '.' && !point); s++) {
		if (*s == '.') {
			point = true;
			continue;
		}
		if ((point && digits == 0) || v > INT64_MAX / 10 - 1) {
			errno = ERANGE;
			return -1;
		}
		digits -= point;
		v = v * 10 + (*s - '0');
		any = true;
	}
	for (; digits > 0; digits--) {
		if (v > INT64_MAX / 10 - 1) {
			errno = ERANGE;
			return -1;
		}
		v *= 10;
	}
	if (*s != '\0' || !any) {
		errno = EINVAL;
		return -1;
	}
	*out = negative ? -v : v;
	return 0;
}

int
number_ratio(const char *s, int64_t *num, int64_t *den)
{
	char text[40];
	char *slash;

	if (strlen(s) >= sizeof text) {
		errno = EINVAL;
		return -1;
	}
	memcpy(text, s, strlen(s) + 1);
	*den = 1;
	if ((slash = strchr(text, '/')) != NULL) {
		*slash = '\0';
		if (number_decimal(text, 0, num) == -1 || number_decimal(slash + 1, 0, den) == -1)
			return -1;
	} else if (number_decimal(text, 0, num) == -1) {
		if (number_decimal(text, 4, num) == -1)
			return -1;
		*den = 10000;
	}
	if (*num <= 0 || *den <= 0 || *num > 1000000000 || *den > 1000000) {
		errno = ERANGE;
		return -1;
	}
	return 0;
}

int64_t
number_scale(int64_t v, int64_t num, int64_t den)
{
	int64_t whole = v / den, rest = v % den;

	if (rest < 0) {
		rest += den;
		whole--;
	}
	return whole * num + rest * num / den;
}
