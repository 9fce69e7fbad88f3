/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writing CSV (RFC 4180, lines ended by LF) through one large buffer. */
#ifndef CSV_H
#define CSV_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define CSV_BUF_SIZE	((size_t)64 << 10)

struct csv {
	int fd;
	int error;		/* errno of a write that failed, sticky; nothing is written after it */
	bool in_row;		/* a field of this row was written */
	size_t len;
	char buf[CSV_BUF_SIZE];
};

void csv_open(struct csv *csv, int fd);

/* The next field of the row. */
void csv_empty(struct csv *csv);
void csv_u64(struct csv *csv, uint64_t value);
void csv_i64(struct csv *csv, int64_t value);
void csv_text(struct csv *csv, const char *s);		/* quoted where it must be */
void csv_time(struct csv *csv, int64_t unix_ns);	/* RFC 3339 UTC, nanoseconds */
/* ticks of a timescale (not 0) as seconds with nine decimals, to the nearest nanosecond. */
void csv_seconds(struct csv *csv, int64_t ticks, uint32_t timescale);

void csv_end_row(struct csv *csv);

/* Text outside of rows, of any length: nothing is quoted or escaped. */
void csv_printf(struct csv *csv, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* Bytes as they are, between rows. */
void csv_bytes(struct csv *csv, const char *p, size_t len);

/* Writes what is left. 0, or -1 with errno if any write has failed. */
int csv_flush(struct csv *csv);

#endif
