/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Blocks keep their memory when they are used again, so live use allocates nothing. */
#include "block.h"

#include <errno.h>
#include <stdlib.h>

struct block *
block_new(void)
{
	return calloc(1, sizeof(struct block));
}

void
block_free(struct block *b)
{
	if (b != NULL)
		free(b->data);
	free(b);
}

uint8_t *
block_add(struct block *b, size_t len)
{
	size_t cap = b->cap == 0 ? 4096 : b->cap;
	uint8_t *grown;

	if (len > BLOCK_MAX - b->len) {
		errno = EFBIG;
		return NULL;
	}
	if (b->len + len > b->cap) {
		while (cap < b->len + len)
			cap *= 2;
		grown = realloc(b->data, cap);
		if (grown == NULL)
			return NULL;
		b->data = grown;
		b->cap = cap;
	}
	b->len += len;
	return b->data + b->len - len;
}
