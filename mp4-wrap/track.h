/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The description of one track: the `trak` box without samples (ISO/IEC
 * 14496-12 8.3) and, for H.264, its sample entry (ISO/IEC 14496-15 5.4.2).
 */
#ifndef TRACK_H
#define TRACK_H

#include <stddef.h>
#include <stdint.h>

#include "box.h"

struct track {
	uint32_t id;		/* track_ID, from 1 */
	uint32_t timescale;	/* ticks a second: the RTP clock rate */
	uint32_t shown_width, shown_height;	/* of the picture on a screen: pixels, 16.16 bits */
	uint32_t delay;		/* composition time of the first picture, ticks: for the edit list */
	uint8_t *entry;		/* the sample entry box; owned: free() */
	size_t entry_len;
};

/* A parameter set NAL unit. */
struct param_set {
	uint8_t *data;		/* owned by whoever holds the struct */
	size_t len;		/* 0: none */
};

/*
 * Fills in what follows from the parameter sets (those with len 0 are skipped);
 * the first SPS gives dimensions and colours. Returns 0, or -1 with errno (EINVAL: no
 * SPS that can be read, or no PPS). Sets past what an avcC can hold are left out.
 */
int track_set_avc(struct track *t, const struct param_set *sps, size_t nsps,
    const struct param_set *pps, size_t npps);

void track_close(struct track *t);

/*
 * An edit list (8.6.6): what is shown begins at this media time, ticks of the
 * track, and lasts so long, ticks of the movie; 0: to the end of the fragments.
 */
void track_write_edts(struct box_writer *w, uint64_t movie_duration, uint64_t media_time);

/*
 * Writes `moov` for fragments to follow: mvhd, trak per track, mvex. The
 * creation time is Unix ns.
 */
void tracks_write_moov(struct box_writer *w, const struct track *tracks, size_t n,
    int64_t creation_unix_ns);

#endif
