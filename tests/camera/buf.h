/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A buffer that grows. An allocation that fails makes it sticky: see failed. */
#ifndef BUF_H
#define BUF_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf {
	uint8_t *data;
	size_t len, cap;
	bool failed;		/* something could not be appended */
};

/* Appends len bytes, and returns where they are; data NULL leaves them unset. NULL: no memory. */
uint8_t *buf_add(struct buf *b, const void *data, size_t len);

/* Appends formatted text, without a NUL. */
void buf_printf(struct buf *b, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Frees all; the buffer is empty and may be used again. */
void buf_free(struct buf *b);

#endif
