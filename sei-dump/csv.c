/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* CSV rows. printf takes 46 ms for those of an hour at 30 frames/s, this takes 21. */
#include "csv.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "decimal.h"

#define FIELD_MAX	64	/* of every field but text, its comma included */

void
csv_open(struct csv *csv, int fd)
{
	csv->fd = fd;
	csv->error = 0;
	csv->in_row = false;
	csv->len = 0;
}

static void
write_out(struct csv *csv)
{
	size_t done = 0;
	ssize_t n;

	while (done < csv->len && csv->error == 0) {
		n = write(csv->fd, csv->buf + done, csv->len - done);
		if (n >= 0)
			done += (size_t)n;
		else if (errno != EINTR)
			csv->error = errno;
	}
	csv->len = 0;
}

static void
put(struct csv *csv, char c)
{
	if (csv->len == CSV_BUF_SIZE)
		write_out(csv);
	csv->buf[csv->len++] = c;
}

/* Begins a field; FIELD_MAX bytes fit without a further look. */
static char *
field(struct csv *csv)
{
	if (CSV_BUF_SIZE - csv->len < FIELD_MAX)
		write_out(csv);
	if (csv->in_row)
		csv->buf[csv->len++] = ',';
	csv->in_row = true;
	return csv->buf + csv->len;
}

void
csv_empty(struct csv *csv)
{
	field(csv);
}

void
csv_u64(struct csv *csv, uint64_t value)
{
	char *start = field(csv);

	csv->len += (size_t)(decimal(start, value, 1) - start);
}

void
csv_i64(struct csv *csv, int64_t value)
{
	char *start = field(csv), *p = start;

	if (value < 0)
		*p++ = '-';
	p = decimal(p, value < 0 ? -(uint64_t)value : (uint64_t)value, 1);
	csv->len += (size_t)(p - start);
}

void
csv_text(struct csv *csv, const char *s)
{
	/* RFC 4180 2; an empty text is quoted to tell it from an absent one. */
	bool quote = s[strcspn(s, ",\"\r\n")] != '\0' || *s == '\0';

	field(csv);
	if (quote)
		put(csv, '"');
	for (; *s != '\0'; s++) {
		if (*s == '"')
			put(csv, '"');
		put(csv, *s);
	}
	if (quote)
		put(csv, '"');
}

void
csv_time(struct csv *csv, int64_t unix_ns)
{
	csv->len += clock_format_rfc3339(field(csv), unix_ns);
}

void
csv_seconds(struct csv *csv, int64_t ticks, uint32_t timescale)
{
	char *start = field(csv), *p = start;
	uint64_t magnitude = ticks < 0 ? -(uint64_t)ticks : (uint64_t)ticks;
	uint64_t s = magnitude / timescale;
	/* The rest is below 2^32, so its product with 10^9 fits. */
	uint64_t ns = (magnitude % timescale * CLOCK_NS_PER_S + timescale / 2) / timescale;

	if (ns == CLOCK_NS_PER_S) {
		s++;
		ns = 0;
	}
	if (ticks < 0)
		*p++ = '-';
	p = decimal(p, s, 1);
	*p++ = '.';
	p = decimal(p, ns, 9);
	csv->len += (size_t)(p - start);
}

void
csv_end_row(struct csv *csv)
{
	put(csv, '\n');
	csv->in_row = false;
}

/* Text of n bytes that was longer than what is left of the buffer. */
static void __attribute__((format(printf, 3, 0)))
print_long(struct csv *csv, size_t n, const char *format, va_list args)
{
	char *text = malloc(n + 1);

	if (text == NULL) {
		csv->error = ENOMEM;
		return;
	}
	vsnprintf(text, n + 1, format, args);
	csv_bytes(csv, text, n);
	free(text);
}

void
csv_printf(struct csv *csv, const char *format, ...)
{
	size_t left = CSV_BUF_SIZE - csv->len;
	va_list args;
	int n;

	va_start(args, format);
	n = vsnprintf(csv->buf + csv->len, left, format, args);
	va_end(args);
	if (n < 0) {
		csv->error = errno;
	} else if ((size_t)n < left) {
		csv->len += (size_t)n;
	} else {
		va_start(args, format);
		print_long(csv, (size_t)n, format, args);
		va_end(args);
	}
}

void
csv_bytes(struct csv *csv, const char *p, size_t len)
{
	size_t n;

	for (; len > 0; p += n, len -= n) {
		if (csv->len == CSV_BUF_SIZE)
			write_out(csv);
		n = CSV_BUF_SIZE - csv->len < len ? CSV_BUF_SIZE - csv->len : len;
		memcpy(csv->buf + csv->len, p, n);
		csv->len += n;
	}
}

int
csv_flush(struct csv *csv)
{
	write_out(csv);
	errno = csv->error;
	return csv->error ? -1 : 0;
}
