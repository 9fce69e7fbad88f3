/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * All that a recording says of time, raw: JSON (RFC 8259), one object a line, for
 * each SEI message and each nalstream record, in the order of the file.
 */
#ifndef JSONL_H
#define JSONL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "csv.h"
#include "frames.h"
#include "nalstream.h"
#include "sei.h"

struct jsonl {
	struct csv *out;
	char *start;		/* of each line, up to the frame's number */
	size_t start_len;

	/* By number in decode order, once it is known; before that lines are held. */
	uint32_t *number;
	size_t nnumbers;

	char *line;		/* the one that is being written, from behind the frame's number on */
	size_t len, cap;
	char *held;		/* lines, each behind its length and the frame's number in decode order */
	size_t held_len, held_cap;
	bool failed;		/* no memory; errno was set */
	struct sei sei;
};

/* Prepares to write to out, which stays the caller's; with a member file, unless that is NULL. */
void jsonl_open(struct jsonl *j, struct csv *out, const char *file);
void jsonl_close(struct jsonl *j);

/*
 * Takes the frames' numbers from fs, which is finished, and writes the lines that
 * are held. Those that come after it are written at once. 0, or -1 with errno.
 */
int jsonl_number(struct jsonl *j, const struct frames *fs);

/*
 * The messages of an SEI NAL unit, nal[len] with its header byte and at most
 * SEI_NAL_MAX of it, at this offset of the file. frame is its frame's number in decode
 * order, position its own among the NAL units of the access unit, from 0. With j NULL
 * there is nothing to do. 0, or -1 with errno.
 */
int jsonl_sei(struct jsonl *j, uint32_t frame, unsigned position, uint64_t offset,
    const uint8_t *nal, size_t len);

/* A record; of N and A only what its head says. As jsonl_sei(). */
int jsonl_record(struct jsonl *j, uint32_t frame, const struct nalrec *r);

#endif
