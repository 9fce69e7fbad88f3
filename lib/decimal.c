/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#include "decimal.h"

#include <string.h>

char *
decimal(char *out, uint64_t value, unsigned min)
{
	/* Two digits at once: a table of an hour's frames has a million of numbers, most of them long. */
	static const char digits[] =
	    "00010203040506070809101112131415161718192021222324252627282930313233343536373839"
	    "40414243444546474849505152535455565758596061626364656667686970717273747576777879"
	    "8081828384858687888990919293949596979899";
	char text[DECIMAL_MAX + 1];
	unsigned n = sizeof text, least = n - min;

	do {
		n -= 2;
		memcpy(text + n, digits + 2 * (value % 100), 2);
		value /= 100;
	} while (value != 0 || n > least);
	/* The first of a pair may be one zero too many. */
	n += text[n] == '0' && n < least;
	memcpy(out, text + n, sizeof text - n);
	return out + (sizeof text - n);
}
