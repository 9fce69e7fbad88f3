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
 * when the file was cut before it.
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
#include "tables.h"
#include "track.h"

struct mp4 {
	struct input *in;
	struct findings *found;
	struct view boxes;
	struct samples samples;
	struct track track;
	struct box last;	/* the last outermost box that was met */
	struct box mdat;	/* the first one without a moov before it */
	bool has_moov;		/* a moov was met, whatever it said */
	bool has_track;		/* and a video track was in it */
	bool has_mdat;		/* mdat is one */
	bool fragmented;
	bool damaged;		/* the walk ended at damage */
};

bool
mp4_begins(const uint8_t head[8])
{
	static const char types[][5] = { "ftyp", "styp", "moov", "moof", "mdat", "free", "skip",
	    "wide", "uuid", "pnot", "sidx" };

	for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
		if (be32dec(head + 4) == BOX_TYPE(types[i]))
			return true;
	return false;
}

static bool
is_type(uint32_t type)
{
	for (int shift = 0; shift < 32; shift += 8)
		if ((type >> shift & 0xff) < ' ' || (type >> shift & 0xff) == 0x7f)
			return false;
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

static int
take_moov(struct mp4 *m, const struct box *b)
{
	enum track_found found;

	m->has_moov = true;
	found = track_find(&m->track, &m->boxes, b, &m->fragmented, m->found);
	if (m->in->error)
		return -1;
	if (found == TRACK_NONE)
		findings_add(m->found, FINDING_FORMAT, b->offset, "no H.264 video track");
	if (found != TRACK_FOUND)
		return 0;
	m->has_track = true;
	m->samples.frames->timescale = m->track.timescale;
	return tables_read(&m->track, &m->boxes, &m->samples);
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

/* Walks from offset to end, which is UINT64_MAX where nobody knows it. */
static void
walk(struct mp4 *m, uint64_t offset, uint64_t end)
{
	struct box b, following;
	enum box_next next = box_next(&m->boxes, offset, end, &b);

	while (next == BOX_OK && is_type(b.type)) {
		offset = enter(m, &b);
		if (m->in->error || !is_whole(m, &b))
			break;
		/* On a pipe the next header must be seen before the frames behind it. */
		next = box_next(&m->boxes, offset, end, &following);
		if (take_box(m, &b) == -1)
			break;
		if (!m->in->seekable && m->has_moov && !m->fragmented)
			break;	/* all was read, and the pipe is past the next header */
		b = following;
	}
	if (m->in->error)
		return;
	if (next == BOX_BAD && b.type == BOX_TYPE("mdat"))
		findings_add(m->found, FINDING_BOX, b.offset, "an mdat box whose size was "
		    "never filled in: its writer was killed before it wrote an index");
	else if (next == BOX_BAD || (next == BOX_OK && !is_type(b.type)))
		findings_add(m->found, FINDING_BOX, offset, "no box begins here");
	m->damaged = next == BOX_BAD || (next == BOX_OK && !is_type(b.type));
	if (next == BOX_CUT)
		m->last.end = UINT64_MAX - 1;
}

/* What the walk did not find. */
static void
judge(struct mp4 *m)
{
	struct samples *ss = &m->samples;
	bool cut = m->last.end > m->in->size && m->last.end != UINT64_MAX;
	char text[160];

	if (m->in->seekable)
		cut = m->last.end > m->in->size;
	if (!m->has_moov && m->has_mdat && !m->damaged)
		findings_add(m->found, FINDING_FORMAT, FINDING_NOWHERE,
		    "no moov box, so nothing says where the frames are");
	/* Frames that a moof or an early moov announced, and then the file ended. */
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

static void
read_all(struct mp4 *m)
{
	walk(m, 0, m->in->size);
	if (!m->in->error && !m->has_moov && m->has_mdat && begins_with(m, &m->mdat, "moov") &&
	    m->in->seekable) {
		findings_add(m->found, FINDING_CUT, m->in->size,
		    "the file ended early, before its index; the fragments were read");
		walk(m, m->mdat.body, m->mdat.end);
	}
	input_drain(m->in);
	if (m->in->error == ESPIPE)
		findings_add(m->found, FINDING_SYSTEM, FINDING_NOWHERE,
		    "frames stand before their index: give this as a file, not on a pipe");
	else if (m->in->error)
		findings_add(m->found, FINDING_SYSTEM, FINDING_NOWHERE, strerror(m->in->error));
	else
		judge(m);
}

void
mp4_read(struct input *in, struct frames *fs, struct findings *found)
{
	struct mp4 *m = calloc(1, sizeof *m);

	if (m == NULL || view_open(&m->boxes, in) == -1 ||
	    samples_open(&m->samples, in, fs, found) == -1)
		findings_add(found, FINDING_SYSTEM, FINDING_NOWHERE, strerror(errno));
	else {
		m->in = in;
		m->found = found;
		read_all(m);
	}
	if (m != NULL) {
		samples_close(&m->samples);
		view_close(&m->boxes);
	}
	free(m);
}
