/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A bit reader over a NAL unit's RBSP (ITU-T H.264 7.2, 7.4.1, 9.1). */
#ifndef BITS_H
#define BITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct bits {
	const uint8_t *p, *end;
	unsigned zeros;		/* zero bytes just before p, for emulation prevention */
	unsigned left;		/* bits of byte not read yet */
	uint8_t byte;
	bool error;		/* sticky: a read went past the end or was malformed */
};

/* Reads from data[len], skipping emulation prevention bytes. */
void bits_open(struct bits *b, const uint8_t *data, size_t len);

/* u(n), n <= 32; 0 after an error. */
uint32_t bits_u(struct bits *b, unsigned n);

/* ue(v) and se(v); 0 after an error. */
uint32_t bits_ue(struct bits *b);
int32_t bits_se(struct bits *b);

#endif
