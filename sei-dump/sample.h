/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Samples: where a frame's bytes are, and reading the few of them that stand
 * before its picture.
 */
#ifndef SAMPLE_H
#define SAMPLE_H

#include <stdbool.h>
#include <stdint.h>

#include "findings.h"
#include "frames.h"
#include "input.h"
#include "jsonl.h"
#include "sei.h"

struct sample {
	uint64_t offset;	/* in the file */
	uint64_t size;		/* bytes */
	int64_t pts;		/* ticks, valid with has_pts */
	bool has_pts;
	bool key;
	unsigned nal_length;	/* bytes of a NAL unit's length field, 1 to 4 */
};

/* What reading samples needs and keeps from one to the next. */
struct samples {
	struct input *in;
	struct view heads;
	struct sei sei;
	struct frames *frames;
	struct findings *found;
	struct jsonl *jsonl;	/* NULL: none is written */
	uint64_t bytes;		/* of all samples so far */
	uint64_t end;		/* of the last sample */
	uint64_t missing;	/* samples whose bytes lie beyond the end of the input */
	uint64_t missing_offset;	/* of the first of them */
};

/* 0, or -1 with errno. in, frames, jsonl (NULL: none) and found stay the caller's. */
int samples_open(struct samples *ss, struct input *in, struct frames *frames,
    struct jsonl *jsonl, struct findings *found);
void samples_close(struct samples *ss);

/* Forgets what samples there were: they are read once more, by another index. */
void samples_again(struct samples *ss);

/*
 * Adds the sample's frame, with the timing that stands in its SEI; or counts it
 * as missing, if the input ends before its picture begins. -1 if nothing more can
 * be read: in->error, or a finding says why.
 */
int samples_take(struct samples *ss, const struct sample *s);

#endif
