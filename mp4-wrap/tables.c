/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* stts, ctts, stss, stsz, stsc and co64, side by side. */
#include "tables.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define FULL_HEAD	12	/* size, type, version and flags */

static const struct {
	char type[5];
	uint8_t words;		/* 32 bits each, of a row */
} kinds[TABLES_N] = {
	[TABLES_STTS] = { "stts", 2 },
	[TABLES_CTTS] = { "ctts", 2 },
	[TABLES_STSS] = { "stss", 1 },
	[TABLES_STSZ] = { "stsz", 1 },
	[TABLES_STSC] = { "stsc", 3 },
	[TABLES_CO64] = { "co64", 2 },
};

void
tables_open(struct tables *t)
{
	memset(t, 0, sizeof *t);
}

/* A row of that table, of as many words as its kind has. */
static void
row(struct tables *t, enum tables_type type, uint32_t a, uint32_t b, uint32_t c)
{
	struct table *table = &t->table[type];
	const uint32_t words[] = { a, b, c };

	if (t->writing && table->count < table->room) {
		for (size_t i = 0; i < kinds[type].words; i++)
			box_u32(&table->w, words[i]);
	}
	table->count++;
}

static void
equal_end(struct tables *t, enum tables_type type, const struct tables_equal *e)
{
	if (e->count > 0)
		row(t, type, e->count, e->value, 0);
}

static void
equal_add(struct tables *t, enum tables_type type, struct tables_equal *e, uint32_t value)
{
	if (e->value != value) {
		equal_end(t, type, e);
		e->count = 0;
	}
	e->value = value;
	e->count++;
}

/* 8.7.4: a chunk is left out if it is like the one before. */
static void
chunk_end(struct tables *t)
{
	const struct tables_chunk *c = &t->chunk, *last = &t->last_chunk;

	if (c->nsamples == 0 || (c->nsamples == last->nsamples && c->entry == last->entry))
		return;
	t->last_chunk = *c;
	row(t, TABLES_STSC, c->number, c->nsamples, c->entry);
}

/* 8.6.1.2. A sample lasts until the next one, also over a fragment's edge. */
static uint32_t
ticks_between(uint64_t dts, uint64_t next)
{
	if (next < dts)
		return 0;
	return next - dts > UINT32_MAX ? UINT32_MAX : next - dts;
}

void
tables_take(struct tables *t, const struct tables_sample *s)
{
	if (t->nsamples > 0)
		equal_add(t, TABLES_STTS, &t->stts, ticks_between(t->last.dts, s->dts));
	if (s->run_begins || s->entry != t->last.entry) {
		chunk_end(t);
		t->chunk = (struct tables_chunk){ t->chunk.number + 1, 0, s->entry };
		row(t, TABLES_CO64, s->offset >> 32, (uint32_t)s->offset, 0);
	}
	t->last = *s;
	t->nsamples++;
	t->chunk.nsamples++;
	equal_add(t, TABLES_CTTS, &t->ctts, (uint32_t)s->cts + (t->writing ? t->lead : 0));
	row(t, TABLES_STSZ, s->size, 0, 0);
	if (s->sync)
		row(t, TABLES_STSS, t->nsamples, 0, 0);
	t->has_cts |= s->cts != 0;
	if (s->cts < 0 && -(uint32_t)s->cts > t->lead)
		t->lead = -(uint32_t)s->cts;
	t->has_delta |= !s->sync;
}

int
tables_end(struct tables *t)
{
	if (t->nsamples > 0)
		equal_add(t, TABLES_STTS, &t->stts, t->last.duration);
	equal_end(t, TABLES_STTS, &t->stts);
	equal_end(t, TABLES_CTTS, &t->ctts);
	chunk_end(t);
	for (size_t i = 0; t->writing && i < TABLES_N; i++) {
		struct table *table = &t->table[i];

		if (table->room > 0 && table->count != table->room)
			t->error = EBUSY;
		if (table->room > 0 && box_close(&table->w) == -1)
			t->error = errno;
	}
	errno = t->error;
	return t->error == 0 ? 0 : -1;
}

/* Without ctts there are no offsets, without stss all are sync samples. */
static bool
is_wanted(const struct tables *t, enum tables_type type)
{
	return (type != TABLES_CTTS || t->has_cts) && (type != TABLES_STSS || t->has_delta);
}

static void
place(struct table *t, enum tables_type type, struct box_writer *w)
{
	uint64_t rows = (uint64_t)t->room * kinds[type].words * 4;
	uint64_t size = FULL_HEAD + (type == TABLES_STSZ ? 4 : 0) + 4 + rows;

	if (size > UINT32_MAX) {
		w->error = EFBIG;
		return;
	}
	box_u32(w, size);
	box_bytes(w, kinds[type].type, 4);
	box_u32(w, 0);
	if (type == TABLES_STSZ)
		box_u32(w, 0);		/* 8.7.3.2: sizes differ */
	box_u32(w, t->room);
	box_open(&t->w, w->fd, box_position(w));
	box_skip(w, rows);
}

void
tables_place(struct tables *t, struct box_writer *w)
{
	struct tables first = *t;

	tables_open(t);
	t->writing = true;
	t->lead = first.lead;
	for (size_t i = 0; i < TABLES_N; i++) {
		if (!is_wanted(&first, i))
			continue;
		t->table[i].room = first.table[i].count;
		place(&t->table[i], i, w);
	}
}

void
tables_close(struct tables *t)
{
	for (size_t i = 0; i < TABLES_N; i++) {
		free(t->table[i].w.buf);
		t->table[i].w.buf = NULL;
	}
}
