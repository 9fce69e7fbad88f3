/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Annex B: NAL units between start codes, 00 00 01. Nothing says how long one is,
 * so that here every byte is looked at.
 */
#include "annexb.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "units.h"

#define PIECE	((size_t)4096)	/* that is looked through at a time */

bool
annexb_begins(const uint8_t head[8])
{
	size_t zeros = 0;

	while (zeros < 6 && head[zeros] == 0)
		zeros++;
	return zeros >= 2 && head[zeros] == 1 && units_plausible(head + zeros + 1, 8 - zeros - 1);
}

/* Moves *offset behind the next start code. 1; 0 if there is none; -1 with in->error. */
static int
next_start(struct view *v, uint64_t *offset)
{
	const uint8_t *p, *one;
	size_t have, at;

	for (;; *offset += have - 2) {
		p = view_at(v, *offset, PIECE, &have);
		if (p == NULL)
			return -1;
		if (have < 3)
			return 0;
		for (at = 2; at < have; at++) {
			one = memchr(p + at, 1, have - at);
			if (one == NULL)
				break;
			at = (size_t)(one - p);
			if (one[-1] == 0 && one[-2] == 0) {
				*offset += at + 1;
				return 1;
			}
		}
	}
}

/* The bytes of p[have] up to the next start code, and without the zeros before it. */
static size_t
unit_len(const uint8_t *p, size_t have)
{
	const uint8_t *end = p + have, *one = p + 2;

	while (one < end && (one = memchr(one, 1, (size_t)(end - one))) != NULL) {
		if (one[-1] == 0 && one[-2] == 0) {
			have = (size_t)(one - p) - 2;
			break;
		}
		one++;
	}
	while (have > 0 && p[have - 1] == 0)
		have--;
	return have;
}

/* The NAL unit at offset. -1 if reading failed or memory ran out: in->error. */
static int
take_unit(struct units *u, struct view *v, uint64_t offset)
{
	size_t have;
	const uint8_t *p = view_at(v, offset, UNITS_START, &have);

	if (p != NULL && have > 0 && NAL_TYPE(p[0]) == NAL_SEI)
		p = view_at(v, offset, SEI_NAL_MAX, &have);
	if (p == NULL)
		return -1;
	have = unit_len(p, have);
	if (have > 0 && units_nal(u, p, have, offset) == -1) {
		v->in->error = errno;
		return -1;
	}
	return 0;
}

static void
read_units(struct units *u, struct view *v)
{
	uint64_t offset = 0;

	while (next_start(v, &offset) == 1)
		if (take_unit(u, v, offset) == -1)
			break;
	units_finish(u);
}

void
annexb_read(struct input *in, struct frames *fs, struct jsonl *jsonl, struct findings *found)
{
	struct units *u = calloc(1, sizeof *u);
	struct view v = { 0 };

	if (u == NULL || view_open(&v, in) == -1)
		in->error = errno;
	else {
		input_sequential(in);
		units_open(u, fs, jsonl, found);
		read_units(u, &v);
	}
	if (in->error)
		findings_add(found, FINDING_SYSTEM, FINDING_NOWHERE, strerror(in->error));
	view_close(&v);
	free(u);
}
