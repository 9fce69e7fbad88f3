/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * From moov to the one track that matters: handler `vide` and a sample entry
 * avc1 to avc4 (ISO/IEC 14496-15 5.4). Also its clock (mdhd), its edit list and
 * what fragments take from mvex.
 */
#include "track.h"

#include <string.h>

#define VISUAL_ENTRY	78	/* bytes of a VisualSampleEntry before its boxes (8.5.2, 12.1.3) */
#define TICKS_MAX	((int64_t)1 << 61)	/* an edit further away than this is none */

static enum track_found
damaged(struct findings *found, uint64_t offset, const char *what)
{
	findings_add(found, FINDING_BOX, offset, what);
	return TRACK_DAMAGED;
}

/* Walks down one name after the other. */
static enum box_next
descend(struct view *v, const struct box *from, const char *const *names, struct box *b)
{
	struct box parent;
	uint64_t offset;
	enum box_next next;

	for (*b = *from; *names != NULL; names++) {
		offset = b->body;
		parent = *b;
		next = box_find(v, &parent, &offset, BOX_TYPE(*names), b);
		if (next != BOX_OK)
			return next;
	}
	return BOX_OK;
}
#define DESCEND(v, from, b, ...) \
	descend(v, from, (const char *const[]){ __VA_ARGS__, NULL }, b)

/* tkhd: track_ID (8.3.2). */
static bool
read_id(struct view *v, const struct box *trak, struct track *t)
{
	struct box tkhd;
	struct fields f;
	uint64_t version;

	if (DESCEND(v, trak, &tkhd, "tkhd") != BOX_OK)
		return false;
	fields_open(&f, v, &tkhd);
	version = fields_u(&f, 1);
	fields_skip(&f, 3 + (version == 1 ? 16 : 8));
	t->id = (uint32_t)fields_u(&f, 4);
	return !f.error;
}

/* mdhd: timescale (8.4.2); also mvhd (8.2.2), whose layout is the same up to there. */
static uint32_t
read_timescale(struct view *v, const struct box *b)
{
	struct fields f;
	uint64_t version;

	fields_open(&f, v, b);
	version = fields_u(&f, 1);
	fields_skip(&f, 3 + (version == 1 ? 16 : 8));
	return (uint32_t)fields_u(&f, 4);
}

/* avcC: lengthSizeMinusOne (ISO/IEC 14496-15 5.3.3.1). 0 if it is missing. */
static uint8_t
read_length_size(struct view *v, const struct box *entry)
{
	struct box boxes = *entry, avcc;
	struct fields f;
	uint64_t size;

	if (entry->end - entry->body < VISUAL_ENTRY)
		return 0;
	boxes.body += VISUAL_ENTRY;
	if (DESCEND(v, &boxes, &avcc, "avcC") != BOX_OK)
		return 0;
	fields_open(&f, v, &avcc);
	fields_skip(&f, 4);
	size = (fields_u(&f, 1) & 3) + 1;
	return f.error ? 0 : (uint8_t)size;
}

/* stsd (8.5.2). Whether one of its entries is H.264 that can be read. */
static bool
read_entries(struct view *v, const struct box *stsd, struct track *t)
{
	struct fields f;
	struct box entry;
	uint64_t count;
	bool h264 = false;

	fields_open(&f, v, stsd);
	fields_skip(&f, 4);
	count = fields_u(&f, 4);
	for (uint64_t i = 0; i < count && i < TRACK_ENTRIES_MAX && !f.error; i++) {
		if (box_next(v, f.offset, stsd->end, &entry) != BOX_OK || entry.end > stsd->end)
			break;
		if (entry.type >= BOX_TYPE("avc1") && entry.type <= BOX_TYPE("avc4"))
			t->nal_length[i] = read_length_size(v, &entry);
		h264 = h264 || t->nal_length[i] != 0;
		f.offset = entry.end;
	}
	return h264;
}

/* A duration in another timescale, to the nearest tick. False if it cannot be. */
static bool
rescale(uint64_t duration, uint32_t from, uint32_t to, uint64_t *ticks)
{
	if (from == 0 || duration / from > UINT32_MAX / 2)
		return false;
	*ticks = duration / from * to + (duration % from * to + from / 2) / from;
	return *ticks <= TICKS_MAX;
}

/* An edit that shows media from there on; its presentation begins at start. */
static void
add_edit(struct track *t, int64_t media_time, uint64_t duration, bool dwells, uint64_t start)
{
	struct track_edit *e = &t->edit[t->nedits++];

	e->begin = media_time;
	e->end = media_time + (dwells ? 1 : (int64_t)duration);
	if (duration == 0)		/* of fragments: as long as it takes */
		e->end = INT64_MAX;
	e->shift = (int64_t)start - media_time;
}

/*
 * elst (8.6.6): edits in the order of presentation. One without media, -1, only
 * moves those after it. False if these cannot be.
 */
static bool
read_edits(struct view *v, const struct box *elst, uint32_t movie_timescale, struct track *t)
{
	struct fields f;
	uint64_t version, count, duration, ticks, start = 0;
	int64_t media_time;

	fields_open(&f, v, elst);
	version = fields_u(&f, 1);
	fields_skip(&f, 3);
	for (count = fields_u(&f, 4); count > 0 && t->nedits < TRACK_EDITS_MAX; count--) {
		duration = fields_u(&f, version == 1 ? 8 : 4);
		media_time = version == 1 ? (int64_t)fields_u(&f, 8) :
		    (int32_t)(uint32_t)fields_u(&f, 4);
		if (f.error || media_time < -1 || media_time > TICKS_MAX)
			return false;
		if (!rescale(duration, movie_timescale, t->timescale, &ticks)) {
			if (media_time == -1 || count > 1)
				return false;
			ticks = 0;		/* how long the last one is does not matter */
		}
		if (media_time >= 0)
			add_edit(t, media_time, ticks, fields_u(&f, 2) == 0, start);
		else
			fields_skip(&f, 2);
		fields_skip(&f, 2);
		start += ticks;
		if (start > TICKS_MAX)
			return false;
	}
	return !f.error && count == 0;
}

int64_t
track_present(const struct track *t, int64_t composition)
{
	const struct track_edit *e = t->edit, *found = NULL;

	for (unsigned i = 0; i < t->nedits; i++, e++) {
		if (composition >= e->begin && composition < e->end)
			return composition + e->shift;
		if (composition >= e->begin && (found == NULL || e->begin > found->begin))
			found = e;
	}
	if (found == NULL && t->nedits > 0)
		found = t->edit;
	return composition + (found == NULL ? 0 : found->shift);
}

/* mvex/trex of this track (8.8.3). False if there is one that cannot be read. */
static bool
read_defaults(struct view *v, const struct box *mvex, struct track *t)
{
	uint64_t offset = mvex->body;
	struct box trex;
	struct fields f;

	while (box_find(v, mvex, &offset, BOX_TYPE("trex"), &trex) == BOX_OK) {
		fields_open(&f, v, &trex);
		fields_skip(&f, 4);
		if (fields_u(&f, 4) != t->id)
			continue;
		t->default_description = (uint32_t)fields_u(&f, 4);
		t->default_duration = (uint32_t)fields_u(&f, 4);
		t->default_size = (uint32_t)fields_u(&f, 4);
		t->default_flags = (uint32_t)fields_u(&f, 4);
		return !f.error;
	}
	return true;
}

static enum track_found
read_track(struct track *t, struct view *v, const struct box *moov, const struct box *trak,
    struct findings *found)
{
	struct box b;
	struct fields f;
	uint32_t movie_timescale = 0;
	enum box_next next;

	memset(t, 0, sizeof *t);
	next = DESCEND(v, trak, &b, "mdia", "hdlr");
	if (next == BOX_BAD && v->in->error == 0)
		return damaged(found, trak->offset, "a track with a box that reaches past the one around it");
	if (next != BOX_OK)
		return TRACK_NONE;
	fields_open(&f, v, &b);
	fields_skip(&f, 8);
	if (fields_u(&f, 4) != BOX_TYPE("vide"))
		return TRACK_NONE;
	if (DESCEND(v, trak, &t->stbl, "mdia", "minf", "stbl") != BOX_OK ||
	    DESCEND(v, &t->stbl, &b, "stsd") != BOX_OK)
		return damaged(found, trak->offset, "a video track without sample tables");
	if (!read_entries(v, &b, t))
		return TRACK_NONE;
	if (!read_id(v, trak, t))
		return damaged(found, trak->offset, "a video track without a tkhd box");
	if (DESCEND(v, trak, &b, "mdia", "mdhd") == BOX_OK)
		t->timescale = read_timescale(v, &b);
	if (t->timescale == 0)
		return damaged(found, trak->offset, "a video track without a timescale");
	if (DESCEND(v, moov, &b, "mvhd") == BOX_OK)
		movie_timescale = read_timescale(v, &b);
	if (DESCEND(v, trak, &b, "edts", "elst") == BOX_OK &&
	    !read_edits(v, &b, movie_timescale, t))
		damaged(found, b.offset, "an edit list that makes no sense, or too long, is not all applied");
	return TRACK_FOUND;
}

enum track_found
track_find(struct track *t, struct view *v, const struct box *moov, bool *fragmented,
    struct findings *found)
{
	uint64_t offset = moov->body;
	struct box trak, mvex;
	enum track_found result = TRACK_NONE;
	enum box_next next;

	*fragmented = DESCEND(v, moov, &mvex, "mvex") == BOX_OK;
	while ((next = box_find(v, moov, &offset, BOX_TYPE("trak"), &trak)) == BOX_OK) {
		result = read_track(t, v, moov, &trak, found);
		if (result != TRACK_NONE)
			break;
	}
	if (next == BOX_BAD && v->in->error == 0)
		return damaged(found, offset, "a box that reaches past the one around it");
	if (result == TRACK_FOUND && *fragmented && !read_defaults(v, &mvex, t))
		return damaged(found, mvex.offset, "an mvex box cut short");
	return result;
}

unsigned
track_nal_length(const struct track *t, uint32_t description)
{
	unsigned size = 0;

	if (description >= 1 && description <= TRACK_ENTRIES_MAX)
		size = t->nal_length[description - 1];
	for (unsigned i = 0; size == 0 && i < TRACK_ENTRIES_MAX; i++)
		size = t->nal_length[i];
	return size;
}
