/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where a picture belongs among those decoded before it, as its slice header says. */
#ifndef PICTURE_H
#define PICTURE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h264.h"

#define PICTURES_BACK	32	/* fields of the 16 frames that a decoder can hold back (A.3.1) */

enum place {
	PLACE_UNKNOWN,		/* the header cannot be read, or counts in a way not read here */
	PLACE_NEXT,		/* shown after all that were decoded before it */
	PLACE_BEHIND,		/* shown before one of them: a B-frame */
};

struct picture {
	enum place place;
	unsigned after;		/* it is shown right after the one so many pictures back; 0: not known */
	bool field;		/* one field, not a frame */
	bool second;		/* and the other one of its frame is the picture before */
};

struct pictures {
	int64_t msb;			/* PicOrderCntMsb and ... */
	uint32_t lsb;			/* ... pic_order_cnt_lsb of the last reference picture */
	int64_t counts[PICTURES_BACK];	/* the last ones since an IDR picture, a ring */
	size_t n;			/* of all since then */
	bool half;			/* the picture before is the first field of a frame, ... */
	bool half_bottom;		/* ... of this parity ... */
	uint32_t half_frame_num;	/* ... and number */
};

/*
 * Takes the first slice of the next picture in decoding order, and the SPS that
 * it refers to, NULL if there is none. Only the first bytes are read. Picture order
 * counts of type 1 are not computed, nor what memory_management_control_operation
 * 5 does to the others.
 */
struct picture pictures_take(struct pictures *p, const uint8_t *nal, size_t len, const struct sps *sps);

/* The picture that was taken last is left out: nothing is known of those before the next. */
void pictures_forget(struct pictures *p);

/*
 * How many frames may be decoded before one that is shown before them (E.2.1
 * max_num_reorder_frames), or -1: the stream does not say.
 */
int pictures_depth(const struct sps *sps);

#endif
