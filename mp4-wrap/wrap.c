/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Access units become samples of length-prefixed NAL units (ISO/IEC 14496-15
 * 5.3.2). The prefix overwrites the last four bytes of the record's head, so a
 * NAL unit goes from the read buffer to the file as it lies there.
 */
#include "wrap.h"

#include <sys/endian.h>

#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "h264.h"

#define PREFIX		4
#define AU_MAX		((uint64_t)64 << 20)
#define RATE_MAX	INT32_MAX	/* players read a time scale with a sign */

void
wrap_open(struct wrap *w, struct nalstream *in, struct mp4 *out, const struct wrap_files *files,
    const struct segment *segment)
{
	memset(w, 0, sizeof *w);
	w->in = in;
	w->out = out;
	w->files = files;
	w->segment = segment;
	w->track = -1;
	w->clock_rate = H264_CLOCK_RATE;
	pieces_open(&w->pieces, in);
	fragment_open(&w->fragment, &w->pieces, out, w->clock_rate);
}

void
wrap_close(struct wrap *w)
{
	fragment_close(&w->fragment);
	pieces_close(&w->pieces);
	params_close(&w->params);
}

/* A piece of the access unit, i of its own pieces before it. Takes it over if it returns 0. */
static int
add_piece(struct wrap *w, size_t i, struct piece piece)
{
	if (pieces_insert(&w->pieces, w->pieces.n - w->au.npieces + i, piece) == -1)
		return -1;
	w->au.npieces++;
	w->au.bytes += piece.len;
	return 0;
}

static void
drop_pieces(struct wrap *w)
{
	pieces_drop(&w->pieces, w->au.npieces);
	w->au.npieces = 0;
	w->au.bytes = 0;
}

/* Begins a file and gives it the tracks: parameter sets are known by now. */
static int
begin(struct wrap *w)
{
	struct track track = { .id = FRAGMENT_TRACK_ID, .timescale = w->clock_rate };
	struct params_group sets;

	params_group(&w->params, w->au.pps_id, &sets);
	if (track_set_avc(&track, sets.sps, sets.nsps, sets.pps, sets.npps) == -1)
		return -1;
	w->first_unix_ns = clock_unix_from_ntp(w->au.arrival_ntp);
	if (w->files->next(w->files->arg, w->first_unix_ns) == -1) {
		track_close(&track);
		return -1;
	}
	w->fragment.timeline.clock_rate = w->clock_rate;
	fragment_begin(&w->fragment, &track, w->first_unix_ns);
	w->begun = true;
	return 0;
}

/*
 * Ends the file before the frame that is to come, if it is time: at an IDR picture,
 * for what stands behind other key frames may need what stands before them. Where
 * none comes, these are better than no end.
 */
static int
cut(struct wrap *w, const struct fragment_frame *frame)
{
	int64_t pts = fragment_pts(&w->fragment, frame), step = pts - w->fragment.timeline.max_pts;
	struct segment_place at = {
		.pts = pts > 0 ? pts : 0, .step = step > 0 ? step : 0,
		.clock_rate = w->fragment.timeline.clock_rate,
		.bytes = w->out->end + w->pieces.bytes - frame->size,
		.first_unix_ns = w->first_unix_ns,
		.unix_ns = clock_unix_from_ntp(frame->arrival_ntp),
	};
	bool late;

	if (!segment_due(w->segment, &at))
		return 0;
	late = segment_late(w->segment, &at);
	w->late |= late && !frame->key;
	if (!w->au.idr && !(frame->key && late))
		return 0;
	w->begun = false;
	return fragment_cut(&w->fragment, frame);
}

/*
 * A key frame carries its parameter sets: after a delimiter, before all else. If
 * one is missing, all go in, for ffmpeg drops a PPS when another SPS comes after it.
 */
static int
insert_params(struct wrap *w)
{
	struct piece piece = { 0 };
	struct params_group sets;
	size_t len;

	params_group(&w->params, w->au.pps_id, &sets);
	if (sets.own)
		return 0;
	piece.own = params_pack(&sets, &len);
	if (piece.own == NULL)
		return -1;
	piece.len = len;
	if (add_piece(w, w->au.has_aud, piece) == -1) {
		free(piece.own);
		return -1;
	}
	return 0;
}

static int
add_frame(struct wrap *w)
{
	struct fragment_frame frame = {
		.rtp = w->au.rtp, .arrival_ntp = w->au.arrival_ntp,
		.size = w->au.bytes, .key = w->au.key, .idr = w->au.idr,
		.picture = w->au.picture, .depth = w->au.depth,
	};

	if (w->begun && segment_limited(w->segment) && cut(w, &frame) == -1)
		return -1;
	if (!w->begun && begin(w) == -1)
		return -1;
	w->au.npieces = 0;
	w->frames++;
	return fragment_add(&w->fragment, &frame);
}

/* The access unit that was being put together is whole. */
static int
end_au(struct wrap *w)
{
	if (!w->au.open)
		return 0;
	w->au.open = false;
	w->oversized += w->au.too_big;
	if (!w->au.has_vcl || w->au.too_big || !params_complete(&w->params)) {
		w->skipped += w->au.has_vcl && !w->au.too_big;
		drop_pieces(w);
		if (w->au.has_vcl)
			pictures_forget(&w->pictures);
		return 0;
	}
	/* Chromium plays no fragments without a sync sample, and some cameras send no IDR picture. */
	w->au.key |= w->frames == 0;
	if (w->au.key && insert_params(w) == -1)
		return -1;
	return add_frame(w);
}

static void
begin_au(struct wrap *w, uint64_t offset)
{
	memset(&w->au, 0, sizeof w->au);
	w->au.open = true;
	w->au.pps_id = -1;
	w->params.unit++;
	w->au.begin = offset;
}

/* Counts all that lies in the buffer since it began, so that many tiny records are no way around. */
static void
limit_au(struct wrap *w)
{
	if (!w->au.open || nalstream_offset(w->in) - w->au.begin <= AU_MAX)
		return;
	w->au.too_big = true;
	drop_pieces(w);
}

/* The first slice of an access unit: its times are the picture's. */
static void
take_first_slice(struct wrap *w, const struct nalrec *r)
{
	struct slice_start start;
	const struct sps *sps;

	w->au.has_vcl = true;
	w->au.rtp = r->rtp;
	w->au.arrival_ntp = r->first_ntp;
	if (slice_parse(&start, r->payload, r->len) == 0)
		w->au.pps_id = start.pic_parameter_set_id;
	sps = params_sps(&w->params, w->au.pps_id);
	w->au.depth = sps == NULL ? -1 : pictures_depth(sps);
	w->au.picture = pictures_take(&w->pictures, r->payload, r->len, sps);
}

/* What a NAL unit says of its access unit. 0, or -1 with errno. */
static int
look_at(struct wrap *w, const struct nalrec *r)
{
	unsigned type = NAL_TYPE(r->payload[0]);

	if (nal_is_vcl(type) && !w->au.has_vcl)
		take_first_slice(w, r);
	w->au.idr |= type == NAL_IDR;
	w->au.key |= type == NAL_IDR || r->flags & NALSTREAM_KEY ||
	    (!w->au.has_vcl && sei_has_recovery_point(r->payload, r->len));
	w->au.has_aud |= type == NAL_AUD && w->au.npieces == 0;
	return type == NAL_SPS || type == NAL_PPS ? params_take(&w->params, r->payload, r->len) : 0;
}

static int
take_nal(struct wrap *w, const struct nalrec *r)
{
	if (w->track == -1)
		w->track = r->track;
	if (r->track != w->track || r->len == 0)
		return 0;
	if (r->flags & NALSTREAM_FIRST) {
		if (end_au(w) == -1)
			return -1;
		begin_au(w, r->offset);
	}
	if (!w->au.open)
		return 0;
	if (look_at(w, r) == -1)
		return -1;
	limit_au(w);
	if (!w->au.too_big) {
		be32enc(r->payload - PREFIX, r->len);
		if (add_piece(w, w->au.npieces, (struct piece){ .len = PREFIX + r->len,
		    .at = r->offset + NALSTREAM_HEAD - PREFIX }) == -1)
			return -1;
	}
	return r->flags & NALSTREAM_LAST ? end_au(w) : 0;
}

/* T: the clock rate is that of the video track, and cannot change in a file: the next one has it. */
static void
take_track(struct wrap *w, const struct nalrec *r)
{
	char value[16];
	const char *error;
	long long rate;

	if ((w->track != -1 && r->track != w->track) ||
	    nalstream_value(r, "codec", value, sizeof value) < 0 || strcmp(value, "h264") != 0 ||
	    nalstream_value(r, "clock-rate", value, sizeof value) < 0)
		return;
	rate = strtonum(value, 1, RATE_MAX, &error);
	if (error == NULL)
		w->clock_rate = rate;
}

/* An access unit that is open where the stream ends or begins anew never got its end. */
static void
drop_cut_au(struct wrap *w)
{
	if (w->au.open)
		drop_pieces(w);
	w->cut += w->au.open;
	w->au.open = false;
}

int
wrap_record(struct wrap *w, const struct nalrec *r)
{
	switch (r->type) {
	case NALSTREAM_NAL:
		return take_nal(w, r);
	case NALSTREAM_TRACK:
		take_track(w, r);
		return 0;
	case NALSTREAM_STREAM:
		timeline_break(&w->fragment.timeline);
		drop_cut_au(w);
		pictures_forget(&w->pictures);
		w->track = -1;		/* what the T records said is void */
		return 0;
	default:
		return 0;
	}
}

void
wrap_hold(struct wrap *w)
{
	limit_au(w);
	pieces_hold(&w->pieces);
}

int64_t
wrap_tick(struct wrap *w, int64_t now_ns)
{
	return fragment_tick(&w->fragment, now_ns);
}

int
wrap_finish(struct wrap *w)
{
	drop_cut_au(w);
	return fragment_flush(&w->fragment);
}
