/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bytes on their way to the file, in order: they stay in the reader's buffer, or
 * in memory of our own, until they are written.
 */
#ifndef PIECES_H
#define PIECES_H

#include <sys/uio.h>

#include <stddef.h>
#include <stdint.h>

#include "nalstream.h"

struct piece {
	uint64_t at;		/* stream offset, where own is NULL */
	uint8_t *own;		/* freed when written or dropped */
	uint32_t len;
};

struct pieces {
	struct nalstream *in;
	struct piece *v;
	size_t n, cap;
	uint64_t bytes;		/* of all */
};

void pieces_open(struct pieces *p, struct nalstream *in);
void pieces_close(struct pieces *p);

/* Puts a piece, which it takes over, before index i. 0, or -1 with errno: it is the caller's. */
int pieces_insert(struct pieces *p, size_t i, struct piece piece);

/* Drops the last n. */
void pieces_drop(struct pieces *p, size_t n);

/*
 * The first pieces, size bytes in all, as they lie in memory now: valid until the
 * next nalstream_fill(). Their number goes to *n; the caller frees. NULL with errno.
 */
struct iovec *pieces_gather(const struct pieces *p, uint64_t size, size_t *n);

/* Forgets the first n: they are written. */
void pieces_shift(struct pieces *p, size_t n);

/* Bytes of the stream since the oldest piece: so much the reader's buffer has to hold. */
uint64_t pieces_held(const struct pieces *p);

/* Keeps in the reader's buffer what is still needed: before nalstream_fill(). */
void pieces_hold(const struct pieces *p);

#endif
