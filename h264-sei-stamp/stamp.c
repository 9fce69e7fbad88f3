/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Where timing SEI goes (ITU-T H.264 7.4.1.2.3) and what it says. Records pass
 * as they lie in the input's buffer; only SEI and changed heads are new bytes.
 */
#include "stamp.h"

#include <sys/endian.h>

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "h264.h"
#include "iov.h"
#include "sei.h"

#define HELD_MAX	((uint64_t)64 << 20)	/* more is not held back */

void
stamp_open(struct stamp *s, struct nalstream *in, int out_fd)
{
	memset(s, 0, sizeof *s);
	s->in = in;
	s->out_fd = out_fd;
	s->track = -1;
}

static int
write_queued(struct stamp *s)
{
	size_t n = s->niov;

	s->niov = 0;
	s->arena_used = 0;
	return iov_write(s->out_fd, s->iov, n);
}

static int
queue(struct stamp *s, void *data, size_t len)
{
	struct iovec *last = &s->iov[s->niov == 0 ? 0 : s->niov - 1];

	if (len == 0)
		return 0;
	/* SEI NAL units stand one behind the other. */
	if (s->niov > 0 && (uint8_t *)last->iov_base + last->iov_len == data) {
		last->iov_len += len;
		return 0;
	}
	s->iov[s->niov++] = (struct iovec){ .iov_base = data, .iov_len = len };
	return s->niov == STAMP_IOV ? write_queued(s) : 0;
}

/* Queues the input up to this stream offset. */
static int
pass(struct stamp *s, uint64_t to)
{
	uint64_t from = s->sent;

	s->sent = to;
	return queue(s, nalstream_at(s->in, from), to - from);
}

/* Queues a record with this head; its payload follows at once. */
static int
insert(struct stamp *s, const struct nalrec *head, const void *payload, size_t len)
{
	uint8_t *p;

	if (STAMP_ARENA - s->arena_used < NALSTREAM_HEAD + len && write_queued(s) == -1)
		return -1;
	p = s->arena + s->arena_used;
	nalstream_head(p, head);
	memcpy(p + NALSTREAM_HEAD, payload, len);
	s->arena_used += NALSTREAM_HEAD + len;
	return queue(s, p, NALSTREAM_HEAD + len);
}

static int
insert_sei(struct stamp *s, struct nalrec *head, const uint8_t *sei, size_t len)
{
	int rc;

	head->len = len;
	rc = insert(s, head, sei, len);
	head->flags &= ~(NALSTREAM_FIRST | NALSTREAM_LOST);
	return rc;
}

/* Queues what waits: all of it, or what the held picture has waited for. */
static int
insert_waiting(struct stamp *s, struct nalrec *head, bool all)
{
	struct stamp_queue *q = &s->waiting;
	size_t n = all ? q->len : q->nheld, at = 0, len;

	for (; at < n; at += len) {
		len = be16dec(q->bytes + at);
		at += 2;
		if (insert_sei(s, head, q->bytes + at, len) == -1)
			return -1;
	}
	q->len -= n;
	q->nheld = 0;
	memmove(q->bytes, q->bytes + n, q->len);
	return 0;
}

/* Queues the SEI of the held picture, 89H last. */
static int
insert_timing(struct stamp *s, bool all)
{
	/* Its unit may still be under way: then it was cut short, or is very large. */
	const struct nalstream_span *span = s->has_vcl ? &s->span : &s->held_span;
	struct nalrec head = s->vcl;
	uint8_t sei[SEI_MAX];

	head.flags = s->place_flags & (NALSTREAM_FIRST | NALSTREAM_KEY | NALSTREAM_LOST);
	head.packets = 0;
	if (insert_waiting(s, &head, all) == -1)
		return -1;
	/* A stream made from a recording of retina-record knows of no packets. */
	if (span->packets > 0 &&
	    insert_sei(s, &head, sei, sei_detail(sei, span, s->vcl.slack_us)) == -1)
		return -1;
	return insert_sei(s, &head, sei, sei_frame(sei, s->vcl.first_ntp, (uint32_t)s->vcl.rtp));
}

/* Sends all before the held picture, its SEI, with all that waits or what it waited for. */
static int
release(struct stamp *s, bool all)
{
	uint8_t *flags;

	if (!s->held)
		return 0;
	s->held = false;
	s->frames++;
	if (pass(s, s->place) == -1 || insert_timing(s, all) == -1)
		return -1;
	/* The record that ours went before is no longer the first. */
	flags = nalstream_at(s->in, s->place) + 6;
	be16enc(flags, s->place_flags & ~(NALSTREAM_FIRST | NALSTREAM_LOST));
	return 0;
}

/* Design: before the first NAL unit of these types, so after AUD, SPS, PPS and SEI. */
static bool
goes_before(unsigned type)
{
	return nal_is_vcl(type) || type == NAL_PREFIX || type == NAL_SLICE_EXTENSION ||
	    type == NAL_SLICE_3D;
}

/* The access unit under way is a picture: it takes the place of the one held back. */
static int
hold(struct stamp *s, const struct nalrec *vcl)
{
	if (release(s, false) == -1 || pass(s, s->next_place) == -1)
		return -1;
	s->held = true;
	s->place = s->next_place;
	s->place_flags = s->next_flags;
	s->vcl = *vcl;
	s->waiting.nheld = s->waiting.len;
	return 0;
}

static int
take_nal(struct stamp *s, const struct nalrec *r)
{
	unsigned type = r->len > 0 ? NAL_TYPE(r->payload[0]) : 0;

	if (s->track == -1)
		s->track = r->track;
	if (r->track != s->track)
		return 0;
	if (r->flags & NALSTREAM_FIRST) {
		if (s->has_vcl)
			s->held_span = s->span;
		s->placed = s->has_vcl = false;
	}
	nalstream_span_add(&s->span, r);
	if (!s->placed && goes_before(type)) {
		s->placed = true;
		s->next_place = r->offset;
		s->next_flags = r->flags;
	}
	if (s->has_vcl || !nal_is_vcl(type))
		return 0;
	if (hold(s, r) == -1)
		return -1;
	s->has_vcl = true;
	return 0;
}

/* T: the first H.264 track is the one to stamp. */
static void
take_track(struct stamp *s, const struct nalrec *r)
{
	char value[8];
	const char *error;

	if (s->track == -1 && nalstream_value(r, "codec", value, sizeof value) >= 0 &&
	    strcmp(value, "h264") == 0)
		s->track = r->track;
	if (s->track == r->track && nalstream_value(r, "sender-time", value, sizeof value) >= 0)
		s->time_id = (uint8_t)strtonum(value, 1, UINT8_MAX, &error);
}

/* An SEI NAL unit waits for the next frame; -1: it cannot be made. */
static void
wait_for_frame(struct stamp *s, const uint8_t *sei, ssize_t len)
{
	struct stamp_queue *q = &s->waiting;

	if (len == -1 || STAMP_WAITING - q->len < (size_t)len + 2) {
		s->lost++;
		return;
	}
	be16enc(q->bytes + q->len, len);
	memcpy(q->bytes + q->len + 2, sei, len);
	q->len += len + 2;
}

/*
 * R payload, RFC 3550 6.4.1:  0 SSRC   4 NTP timestamp   12 RTP timestamp
 *                            16 packet count   20 octet count
 */
static void
take_report(struct stamp *s, const struct nalrec *r)
{
	uint8_t sei[SEI_MAX];

	if (r->len >= NALSTREAM_REPORT_SIZE && r->track == s->track)
		wait_for_frame(s, sei, sei_report(sei, r->first_ntp,
		    be64dec(r->payload + 4), be32dec(r->payload + 12)));
}

/* G or C. */
static void
take_text(struct stamp *s, const struct nalrec *r)
{
	uint8_t sei[SEI_MAX];

	wait_for_frame(s, sei, sei_record(sei, r));
}

/* What still waits found no picture in its own stream: it must not go into another's. */
static void
drop_waiting(struct stamp *s)
{
	struct stamp_queue *q = &s->waiting;

	for (size_t at = 0; at < q->len; at += 2 + be16dec(q->bytes + at))
		s->lost++;
	q->len = q->nheld = 0;
}

/* X: it stands before its picture, which takes it along. */
static void
take_sender_time(struct stamp *s, const struct nalrec *r)
{
	uint8_t sei[SEI_MAX];

	if (r->track == s->track)
		wait_for_frame(s, sei, sei_sender_time(sei, r, s->time_id));
}

/* The stream head says from now on that the stream is stamped. */
static int
take_head(struct stamp *s, const struct nalrec *r)
{
	static const char line[] = "\nstamped: h264-sei-stamp " NALPIPE_VERSION "\n";
	struct nalrec head = *r;
	uint8_t *payload = r->payload;
	/* The last line's end may be missing. */
	const char *add = line + (r->payload[r->len - 1] == '\n');
	size_t len = strlen(add);

	if (release(s, true) == -1 || pass(s, r->offset) == -1)
		return -1;
	drop_waiting(s);
	s->placed = s->has_vcl = false;
	s->track = -1;			/* what the T records said is void */
	s->time_id = 0;
	if (s->in->stamped || r->len + len > NALSTREAM_MAX_TEXT)
		return 0;
	head.len = r->len + len;
	if (STAMP_ARENA - s->arena_used < len && write_queued(s) == -1)
		return -1;
	nalstream_head(payload - NALSTREAM_HEAD, &head);
	if (pass(s, r->offset + NALSTREAM_HEAD + r->len) == -1)
		return -1;
	memcpy(s->arena + s->arena_used, add, len);
	s->arena_used += len;
	return queue(s, s->arena + s->arena_used - len, len);
}

int
stamp_record(struct stamp *s, const struct nalrec *r)
{
	if (r->type == NALSTREAM_STREAM)
		return take_head(s, r);
	if (s->in->stamped)
		return 0;
	switch (r->type) {
	case NALSTREAM_NAL:
		return take_nal(s, r);
	case NALSTREAM_TRACK:
		take_track(s, r);
		return 0;
	case NALSTREAM_REPORT:
		take_report(s, r);
		return 0;
	case NALSTREAM_SENDER_TIME:
		take_sender_time(s, r);
		return 0;
	case NALSTREAM_GAP:
	case NALSTREAM_CLOCK:
		take_text(s, r);
		return 0;
	case NALSTREAM_END:
		return release(s, true);
	default:
		return 0;
	}
}

int
stamp_flush(struct stamp *s)
{
	uint64_t next = nalstream_offset(s->in);

	/* A prefix NAL unit (type 14) waits for its slice. */
	if (s->placed && !s->has_vcl && next - s->next_place > HELD_MAX)
		s->placed = false;
	if (s->placed && !s->has_vcl)
		next = s->next_place;
	if (s->held && next - s->sent > HELD_MAX && release(s, false) == -1)
		return -1;
	if (!s->held && pass(s, next) == -1)
		return -1;
	nalstream_hold(s->in, s->sent);
	return write_queued(s);
}

int
stamp_finish(struct stamp *s)
{
	s->placed = false;		/* no slice comes any more */
	if (release(s, true) == -1)
		return -1;
	drop_waiting(s);
	return stamp_flush(s);
}
