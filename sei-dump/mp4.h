/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading MP4 files (ISO/IEC 14496-12), also broken ones and ones still being written. */
#ifndef MP4_H
#define MP4_H

#include <stdbool.h>

#include "findings.h"
#include "frames.h"
#include "input.h"
#include "jsonl.h"

/* Whether a file can begin with these 8 bytes. */
bool mp4_begins(const uint8_t head[8]);

/*
 * Gathers the frames and reports of the first H.264 track into *fs. What is
 * missing or wrong goes to *found; what SEI says also to jsonl, unless that is NULL.
 */
void mp4_read(struct input *in, struct frames *fs, struct jsonl *jsonl, struct findings *found);

#endif
