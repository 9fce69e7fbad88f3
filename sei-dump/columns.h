/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The columns of the two tables, by name and in any order. */
#ifndef COLUMNS_H
#define COLUMNS_H

#include <stdbool.h>
#include <stddef.h>

#include "csv.h"
#include "frames.h"

#define COLUMNS_MAX	32	/* a column may be named more than once */

enum column {
	COLUMN_FILE,
	COLUMN_FRAME,
	COLUMN_PTS,
	COLUMN_KEYFRAME,
	COLUMN_RTP,
	COLUMN_RECV,
	COLUMN_RECV_NS,
	COLUMN_RECV_TIME,
	COLUMN_NTP,
	COLUMN_NTP_TIME,
};

struct columns {
	bool reports;		/* of the table of reports, not of frames */
	size_t n;
	enum column column[COLUMNS_MAX];
};

/* The default columns. */
void columns_default(struct columns *c, bool reports);

/*
 * Takes the columns from a list of names between commas. 0, or -1: *bad and
 * *bad_len are the first name that the table does not have (or one too many).
 */
int columns_parse(struct columns *c, bool reports, const char *list, const char **bad,
    size_t *bad_len);

/* Puts the column of file names first, unless it is among them. */
void columns_add_file(struct columns *c);

void columns_header(const struct columns *c, struct csv *csv);

/* All rows of a file. */
void columns_rows(const struct columns *c, struct csv *csv, const struct frames *fs,
    const char *file);

#endif
