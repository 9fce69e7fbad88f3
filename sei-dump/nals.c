/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * nalstream(5) as a recording. RTP time is presentation time. In a stream that
 * h264-sei-stamp has seen, rtp and recv are what its SEI says; before that, what
 * the record head of a frame's first slice says, and reports are the R records.
 */
#include "nals.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "h264.h"
#include "nalstream.h"
#include "payload.h"
#include "presentation.h"
#include "sendertime.h"

struct reader {
	struct nalstream in;
	struct frames *frames;
	struct findings *found;
	struct jsonl *jsonl;
	struct sei sei;
	uint64_t end;		/* records from there on came after the frames were counted */
	int track;		/* the video's; -1: not known yet */
	bool in_unit;		/* inside an access unit, whose frame was added */
	bool in_picture;	/* and its first slice was met */
	unsigned position;	/* of the next N record in it */
	struct nalstream_span span;	/* of it */
	uint32_t slack_us;	/* of its first slice */
	unsigned time_id;	/* element of an extension that has the sender's time; 0: not known */
	struct sender sender;	/* of the next frame */

	/* From RTP time to pts, from one S record to the next. */
	bool begun;		/* this stretch has a frame */
	uint64_t first_rtp;
	int64_t first_pts;
	uint64_t last_ntp;	/* arrival of the last frame, host clock */
	int64_t last_pts;
};

bool
nals_begins(const uint8_t head[NALS_HEAD])
{
	uint32_t length = be32dec(head);

	return head[4] == NALSTREAM_STREAM && length >= NALSTREAM_HEAD - 4 &&
	    length <= NALSTREAM_HEAD - 4 + NALSTREAM_MAX_TEXT;
}

static void
take_track(struct reader *rd, const struct nalrec *r)
{
	char value[32];
	const char *error = NULL;
	long long rate = H264_CLOCK_RATE;

	if (nalstream_value(r, "codec", value, sizeof value) < 0 || strcasecmp(value, "h264") != 0)
		return;
	if (rd->track == -1)
		rd->track = r->track;
	if (r->track != rd->track)
		return;
	if (nalstream_value(r, "sender-time", value, sizeof value) >= 0)
		rd->time_id = (unsigned)strtonum(value, 1, UINT8_MAX, &error);
	error = NULL;
	if (rd->frames->timescale != 0)
		return;
	if (nalstream_value(r, "clock-rate", value, sizeof value) >= 0)
		rate = strtonum(value, 1, CLOCK_NS_PER_S, &error);
	if (error != NULL) {
		findings_add(rd->found, FINDING_BOX, r->offset, "a clock rate that is none");
		rate = H264_CLOCK_RATE;
	}
	rd->frames->timescale = (uint32_t)rate;
}

/* A sender report (RFC 3550 6.4.1): it belongs to the next frame. */
static int
take_report(struct reader *rd, const struct nalrec *r)
{
	struct report report = { .frame = (uint32_t)rd->frames->nframes };

	/* Stamped, it is in the SEI as well. */
	if (r->track != rd->track || rd->in.stamped)
		return 0;
	if (r->len != NALSTREAM_REPORT_SIZE) {
		findings_add(rd->found, FINDING_BOX, r->offset, "a sender report of a wrong size");
		return 0;
	}
	report.recv_ntp = r->first_ntp;
	report.ntp = be64dec(r->payload + 4);
	report.rtp = be32dec(r->payload + 12);
	return frames_report(rd->frames, &report);
}

/*
 * X payload, RFC 3550 5.3.1:  0 profile   2 length in words   4 data
 * It belongs to the next frame.
 */
static void
take_sender_time(struct reader *rd, const struct nalrec *r)
{
	struct sender s = { .rtp = (uint32_t)r->rtp };

	/* Stamped, it is in the SEI as well. */
	if (r->track != rd->track || rd->in.stamped || r->len < 4)
		return;
	s.known = sendertime_read(be16dec(r->payload), r->payload + 4, r->len - 4, rd->time_id, &s.ntp);
	rd->sender = s;
}

/* G, or a C with a step in it: it belongs to the next frame. */
static int
take_event(struct reader *rd, const struct nalrec *r)
{
	struct event e = { .frame = (uint32_t)rd->frames->nframes, .recv_ntp = r->first_ntp,
		.track = r->track };
	char lines[sizeof EVENT_CLOCK_STEP + NALSTREAM_MAX_TEXT], step[2];
	struct nalstream_line line;
	size_t at = 0;

	/* Stamped, it is in the SEI as well. */
	if (rd->in.stamped || (r->type == NALSTREAM_CLOCK &&
	    nalstream_value(r, "step", step, sizeof step) < 0))
		return 0;
	if (r->type == NALSTREAM_CLOCK) {
		e.len = strlen(EVENT_CLOCK_STEP);
		memcpy(lines, EVENT_CLOCK_STEP, e.len);
	}
	while (nalstream_line(r, &at, &line)) {
		size_t len = line.key_len + 2 + line.len;

		memcpy(lines + e.len, line.key, len);
		e.len += (uint32_t)len;
		lines[e.len++] = '\n';
	}
	return frames_event(rd->frames, &e, lines);
}

/* An access unit without a picture is no frame. */
static void
end_unit(struct reader *rd)
{
	struct frames *fs = rd->frames;

	if (rd->in_unit && !rd->in_picture)
		frames_drop(fs);
	else if (rd->in_unit && fs->want & WANT_DETAILS && !rd->in.stamped)
		fs->detail[fs->nframes - 1] = (struct detail){ rd->span.last_ntp, rd->slack_us,
		    rd->span.packets, rd->span.flags & NALSTREAM_FRAME_FLAGS };
	rd->in_unit = rd->in_picture = false;
}

static int
begin_unit(struct reader *rd)
{
	struct frames *fs = rd->frames;

	end_unit(rd);
	rd->in_unit = true;
	rd->position = 0;
	if (frames_add(fs) == NULL)
		return -1;
	if (fs->want & WANT_SENDER)
		fs->sender[fs->nframes - 1] = rd->sender;
	rd->sender.known = false;
	return 0;
}

/* The first slice of a frame. */
static void
take_picture(struct reader *rd, const struct nalrec *r)
{
	struct frame *f = &rd->frames->frame[rd->frames->nframes - 1];

	if (!rd->begun) {
		rd->first_rtp = r->rtp;
		rd->first_pts = f->decode == 0 ? 0 :
		    PRESENTATION_SUM(rd->last_pts,
		    presentation_gap(rd->frames->timescale, rd->last_ntp, r->first_ntp));
	}
	if (!rd->begun)
		f->flags |= FRAME_ANEW;
	rd->begun = rd->in_picture = true;
	f->pts = PRESENTATION_SUM(rd->first_pts, clock_rtp_diff(r->rtp, rd->first_rtp));
	f->flags |= FRAME_PTS | (r->flags & NALSTREAM_KEY ? FRAME_KEY : 0);
	rd->last_pts = f->pts;
	rd->last_ntp = r->first_ntp;
	if (rd->in.stamped)
		return;
	rd->slack_us = r->slack_us;
	f->recv_ntp = r->first_ntp;
	f->rtp = (uint32_t)r->rtp;
	f->flags |= FRAME_TIME;
}

static int
take_nal(struct reader *rd, const struct nalrec *r)
{
	unsigned type = r->len > 0 ? NAL_TYPE(r->payload[0]) : 0;

	if (rd->track == -1)
		rd->track = r->track;
	if (r->track != rd->track)
		return jsonl_record(rd->jsonl, (uint32_t)rd->frames->nframes, r);
	if (rd->frames->timescale == 0)
		rd->frames->timescale = H264_CLOCK_RATE;
	if ((r->flags & NALSTREAM_FIRST || !rd->in_unit) && begin_unit(rd) == -1)
		return -1;
	nalstream_span_add(&rd->span, r);
	if (type == NAL_SEI && rd->in.stamped && !rd->in_picture &&
	    payload_take(rd->frames, &rd->sei, r->payload, r->len,
	    r->offset + NALSTREAM_HEAD, rd->found) == -1)
		return -1;
	if (nal_is_vcl(type) && !rd->in_picture)
		take_picture(rd, r);
	if (jsonl_record(rd->jsonl, (uint32_t)rd->frames->nframes - 1, r) == -1 ||
	    (type == NAL_SEI && jsonl_sei(rd->jsonl, (uint32_t)rd->frames->nframes - 1, rd->position,
	    r->offset + NALSTREAM_HEAD, r->payload, r->len) == -1))
		return -1;
	rd->position++;
	if (r->flags & NALSTREAM_LAST)
		end_unit(rd);
	return 0;
}

static int
take(struct reader *rd, const struct nalrec *r)
{
	if (r->type != NALSTREAM_NAL &&
	    jsonl_record(rd->jsonl, (uint32_t)rd->frames->nframes, r) == -1)
		return -1;
	switch (r->type) {
	case NALSTREAM_STREAM:
		end_unit(rd);
		rd->begun = false;
		rd->track = -1;		/* what the T records said is void */
		rd->time_id = 0;
		return 0;
	case NALSTREAM_TRACK:
		take_track(rd, r);
		return 0;
	case NALSTREAM_REPORT:
		return take_report(rd, r);
	case NALSTREAM_SENDER_TIME:
		take_sender_time(rd, r);
		return 0;
	case NALSTREAM_GAP:
	case NALSTREAM_CLOCK:
		return take_event(rd, r);
	case NALSTREAM_NAL:
		return take_nal(rd, r);
	default:
		return 0;
	}
}

/* Reads on. 1; 0 at the end of the input; -1 with errno. */
static int
fill(struct reader *rd)
{
	ssize_t n = nalstream_fill(&rd->in);

	return n > 0 ? 1 : (int)n;
}

/* Goes on behind damage. 1; 0: the input ended first; -1 with errno. */
static int
resume(struct reader *rd)
{
	int more = 1;

	findings_add(rd->found, FINDING_BOX, FINDING_NOWHERE, rd->in.reason);
	if (!rd->in.begun)
		return 0;
	end_unit(rd);
	while (nalstream_resume(&rd->in, more == 0) == NALSTREAM_MORE) {
		if (more <= 0)
			return more;
		more = fill(rd);
	}
	return 1;
}

/* All records. 0, or -1 with errno. */
static int
read_records(struct reader *rd)
{
	struct nalrec r;
	int more = 1;

	while (more == 1)
		switch (nalstream_next(&rd->in, &r)) {
		case NALSTREAM_RECORD:
			if (r.offset >= rd->end)
				return 0;
			if (take(rd, &r) == -1)
				return -1;
			break;
		case NALSTREAM_MORE:
			more = fill(rd);
			break;
		default:
			more = resume(rd);
		}
	if (more == -1)
		return -1;
	if (nalstream_verdict(&rd->in) != 0 && !findings_damage(rd->found))
		findings_add(rd->found, rd->in.ended ? FINDING_ENDED : FINDING_CUT,
		    FINDING_NOWHERE, rd->in.reason);
	return 0;
}

void
nals_read(struct input *in, struct frames *fs, struct jsonl *jsonl, struct findings *found)
{
	struct reader *rd = calloc(1, sizeof *rd);

	if (rd == NULL || nalstream_open(&rd->in, in->fd) == -1) {
		findings_add(found, FINDING_SYSTEM, FINDING_NOWHERE, strerror(errno));
		free(rd);
		return;
	}
	if (!in->seekable)
		nalstream_push(&rd->in, in->buf, in->len);
	rd->frames = fs;
	rd->found = found;
	rd->jsonl = jsonl;
	rd->end = in->seekable && jsonl != NULL ? in->size : UINT64_MAX;
	rd->track = -1;
	if (read_records(rd) == -1)
		findings_add(found, FINDING_SYSTEM, FINDING_NOWHERE, strerror(errno));
	end_unit(rd);
	presentation_from_zero(fs);
	in->size = nalstream_offset(&rd->in);
	nalstream_close(&rd->in);
	free(rd);
}
