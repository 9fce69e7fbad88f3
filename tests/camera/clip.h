/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the camera shows: a file as NAL units, gathered into access units with
 * their place in time. Annex B (ITU-T H.264 annex B, 7.4.1.2.3) or nalstream(5).
 */
#ifndef CLIP_H
#define CLIP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nalstream.h"

struct clip_nal {
	const uint8_t *data;
	uint64_t offset;	/* while a nalstream is read */
	size_t len;
};

/* One access unit, in decode order. */
struct clip_unit {
	size_t first, nnals;	/* in clip.nals */
	int64_t position;	/* when it is presented: picture number, or ticks */
	int64_t send;		/* when it is sent, on the same scale: not before position */
	bool key;		/* has an IDR picture */
};

struct clip {
	struct clip_nal *nals;
	size_t nnals, nals_cap;
	struct clip_unit *units;	/* the first is an IDR one, if there is any */
	size_t nunits, units_cap;
	int64_t period;		/* what one pass of the file adds to all positions */
	bool in_ticks;		/* positions are RTP ticks (nalstream), not picture numbers */

	uint8_t *map;		/* Annex B: the file */
	size_t map_len;
	struct nalstream in;	/* nalstream: holds the file */
	bool in_open;
};

/*
 * Opens a file. 0, or -1 with errno: EINVAL with *why set when it is neither
 * Annex B nor nalstream, or holds no picture.
 */
int clip_open(struct clip *clip, const char *path, const char **why);
void clip_close(struct clip *clip);

#endif
