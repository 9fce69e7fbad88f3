/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Frames out of NAL units that nothing but themselves puts in order: Annex B, and
 * the bytes of an MP4 file without an index.
 */
#ifndef UNITS_H
#define UNITS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "findings.h"
#include "frames.h"
#include "h264.h"
#include "jsonl.h"
#include "sei.h"

#define UNITS_START	((size_t)256)	/* first bytes of a NAL unit that units_nal() may need */

struct units {
	struct frames *frames;
	struct findings *found;
	struct jsonl *jsonl;
	struct sei sei;
	bool in_unit;			/* inside an access unit, whose frame was added */
	bool in_picture;		/* and its first slice was met */
	unsigned position;		/* of the next NAL unit in it */
	struct sps sps;			/* the last one */
	bool has_sps;
	struct slice_order order;	/* of the last picture, valid with has_order */
	bool has_order;

	/* From RTP time to pts. */
	bool begun;			/* a frame had a time */
	uint32_t last_rtp;
	uint64_t last_ntp;		/* arrival, host clock */
	int64_t last_pts;
};

/* Prepares to add to fs, which is empty, and to jsonl, unless it is NULL. All stay the caller's. */
void units_open(struct units *u, struct frames *fs, struct jsonl *jsonl, struct findings *found);

/*
 * Takes the next NAL unit, which stands at this offset: p[len] are its first
 * bytes, at least UNITS_START of them or all; of SEI all, but not more than
 * SEI_NAL_MAX. 0, or -1 with errno if memory ran out.
 */
int units_nal(struct units *u, const uint8_t *p, size_t len, uint64_t offset);

/* Ends the last access unit. Presentation time is RTP time since the first frame shown. */
void units_finish(struct units *u);

/* Whether a NAL unit can begin with these bytes: nal_ref_idc (7.4.1) and what is inside. */
bool units_plausible(const uint8_t *p, size_t len);

#endif
