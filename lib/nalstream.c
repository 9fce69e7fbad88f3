/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * nalstream(5): reading and writing records. The reader does one large read(2)
 * at a time and hands out views; it never copies a payload.
 */
#include "nalstream.h"

#include <sys/endian.h>

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vis.h>

#include "clock.h"
#include "pipe.h"

#define READ_SIZE	((size_t)256 << 10)
#define READ_MIN	((size_t)64 << 10)	/* less free space than this: make room */
#define LENGTH_SIZE	4			/* the length field does not count itself */
#define LENGTH_MIN	(NALSTREAM_HEAD - LENGTH_SIZE)

/* nalstream(5), "RECORD HEAD". */
void
nalstream_head(uint8_t out[NALSTREAM_HEAD], const struct nalrec *r)
{
	be32enc(out, LENGTH_MIN + r->len);	/* length */
	out[4] = r->type;			/* type */
	out[5] = r->track;			/* track */
	be16enc(out + 6, r->flags);		/* flags */
	be64enc(out + 8, r->rtp);		/* rtp */
	be64enc(out + 16, r->first_ntp);	/* first */
	be64enc(out + 24, r->last_ntp);		/* last */
	be32enc(out + 32, r->slack_us);		/* slack */
	be16enc(out + 36, r->seq);		/* seq */
	be16enc(out + 38, r->packets);		/* packets */
}

static void
head_decode(struct nalrec *r, uint8_t *in)
{
	r->len = be32dec(in) - LENGTH_MIN;	/* length */
	r->type = in[4];			/* type */
	r->track = in[5];			/* track */
	r->flags = be16dec(in + 6);		/* flags */
	r->rtp = be64dec(in + 8);		/* rtp */
	r->first_ntp = be64dec(in + 16);	/* first */
	r->last_ntp = be64dec(in + 24);		/* last */
	r->slack_us = be32dec(in + 32);		/* slack */
	r->seq = be16dec(in + 36);		/* seq */
	r->packets = be16dec(in + 38);		/* packets */
	r->payload = in + NALSTREAM_HEAD;
}

int
nalstream_open(struct nalstream *in, int fd)
{
	memset(in, 0, sizeof *in);
	in->fd = fd;
	in->hold = UINT64_MAX;
	in->cap = READ_SIZE + READ_MIN;
	in->buf = malloc(in->cap);
	return in->buf == NULL ? -1 : 0;
}

void
nalstream_close(struct nalstream *in)
{
	free(in->buf);
	in->buf = NULL;
}

void
nalstream_push(struct nalstream *in, const uint8_t *bytes, size_t len)
{
	memcpy(in->buf, bytes, len);
	in->end = len;
}

/*
 * Copies text that came from outside into reason, made safe to print and cut to
 * fit (every byte may become four).
 */
static void
reason_set(struct nalstream *in, const char *text)
{
	char raw[sizeof in->reason / 4];

	strlcpy(raw, text, sizeof raw);
	strvis(in->reason, raw, VIS_CSTYLE | VIS_NL | VIS_TAB);
}

static void
read_text_record(struct nalstream *in, const struct nalrec *r)
{
	char value[sizeof in->reason];

	if (r->type == NALSTREAM_STREAM)
		in->stamped = nalstream_value(r, "stamped", value, sizeof value) >= 0;
	in->ended = r->type == NALSTREAM_END;
	if (!in->ended)
		return;
	if (nalstream_value(r, "status", value, sizeof value) == 1 && value[0] == '0') {
		if (in->status != 0)
			return;		/* the reason of a worse end stays */
	} else {
		in->status = 1;
	}
	if (nalstream_value(r, "reason", value, sizeof value) < 0)
		value[0] = '\0';
	reason_set(in, value);
}

static enum nalstream_next
bad(struct nalstream *in, const char *what)
{
	snprintf(in->reason, sizeof in->reason, "byte %" PRIu64 ": %s",
	    nalstream_offset(in), what);
	return NALSTREAM_BAD;
}

enum nalstream_next
nalstream_next(struct nalstream *in, struct nalrec *r)
{
	uint8_t *p = in->buf + in->pos;
	size_t have = in->end - in->pos, len, cap;

	if (have < LENGTH_SIZE + 1)
		return NALSTREAM_MORE;
	cap = p[4] == NALSTREAM_NAL || p[4] == NALSTREAM_AUDIO ?
	    NALSTREAM_MAX_MEDIA : NALSTREAM_MAX_TEXT;
	if (!in->begun && p[4] != NALSTREAM_STREAM)
		return bad(in, "this is not a nalstream");
	len = be32dec(p);
	if (len < LENGTH_MIN || len > LENGTH_MIN + cap)
		return bad(in, in->begun ? "the length of a record is out of bounds" :
		    "this is not a nalstream");
	if (have < LENGTH_SIZE + len)
		return NALSTREAM_MORE;
	head_decode(r, p);
	r->offset = nalstream_offset(in);
	if (r->type == NALSTREAM_STREAM && (r->len < strlen(NALSTREAM_MAGIC) ||
	    memcmp(r->payload, NALSTREAM_MAGIC, strlen(NALSTREAM_MAGIC)) != 0))
		return bad(in, "this is not a nalstream of version 1");
	in->begun = true;
	if (r->type != NALSTREAM_NAL)
		read_text_record(in, r);
	else
		in->ended = false;
	in->pos += LENGTH_SIZE + len;
	return NALSTREAM_RECORD;
}

/* Whether p[NALSTREAM_HEAD] is the head of a record as this version has them. */
static bool
is_head(const uint8_t *p)
{
	size_t len = be32dec(p);
	size_t cap = p[4] == NALSTREAM_NAL || p[4] == NALSTREAM_AUDIO ?
	    NALSTREAM_MAX_MEDIA : NALSTREAM_MAX_TEXT;

	return len >= LENGTH_MIN && len <= LENGTH_MIN + cap && p[4] != '\0' &&
	    strchr("STNARXGCE", p[4]) != NULL && be16dec(p + 6) <= NALSTREAM_FLAGS;
}

enum nalstream_next
nalstream_resume(struct nalstream *in, bool at_end)
{
	const uint8_t *p;
	size_t have, len;

	for (in->pos += !in->resuming;; in->pos++) {
		p = in->buf + in->pos;
		have = in->end - in->pos;
		in->resuming = have < NALSTREAM_HEAD;
		if (in->resuming)
			return NALSTREAM_MORE;
		if (!is_head(p))
			continue;
		len = LENGTH_SIZE + (size_t)be32dec(p);
		if (at_end && len == have)
			return NALSTREAM_RECORD;
		in->resuming = !at_end && have < len + NALSTREAM_HEAD;
		if (in->resuming)
			return NALSTREAM_MORE;
		if (have >= len + NALSTREAM_HEAD && is_head(p + len))
			return NALSTREAM_RECORD;
	}
}

/* Makes at least READ_MIN bytes free after in->end. */
static int
make_room(struct nalstream *in)
{
	size_t keep = in->hold < in->base + in->pos ? in->hold - in->base : in->pos;
	size_t kept = in->end - keep;
	uint8_t *grown;

	if (kept == 0 || (in->cap - in->end < READ_MIN && kept <= in->cap / 2)) {
		memmove(in->buf, in->buf + keep, kept);
		in->base += keep;
		in->pos -= keep;
		in->end = kept;
	}
	if (in->cap - in->end >= READ_MIN)
		return 0;
	grown = realloc(in->buf, 2 * in->cap);
	if (grown == NULL)
		return -1;
	in->buf = grown;
	in->cap *= 2;
	return 0;
}

ssize_t
nalstream_fill(struct nalstream *in)
{
	size_t want;
	ssize_t n;

	if (make_room(in) == -1)
		return -1;
	want = in->cap - in->end;
	do
		n = read(in->fd, in->buf + in->end, want < READ_SIZE ? want : READ_SIZE);
	while (n == -1 && errno == EINTR);
	if (n > 0)
		in->end += n;
	if (!in->grown && n >= PIPE_FULL) {
		pipe_grow(in->fd);
		in->grown = true;
	}
	return n;
}

void
nalstream_hold(struct nalstream *in, uint64_t offset)
{
	in->hold = offset;
}

uint8_t *
nalstream_at(const struct nalstream *in, uint64_t offset)
{
	return in->buf + (offset - in->base);
}

uint64_t
nalstream_offset(const struct nalstream *in)
{
	return in->base + in->pos;
}

int
nalstream_verdict(struct nalstream *in)
{
	if (in->pos != in->end)
		bad(in, "the stream was cut inside this record");
	else if (!in->begun)
		bad(in, "the stream is empty");
	else if (!in->ended)
		bad(in, "the stream was cut before its end record");
	else
		return in->status;
	return 1;
}

bool
nalstream_line(const struct nalrec *r, size_t *at, struct nalstream_line *line)
{
	const char *p = (const char *)r->payload + *at, *end = (const char *)r->payload + r->len;
	const char *nl, *colon;

	for (; p < end; p = nl + 1) {
		nl = memchr(p, '\n', end - p);
		if (nl == NULL)
			nl = end;
		colon = memchr(p, ':', nl - p);
		if (colon == NULL || nl - colon < 2 || colon[1] != ' ')
			continue;
		*line = (struct nalstream_line){ p, colon - p, colon + 2, nl - colon - 2 };
		*at = nl - (const char *)r->payload + (nl < end);
		return true;
	}
	*at = r->len;
	return false;
}

bool
nalstream_line_is(const struct nalstream_line *line, const char *key)
{
	return line->key_len == strlen(key) && memcmp(line->key, key, line->key_len) == 0;
}

ssize_t
nalstream_value(const struct nalrec *r, const char *key, char *out, size_t size)
{
	struct nalstream_line line;
	size_t at = 0, len;

	while (nalstream_line(r, &at, &line)) {
		if (!nalstream_line_is(&line, key))
			continue;
		len = line.len < size ? line.len : size - 1;
		memcpy(out, line.value, len);
		out[len] = '\0';
		return len;
	}
	return -1;
}

void
nalstream_span_add(struct nalstream_span *s, const struct nalrec *r)
{
	if (r->flags & NALSTREAM_FIRST)
		*s = (struct nalstream_span){ 0 };
	s->flags |= r->flags;
	/* Of an aggregate all units share a packet; inserted ones have none. */
	if (r->packets == 0 || (s->packets > 0 && r->seq == s->seq))
		return;
	if (s->packets == 0 || clock_ntp_diff_ns(r->last_ntp, s->last_ntp) > 0)
		s->last_ntp = r->last_ntp;
	s->seq = r->seq;
	s->packets += r->packets;
}
