/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Sample tables: six lists, each read from front to back once and side by side,
 * none of them held in memory.
 *
 *   stts  count u32, delta u32             durations in decode order, run by run
 *   ctts  count u32, offset u32 or i32     composition minus decode time
 *   stsz  size u32                         of each sample, or one for all
 *   stz2  size u4, u8 or u16               the same, in fewer bits
 *   stsc  chunk u32, samples u32, entry u32  from this chunk on
 *   stco  offset u32, co64 offset u64      of each chunk
 *   stss  number u32                       of each key frame, from 1
 */
#include "tables.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define DTS_MAX	((uint64_t)1 << 61)

/* A table of entries of equal size behind version, flags and count. */
struct table {
	struct view view;
	uint64_t offset;	/* of the next entry */
	uint32_t left;		/* entries */
	unsigned entry;		/* bytes of one; 0: half a byte */
	unsigned version;
	bool present;
};

/* A table of runs: stts, ctts. */
struct runs {
	struct table table;
	uint32_t left;		/* samples of this run */
	uint32_t value;
};

struct tables {
	struct runs stts, ctts;
	struct table stsz, stsc, chunks, stss;
	uint32_t size;		/* of every sample; 0: stsz has one for each */
	uint8_t halves;		/* a byte with the sizes of two */
	uint32_t nsamples;
	uint32_t chunk;		/* number of the chunk at hand, from 1 */
	uint64_t offset;	/* of the next sample in it */
	uint32_t in_chunk;	/* samples left in it */
	uint32_t next_stsc;	/* chunk from which the next stsc entry counts; 0: none */
	uint32_t per_chunk, description;
	uint32_t next_key;	/* number of the next key frame; 0: none */
	uint64_t dts;
};

/* Opens the table of this name; skip bytes stand between flags and count. */
static int
table_open(struct table *t, struct view *v, const struct box *stbl, const char *name,
    unsigned skip, unsigned entry, struct findings *found)
{
	struct fields f;
	struct box b;
	uint64_t offset = stbl->body, most;
	enum box_next next = box_find(v, stbl, &offset, BOX_TYPE(name), &b);

	if (next == BOX_BAD && v->in->error == 0)
		return findings_add(found, FINDING_BOX, offset,
		    "a sample table that reaches past the box around it");
	if (next != BOX_OK)
		return v->in->error ? -1 : 0;
	fields_open(&f, v, &b);
	t->version = (unsigned)fields_u(&f, 1);
	fields_skip(&f, 3 + skip);
	t->left = (uint32_t)fields_u(&f, 4);
	t->offset = f.offset;
	t->entry = entry;
	t->present = true;
	most = entry > 0 ? (b.end - f.offset) / entry : 2 * (b.end - f.offset);
	if (f.error || t->left > most) {
		t->left = f.error ? 0 : (uint32_t)most;
		findings_add(found, FINDING_BOX, b.offset,
		    "a sample table that is shorter than it says");
	}
	if (view_open(&t->view, v->in) == -1) {
		v->in->error = errno;
		return -1;
	}
	return 0;
}

/* The next entry, or NULL if there is none (or in->error). */
static const uint8_t *
table_next(struct table *t)
{
	const uint8_t *p;
	size_t have;

	if (t->left == 0)
		return NULL;
	p = view_at(&t->view, t->offset, t->entry, &have);
	if (p == NULL || have < t->entry) {
		t->left = 0;
		return NULL;
	}
	t->offset += t->entry;
	t->left--;
	return p;
}

/* The next sample's value; false after the last run. */
static bool
runs_next(struct runs *r, uint32_t *value)
{
	const uint8_t *p;

	while (r->left == 0) {
		p = table_next(&r->table);
		if (p == NULL)
			return false;
		r->left = be32dec(p);
		r->value = be32dec(p + 4);
	}
	r->left--;
	*value = r->value;
	return true;
}

/* stz2: a table whose entries have 4, 8 or 16 bits. */
static int
open_compact_sizes(struct tables *ts, struct view *v, const struct box *stbl, struct findings *found)
{
	uint64_t offset = stbl->body, bits;
	struct box b;
	struct fields f;

	if (box_find(v, stbl, &offset, BOX_TYPE("stz2"), &b) != BOX_OK)
		return v->in->error ? -1 : findings_add(found, FINDING_BOX, stbl->offset,
		    "no stsz or stz2 box: the sizes of the frames are unknown");
	fields_open(&f, v, &b);
	fields_skip(&f, 4 + 3);
	bits = fields_u(&f, 1);
	if (bits != 4 && bits != 8 && bits != 16)
		return findings_add(found, FINDING_BOX, b.offset, "a stz2 box whose sizes have no size");
	if (table_open(&ts->stsz, v, stbl, "stz2", 4, (unsigned)bits / 8, found) == -1)
		return -1;
	ts->nsamples = ts->stsz.left;
	return 0;
}

/* stsz: one size for all, or a table. */
static int
open_sizes(struct tables *ts, struct view *v, const struct box *stbl, struct findings *found)
{
	uint64_t offset = stbl->body;
	struct box b;
	struct fields f;

	if (box_find(v, stbl, &offset, BOX_TYPE("stsz"), &b) != BOX_OK)
		return v->in->error ? -1 : open_compact_sizes(ts, v, stbl, found);
	fields_open(&f, v, &b);
	fields_skip(&f, 4);
	ts->size = (uint32_t)fields_u(&f, 4);
	ts->nsamples = (uint32_t)fields_u(&f, 4);
	if (ts->size != 0)
		return 0;
	if (table_open(&ts->stsz, v, stbl, "stsz", 4, 4, found) == -1)
		return -1;
	ts->nsamples = ts->stsz.left;
	return 0;
}

static int
open_all(struct tables *ts, struct view *v, const struct box *stbl, struct findings *found)
{
	if (open_sizes(ts, v, stbl, found) == -1 ||
	    table_open(&ts->stts.table, v, stbl, "stts", 0, 8, found) == -1 ||
	    table_open(&ts->ctts.table, v, stbl, "ctts", 0, 8, found) == -1 ||
	    table_open(&ts->stsc, v, stbl, "stsc", 0, 12, found) == -1 ||
	    table_open(&ts->stss, v, stbl, "stss", 0, 4, found) == -1 ||
	    table_open(&ts->chunks, v, stbl, "stco", 0, 4, found) == -1)
		return -1;
	if (ts->chunks.present)
		return 0;
	return table_open(&ts->chunks, v, stbl, "co64", 0, 8, found);
}

static void
close_all(struct tables *ts)
{
	view_close(&ts->stts.table.view);
	view_close(&ts->ctts.table.view);
	view_close(&ts->stsz.view);
	view_close(&ts->stsc.view);
	view_close(&ts->stss.view);
	view_close(&ts->chunks.view);
}

/* Takes over the stsc entry that counts from this chunk on. False if they do not ascend. */
static bool
next_stsc(struct tables *ts)
{
	const uint8_t *p;
	size_t have;

	if (ts->chunk == 1)
		ts->next_stsc = 1;
	if (ts->chunk != ts->next_stsc)
		return true;
	p = table_next(&ts->stsc);
	if (p == NULL || be32dec(p) != ts->chunk)	/* first_chunk */
		return false;
	ts->per_chunk = be32dec(p + 4);			/* samples_per_chunk */
	ts->description = be32dec(p + 8);		/* sample_description_index */
	ts->next_stsc = 0;
	if (ts->stsc.left == 0)
		return true;
	p = view_at(&ts->stsc.view, ts->stsc.offset, 4, &have);
	if (p != NULL && have == 4)
		ts->next_stsc = be32dec(p);
	return ts->next_stsc > ts->chunk;
}

/* Moves on to the next chunk that has samples. False if the tables do not say where. */
static bool
next_chunk(struct tables *ts)
{
	const uint8_t *p;

	while (ts->in_chunk == 0) {
		ts->chunk++;
		p = table_next(&ts->chunks);
		if (p == NULL)
			return false;
		ts->offset = ts->chunks.entry == 8 ? be64dec(p) : be32dec(p);
		if (!next_stsc(ts))
			return false;
		ts->in_chunk = ts->per_chunk;
	}
	return true;
}

/* Whether sample number n, from 1, is a key frame. */
static bool
is_key(struct tables *ts, uint32_t n)
{
	const uint8_t *p;

	if (!ts->stss.present)
		return true;
	while (ts->next_key < n && (p = table_next(&ts->stss)) != NULL)
		ts->next_key = be32dec(p);
	return ts->next_key == n;
}

/* The sample's decode and presentation time. False where the tables have none. */
static bool
next_time(struct tables *ts, const struct track *t, struct sample *s)
{
	uint32_t delta, composition = 0;
	int64_t offset;

	if (!runs_next(&ts->stts, &delta) || ts->dts > DTS_MAX)
		return false;
	if (ts->ctts.table.present && !runs_next(&ts->ctts, &composition))
		return false;
	/* Version 0 is unsigned by the letter; writers put negative offsets there too. */
	offset = (int32_t)composition;
	s->pts = track_present(t, (int64_t)ts->dts + offset);
	ts->dts += delta;
	return true;
}

/* The size of sample number n, from 1. */
static uint32_t
next_size(struct tables *ts, uint32_t n)
{
	struct table *t = &ts->stsz;
	const uint8_t *p;
	size_t have;

	if (ts->size != 0)
		return ts->size;
	if (t->entry == 0 && n % 2 == 1) {
		p = view_at(&t->view, t->offset++, 1, &have);
		ts->halves = p != NULL && have == 1 ? *p : 0;
	}
	if (t->entry == 0)
		return n % 2 == 1 ? ts->halves >> 4 : ts->halves & 0xf;
	p = table_next(t);
	if (p == NULL)
		return 0;
	return t->entry == 4 ? be32dec(p) : t->entry == 2 ? be16dec(p) : *p;
}

static int
read_samples(struct tables *ts, struct track *t, const struct box *stbl, struct samples *ss)
{
	struct sample s = { .has_pts = true };

	for (uint32_t n = 1; n <= ts->nsamples && n != 0; n++) {
		if (ts->in_chunk == 0 && !next_chunk(ts)) {
			findings_add(ss->found, FINDING_BOX, stbl->offset,
			    "sample tables that do not say where all frames are");
			break;
		}
		s.size = next_size(ts, n);
		s.offset = ts->offset;
		s.key = is_key(ts, n);
		if (s.has_pts && !next_time(ts, t, &s)) {
			findings_add(ss->found, FINDING_BOX, stbl->offset,
			    "sample tables that do not tell the time of all frames");
			s.has_pts = false;
		}
		s.nal_length = track_nal_length(t, ts->description);
		if (ss->in->error || samples_take(ss, &s) == -1)
			break;
		/* One size for all needs no table: 2^32 missing frames in a few bytes. */
		if (ss->missing > 0 && ts->size != 0)
			break;
		ts->offset += s.size;
		ts->in_chunk--;
	}
	t->next_dts = ts->dts;
	return ss->in->error ? -1 : 0;
}

int
tables_read(struct track *t, struct view *v, struct samples *ss)
{
	struct tables *ts = calloc(1, sizeof *ts);
	int result = 0;

	if (ts == NULL) {
		v->in->error = errno;
		return -1;
	}
	if (open_all(ts, v, &t->stbl, ss->found) == 0)
		result = read_samples(ts, t, &t->stbl, ss);
	else if (v->in->error)
		result = -1;
	close_all(ts);
	free(ts);
	return result;
}
