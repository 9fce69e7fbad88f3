/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Frames in an MP4 file whose index was never written: its recorder was killed. */
#ifndef SCAN_H
#define SCAN_H

#include <stdint.h>

#include "findings.h"
#include "frames.h"
#include "input.h"
#include "jsonl.h"

/*
 * Gathers the frames and reports of what stands in [from, end) into *fs, which
 * must be empty, and what SEI says into jsonl, unless that is NULL. It is taken for
 * NAL units behind lengths of four bytes; bytes that are none, such as audio, are
 * passed over. 0, or -1 with in->error.
 */
int scan_read(struct input *in, uint64_t from, uint64_t end, struct frames *fs,
    struct jsonl *jsonl, struct findings *found);

#endif
