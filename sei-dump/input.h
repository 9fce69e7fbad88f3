/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Bytes at offsets, of a file that can seek (pread, little and where needed) or
 * of a pipe (read once, forwards, in large pieces).
 */
#ifndef INPUT_H
#define INPUT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define INPUT_HOLD_MAX	((uint64_t)256 << 20)	/* largest moov or moof on a pipe */
#define INPUT_OFFSET_MAX	((uint64_t)1 << 62)	/* beyond it is the end of every file */
#define VIEW_MAX	((size_t)64 << 10)	/* most bytes that one view_at() gives */

struct input {
	int fd;
	bool seekable;
	uint64_t size;		/* bytes; UINT64_MAX: a pipe whose end was not met yet */
	int error;		/* errno of a read that failed, sticky; ESPIPE: backwards on a pipe */

	/* A pipe's bytes from base on, and the box that is held. */
	uint8_t *buf;
	size_t len;
	uint64_t base;
	uint8_t *held;
	size_t held_len;
	uint64_t held_offset;
};

/*
 * A place of reading, of which a file has several at once. Reads are small, and
 * double while they follow one another.
 */
struct view {
	struct input *in;
	uint8_t *buf;
	size_t len, step;
	size_t used;		/* bytes from base on that were asked for last: the next place will need about as many */
	uint64_t base;
};

/* Prepares to read fd, which stays the caller's. 0, or -1 with errno. */
int input_open(struct input *in, int fd);
void input_close(struct input *in);

/*
 * Keeps [offset, offset + len) of a pipe readable, in place of what was held
 * before, until the next hold; fewer bytes if the input ends. Nothing to do for
 * a file. 0, or -1 with in->error.
 */
int input_hold(struct input *in, uint64_t offset, uint64_t len);

/* Says that all of a file will be read, from front to back. */
void input_sequential(struct input *in);

/* Reads a pipe to its end, so that a signal does not kill its writer, such as a tee that records. */
void input_drain(struct input *in);

/* 0, or -1 with errno. */
int view_open(struct view *v, struct input *in);
void view_close(struct view *v);

/*
 * The bytes at offset: *have of them, as many as wanted (at most VIEW_MAX) or
 * fewer if the input ends. Valid until the next call with this view, for a pipe
 * with any view of its input. What is held ends for a pipe where the hold ends.
 * NULL with in->error.
 */
const uint8_t *view_at(struct view *v, uint64_t offset, size_t want, size_t *have);

#endif
