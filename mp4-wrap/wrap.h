/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * nalstream records to MP4 samples: access units are put together, parameter
 * sets put in front of key frames, fragments cut. Payloads stay in the reader's
 * buffer until their fragment is written.
 */
#ifndef WRAP_H
#define WRAP_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mp4.h"
#include "nalstream.h"
#include "params.h"
#include "timeline.h"
#include "track.h"

/* Bytes of a sample: in the reader's buffer, or of our own. */
struct wrap_piece {
	uint64_t at;		/* stream offset, where own is NULL */
	uint8_t *own;		/* freed when written */
	uint32_t len;
};

struct wrap {
	struct nalstream *in;
	struct mp4 *out;
	uint64_t frames;	/* written, or waiting for their fragment */
	uint64_t skipped;	/* before decoding could begin */
	uint64_t oversized;	/* access units over the cap, left out */
	uint64_t cut;		/* access units whose end never came, left out */
	struct timeline timeline;

	/* The rest is wrap.c's own. */
	int track;		/* track of the nalstream; -1: not known yet */
	struct params params;
	bool begun;		/* the tracks were given to out */
	struct mp4_sample *samples;
	size_t nsamples, cap_samples;
	bool pending;		/* the last sample's duration is not known yet */
	struct wrap_piece *pieces;
	size_t npieces, cap_pieces;
	uint64_t bytes;		/* of all pieces */
	uint32_t duration;	/* between the last two frames, ticks */
	int64_t opened_ns;	/* monotonic: when the oldest sample came */
	struct {
		bool open, key, has_vcl, has_sps, has_pps, has_aud, too_big;
		uint64_t rtp, arrival_ntp;
		uint64_t begin;		/* stream offset of its first record */
		size_t first_piece;
		uint64_t bytes;
	} au;
};

void wrap_open(struct wrap *w, struct nalstream *in, struct mp4 *out);
void wrap_close(struct wrap *w);

/* Takes the next record. 0, or -1 with errno. */
int wrap_record(struct wrap *w, const struct nalrec *r);

/* Keeps in the reader's buffer what is still needed: before nalstream_fill(). */
void wrap_hold(struct wrap *w);

/*
 * Does what is due (monotonic ns): a fragment is not held back for longer than a
 * second because no frame comes. Returns when to call again, INT64_MAX: no need;
 * -1 with errno.
 */
int64_t wrap_tick(struct wrap *w, int64_t now_ns);

/* Writes all that is left. 0, or -1 with errno. */
int wrap_finish(struct wrap *w);

#endif
