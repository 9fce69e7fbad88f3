/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ISO/IEC 14496-12 4.2: size (32 bits, counting itself), type, content. */
#include "box.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define SPILL	((size_t)64 << 10)	/* a writer with a file holds no more than this */

void
box_open(struct box_writer *w, int fd, uint64_t offset)
{
	*w = (struct box_writer){ .fd = fd, .base = offset };
}

int
box_write_at(int fd, const void *data, size_t len, uint64_t offset)
{
	const uint8_t *p = data;
	ssize_t n;

	for (; len > 0; p += n, len -= n, offset += n) {
		n = pwrite(fd, p, len, offset);
		if (n == 0)
			errno = EIO;	/* or it would be tried for ever */
		if (n == 0 || (n == -1 && errno != EINTR))
			return -1;
		if (n == -1)
			n = 0;
	}
	return 0;
}

static void
spill(struct box_writer *w)
{
	if (w->error == 0 && box_write_at(w->fd, w->buf, w->len, w->base) == -1)
		w->error = errno;
	w->base += w->len;
	w->len = 0;
}

/* Room for len more bytes; NULL after an error. */
static uint8_t *
reserve(struct box_writer *w, size_t len)
{
	uint8_t *grown;

	if (w->fd != -1 && w->len + len > SPILL)
		spill(w);
	if (w->len + len > w->cap) {
		size_t cap = w->cap == 0 ? 4096 : w->cap;

		while (cap < w->len + len)
			cap *= 2;
		grown = realloc(w->buf, cap);
		if (grown == NULL) {
			w->error = errno;
			return NULL;
		}
		w->buf = grown;
		w->cap = cap;
	}
	w->len += len;
	return w->buf + w->len - len;
}

int
box_close(struct box_writer *w)
{
	if (w->fd != -1)
		spill(w);
	free(w->buf);
	w->buf = NULL;
	errno = w->error;
	return w->error == 0 ? 0 : -1;
}

uint64_t
box_position(const struct box_writer *w)
{
	return w->base + w->len;
}

void
box_skip(struct box_writer *w, uint64_t len)
{
	spill(w);
	w->base += len;
}

void
box_bytes(struct box_writer *w, const void *data, size_t len)
{
	uint8_t *p = reserve(w, len);

	if (p != NULL && len > 0)
		memcpy(p, data, len);
}

void
box_zeros(struct box_writer *w, size_t len)
{
	uint8_t *p = reserve(w, len);

	if (p != NULL)
		memset(p, 0, len);
}

void
box_u8(struct box_writer *w, uint8_t v)
{
	box_bytes(w, &v, 1);
}

void
box_u16(struct box_writer *w, uint16_t v)
{
	uint8_t b[2];

	be16enc(b, v);
	box_bytes(w, b, sizeof b);
}

void
box_u32(struct box_writer *w, uint32_t v)
{
	uint8_t b[4];

	be32enc(b, v);
	box_bytes(w, b, sizeof b);
}

void
box_u64(struct box_writer *w, uint64_t v)
{
	uint8_t b[8];

	be64enc(b, v);
	box_bytes(w, b, sizeof b);
}

void
box_patch_u32(struct box_writer *w, uint64_t position, uint32_t v)
{
	uint8_t b[4];

	if (w->error != 0)
		return;
	be32enc(b, v);
	/* One that was spilled in part cannot be: fields are reserved whole. */
	if (position >= w->base)
		memcpy(w->buf + (position - w->base), b, sizeof b);
	else if (box_write_at(w->fd, b, sizeof b, position) == -1)
		w->error = errno;
}

uint64_t
box_begin(struct box_writer *w, const char type[4])
{
	uint64_t begin = box_position(w);

	box_u32(w, 0);
	box_bytes(w, type, 4);
	return begin;
}

void
box_end(struct box_writer *w, uint64_t begin)
{
	uint64_t size = box_position(w) - begin;

	if (size > UINT32_MAX)
		w->error = EFBIG;
	box_patch_u32(w, begin, size);
}

uint64_t
box_begin_full(struct box_writer *w, const char type[4], uint8_t version, uint32_t flags)
{
	uint64_t begin = box_begin(w, type);

	box_u32(w, (uint32_t)version << 24 | flags);
	return begin;
}
