/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "decimal.h"

char *
decimal(char *out, uint64_t value, unsigned min)
{
	char text[DECIMAL_MAX];
	unsigned n = 0;

	do {
		text[n++] = (char)('0' + value % 10);
		value /= 10;
	} while (value != 0 || n < min);
	while (n > 0)
		*out++ = text[--n];
	return out;
}
