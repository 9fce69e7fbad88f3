/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Box headers (ISO/IEC 14496-12 4.2):
 *
 *   0  u32  size        of the whole box; 1: largesize follows; 0: up to the end
 *   4  u32  type        four characters
 *   8  u64  largesize   only with size 1
 */
#include "box.h"

#include <sys/endian.h>

#include <string.h>

#define HEAD	8
#define HEAD_LARGE	16
#define SEARCH_HEAD	16	/* bytes that say whether a box is an index */
#define SEARCH_PIECE	((size_t)4096)

enum box_next
box_next(struct view *v, uint64_t offset, uint64_t end, struct box *b)
{
	const uint8_t *p;
	uint64_t size;
	size_t have;

	if (offset >= end)
		return BOX_END;
	p = view_at(v, offset, end - offset < HEAD_LARGE ? end - offset : HEAD_LARGE, &have);
	if (p == NULL)
		return BOX_BAD;
	if (have < HEAD)
		return have == 0 ? BOX_END : BOX_CUT;
	size = be32dec(p);
	b->type = be32dec(p + 4);
	b->offset = offset;
	b->body = offset + HEAD;
	if (size == 1) {
		if (have < HEAD_LARGE)
			return BOX_CUT;
		size = be64dec(p + HEAD);
		b->body = offset + HEAD_LARGE;
	}
	b->end = size == 0 ? end : offset + size;
	if (size != 0 && (size < b->body - offset || size > INPUT_OFFSET_MAX))
		return BOX_BAD;
	return BOX_OK;
}

/* Whether moov and mvhd, or moof and mfhd, stand here: their sizes are not zero. */
static bool
is_index(const uint8_t p[SEARCH_HEAD])
{
	uint32_t type = be32dec(p + 4), child = be32dec(p + 12);

	return be32dec(p) > HEAD && be32dec(p + 8) > HEAD &&
	    ((type == BOX_TYPE("moov") && child == BOX_TYPE("mvhd")) ||
	    (type == BOX_TYPE("moof") && child == BOX_TYPE("mfhd")));
}

bool
box_search(struct view *v, uint64_t *offset, uint64_t end)
{
	const uint8_t *p, *m;
	uint64_t at = *offset;
	size_t have, i;

	for (; at < end; at += i) {
		p = view_at(v, at, SEARCH_PIECE, &have);
		if (p == NULL || have < SEARCH_HEAD)
			return false;
		for (i = 0; i + SEARCH_HEAD <= have; i++) {
			m = memchr(p + i + 4, 'm', have - SEARCH_HEAD - i + 1);
			if (m == NULL) {
				i = have - SEARCH_HEAD + 1;
				break;
			}
			i = (size_t)(m - p) - 4;
			if (is_index(p + i) && at + i < end) {
				*offset = at + i;
				return true;
			}
		}
	}
	return false;
}

enum box_next
box_find(struct view *v, const struct box *parent, uint64_t *offset, uint32_t type,
    struct box *child)
{
	enum box_next next;

	while ((next = box_next(v, *offset, parent->end, child)) == BOX_OK) {
		if (child->end > parent->end)
			return BOX_BAD;
		*offset = child->end;
		if (child->type == type)
			return BOX_OK;
	}
	/* Fewer than 8 bytes at a parent's end are the terminator that QuickTime allows. */
	return next == BOX_CUT ? BOX_END : next;
}

void
fields_open(struct fields *f, struct view *v, const struct box *b)
{
	f->v = v;
	f->offset = b->body;
	f->end = b->end;
	f->error = false;
}

uint64_t
fields_u(struct fields *f, unsigned bytes)
{
	const uint8_t *p = NULL;
	uint64_t value = 0;
	size_t have = 0;

	if (!f->error && f->end - f->offset >= bytes)
		p = view_at(f->v, f->offset, bytes, &have);
	if (p == NULL || have < bytes) {
		f->error = true;
		return 0;
	}
	for (unsigned i = 0; i < bytes; i++)
		value = value << 8 | p[i];
	f->offset += bytes;
	return value;
}

void
fields_skip(struct fields *f, uint64_t bytes)
{
	if (f->end - f->offset < bytes)
		f->error = true;
	else
		f->offset += bytes;
}
