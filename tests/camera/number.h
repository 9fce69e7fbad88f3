/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Numbers of options, and arithmetic on them, without floating point. */
#ifndef NUMBER_H
#define NUMBER_H

#include <stdint.h>

/*
 * Decimal text as an integer in units of 10^-digits: ("1.5", 9) is 1500000000.
 * Further digits are refused. 0, or -1 with errno EINVAL or ERANGE.
 */
int number_decimal(const char *s, unsigned digits, int64_t *out);

/* A positive "30", "29.97" or "30000/1001". 0, or -1 with errno. */
int number_ratio(const char *s, int64_t *num, int64_t *den);

/* v * num / den, rounded down; num, den > 0 and num * den < 2^63. */
int64_t number_scale(int64_t v, int64_t num, int64_t den);

#endif
