/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Access units become samples of length-prefixed NAL units (ISO/IEC 14496-15
 * 5.3.2). The prefix overwrites the last four bytes of the record's head, so a
 * NAL unit goes from the read buffer to the file as it lies there.
 */
#include "wrap.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "h264.h"

#define TRACK_ID	1
#define PREFIX		4
#define AU_MAX		((uint64_t)64 << 20)
#define FRAGMENT_MAX	((uint64_t)16 << 20)	/* a larger one is closed early */
#define HELD_NS		(CLOCK_NS_PER_S + CLOCK_NS_PER_S / 20)
#define DEFAULT_RATE	90000

void
wrap_open(struct wrap *w, struct nalstream *in, struct mp4 *out)
{
	memset(w, 0, sizeof *w);
	w->in = in;
	w->out = out;
	w->track = -1;
	w->timeline.clock_rate = DEFAULT_RATE;
}

static void
drop_pieces(struct wrap *w, size_t from)
{
	while (w->npieces > from) {
		w->npieces--;
		w->bytes -= w->pieces[w->npieces].len;
		free(w->pieces[w->npieces].own);
	}
}

void
wrap_close(struct wrap *w)
{
	drop_pieces(w, 0);
	free(w->pieces);
	free(w->samples);
	params_close(&w->params);
}

/* Makes room for one more element. */
static int
grow(void **array, size_t *cap, size_t n, size_t size)
{
	size_t more = *cap == 0 ? 256 : 2 * *cap;
	void *grown;

	if (n < *cap)
		return 0;
	grown = reallocarray(*array, more, size);
	if (grown == NULL)
		return -1;
	*array = grown;
	*cap = more;
	return 0;
}

static int
add_piece(struct wrap *w, struct wrap_piece piece, size_t before)
{
	if (grow((void **)&w->pieces, &w->cap_pieces, w->npieces, sizeof *w->pieces) == -1)
		return -1;
	memmove(w->pieces + before + 1, w->pieces + before,
	    (w->npieces - before) * sizeof *w->pieces);
	w->pieces[before] = piece;
	w->npieces++;
	w->bytes += piece.len;
	w->au.bytes += piece.len;
	return 0;
}

/* The samples' bytes as they lie in memory now; the caller frees. */
static struct iovec *
gather(const struct wrap *w, size_t npieces)
{
	struct iovec *iov = reallocarray(NULL, npieces, sizeof *iov);

	for (size_t i = 0; iov != NULL && i < npieces; i++) {
		const struct wrap_piece *p = &w->pieces[i];

		iov[i].iov_base = p->own != NULL ? p->own : nalstream_at(w->in, p->at);
		iov[i].iov_len = p->len;
	}
	return iov;
}

/* Forgets what was written: the first samples and pieces. */
static void
shift(struct wrap *w, size_t nsamples, size_t npieces)
{
	for (size_t i = 0; i < npieces; i++) {
		w->bytes -= w->pieces[i].len;
		free(w->pieces[i].own);
	}
	w->npieces -= npieces;
	w->nsamples -= nsamples;
	w->au.first_piece -= npieces;
	memmove(w->pieces, w->pieces + npieces, w->npieces * sizeof *w->pieces);
	memmove(w->samples, w->samples + nsamples, w->nsamples * sizeof *w->samples);
}

/* Writes the first n samples as a fragment. */
static int
write_fragment(struct wrap *w, size_t n)
{
	struct mp4_run run = { .track_id = TRACK_ID, .samples = w->samples, .nsamples = n };
	uint64_t size = 0;
	int rc;

	if (n == 0)
		return 0;
	for (size_t i = 0; i < n; i++)
		size += w->samples[i].size;
	for (uint64_t have = 0; have < size; run.niov++)
		have += w->pieces[run.niov].len;
	run.iov = gather(w, run.niov);
	if (run.iov == NULL)
		return -1;
	rc = mp4_fragment(w->out, &run, 1);
	free(run.iov);
	if (rc == -1)
		return -1;
	shift(w, n, run.niov);
	return 0;
}

/*
 * A picture needs some duration to be shown: that of the one before, else a
 * 25th of a second. The next frame's decode time tells the truth.
 */
static void
settle_pending(struct wrap *w)
{
	if (w->pending)
		w->samples[w->nsamples - 1].duration =
		    w->duration != 0 ? w->duration : w->timeline.clock_rate / 25;
	w->pending = false;
}

/* Cuts a fragment where a new frame says so, by decode time. */
static int
cut_before(struct wrap *w, uint64_t dts, bool key)
{
	uint64_t span;

	if (w->nsamples == 0)
		return 0;
	span = dts - w->samples[0].dts;
	if (span < w->timeline.clock_rate && w->bytes - w->au.bytes < FRAGMENT_MAX &&
	    !(key && 2 * span >= w->timeline.clock_rate))
		return 0;
	return write_fragment(w, w->nsamples);
}

/* Gives the tracks to the file: parameter sets are known by now. */
static int
begin(struct wrap *w)
{
	struct track track = { .id = TRACK_ID, .timescale = w->timeline.clock_rate };
	int rc;

	if (track_set_avc(&track, w->params.sps, PARAMS_SPS, w->params.pps, PARAMS_PPS) == -1)
		return -1;
	rc = mp4_begin(w->out, &track, 1, clock_unix_from_ntp(w->au.arrival_ntp));
	track_close(&track);
	w->begun = true;
	return rc;
}

/* A key frame carries its parameter sets: after a delimiter, before all else. */
static int
insert_params(struct wrap *w)
{
	struct wrap_piece piece = { 0 };
	size_t len;

	piece.own = params_pack(&w->params, &len);
	if (piece.own == NULL)
		return -1;
	piece.len = len;
	if (add_piece(w, piece, w->au.first_piece + w->au.has_aud) == -1) {
		free(piece.own);
		return -1;
	}
	return 0;
}

static int
add_sample(struct wrap *w)
{
	uint64_t before = w->timeline.last_dts, dts;

	dts = timeline_next(&w->timeline, w->au.rtp, w->au.arrival_ntp);
	w->duration = dts - before;
	if (w->pending)
		w->samples[w->nsamples - 1].duration = w->duration;
	if (cut_before(w, dts, w->au.key) == -1 ||
	    grow((void **)&w->samples, &w->cap_samples, w->nsamples, sizeof *w->samples) == -1)
		return -1;
	if (w->nsamples == 0)
		w->opened_ns = clock_monotonic_ns();
	w->samples[w->nsamples++] = (struct mp4_sample){
		.dts = dts, .size = w->au.bytes, .sync = w->au.key,
	};
	w->pending = true;
	w->frames++;
	w->au.first_piece = w->npieces;
	return 0;
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
		drop_pieces(w, w->au.first_piece);
		return 0;
	}
	if (!w->begun && begin(w) == -1)
		return -1;
	if (w->au.key && !(w->au.has_sps && w->au.has_pps) && insert_params(w) == -1)
		return -1;
	return add_sample(w);
}

static void
begin_au(struct wrap *w, uint64_t offset)
{
	memset(&w->au, 0, sizeof w->au);
	w->au.open = true;
	w->au.begin = offset;
	w->au.first_piece = w->npieces;
}

/* Counts all that lies in the buffer since it began, so that many tiny records are no way around. */
static void
limit_au(struct wrap *w)
{
	if (!w->au.open || nalstream_offset(w->in) - w->au.begin <= AU_MAX)
		return;
	w->au.too_big = true;
	drop_pieces(w, w->au.first_piece);
}

static int
take_nal(struct wrap *w, const struct nalrec *r)
{
	unsigned type;

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
	type = NAL_TYPE(r->payload[0]);
	if (nal_is_vcl(type) && !w->au.has_vcl) {
		w->au.has_vcl = true;
		w->au.rtp = r->rtp;
		w->au.arrival_ntp = r->first_ntp;
	}
	w->au.key |= type == NAL_IDR || r->flags & NALSTREAM_KEY;
	w->au.has_sps |= type == NAL_SPS;
	w->au.has_pps |= type == NAL_PPS;
	w->au.has_aud |= type == NAL_AUD && w->npieces == w->au.first_piece;
	if ((type == NAL_SPS || type == NAL_PPS) &&
	    params_take(&w->params, r->payload, r->len) == -1)
		return -1;
	limit_au(w);
	if (!w->au.too_big) {
		be32enc(r->payload - PREFIX, r->len);
		if (add_piece(w, (struct wrap_piece){ .len = PREFIX + r->len,
		    .at = r->offset + NALSTREAM_HEAD - PREFIX }, w->npieces) == -1)
			return -1;
	}
	return r->flags & NALSTREAM_LAST ? end_au(w) : 0;
}

/* T: the clock rate is that of the video track, and cannot change in a file. */
static void
take_track(struct wrap *w, const struct nalrec *r)
{
	char value[16];
	const char *error;
	long long rate;

	if (w->begun || (w->track != -1 && r->track != w->track) ||
	    nalstream_value(r, "codec", value, sizeof value) < 0 || strcmp(value, "h264") != 0 ||
	    nalstream_value(r, "clock-rate", value, sizeof value) < 0)
		return;
	rate = strtonum(value, 1, UINT32_MAX, &error);
	if (error == NULL)
		w->timeline.clock_rate = rate;
}

/* An access unit that is open where the stream ends or begins anew never got its end. */
static void
drop_cut_au(struct wrap *w)
{
	if (w->au.open)
		drop_pieces(w, w->au.first_piece);
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
		timeline_break(&w->timeline);
		drop_cut_au(w);
		w->track = -1;		/* what the T records said is void */
		return 0;
	default:
		return 0;
	}
}

void
wrap_hold(struct wrap *w)
{
	size_t i = 0;

	limit_au(w);
	while (i < w->npieces && w->pieces[i].own != NULL)
		i++;
	nalstream_hold(w->in, i < w->npieces ? w->pieces[i].at : UINT64_MAX);
}

int64_t
wrap_tick(struct wrap *w, int64_t now_ns)
{
	int64_t due = INT64_MAX, commit;

	if (w->nsamples > 0) {
		due = w->opened_ns + HELD_NS;
		if (now_ns >= due) {
			settle_pending(w);
			if (write_fragment(w, w->nsamples) == -1)
				return -1;
			due = INT64_MAX;
		}
	}
	commit = mp4_tick(w->out, now_ns);
	return commit < due ? commit : due;
}

int
wrap_finish(struct wrap *w)
{
	drop_cut_au(w);
	settle_pending(w);
	return write_fragment(w, w->nsamples);
}
