/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A growing run of nalstream records: what the receiver hands to the writer. */
#ifndef BLOCK_H
#define BLOCK_H

#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define BLOCK_MAX	((size_t)64 << 20)	/* no access unit is larger */

struct block {
	TAILQ_ENTRY(block) link;
	bool unit;		/* an access unit: may be shed. Others never are */
	bool key;		/* and it begins a group of pictures */
	uint8_t *data;
	size_t len, cap;
};

TAILQ_HEAD(block_list, block);

/* An empty block, or NULL with errno. */
struct block *block_new(void);
void block_free(struct block *b);

/*
 * Room for len more bytes at the end, which become part of the block. NULL with
 * errno: out of memory, or past BLOCK_MAX (EFBIG).
 */
uint8_t *block_add(struct block *b, size_t len);

#endif
