/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A video track as the moov box describes it (ISO/IEC 14496-12 8.3 to 8.8). */
#ifndef TRACK_H
#define TRACK_H

#include <stdbool.h>
#include <stdint.h>

#include "box.h"
#include "findings.h"

#define TRACK_ENTRIES_MAX	64	/* sample entries whose length size is remembered */
#define TRACK_EDITS_MAX		32	/* edits that show media */

/* An edit: media from begin on, up to end, is shown so many ticks later. */
struct track_edit {
	int64_t begin, end;		/* composition time, ticks */
	int64_t shift;
};

struct track {
	uint32_t id;
	uint32_t timescale;		/* ticks in a second, not 0 */
	struct track_edit edit[TRACK_EDITS_MAX];
	unsigned nedits;		/* 0: composition time is presentation time */
	uint8_t nal_length[TRACK_ENTRIES_MAX];	/* bytes of a NAL unit's length, by sample entry */
	struct box stbl;

	/* Of the fragments: defaults (trex), and where the next one begins without a tfdt. */
	uint32_t default_description, default_duration, default_size, default_flags;
	uint64_t next_dts;
};

enum track_found {
	TRACK_DAMAGED = -1,
	TRACK_NONE,
	TRACK_FOUND,
};

/*
 * Looks for the first H.264 video track in moov and fills *t. Damage is a finding
 * with its offset. *fragmented: whether the moov has an mvex box.
 */
enum track_found track_find(struct track *t, struct view *v, const struct box *moov,
    bool *fragmented, struct findings *found);

/*
 * Presentation time of a composition time, by the first edit that shows it; what
 * none shows goes with the one before it.
 */
int64_t track_present(const struct track *t, int64_t composition);

/* Bytes of a NAL unit's length field in samples of this entry, counted from 1. */
unsigned track_nal_length(const struct track *t, uint32_t description);

#endif
