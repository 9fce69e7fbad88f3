/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Bits of an RBSP, with a sticky error that is asked once at the end. */
#include "bits.h"

#include <string.h>

void
bits_open(struct bits *b, const uint8_t *data, size_t len)
{
	memset(b, 0, sizeof *b);
	b->p = data;
	b->end = data + len;
}

/* The next RBSP byte; 00 00 03 loses its 03 (7.4.1). */
static uint8_t
next_byte(struct bits *b)
{
	uint8_t byte;

	if (b->zeros >= 2 && b->p < b->end && *b->p == 3) {
		b->p++;
		b->zeros = 0;
	}
	if (b->p == b->end) {
		b->error = true;
		return 0;
	}
	byte = *b->p++;
	b->zeros = byte == 0 ? b->zeros + 1 : 0;
	return byte;
}

static unsigned
bit(struct bits *b)
{
	if (b->left == 0) {
		b->byte = next_byte(b);
		b->left = 8;
	}
	b->left--;
	return b->byte >> b->left & 1;
}

uint32_t
bits_u(struct bits *b, unsigned n)
{
	uint32_t v = 0;

	while (n-- > 0)
		v = v << 1 | bit(b);
	return b->error ? 0 : v;
}

uint32_t
bits_ue(struct bits *b)
{
	unsigned zeros = 0;

	while (!b->error && bit(b) == 0)
		zeros++;
	if (b->error || zeros > 32) {
		b->error = true;
		return 0;
	}
	/* 9.1: 32 leading zeros can only code 2^32 - 1. */
	if (zeros == 32)
		return bits_u(b, 32) == 0 ? UINT32_MAX : (b->error = true, 0);
	return (1U << zeros) - 1 + bits_u(b, zeros);
}

int32_t
bits_se(struct bits *b)
{
	uint32_t k = bits_ue(b);

	return k & 1 ? (int32_t)(k / 2 + 1) : -(int32_t)(k / 2);
}
