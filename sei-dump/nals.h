/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading nalstream(5), stamped or not. */
#ifndef NALS_H
#define NALS_H

#include <stdbool.h>

#include "findings.h"
#include "frames.h"
#include "input.h"
#include "jsonl.h"

#define NALS_HEAD	8

/* Whether a file can begin with these bytes. */
bool nals_begins(const uint8_t head[NALS_HEAD]);

/*
 * Gathers the frames and reports of the first H.264 track into *fs. What is
 * missing or wrong goes to *found; all records and SEI also to jsonl, unless that is
 * NULL. in must not have been read from but for its
 * first bytes.
 * in->size is then where the last whole record ended; with jsonl a file is read up to there only.
 */
void nals_read(struct input *in, struct frames *fs, struct jsonl *jsonl, struct findings *found);

#endif
