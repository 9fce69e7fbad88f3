/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The final moov: the one before the fragments, without mvex, with durations and
 * with sample tables for all that the fragments hold.
 */
#ifndef INDEX_H
#define INDEX_H

#include <stddef.h>
#include <stdint.h>

#include "box.h"
#include "entries.h"
#include "mp4.h"
#include "rate.h"
#include "tables.h"

struct index_span {
	const uint8_t *p;
	size_t len;
};

struct index_track {
	/* Boxes of the first moov, heads included; edts may be missing. */
	struct index_span tkhd, edts, mdia, mdhd, minf, entry;
	uint32_t id, timescale;
	uint64_t first_dts, end_dts;	/* of all samples, ticks */
	uint64_t end_shown;		/* of the picture shown last, ticks after first_dts */
	struct entries entries;
	uint32_t entry_now;		/* sample_description_index that holds */
	struct tables tables;
	struct rate rate;
};

struct index {
	int fd;
	uint64_t first, end;	/* where the fragments are */
	uint64_t damaged;	/* bytes between them that are none */
	struct index_span mvhd;
	struct index_track tracks[MP4_MAX_TRACKS];
	size_t ntracks;
};

/*
 * Reads the first moov, which has to stay where it is. 0, or -1 with errno (EINVAL:
 * it is none of ours; *at is the offset in it of the box that is wrong).
 */
int index_open(struct index *x, const uint8_t *moov, size_t len, size_t *at);
void index_close(struct index *x);

/*
 * Goes through the fragments of fd between first and end, and commits those that
 * are whole and were not, after what they hold is on the disk. Then x->end is
 * where the last one ends. Returns 0, or -1 with errno.
 */
int index_survey(struct index *x, int fd, uint64_t first, uint64_t end);

/* After that: writes the moov at w, whose file is that of the fragments. 0, or -1 with errno. */
int index_write(struct index *x, struct box_writer *w);

#endif
