/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The sample tables of one track (ISO/IEC 14496-12 8.6, 8.7). All samples are
 * gone through twice: to learn how long each table is, then to write all of them
 * at once, each at its own place in the file. So nothing of them is kept.
 */
#ifndef TABLES_H
#define TABLES_H

#include <stdbool.h>
#include <stdint.h>

#include "box.h"

struct tables_sample {
	uint64_t dts;		/* ticks */
	uint64_t offset;	/* in the file */
	uint32_t duration;	/* ticks; what counts is where the next one begins */
	uint32_t size;
	int32_t cts;		/* composition offset, ticks */
	uint32_t entry;		/* sample_description_index */
	bool sync;
	bool run_begins;	/* first of its fragment */
};

enum tables_type {
	TABLES_STTS,
	TABLES_CTTS,
	TABLES_STSS,
	TABLES_STSZ,
	TABLES_STSC,
	TABLES_CO64,
	TABLES_N
};

struct table {
	uint32_t count;		/* of its rows, so far */
	uint32_t room;		/* how many there will be */
	struct box_writer w;
};

/* Equal values in a row, as stts and ctts have them. */
struct tables_equal {
	uint32_t count, value;
};

/* What a fragment has of the track with one sample entry. */
struct tables_chunk {
	uint32_t number, nsamples, entry;
};

struct tables {
	bool writing;		/* the second time */
	int error;		/* sticky errno */
	struct table table[TABLES_N];
	bool has_cts;		/* a presentation time differs from its decode time */
	uint32_t lead;		/* the most that it is before it, ticks: so much is added to all offsets */
	bool has_delta;		/* a sample is no sync sample */
	struct tables_sample last;
	uint32_t nsamples;
	struct tables_equal stts, ctts;
	struct tables_chunk chunk, last_chunk;
};

void tables_open(struct tables *t);

/* The next sample in decode order. */
void tables_take(struct tables *t, const struct tables_sample *s);

/* After the last one, both times. 0, or -1 with errno (EBUSY: they were not the same twice). */
int tables_end(struct tables *t);

/*
 * After the first time: writes the boxes of the tables at w, which has a file, and
 * leaves room in them for what tables_take() will write there from now on.
 */
void tables_place(struct tables *t, struct box_writer *w);

/* Frees what tables_end() would have, at any time. */
void tables_close(struct tables *t);

#endif
