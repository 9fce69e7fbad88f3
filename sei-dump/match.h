/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Events that something else has noted, a line each, with the frames that are nearest. */
#ifndef MATCH_H
#define MATCH_H

#include <stdio.h>

#include "align.h"

struct match {
	uint64_t events, matched;	/* matched: that have a frame of at least one recording */
	uint64_t bad;			/* lines whose first field is no time */
	uint64_t bad_line;		/* the first of them, from 1 */
};

/*
 * Reads the time that a line of a log begins with, up to a comma, semicolon, tab or
 * its end, with or without quotes and blanks: RFC 3339, also with a blank for the T;
 * an integer, Unix ns; or a number with a decimal point, Unix seconds. Only times that
 * an NTP timestamp can name. Returns how many characters it has from *begin on; 0: it
 * is none.
 */
size_t match_time(const char *line, const char **begin, int64_t *unix_ns);

void match_header(const struct align *a, struct csv *csv);

/* A row an event. A first line that is no time is a header; other such lines are counted. */
void match_rows(const struct align *a, FILE *log, struct csv *csv, struct match *m);

#endif
