/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The columns of the three tables, by name and in any order. */
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
	COLUMN_LAST_NS,
	COLUMN_SLACK_US,
	COLUMN_PACKETS,
	COLUMN_FLAGS,
	COLUMN_SENDER_TIME,
	COLUMN_CAMERA_TIME,
	COLUMN_HOST_TIME,
	COLUMN_NTP,
	COLUMN_NTP_TIME,
	COLUMN_TRACK,
	COLUMN_WHAT,
	COLUMN_FRAMES,
	COLUMN_DETAIL,
};

/* Values are bits, for which tables have a column. */
enum table {
	TABLE_FRAMES = 1,
	TABLE_REPORTS = 2,
	TABLE_EVENTS = 4,
};

struct columns {
	enum table table;
	size_t n;
	enum column column[COLUMNS_MAX];
};

/* The default columns; with raw, without those that are interpretation. */
void columns_default(struct columns *c, enum table table, bool raw);

/* The name of the first column that is interpretation, NULL if there is none. */
const char *columns_interpreted(const struct columns *c);

/*
 * Takes the columns from a list of names between commas. 0, or -1: *bad and
 * *bad_len are the first name that the table does not have (or one too many).
 */
int columns_parse(struct columns *c, enum table table, const char *list, const char **bad,
    size_t *bad_len);

/* Puts the column of file names first, unless it is among them. */
void columns_add_file(struct columns *c);

/* What has to be gathered for them: enum frames_want. */
unsigned columns_want(const struct columns *c);

void columns_header(const struct columns *c, struct csv *csv);

/* All rows of a file. */
void columns_rows(const struct columns *c, struct csv *csv, const struct frames *fs,
    const char *file);

#endif
