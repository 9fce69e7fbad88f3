/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A recording in one line of JSON, for archives and for programs that look after many. */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include "csv.h"
#include "figures.h"
#include "findings.h"
#include "frames.h"

/*
 * One object, one line. Times and counts are exact integers; what is not known is
 * null. file: its name as it was given, which json_escape() writes.
 */
void archive_line(struct csv *out, const char *file, const struct figures *f, const struct frames *fs,
    const struct findings *found);

#endif
