/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A buffer that grows by doubling. */
#include "buf.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

uint8_t *
buf_add(struct buf *b, const void *data, size_t len)
{
	size_t cap = b->cap ? b->cap : 4096;
	uint8_t *p;

	while (cap - b->len < len)
		cap *= 2;
	if (cap > b->cap) {
		if ((p = realloc(b->data, cap)) == NULL) {
			b->failed = true;
			return NULL;
		}
		b->data = p;
		b->cap = cap;
	}
	p = b->data + b->len;
	if (data != NULL)
		memcpy(p, data, len);
	b->len += len;
	return p;
}

void
buf_printf(struct buf *b, const char *fmt, ...)
{
	char line[8192];
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n < 0 || (size_t)n >= sizeof line)
		b->failed = true;
	else
		buf_add(b, line, n);
}

void
buf_free(struct buf *b)
{
	free(b->data);
	memset(b, 0, sizeof *b);
}
