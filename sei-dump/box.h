/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Boxes of ISO/IEC 14496-12 4.2, and big-endian fields of them. */
#ifndef BOX_H
#define BOX_H

#include <stdbool.h>
#include <stdint.h>

#include "input.h"

#define BOX_TYPE(s)	((uint32_t)(s)[0] << 24 | (uint32_t)(s)[1] << 16 | \
			(uint32_t)(s)[2] << 8 | (uint32_t)(s)[3])

struct box {
	uint64_t offset;	/* of its size field, in the file */
	uint64_t body;		/* of its first byte after size, type and largesize */
	uint64_t end;		/* of the first byte that is not its own */
	uint32_t type;		/* BOX_TYPE("moov") */
};

enum box_next {
	BOX_BAD = -1,		/* its size cannot be; or reading failed: in->error */
	BOX_END,		/* nothing follows */
	BOX_CUT,		/* fewer bytes follow than a box begins with */
	BOX_OK,
};

/*
 * The box at offset, of a file or parent that ends at end. Its own end may lie
 * beyond that one, which is for the caller to judge. Size 0 reaches to end, and so
 * does largesize 0: nobody filled it in.
 */
enum box_next box_next(struct view *v, uint64_t offset, uint64_t end, struct box *b);

/*
 * Looks byte by byte for a box that begins like a moov or moof, its mvhd or mfhd
 * first. Whether *offset moved on to one that begins before end; else in->error
 * may be set.
 */
bool box_search(struct view *v, uint64_t *offset, uint64_t end);

/*
 * The first child of this type at or after *offset in parent, whose children
 * begin there; *offset moves behind it. BOX_END: there is none. BOX_BAD: a child
 * before it reaches past the parent, *offset is its own, or in->error.
 */
enum box_next box_find(struct view *v, const struct box *parent, uint64_t *offset,
    uint32_t type, struct box *child);

/* Reads fields in order from a box's body; sticky error, asked once at the end. */
struct fields {
	struct view *v;
	uint64_t offset, end;
	bool error;
};

void fields_open(struct fields *f, struct view *v, const struct box *b);
uint64_t fields_u(struct fields *f, unsigned bytes);	/* 1 to 8 of them; 0 after an error */
void fields_skip(struct fields *f, uint64_t bytes);

#endif
