/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A queue of byte ranges; the reader's buffer moves, so they are found again by stream offset. */
#include "pieces.h"

#include <stdlib.h>
#include <string.h>

void
pieces_open(struct pieces *p, struct nalstream *in)
{
	*p = (struct pieces){ .in = in };
}

void
pieces_close(struct pieces *p)
{
	pieces_drop(p, p->n);
	free(p->v);
}

int
pieces_insert(struct pieces *p, size_t i, struct piece piece)
{
	size_t cap = p->cap == 0 ? 256 : 2 * p->cap;

	if (p->n == p->cap) {
		struct piece *grown = reallocarray(p->v, cap, sizeof *grown);

		if (grown == NULL)
			return -1;
		p->v = grown;
		p->cap = cap;
	}
	memmove(p->v + i + 1, p->v + i, (p->n - i) * sizeof *p->v);
	p->v[i] = piece;
	p->n++;
	p->bytes += piece.len;
	return 0;
}

void
pieces_drop(struct pieces *p, size_t n)
{
	for (; n > 0; n--) {
		p->n--;
		p->bytes -= p->v[p->n].len;
		free(p->v[p->n].own);
	}
}

struct iovec *
pieces_gather(const struct pieces *p, uint64_t size, size_t *n)
{
	struct iovec *iov;

	*n = 0;
	for (uint64_t have = 0; have < size; ++*n)
		have += p->v[*n].len;
	iov = reallocarray(NULL, *n, sizeof *iov);
	for (size_t i = 0; iov != NULL && i < *n; i++) {
		const struct piece *piece = &p->v[i];

		iov[i].iov_base = piece->own != NULL ? piece->own : nalstream_at(p->in, piece->at);
		iov[i].iov_len = piece->len;
	}
	return iov;
}

void
pieces_shift(struct pieces *p, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		p->bytes -= p->v[i].len;
		free(p->v[i].own);
	}
	p->n -= n;
	memmove(p->v, p->v + n, p->n * sizeof *p->v);
}

/* Stream offset of the first piece that lies in the reader's buffer; UINT64_MAX: none does. */
static uint64_t
oldest(const struct pieces *p)
{
	size_t i = 0;

	while (i < p->n && p->v[i].own != NULL)
		i++;
	return i < p->n ? p->v[i].at : UINT64_MAX;
}

uint64_t
pieces_held(const struct pieces *p)
{
	uint64_t at = oldest(p);

	return at == UINT64_MAX ? 0 : nalstream_offset(p->in) - at;
}

void
pieces_hold(const struct pieces *p)
{
	nalstream_hold(p->in, oldest(p));
}
