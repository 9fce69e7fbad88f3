/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The final moov: the first one, without mvex, with durations and sample tables
 * (ISO/IEC 14496-12 8.6, 8.7) made by walking the fragments once per table.
 */
#include "finish.h"

#include <sys/endian.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box.h"
#include "entries.h"
#include "mp4.h"
#include "walk.h"

#define HEAD		8
#define MOOV_MAX	(16 << 20)
#define SYNC_MASK	0x00010000	/* sample_is_non_sync_sample, 8.8.3.1 */
/* Offsets in the version 1 boxes that track.c writes (8.2.2, 8.3.2, 8.4.2). */
#define MVHD_TIMESCALE	28
#define MVHD_DURATION	32
#define TKHD_TRACK_ID	28
#define TKHD_DURATION	36
#define MDHD_TIMESCALE	28
#define MDHD_DURATION	32
#define STSD_ENTRY	16

struct finish_job {
	int fd;
	uint64_t first, end;	/* the whole fragments */
	uint64_t size;		/* of the file: here the new moov goes */
	uint64_t damaged;
	uint8_t *moov;		/* the one written before them */
	size_t moov_len;
	struct box_writer w;
	int error;		/* errno of a failed read */
};

struct span {
	const uint8_t *p;
	size_t len;
};

/* The first child box of this type, head included; len 0: none. */
static struct span
child(struct span parent, size_t head, const char *type)
{
	size_t at = head, size;

	for (; parent.len >= HEAD && at <= parent.len - HEAD; at += size) {
		size = be32dec(parent.p + at);
		if (size < HEAD || size > parent.len - at)
			break;
		if (memcmp(parent.p + at + 4, type, 4) == 0)
			return (struct span){ parent.p + at, size };
	}
	return (struct span){ NULL, 0 };
}

/* What must be known of a track before its tables. */
struct survey {
	uint32_t track_id;
	uint64_t duration;	/* ticks */
	bool has_cts;		/* a presentation time differs from its decode time */
	bool has_delta;		/* a sample is no sync sample */
	struct entries entries;
};

/* One sample after the other of one track. */
struct cursor {
	struct walk walk;
	struct walk_run run;
	uint32_t i;		/* next sample of the run */
	const struct survey *survey;
	size_t change;		/* next of the survey's changes of entry */
	/* The current sample. */
	uint32_t number;	/* from 1 */
	bool chunk_begins;
	uint32_t entry;		/* sample_description_index */
	uint64_t dts, offset;
	uint32_t duration, size, cts;
	bool sync;
};

static void
cursor_open(struct cursor *c, const struct finish_job *f, const struct survey *v)
{
	memset(c, 0, sizeof *c);
	c->survey = v;
	c->entry = 1;
	walk_open(&c->walk, f->fd, f->first, f->end);
}

/* The next fragment with samples of the track. */
static bool
cursor_next_run(struct cursor *c, struct finish_job *f)
{
	int more;

	while ((more = walk_next(&c->walk)) == 1) {
		if (walk_run(&c->walk, c->survey->track_id, &c->run) == 0)
			continue;
		c->i = 0;
		c->dts = c->run.dts;
		c->offset = c->run.data_offset;
		c->duration = c->size = 0;
		c->chunk_begins = true;
		return true;
	}
	if (more == -1)
		f->error = errno;
	walk_close(&c->walk);
	return false;
}

static bool
cursor_next(struct cursor *c, struct finish_job *f)
{
	const struct entries *e = &c->survey->entries;
	const uint8_t *s;

	c->chunk_begins = false;
	if (c->i == c->run.nsamples && !cursor_next_run(c, f))
		return false;
	c->number++;
	if (c->change < e->nchanges && e->changes[c->change].sample == c->number) {
		c->entry = e->changes[c->change++].entry;
		c->chunk_begins = true;
	}
	s = c->run.samples + (size_t)c->i++ * WALK_SAMPLE_SIZE;
	c->dts += c->duration;
	c->offset += c->size;
	c->duration = be32dec(s);
	c->size = be32dec(s + 4);
	c->sync = !(be32dec(s + 8) & SYNC_MASK);
	c->cts = be32dec(s + 12);
	return true;
}

/* Looks at all samples of a track; its first sample entry is given. */
static int
survey(struct survey *v, struct finish_job *f, struct span stsd)
{
	uint64_t first = UINT64_MAX;
	struct cursor c;

	if (stsd.len <= STSD_ENTRY) {
		errno = EINVAL;
		return -1;
	}
	if (entries_open(&v->entries, stsd.p + STSD_ENTRY, stsd.len - STSD_ENTRY) == -1)
		return -1;
	for (cursor_open(&c, f, v); cursor_next(&c, f); ) {
		if (first == UINT64_MAX)
			first = c.dts;
		v->duration = c.dts + c.duration - first;
		v->has_cts |= c.cts != 0;
		v->has_delta |= !c.sync;
		/* A change noted here is of this very sample: the cursor is past it. */
		if (c.sync && entries_take(&v->entries, f->fd, c.offset, c.size, c.number) == -1) {
			walk_close(&c.walk);
			return -1;
		}
	}
	return 0;
}

/* A table whose entry count is known at its end. */
struct table {
	uint64_t box, count_at;
	uint32_t count;
};

static struct table
table_begin(struct box_writer *w, const char *type, bool has_sample_size)
{
	struct table t = { 0 };

	t.box = box_begin_full(w, type, 0, 0);
	if (has_sample_size)
		box_u32(w, 0);		/* stsz: sizes differ */
	t.count_at = box_position(w);
	box_u32(w, 0);
	return t;
}

static void
table_end(struct box_writer *w, struct table *t)
{
	box_patch_u32(w, t->count_at, t->count);
	box_end(w, t->box);
}

/* Runs of equal values, as stts and ctts have them. */
struct run {
	uint32_t count, value;
};

static void
run_end(struct box_writer *w, struct table *t, struct run *run)
{
	if (run->count == 0)
		return;
	box_u32(w, run->count);
	box_u32(w, run->value);
	t->count++;
	run->count = 0;
}

static void
run_add(struct box_writer *w, struct table *t, struct run *run, uint32_t value)
{
	if (run->count > 0 && run->value != value)
		run_end(w, t, run);
	run->value = value;
	run->count++;
}

/* 8.6.1.2. A sample lasts until the next one, also over a fragment's edge. */
static void
write_stts(struct finish_job *f, const struct survey *v)
{
	struct table t = table_begin(&f->w, "stts", false);
	struct run run = { 0 };
	struct cursor c;
	uint64_t dts = 0;
	uint32_t duration = 0;
	bool any = false;

	for (cursor_open(&c, f, v); cursor_next(&c, f); any = true) {
		if (any)
			run_add(&f->w, &t, &run, c.dts - dts);
		dts = c.dts;
		duration = c.duration;
	}
	if (any)
		run_add(&f->w, &t, &run, duration);
	run_end(&f->w, &t, &run);
	table_end(&f->w, &t);
}

/* 8.6.1.3 */
static void
write_ctts(struct finish_job *f, const struct survey *v)
{
	struct table t = table_begin(&f->w, "ctts", false);
	struct run run = { 0 };
	struct cursor c;

	for (cursor_open(&c, f, v); cursor_next(&c, f); )
		run_add(&f->w, &t, &run, c.cts);
	run_end(&f->w, &t, &run);
	table_end(&f->w, &t);
}

/* 8.6.2 */
static void
write_stss(struct finish_job *f, const struct survey *v)
{
	struct table t = table_begin(&f->w, "stss", false);
	struct cursor c;
	uint32_t number = 0;

	for (cursor_open(&c, f, v); cursor_next(&c, f); ) {
		number++;
		if (!c.sync)
			continue;
		box_u32(&f->w, number);
		t.count++;
	}
	table_end(&f->w, &t);
}

/* 8.7.3.2 */
static void
write_stsz(struct finish_job *f, const struct survey *v)
{
	struct table t = table_begin(&f->w, "stsz", true);
	struct cursor c;

	for (cursor_open(&c, f, v); cursor_next(&c, f); t.count++)
		box_u32(&f->w, c.size);
	table_end(&f->w, &t);
}

/* One chunk of stsc, left out if it is like the one before. */
struct chunk {
	uint32_t number, nsamples, entry;
};

static void
chunk_end(struct box_writer *w, struct table *t, const struct chunk *chunk, struct chunk *last)
{
	if (chunk->nsamples == 0 ||
	    (chunk->nsamples == last->nsamples && chunk->entry == last->entry))
		return;
	*last = *chunk;
	box_u32(w, chunk->number);		/* first_chunk */
	box_u32(w, chunk->nsamples);		/* samples_per_chunk */
	box_u32(w, chunk->entry);		/* sample_description_index */
	t->count++;
}

/* 8.7.4: a chunk is what one fragment has of the track with one sample entry. */
static void
write_stsc(struct finish_job *f, const struct survey *v)
{
	struct table t = table_begin(&f->w, "stsc", false);
	struct chunk chunk = { 0 }, last = { 0 };
	struct cursor c;

	for (cursor_open(&c, f, v); cursor_next(&c, f); chunk.nsamples++) {
		if (!c.chunk_begins)
			continue;
		chunk_end(&f->w, &t, &chunk, &last);
		chunk = (struct chunk){ .number = chunk.number + 1, .entry = c.entry };
	}
	chunk_end(&f->w, &t, &chunk, &last);
	table_end(&f->w, &t);
}

/* 8.7.5 */
static void
write_co64(struct finish_job *f, const struct survey *v)
{
	struct table t = table_begin(&f->w, "co64", false);
	struct cursor c;

	for (cursor_open(&c, f, v); cursor_next(&c, f); ) {
		if (!c.chunk_begins)
			continue;
		box_u64(&f->w, c.offset);
		t.count++;
	}
	table_end(&f->w, &t);
}

/* Copies a box, with 64 bits at an offset in it replaced. */
static void
copy_patched(struct box_writer *w, struct span box, size_t at, uint64_t v)
{
	if (box.len < at + 8) {
		w->error = EINVAL;
		return;
	}
	box_bytes(w, box.p, at);
	box_u64(w, v);
	box_bytes(w, box.p + at + 8, box.len - at - 8);
}

/* Copies all children of these types, in their order. */
static void
copy_children(struct box_writer *w, struct span parent, const char *const *types, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct span s = child(parent, HEAD, types[i]);

		if (s.len > 0)
			box_bytes(w, s.p, s.len);
	}
}

static void
write_minf(struct finish_job *f, struct span minf, const struct survey *v)
{
	static const char *const copied[] = { "vmhd", "smhd", "nmhd", "dinf" };
	struct box_writer *w = &f->w;
	uint64_t box = box_begin(w, "minf"), stbl, stsd;

	copy_children(w, minf, copied, sizeof copied / sizeof copied[0]);
	stbl = box_begin(w, "stbl");
	stsd = box_begin_full(w, "stsd", 0, 0);
	box_u32(w, v->entries.n);
	for (size_t i = 0; i < v->entries.n; i++)
		box_bytes(w, v->entries.boxes[i], v->entries.len[i]);
	box_end(w, stsd);
	write_stts(f, v);
	if (v->has_cts)
		write_ctts(f, v);
	if (v->has_delta)		/* without stss all are sync samples */
		write_stss(f, v);
	write_stsz(f, v);
	write_stsc(f, v);
	write_co64(f, v);
	box_end(w, stbl);
	box_end(w, box);
}

/* ticks of a track in ticks of the movie, rounded down, without overflow. */
static uint64_t
rescale(uint64_t ticks, uint32_t from, uint32_t to)
{
	return ticks / from * to + ticks % from * to / from;
}

/* A copy of a tkhd, in which the largest picture has room. */
static void
write_tkhd(struct box_writer *w, struct span tkhd, uint64_t duration, const struct survey *v)
{
	uint64_t end;

	copy_patched(w, tkhd, TKHD_DURATION, duration);
	end = box_position(w);
	if (v->entries.width == 0)
		return;
	box_patch_u32(w, end - 8, (uint32_t)v->entries.width << 16);
	box_patch_u32(w, end - 4, (uint32_t)v->entries.height << 16);
}

/* Writes a trak. Returns its length in ticks of the movie. */
static uint64_t
write_trak(struct finish_job *f, struct span trak, uint32_t movie_timescale)
{
	static const char *const copied[] = { "hdlr" };
	struct box_writer *w = &f->w;
	struct span tkhd = child(trak, HEAD, "tkhd"), edts = child(trak, HEAD, "edts");
	struct span mdia = child(trak, HEAD, "mdia"), mdhd = child(mdia, HEAD, "mdhd");
	struct span minf = child(mdia, HEAD, "minf"), stbl = child(minf, HEAD, "stbl");
	struct survey v = { 0 };
	uint32_t timescale;
	uint64_t movie_duration, box, media;

	if (tkhd.len < TKHD_DURATION + 16 || mdhd.len < MDHD_DURATION + 8 ||
	    (timescale = be32dec(mdhd.p + MDHD_TIMESCALE)) == 0) {
		w->error = EINVAL;
		return 0;
	}
	v.track_id = be32dec(tkhd.p + TKHD_TRACK_ID);
	if (survey(&v, f, child(stbl, HEAD, "stsd")) == -1)
		w->error = errno;
	movie_duration = rescale(v.duration, timescale, movie_timescale);
	box = box_begin(w, "trak");
	write_tkhd(w, tkhd, movie_duration, &v);
	if (edts.len > 0)
		box_bytes(w, edts.p, edts.len);
	media = box_begin(w, "mdia");
	copy_patched(w, mdhd, MDHD_DURATION, v.duration);
	copy_children(w, mdia, copied, 1);
	write_minf(f, minf, &v);
	box_end(w, media);
	box_end(w, box);
	entries_close(&v.entries);
	return movie_duration;
}

/*
 * The moov goes to the end of the file, as `free` until it is whole: a file
 * that is killed here still ends in something that readers skip.
 */
static void
write_moov(struct finish_job *f)
{
	struct box_writer *w = &f->w;
	struct span moov = { f->moov, f->moov_len }, mvhd = child(moov, HEAD, "mvhd"), trak;
	uint64_t box = box_begin(w, "free"), duration_at, longest = 0, duration;
	uint32_t timescale;
	size_t at;

	if (mvhd.len < MVHD_DURATION + 8 || be32dec(mvhd.p + MVHD_TIMESCALE) == 0) {
		w->error = EINVAL;
		return;
	}
	timescale = be32dec(mvhd.p + MVHD_TIMESCALE);
	duration_at = box_position(w) + MVHD_DURATION;
	box_bytes(w, mvhd.p, mvhd.len);
	for (at = HEAD; (trak = child(moov, at, "trak")).len > 0; at = trak.p - moov.p + trak.len) {
		duration = write_trak(f, trak, timescale);
		if (duration > longest)
			longest = duration;
	}
	box_patch_u32(w, duration_at, longest >> 32);
	box_patch_u32(w, duration_at + 4, (uint32_t)longest);
	box_end(w, box);
	box_patch_u32(w, box + 4, be32dec("moov"));
}

/*
 * Finds where the whole fragments end, and commits those that were not: after
 * what they hold is on the disk.
 */
static int
commit_all(struct finish_job *f)
{
	struct walk w;
	bool synced = false;
	int more;

	walk_open(&w, f->fd, f->first, f->end);
	while ((more = walk_next(&w)) == 1) {
		if (w.committed)
			continue;
		if ((!synced && fdatasync(f->fd) == -1) ||
		    pwrite(f->fd, "moof", 4, w.offset + 4) != 4) {
			more = -1;
			break;
		}
		synced = true;
	}
	f->end = w.next;
	f->damaged = w.skipped;
	walk_close(&w);
	return more;
}

/* Whether a whole moov stands where the 16 bytes after ftyp say. */
static bool
is_finished(const struct finish_job *f, const uint8_t *mdat)
{
	uint64_t moov = be64dec(mdat + 8) + MP4_FTYP_SIZE;
	uint8_t head[HEAD];

	return moov < f->size && f->size - moov >= HEAD &&
	    walk_read(f->fd, head, HEAD, moov) == 0 && memcmp(head + 4, "moov", 4) == 0 &&
	    be32dec(head) <= f->size - moov;
}

static enum finish
read_head(struct finish_job *f)
{
	uint8_t head[MP4_HEADER_SIZE + HEAD], *mdat = head + MP4_FTYP_SIZE;
	struct stat st;

	if (fstat(f->fd, &st) == -1)
		return FINISH_FAILED;
	f->size = f->end = st.st_size;
	if (f->size == 0)
		return FINISH_EMPTY;
	if (f->size < sizeof head)
		return FINISH_FOREIGN;
	if (walk_read(f->fd, head, sizeof head, 0) == -1)
		return FINISH_FAILED;
	if (memcmp(head, mp4_header, MP4_FTYP_SIZE) != 0)
		return FINISH_FOREIGN;
	/* One that was finished and then lost its end is like one that was not. */
	if (be32dec(mdat) == 1 && memcmp(mdat + 4, "mdat", 4) == 0) {
		if (is_finished(f, mdat))
			return FINISH_ALREADY;
	} else if (memcmp(head, mp4_header, MP4_HEADER_SIZE) != 0) {
		return FINISH_FOREIGN;
	}
	f->moov_len = be32dec(head + MP4_HEADER_SIZE);
	if (memcmp(head + MP4_HEADER_SIZE + 4, "moov", 4) != 0 || f->moov_len < HEAD)
		return FINISH_FOREIGN;
	if (f->moov_len > MOOV_MAX || f->moov_len > f->end - MP4_HEADER_SIZE)
		return FINISH_EMPTY;
	f->moov = malloc(f->moov_len);
	if (f->moov == NULL || walk_read(f->fd, f->moov, f->moov_len, MP4_HEADER_SIZE) == -1)
		return FINISH_FAILED;
	f->first = MP4_HEADER_SIZE + f->moov_len;
	if (f->first % 8 != 0)
		f->first += 16 - f->first % 8;	/* the padding of mp4_begin() */
	return FINISH_DONE;
}

/* From here on the file is an ordinary MP4: all before the moov is one mdat. */
static int
switch_over(struct finish_job *f)
{
	uint8_t mdat[MP4_HEADER_SIZE - MP4_FTYP_SIZE];

	be32enc(mdat, 1);
	memcpy(mdat + 4, "mdat", 4);
	be64enc(mdat + 8, f->size - MP4_FTYP_SIZE);
	if (pwrite(f->fd, mdat, sizeof mdat, MP4_FTYP_SIZE) != sizeof mdat)
		return -1;
	return fdatasync(f->fd);
}

static enum finish
finish(struct finish_job *f)
{
	enum finish rc = read_head(f);

	if (rc != FINISH_DONE)
		return rc;
	if (commit_all(f) == -1)
		return FINISH_FAILED;
	if (f->end == f->first)
		return FINISH_EMPTY;
	box_open(&f->w, f->fd, f->size);
	write_moov(f);
	if (f->error != 0)
		f->w.error = f->error;
	if (box_close(&f->w) == -1 || fdatasync(f->fd) == -1) {
		int saved = errno;

		(void)!ftruncate(f->fd, f->size);
		errno = saved;
		return FINISH_FAILED;
	}
	return switch_over(f) == -1 ? FINISH_FAILED : FINISH_DONE;
}

enum finish
finish_file(int fd, uint64_t *damaged)
{
	struct finish_job f = { .fd = fd };
	enum finish rc = finish(&f);
	int saved = errno;

	free(f.moov);
	*damaged = f.damaged;
	errno = saved;
	return rc;
}
