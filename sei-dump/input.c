/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading at offsets. A recording is mostly pictures, and none of them is looked
 * at: of each frame some hundred bytes are read, so time follows the number of
 * frames. mmap would do the same, but a file that shrinks would kill us.
 */
#if defined(__linux__) && !defined(PORTABLE)
#define _GNU_SOURCE	/* O_NOATIME */
#endif
#include "input.h"

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "pipe.h"

#define STEP_MIN	((size_t)256)	/* holds what stands before most pictures; with 512, 3 % more time */
#define STEP_NEAR	((size_t)2048)	/* a gap that is cheaper read than skipped */
#define PIPE_BUF_SIZE	((size_t)256 << 10)

int
input_open(struct input *in, int fd)
{
	struct stat st;

	memset(in, 0, sizeof *in);
	in->fd = fd;
	if (fstat(fd, &st) == -1)
		return -1;
	if (S_ISDIR(st.st_mode)) {
		errno = EISDIR;
		return -1;
	}
	/* The size at this moment: a file that grows is read as it was when we came. */
	in->seekable = S_ISREG(st.st_mode) && lseek(fd, 0, SEEK_CUR) == 0;
	in->size = in->seekable ? (uint64_t)st.st_size : UINT64_MAX;
	if (in->seekable) {
		/* Read-ahead would fetch the pictures. */
		posix_fadvise(fd, 0, 0, POSIX_FADV_RANDOM);
#ifdef O_NOATIME
		/* If it is ours: a tenth of the time goes into asking when it was last read. */
		fcntl(fd, F_SETFL, O_NOATIME);
#endif
		return 0;
	}
	in->buf = malloc(PIPE_BUF_SIZE);
	return in->buf == NULL ? -1 : 0;
}

void
input_close(struct input *in)
{
	free(in->buf);
	free(in->held);
	in->buf = in->held = NULL;
}

/* read(2) or, with an offset, pread(2); 0 at the end, -1 with in->error. */
static ssize_t
read_some(struct input *in, uint8_t *buf, size_t len, uint64_t offset)
{
	ssize_t n;

	do
		n = in->seekable ? pread(in->fd, buf, len, (off_t)offset) :
		    read(in->fd, buf, len);
	while (n == -1 && errno == EINTR);
	if (n == -1)
		in->error = errno;
	return n;
}

/* One read behind a pipe's bytes, which may be none. 0 at the end, -1 with in->error. */
static int
pipe_fill(struct input *in)
{
	ssize_t n = read_some(in, in->buf + in->len, PIPE_BUF_SIZE - in->len, 0);

	if (n == 0)
		in->size = in->base + in->len;
	if (n <= 0)
		return (int)n;
	if (n == PIPE_FULL)
		pipe_grow(in->fd);
	in->len += (size_t)n;
	return 1;
}

static const uint8_t *
pipe_at(struct input *in, uint64_t offset, size_t want, size_t *have)
{
	size_t skip;
	int more = 1;

	*have = 0;
	if (offset >= in->held_offset && offset - in->held_offset < in->held_len) {
		skip = offset - in->held_offset;
		*have = in->held_len - skip < want ? in->held_len - skip : want;
		return in->held + skip;
	}
	if (offset < in->base) {
		in->error = ESPIPE;
		return NULL;
	}
	while (more == 1 && in->size == UINT64_MAX && offset + want > in->base + in->len) {
		skip = offset - in->base < in->len ? offset - in->base : in->len;
		memmove(in->buf, in->buf + skip, in->len - skip);
		in->base += skip;
		in->len -= skip;
		more = pipe_fill(in);
	}
	if (more == -1)
		return NULL;
	skip = offset - in->base < in->len ? offset - in->base : in->len;
	*have = in->len - skip < want ? in->len - skip : want;
	return in->buf + skip;
}

int
input_hold(struct input *in, uint64_t offset, uint64_t len)
{
	size_t cap = 0, n = 0, have;
	uint8_t *held = NULL, *grown;
	const uint8_t *p;

	if (in->seekable)
		return 0;
	if (len > INPUT_HOLD_MAX) {
		in->error = EFBIG;
		return -1;
	}
	/* Memory follows what has really come, not what a size field says. */
	for (; n < len; n += have) {
		p = pipe_at(in, offset + n, len - n < VIEW_MAX ? len - n : VIEW_MAX, &have);
		if (p == NULL || have == 0)
			break;
		if (n + have > cap) {
			cap = 2 * cap + VIEW_MAX;
			grown = realloc(held, cap);
			if (grown == NULL) {
				in->error = ENOMEM;
				break;
			}
			held = grown;
		}
		memcpy(held + n, p, have);
	}
	free(in->held);
	in->held = held;
	in->held_offset = offset;
	in->held_len = in->error ? 0 : n;
	return in->error ? -1 : 0;
}

void
input_sequential(struct input *in)
{
	if (in->seekable)
		posix_fadvise(in->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
}

void
input_drain(struct input *in)
{
	if (in->seekable)
		return;
	do {
		in->base += in->len;
		in->len = 0;
	} while (in->size == UINT64_MAX && pipe_fill(in) == 1);
}

int
view_open(struct view *v, struct input *in)
{
	memset(v, 0, sizeof *v);
	v->in = in;
	v->step = STEP_MIN;
	if (!in->seekable)
		return 0;
	v->buf = malloc(VIEW_MAX);
	return v->buf == NULL ? -1 : 0;
}

void
view_close(struct view *v)
{
	free(v->buf);
	v->buf = NULL;
}

/* Fills the view from offset on with at least want bytes, unless the file ends. */
static int
view_fill(struct view *v, uint64_t offset, size_t want)
{
	uint64_t end = v->base + v->len;
	ssize_t n = 1;

	if (v->len > 0 && offset >= v->base && offset <= end + STEP_NEAR)
		v->step = 2 * v->step < VIEW_MAX ? 2 * v->step : VIEW_MAX;
	else
		for (v->step = STEP_MIN; v->step < v->used && v->step < STEP_NEAR; )
			v->step *= 2;
	v->base = offset;
	v->len = 0;
	if (want < v->step)
		want = v->step;
	if (offset >= v->in->size)
		return 0;
	if (want > v->in->size - offset)
		want = v->in->size - offset;
	while (v->len < want) {
		n = read_some(v->in, v->buf + v->len, want - v->len, offset + v->len);
		if (n == -1)
			return -1;
		if (n == 0) {		/* the file has shrunk */
			v->in->size = offset + v->len;
			break;
		}
		v->len += (size_t)n;
	}
	return 0;
}

const uint8_t *
view_at(struct view *v, uint64_t offset, size_t want, size_t *have)
{
	size_t skip;

	*have = 0;
	if (offset > INPUT_OFFSET_MAX)
		return (const uint8_t *)"";
	if (!v->in->seekable)
		return pipe_at(v->in, offset, want, have);
	if (offset < v->base || offset + want > v->base + v->len)
		if (view_fill(v, offset, want) == -1)
			return NULL;
	skip = offset - v->base;
	*have = v->len - skip < want ? v->len - skip : want;
	v->used = skip + *have;
	return v->buf + skip;
}
