/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Start codes (ITU-T H.264 B.1.1) where RFC 6184 has none: some cameras put a
 * piece of a byte stream into one NAL unit (V380, Amatek).
 */
#ifndef ANNEXB_H
#define ANNEXB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/*
 * The first start code with something behind it that can be a NAL unit; NULL:
 * there is none. What an encoder without emulation prevention leaves in a slice
 * can hardly be.
 */
const uint8_t *annexb_find(const uint8_t *data, size_t len);

/* The NAL units of such a piece. */
struct annexb {
	uint8_t *p, *end;
};

/*
 * Begins to read data, which must live as long. Its first byte may be wrong: the
 * type of a fragmented NAL unit is that of the last one inside, with some.
 */
void annexb_open(struct annexb *a, uint8_t *data, size_t len);

/* The next one, without the zero bytes behind it. false: there is none. */
bool annexb_next(struct annexb *a, const uint8_t **nal, size_t *len);

#endif
