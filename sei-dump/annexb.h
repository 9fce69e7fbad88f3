/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Reading a byte stream of NAL units (ITU-T H.264 Annex B). */
#ifndef ANNEXB_H
#define ANNEXB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "findings.h"
#include "frames.h"
#include "input.h"
#include "jsonl.h"

/* Whether a file can begin with these bytes: a start code, and a NAL unit of H.264. */
bool annexb_begins(const uint8_t head[8]);

/*
 * Gathers the frames and reports into *fs, and what SEI says into jsonl, unless that is
 * NULL. What is wrong goes to *found.
 */
void annexb_read(struct input *in, struct frames *fs, struct jsonl *jsonl,
    struct findings *found);

#endif
