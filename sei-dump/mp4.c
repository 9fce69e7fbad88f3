/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The walk over a file's outermost boxes. Files come in these shapes:
 *
 *   ftyp mdat moov               finished, ours or others'; ours is also
 *   ftyp mdat{moov moof mdat ..} moov   with its fragments hidden in the mdat
 *   ftyp moov mdat               "fast start"
 *   ftyp moov (moof mdat)*       fragmented: a pipe, a killed recorder, one at work
 *
 * In ours a fragment that was not completed is named `free` in place of `moof`.
 * The hidden fragments serve where the moov at the end cannot: on a pipe, and
 * when it is cut or damaged. Without any index the mdat itself is searched.
 * Behind damage the walk goes on at the next moov or moof.
 */
#include "mp4.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/endian.h>

#include "box.h"
#include "fragment.h"
#include "sample.h"
#include "scan.h"
#include "tables.h"
#include "track.h"

struct mp4 {
	struct input *in;
	struct findings *found;
	struct jsonl *jsonl;
	struct view boxes;
	struct samples samples;
	struct track track;
	struct box last;	/* the last outermost box that was met */
	struct box mdat;	/* the first one without a moov before it */
	bool has_moov;		/* a moov was met, whatever it said */
	bool has_track;		/* and a video track was in it */
	bool has_mdat;		/* mdat is one */
	bool fragmented;
	bool damaged;		/* the walk met damage */
	bool bad_moov;		/* the moov or its tables are damaged */
};

bool
mp4_begins(const uint8_t head[8])
{
	static const char types[][5] = { "ftyp", "styp", "moov", "moof", "mdat", "free", "skip",
	    "wide", "uuid", "pnot", "sidx", "emsg", "prft", "meta", "udta" };

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (be32dec(head + 4) == BOX_TYPE(types[i]))
			return true;
	return false;
}

/* Printable, or QuickTime's copyright sign. */
static bool
is_type(uint32_t type)
{
	for (int shift = 0; shift < 32; shift += 8) {
		unsigned c = type >> shift & 0xff;

		if ((c < ' ' || c >= 0x7f) && c != 0xa9)
			return false;
	}
	return true;
}

/* Whether the first box inside of b is a complete one of this type. */
static bool
begins_with(struct mp4 *m, const struct box *b, const char *type)
{
	struct box child;

	return box_next(&m->boxes, b->body, b->end, &child) == BOX_OK &&
	    child.type == BOX_TYPE(type) && child.end <= b->end;
}

/* Forgets the frames so far: they are read another way. */
static void
start_over(struct mp4 *m)
{
	struct frames *fs = m->samples.frames;

	fs->nframes = fs->nreports = fs->nevents = fs->text_len = 0;
	samples_again(&m->samples);
}

/* Reads the samples of the moov, from none. */
static int
read_tables(struct mp4 *m, struct jsonl *jsonl)
{
	start_over(m);
	m->samples.jsonl = jsonl;
	return tables_read(&m->track, &m->boxes, &m->samples);
}

static int
take_moov(struct mp4 *m, const struct box *b)
{
	uint64_t damage = m->found->of[FINDING_BOX].count;
	enum track_found found;
	int result;

	m->has_moov = true;
	found = track_find(&m->track, &m->boxes, b, &m->fragmented, m->found);
	if (m->in->error)
		return -1;
	if (found == TRACK_NONE)
		findings_add(m->found, FINDING_FORMAT, b->offset, "no H.264 video track");
	m->bad_moov = found == TRACK_DAMAGED;
	if (found != TRACK_FOUND)
		return 0;
	m->has_track = true;
	m->samples.frames->timescale = m->track.timescale;
	/* Where another way may be better, nothing must be written before that is known. */
	result = read_tables(m, m->in->seekable ? NULL : m->jsonl);
	m->bad_moov = m->found->of[FINDING_BOX].count > damage;
	if (result == 0 && m->in->seekable && m->jsonl != NULL && !m->bad_moov)
		result = read_tables(m, m->jsonl);
	m->samples.jsonl = m->jsonl;
	return result;
}

static int
take_box(struct mp4 *m, const struct box *b)
{
	if (b->type == BOX_TYPE("moov") && !m->has_moov)
		return take_moov(m, b);
	if (b->type == BOX_TYPE("moof") && m->has_track && m->fragmented)
		return fragment_read(&m->track, &m->boxes, b, &m->samples);
	return 0;
}

/*
 * What must be seen of a box before anything behind it, for on a pipe there is no
 * way back. Returns where the walk goes on.
 */
static uint64_t
enter(struct mp4 *m, const struct box *b)
{
	m->last = *b;
	if (b->type == BOX_TYPE("free") && m->fragmented && begins_with(m, b, "mfhd"))
		findings_add(m->found, FINDING_UNCOMMITTED, b->offset,
		    "a fragment was not completed, its frames are left out");
	if (b->type != BOX_TYPE("mdat") || m->has_moov || m->has_mdat)
		return b->end;
	m->has_mdat = true;
	m->mdat = *b;
	return !m->in->seekable && begins_with(m, b, "moov") ? b->body : b->end;
}

/* Whether all of b is there, as far as one can know; moov and moof are held on a pipe. */
static bool
is_whole(struct mp4 *m, const struct box *b)
{
	if (b->type != BOX_TYPE("moov") && b->type != BOX_TYPE("moof"))
		return b->end <= m->in->size;
	if (b->end > m->in->size || input_hold(m->in, b->offset, b->end - b->offset) == -1)
		return false;
	return b->end <= m->in->size;
}

/*
 * Whether b, which reaches past the end of the file, does so because its size is
 * wrong: then there is an index behind it and before end, and *offset moves there. The mdat of
 * a file without fragments is not searched for that, it may be large.
 */
static bool
wrong_size(struct mp4 *m, const struct box *b, uint64_t *offset, uint64_t end)
{
	uint64_t behind = b->body;

	if (!m->in->seekable || b->end <= m->in->size || m->in->error ||
	    (b->type == BOX_TYPE("mdat") && !(m->has_moov && m->fragmented)) ||
	    !box_search(&m->boxes, &behind, end < m->in->size ? end : m->in->size))
		return false;
	findings_add(m->found, FINDING_BOX, b->offset, "a box whose size is wrong");
	m->damaged = true;
	*offset = behind;
	return true;
}

/*
 * Walks from *offset to end, which is UINT64_MAX where nobody knows it. False at
 * damage: no box begins at *offset.
 */
static bool
walk_boxes(struct mp4 *m, uint64_t *offset, uint64_t end)
{
	struct box b, following;
	enum box_next next = box_next(&m->boxes, *offset, end, &b);

	while (next == BOX_OK && is_type(b.type)) {
		*offset = enter(m, &b);
		if (m->in->error || !is_whole(m, &b)) {
			if (!wrong_size(m, &b, offset, end))
				return true;
			next = box_next(&m->boxes, *offset, end, &b);
			continue;
		}
		/* On a pipe the next header must be seen before the frames behind it. */
		next = box_next(&m->boxes, *offset, end, &following);
		if (take_box(m, &b) == -1)
			return true;
		if (!m->in->seekable && m->has_moov && !m->fragmented)
			return true;	/* all was read, and the pipe is past the next header */
		b = following;
	}
	if (next == BOX_CUT)
		m->last.end = UINT64_MAX - 1;
	return m->in->error || next == BOX_END || next == BOX_CUT;
}

/* Walks over damage as well. */
static void
walk(struct mp4 *m, uint64_t offset, uint64_t end)
{
	while (!walk_boxes(m, &offset, end)) {
		findings_add(m->found, FINDING_BOX, offset, "no box begins here");
		m->damaged = true;
		offset++;
		if (!box_search(&m->boxes, &offset, end))
			return;
	}
}

/* What is to be said of frames that an index announces and the file does not have. */
static void
judge_missing(struct mp4 *m)
{
	struct samples *ss = &m->samples;
	bool cut = m->last.end > m->in->size && m->last.end != UINT64_MAX;
	char text[160];

	if (m->in->seekable)
		cut = m->last.end > m->in->size;
	cut = cut || (!m->has_moov && !m->has_mdat && !m->damaged);
	cut = cut || (ss->missing > 0 && !m->damaged && (m->last.type == BOX_TYPE("moof") ||
	    (m->last.type == BOX_TYPE("moov") && !m->has_mdat)));
	if (ss->missing > 0 && !cut)
		findings_add(m->found, FINDING_SAMPLE, ss->missing_offset,
		    "frames beyond the end of the file");
	if (!cut)
		return;
	snprintf(text, sizeof text, "the file ended early");
	if (ss->missing > 0)
		snprintf(text, sizeof text, "the file ended early, before %" PRIu64
		    " frames that it announces", ss->missing);
	else if (!m->has_moov)
		snprintf(text, sizeof text, "the file ended early, before its moov box");
	findings_add(m->found, FINDING_CUT, m->in->size, text);
}

/* The fragments that are hidden in the mdat, from the first one on. */
static void
read_hidden(struct mp4 *m)
{
	findings_add(m->found, FINDING_CUT, m->has_moov ? FINDING_NOWHERE : m->in->size, m->has_moov ?
	    "the index is damaged; the fragments were read" :
	    "the file ended early, before its index; the fragments were read");
	start_over(m);
	m->has_moov = m->has_track = false;
	walk(m, m->mdat.body, m->mdat.end);
	judge_missing(m);
}

/*
 * No index at all. If its writer was killed, the mdat is the last that it began, or
 * the index behind it is cut; if more follows, that was the index.
 */
static void
read_bytes(struct mp4 *m)
{
	struct frames *fs = m->samples.frames;
	bool killed = m->mdat.end >= m->in->size || (m->last.end > m->in->size && !m->damaged);

	start_over(m);
	if (scan_read(m->in, m->mdat.body, m->in->size, fs, m->jsonl, m->found) == -1)
		return;
	if (fs->nframes == 0)
		findings_add(m->found, FINDING_FORMAT, FINDING_NOWHERE,
		    "no moov box, so nothing says where the frames are");
	else
		findings_add(m->found, killed && !m->has_moov ? FINDING_CUT : FINDING_BOX, m->mdat.offset,
		    "no index behind this mdat box: frames were looked for, pts is their RTP time");
}

static void
read_all(struct mp4 *m)
{
	bool lost;

	walk(m, 0, m->in->size);
	lost = m->has_mdat && (!m->has_moov || m->bad_moov) && !m->in->error;
	if (lost && m->in->seekable && begins_with(m, &m->mdat, "moov"))
		read_hidden(m);
	else if (lost && m->samples.frames->nframes == 0 && (m->in->seekable || m->mdat.end == UINT64_MAX))
		read_bytes(m);
	else if (!m->in->error) {
		judge_missing(m);
		if (m->bad_moov && m->has_track && m->jsonl != NULL && m->in->seekable)
			read_tables(m, m->jsonl);
	}
	input_drain(m->in);
	if (m->in->error == ESPIPE)
		findings_add(m->found, FINDING_SYSTEM, FINDING_NOWHERE,
		    "frames stand before their index: give this as a file, not on a pipe");
	else if (m->in->error)
		findings_add(m->found, FINDING_SYSTEM, FINDING_NOWHERE, strerror(m->in->error));
	else if (!m->has_moov && m->has_mdat && m->samples.frames->nframes == 0 &&
	    m->found->of[FINDING_FORMAT].count == 0 && !m->damaged && !m->in->seekable)
		findings_add(m->found, FINDING_FORMAT, FINDING_NOWHERE,
		    "no moov box, so nothing says where the frames are");
}

void
mp4_read(struct input *in, struct frames *fs, struct jsonl *jsonl, struct findings *found)
{
	struct mp4 *m = calloc(1, sizeof *m);

	if (m == NULL || view_open(&m->boxes, in) == -1 ||
	    samples_open(&m->samples, in, fs, jsonl, found) == -1)
		findings_add(found, FINDING_SYSTEM, FINDING_NOWHERE, strerror(errno));
	else {
		m->in = in;
		m->found = found;
		m->jsonl = jsonl;
		read_all(m);
	}
	if (m != NULL) {
		samples_close(&m->samples);
		view_close(&m->boxes);
	}
	free(m);
}
