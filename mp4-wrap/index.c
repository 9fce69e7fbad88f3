/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* ISO/IEC 14496-12 8.2 to 8.5 around the tables of tables.c; fragments as walk.c reads them. */
#include "index.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdbool.h>
#include <string.h>
#include <unistd.h>

#include "walk.h"

#define HEAD		8
#define SYNC_MASK	0x00010000	/* sample_is_non_sync_sample, 8.8.3.1 */
/* Offsets in the version 1 boxes that track.c writes (8.2.2, 8.3.2, 8.4.2). */
#define MVHD_TIMESCALE	28
#define MVHD_DURATION	32
#define TKHD_TRACK_ID	28
#define TKHD_DURATION	36
#define TKHD_SIZE	104
#define MDHD_TIMESCALE	28
#define MDHD_DURATION	32
#define EDTS_MEDIA_TIME	32	/* edts, elst with one entry (8.6.6) */
#define STSD_ENTRY	16

/* The first child box of this type (NULL: any) from offset at on, head included; len 0: none. */
static struct index_span
child_from(struct index_span parent, size_t at, const char *type)
{
	size_t size;

	for (; parent.len >= HEAD && at <= parent.len - HEAD; at += size) {
		size = be32dec(parent.p + at);
		if (size < HEAD || size > parent.len - at)
			break;
		if (type == NULL || memcmp(parent.p + at + 4, type, 4) == 0)
			return (struct index_span){ parent.p + at, size };
	}
	return (struct index_span){ NULL, 0 };
}

static struct index_span
child(struct index_span parent, const char *type)
{
	return child_from(parent, HEAD, type);
}

/* Whether the trak is as track.c writes it. */
static bool
read_trak(struct index_track *t, struct index_span trak)
{
	struct index_span stsd;

	t->tkhd = child(trak, "tkhd");
	t->edts = child(trak, "edts");
	t->mdia = child(trak, "mdia");
	t->mdhd = child(t->mdia, "mdhd");
	t->minf = child(t->mdia, "minf");
	stsd = child(child(t->minf, "stbl"), "stsd");
	t->entry = child_from(stsd, STSD_ENTRY, NULL);
	if (t->tkhd.len != TKHD_SIZE || t->mdhd.len < MDHD_DURATION + 8 || t->entry.len == 0)
		return false;
	t->id = be32dec(t->tkhd.p + TKHD_TRACK_ID);
	t->timescale = be32dec(t->mdhd.p + MDHD_TIMESCALE);
	t->entry_now = 1;
	return t->timescale != 0;
}

int
index_open(struct index *x, const uint8_t *moov, size_t len, size_t *at)
{
	struct index_span all = { moov, len }, trak;

	memset(x, 0, sizeof *x);
	*at = 0;
	errno = EINVAL;
	x->mvhd = child(all, "mvhd");
	if (x->mvhd.len < MVHD_DURATION + 8 || be32dec(x->mvhd.p + MVHD_TIMESCALE) == 0)
		return -1;
	for (*at = HEAD; (trak = child_from(all, *at, "trak")).len > 0; *at += trak.len) {
		*at = trak.p - moov;
		if (x->ntracks == MP4_MAX_TRACKS || !read_trak(&x->tracks[x->ntracks], trak))
			return -1;
		x->ntracks++;
	}
	for (size_t i = 0; i < x->ntracks; i++) {
		struct index_track *t = &x->tracks[i];

		if (entries_open(&t->entries, t->entry.p, t->entry.len) == -1)
			return -1;
	}
	return x->ntracks > 0 ? 0 : -1;
}

void
index_close(struct index *x)
{
	for (size_t i = 0; i < x->ntracks; i++) {
		entries_close(&x->tracks[i].entries);
		tables_close(&x->tracks[i].tables);
	}
}

/*
 * Which sample entry holds from a key frame on. Where there is one only, it need
 * not be asked for again when the tables are written.
 */
static int
choose_entry(struct index_track *t, const struct walk *w, const struct tables_sample *s)
{
	uint8_t head[ENTRIES_WINDOW];
	size_t len = s->size < sizeof head ? s->size : sizeof head;
	int entry;

	if (!s->sync || memcmp(t->entry.p + 4, "avc1", 4) != 0 ||
	    (t->tables.writing && t->entries.n == 1))
		return 0;
	if (walk_data(w, head, len, s->offset) == -1 ||
	    (entry = entries_take(&t->entries, head, len)) == -1)
		return -1;
	if (entry > 0)
		t->entry_now = entry;
	return 0;
}

/* When the picture has been shown. */
static void
note_shown(struct index_track *t, const struct tables_sample *s)
{
	uint64_t end = s->dts - t->first_dts + s->duration;

	if (s->cts < 0 && end < -(uint64_t)s->cts)
		return;
	end += (uint64_t)s->cts;
	if (end > t->end_shown)
		t->end_shown = end;
}

/* What the current fragment has of a track. */
static int
take_run(struct index_track *t, const struct walk *w)
{
	struct walk_run run;
	struct tables_sample s = { .run_begins = true };
	const uint8_t *p;

	if (walk_run(w, t->id, &run) == 0)
		return 0;
	s.dts = run.dts;
	s.offset = run.data_offset;
	p = run.samples;
	if (t->tables.nsamples == 0)
		t->first_dts = s.dts;
	for (uint32_t i = 0; i < run.nsamples; i++, p += WALK_SAMPLE_SIZE) {
		s.duration = be32dec(p);
		s.size = be32dec(p + 4);
		s.sync = !(be32dec(p + 8) & SYNC_MASK);
		s.cts = (int32_t)be32dec(p + 12);
		if (choose_entry(t, w, &s) == -1)
			return -1;
		s.entry = t->entry_now;
		if (!t->tables.writing)
			rate_take(&t->rate, s.dts, s.size, t->timescale);
		tables_take(&t->tables, &s);
		note_shown(t, &s);
		s.run_begins = false;
		s.dts += s.duration;
		s.offset += s.size;
	}
	t->end_dts = s.dts;
	return 0;
}

static int
take_fragment(struct index *x, const struct walk *w)
{
	for (size_t i = 0; i < x->ntracks; i++) {
		if (take_run(&x->tracks[i], w) == -1)
			return -1;
	}
	return 0;
}

/* All data is in the file already, so one sync will do for all commits. */
static int
commit(const struct walk *w, bool *synced)
{
	if (w->committed)
		return 0;
	if (!*synced && fdatasync(w->fd) == -1)
		return -1;
	*synced = true;
	return box_write_at(w->fd, "moof", 4, w->offset + 4);
}

int
index_survey(struct index *x, int fd, uint64_t first, uint64_t end)
{
	struct walk w;
	bool synced = false;
	int more;

	x->fd = fd;
	x->first = first;
	walk_open(&w, fd, first, end);
	while ((more = walk_next(&w)) == 1) {
		if (commit(&w, &synced) == -1 || take_fragment(x, &w) == -1) {
			more = -1;
			break;
		}
	}
	x->end = w.next;
	x->damaged = w.skipped;
	walk_close(&w);
	for (size_t i = 0; i < x->ntracks; i++)
		tables_end(&x->tracks[i].tables);
	return more;
}

/* The fragments once more, into the tables. */
static int
write_rows(struct index *x)
{
	struct walk w;
	int more;

	walk_open(&w, x->fd, x->first, x->end);
	while ((more = walk_next(&w)) == 1) {
		if (take_fragment(x, &w) == -1) {
			more = -1;
			break;
		}
	}
	walk_close(&w);
	for (size_t i = 0; i < x->ntracks; i++) {
		if (tables_end(&x->tracks[i].tables) == -1)
			more = -1;
	}
	return more;
}

/* Copies a box, with 64 bits at an offset in it replaced. */
static void
copy_patched(struct box_writer *w, struct index_span box, size_t at, uint64_t v)
{
	box_bytes(w, box.p, at);
	box_u64(w, v);
	box_bytes(w, box.p + at + 8, box.len - at - 8);
}

/* A sample entry, and what the rate is of all the track: any of them may come back at any time. */
static void
write_entry(struct box_writer *w, const struct index_track *t, size_t i)
{
	box_u32(w, t->entries.len[i] + RATE_BTRT_SIZE);
	box_bytes(w, t->entries.boxes[i] + 4, t->entries.len[i] - 4);
	rate_write(&t->rate, w, t->end_dts - t->first_dts, t->timescale);
}

static void
write_minf(struct box_writer *w, struct index_track *t)
{
	static const char copied[][5] = { "vmhd", "smhd", "nmhd", "dinf" };
	uint64_t box = box_begin(w, "minf"), stbl, stsd;
	struct index_span s;

	for (size_t i = 0; i < sizeof copied / sizeof copied[0]; i++) {
		s = child(t->minf, copied[i]);
		box_bytes(w, s.p, s.len);
	}
	stbl = box_begin(w, "stbl");
	stsd = box_begin_full(w, "stsd", 0, 0);
	box_u32(w, t->entries.n);
	for (size_t i = 0; i < t->entries.n; i++)
		write_entry(w, t, i);
	box_end(w, stsd);
	tables_place(&t->tables, w);
	box_end(w, stbl);
	box_end(w, box);
}

/* ticks of a track in ticks of the movie, rounded down, without overflow. */
static uint64_t
rescale(uint64_t ticks, uint32_t from, uint32_t to)
{
	return ticks / from * to + ticks % from * to / from;
}

/* A copy of the tkhd, in which the largest picture has room. */
static void
write_tkhd(struct box_writer *w, const struct index_track *t, uint64_t duration)
{
	uint64_t end;

	copy_patched(w, t->tkhd, TKHD_DURATION, duration);
	end = box_position(w);
	if (t->entries.shown_width == 0)
		return;
	box_patch_u32(w, end - 8, t->entries.shown_width);
	box_patch_u32(w, end - 4, t->entries.shown_height);
}

/*
 * Where in the media the presentation begins, ticks. Offsets of fragments may be
 * below zero, those of tables are not: with such and no edit list ffmpeg 5.1 has
 * all pictures late.
 */
static uint64_t
begins_at(const struct index_track *t)
{
	uint64_t ticks = t->edts.len < EDTS_MEDIA_TIME + 8 ? 0 : be64dec(t->edts.p + EDTS_MEDIA_TIME);

	return t->tables.lead + (ticks <= UINT32_MAX ? ticks : 0);
}

/* Returns its length in ticks of the movie. */
static uint64_t
write_trak(struct box_writer *w, struct index_track *t, uint32_t movie_timescale)
{
	uint64_t begin = begins_at(t), end = t->end_shown + t->tables.lead;
	uint64_t duration, box, media;
	struct index_span hdlr = child(t->mdia, "hdlr");

	duration = rescale(end > begin ? end - begin : 0, t->timescale, movie_timescale);
	box = box_begin(w, "trak");
	write_tkhd(w, t, duration);
	if (begin > 0)
		track_write_edts(w, duration, begin);
	media = box_begin(w, "mdia");
	copy_patched(w, t->mdhd, MDHD_DURATION, t->end_dts - t->first_dts);
	box_bytes(w, hdlr.p, hdlr.len);
	write_minf(w, t);
	box_end(w, media);
	box_end(w, box);
	return duration;
}

int
index_write(struct index *x, struct box_writer *w)
{
	uint64_t box = box_begin(w, "moov"), duration_at, longest = 0, duration;

	duration_at = box_position(w) + MVHD_DURATION;
	box_bytes(w, x->mvhd.p, x->mvhd.len);
	for (size_t i = 0; i < x->ntracks; i++) {
		duration = write_trak(w, &x->tracks[i], be32dec(x->mvhd.p + MVHD_TIMESCALE));
		if (duration > longest)
			longest = duration;
	}
	box_patch_u32(w, duration_at, longest >> 32);
	box_patch_u32(w, duration_at + 4, (uint32_t)longest);
	box_end(w, box);
	if (w->error != 0) {
		errno = w->error;
		return -1;
	}
	for (size_t i = 0; i < x->ntracks; i++)
		x->tracks[i].entry_now = 1;
	return write_rows(x);
}
