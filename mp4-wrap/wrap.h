/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * nalstream records to frames of an MP4: access units are put together, and
 * parameter sets put in front of key frames.
 */
#ifndef WRAP_H
#define WRAP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "fragment.h"
#include "mp4.h"
#include "nalstream.h"
#include "params.h"
#include "picture.h"
#include "pieces.h"
#include "segment.h"

/* Whoever wants the frames in files. */
struct wrap_files {
	/*
	 * Ends the file that there is, if any, whose frames are all written, and
	 * makes out ready for the next, whose first frame came at this Unix time. 0,
	 * or -1.
	 */
	int (*next)(void *arg, int64_t unix_ns);
	void *arg;
};

struct wrap {
	struct nalstream *in;
	struct mp4 *out;
	const struct wrap_files *files;
	const struct segment *segment;
	uint64_t frames;	/* written, or waiting for their fragment; of all files */
	uint64_t skipped;	/* before decoding could begin */
	uint64_t oversized;	/* access units over the cap, left out */
	uint64_t cut;		/* access units whose end never came, left out */
	struct fragment fragment;
	bool late;		/* the file should end, and no key frame comes */

	/* The rest is wrap.c's own. */
	int track;		/* track of the nalstream; -1: not known yet */
	struct params params;
	struct pictures pictures;
	uint32_t clock_rate;	/* of the track */
	bool begun;		/* the tracks were given to out */
	int64_t first_unix_ns;	/* when the file's first frame came */
	struct pieces pieces;	/* of frames that wait, then of the access unit */
	struct {
		bool open, key, idr, has_vcl, has_aud, too_big;
		int pps_id;		/* of its first slice; -1: not known */
		struct picture picture;
		int depth;		/* as in struct fragment_frame */
		uint64_t rtp, arrival_ntp;
		uint64_t begin;		/* stream offset of its first record */
		size_t npieces;
		uint64_t bytes;
	} au;
};

/* The pointers stay the caller's. out is used once files->next() was called. */
void wrap_open(struct wrap *w, struct nalstream *in, struct mp4 *out, const struct wrap_files *files,
    const struct segment *segment);
void wrap_close(struct wrap *w);

/* Takes the next record. 0, or -1 with errno. */
int wrap_record(struct wrap *w, const struct nalrec *r);

/* Keeps in the reader's buffer what is still needed: before nalstream_fill(). */
void wrap_hold(struct wrap *w);

/* Does what is due, see fragment_tick(). */
int64_t wrap_tick(struct wrap *w, int64_t now_ns);

/* Writes all that is left. 0, or -1 with errno. */
int wrap_finish(struct wrap *w);

#endif
