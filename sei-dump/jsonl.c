/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * JSON lines. Nothing is interpreted that a reader could not undo: what is JSON in
 * the file is copied, what is not stands in hexadecimal.
 *
 * A frame's number is that in presentation order, which is known when all frames
 * are. A file is read a second time then; of a pipe the lines are held.
 */
#include "jsonl.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "decimal.h"
#include "json.h"
#include "timing.h"

#define LINE_FIRST	((size_t)4096)
#define MISP_UUID	"MISPmicrosectime"	/* MISB ST 0604: precision time stamp */
#define MISP_SIZE	12

void
jsonl_close(struct jsonl *j)
{
	free(j->number);
	free(j->start);
	free(j->line);
	free(j->held);
	j->number = NULL;
	j->start = j->line = j->held = NULL;
}

/* Room for n more bytes behind len; false if there is no memory. */
static bool
room(struct jsonl *j, char **p, size_t len, size_t *cap, size_t n)
{
	size_t more = *cap < LINE_FIRST ? LINE_FIRST : 2 * *cap;
	char *grown;

	if (n <= *cap - len)
		return true;
	if (more - len < n)
		more = len + n;
	grown = realloc(*p, more);
	if (grown == NULL) {
		j->failed = true;
		return false;
	}
	*p = grown;
	*cap = more;
	return true;
}

static void
put(struct jsonl *j, const void *bytes, size_t n)
{
	if (j->failed || !room(j, &j->line, j->len, &j->cap, n))
		return;
	memcpy(j->line + j->len, bytes, n);
	j->len += n;
}

static void
puts_raw(struct jsonl *j, const char *s)
{
	put(j, s, strlen(s));
}

static void
put_u64(struct jsonl *j, const char *name, uint64_t value)
{
	char number[24];

	puts_raw(j, name);
	put(j, number, (size_t)(decimal(number, value, 1) - number));
}

static void
put_hex(struct jsonl *j, const uint8_t *p, size_t len)
{
	static const char digits[] = "0123456789abcdef";

	if (j->failed || !room(j, &j->line, j->len, &j->cap, 2 * len))
		return;
	for (size_t i = 0; i < len; i++) {
		j->line[j->len++] = digits[p[i] >> 4];
		j->line[j->len++] = digits[p[i] & 0xf];
	}
}

/* Bytes as a string: what is not printable ASCII as \u00XX. */
static void
put_string(struct jsonl *j, const char *s, size_t len)
{
	put(j, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		if (s[i] == '"' || s[i] == '\\')
			put(j, "\\", 1);
		if (s[i] >= ' ' && s[i] < 0x7f) {
			put(j, s + i, 1);
			continue;
		}
		puts_raw(j, "\\u00");
		put_hex(j, (const uint8_t *)s + i, 1);
	}
	put(j, "\"", 1);
}

static void
put_name(struct jsonl *j, const char *name)
{
	char c[JSON_ESCAPED_MAX];
	size_t n;

	put(j, "\"", 1);
	while ((n = json_escape(c, &name)) > 0)
		put(j, c, n);
	put(j, "\"", 1);
}

void
jsonl_open(struct jsonl *j, struct csv *out, const char *file)
{
	memset(j, 0, sizeof *j);
	j->out = out;
	puts_raw(j, "{");
	if (file != NULL) {
		puts_raw(j, "\"file\":");
		put_name(j, file);
		puts_raw(j, ",");
	}
	puts_raw(j, "\"frame\":");
	j->start = j->line;
	j->start_len = j->len;
	j->line = NULL;
	j->len = j->cap = 0;
}

/* A whole line: the file's and the frame's members, then rest[len]. */
static void
emit(struct jsonl *j, uint32_t frame, const char *rest, size_t len)
{
	char number[24];
	size_t n = j->nnumbers;

	csv_bytes(j->out, j->start, j->start_len);
	/* What comes behind the last frame belongs to it. */
	if (n > 0)
		csv_bytes(j->out, number,
		    (size_t)(decimal(number, j->number[frame < n ? frame : n - 1], 1) - number));
	else
		csv_bytes(j->out, "null", 4);
	csv_bytes(j->out, rest, len);
}

/* Ends a line: writes it, or holds it. 0, or -1 with errno. */
static int
end_line(struct jsonl *j, uint32_t frame)
{
	uint32_t head[2] = { frame, 0 };

	puts_raw(j, "}\n");
	head[1] = (uint32_t)j->len;
	if (j->failed || (j->number == NULL &&
	    !room(j, &j->held, j->held_len, &j->held_cap, sizeof head + j->len))) {
		errno = ENOMEM;
		return -1;
	}
	if (j->number != NULL) {
		emit(j, frame, j->line, j->len);
		return 0;
	}
	memcpy(j->held + j->held_len, head, sizeof head);
	memcpy(j->held + j->held_len + sizeof head, j->line, j->len);
	j->held_len += sizeof head + j->len;
	return 0;
}

int
jsonl_number(struct jsonl *j, const struct frames *fs)
{
	uint32_t head[2];

	j->number = reallocarray(NULL, fs->nframes + 1, sizeof *j->number);
	if (j->number == NULL)
		return -1;
	j->nnumbers = fs->nframes;
	for (size_t i = 0; i < fs->nframes; i++)
		j->number[fs->frame[i].decode] = (uint32_t)i;
	for (size_t at = 0; at < j->held_len; at += sizeof head + head[1]) {
		memcpy(head, j->held + at, sizeof head);
		emit(j, head[0], j->held + at + sizeof head, head[1]);
	}
	j->held_len = 0;
	return 0;
}

/* Whether p[len] is a JSON object of printable ASCII, which can stand in a line as it is. */
static bool
is_object(const uint8_t *p, size_t len)
{
	struct json json;
	int more;

	for (size_t i = 0; i < len; i++)
		if (p[i] < ' ' || p[i] >= 0x7f)
			return false;
	json_open(&json, (const char *)p, len);
	while ((more = json_next(&json)) == 1)
		;
	return more == 0;
}

/*
 * MISB ST 0604:  0 status   1 time, 8 bytes, most significant first, with ff after
 * its 2nd, 4th and 6th against emulation of start codes
 */
static void
put_misp(struct jsonl *j, const uint8_t *p)
{
	uint64_t us = 0;

	for (int i = 1; i < MISP_SIZE; i++)
		if (i % 3 != 0)
			us = us << 8 | p[i];
	put_u64(j, ",\"misp\":{\"status\":", p[0]);
	put_u64(j, ",\"microseconds\":", us);
	puts_raw(j, "}");
}

/* A UUID and what its owner put behind it; a UUID of printable characters is told as such. */
static void
put_unregistered(struct jsonl *j, const uint8_t *p, size_t len)
{
	bool text = true;

	for (size_t i = 0; i < TIMING_UUID_SIZE; i++)
		text = text && p[i] >= ' ' && p[i] < 0x7f;
	puts_raw(j, text ? ",\"uuid\":" : ",\"uuid\":\"");
	if (text)
		put_string(j, (const char *)p, TIMING_UUID_SIZE);
	else {
		put_hex(j, p, TIMING_UUID_SIZE);
		put(j, "\"", 1);
	}
	if (len == TIMING_UUID_SIZE + MISP_SIZE && memcmp(p, MISP_UUID, TIMING_UUID_SIZE) == 0)
		put_misp(j, p + TIMING_UUID_SIZE);
	p += TIMING_UUID_SIZE;
	len -= TIMING_UUID_SIZE;
	if (is_object(p, len)) {
		puts_raw(j, ",\"json\":");
		put(j, p, len);
		return;
	}
	puts_raw(j, ",\"hex\":\"");
	put_hex(j, p, len);
	put(j, "\"", 1);
}

static void
begin_message(struct jsonl *j, uint64_t offset, unsigned position, unsigned message)
{
	j->len = 0;
	put_u64(j, ",\"offset\":", offset);
	put_u64(j, ",\"nal\":", position);
	put_u64(j, ",\"sei\":", message);
}

/* What is left of a NAL unit that no message begins in, but for the stop bit. */
static int
put_rest(struct jsonl *j, uint32_t frame, size_t from)
{
	const struct sei *sei = &j->sei;

	if (from == sei->len || (sei->len - from == 1 && sei->rbsp[from] == 0x80))
		return 0;
	puts_raw(j, ",\"rest\":\"");
	put_hex(j, sei->rbsp + from, sei->len - from);
	put(j, "\"", 1);
	return end_line(j, frame);
}

int
jsonl_sei(struct jsonl *j, uint32_t frame, unsigned position, uint64_t offset,
    const uint8_t *nal, size_t len)
{
	struct sei_message m;
	unsigned n = 0;
	size_t from = 0;

	if (j == NULL)
		return 0;
	sei_open(&j->sei, nal, len);
	for (; sei_next(&j->sei, &m); n++, from = j->sei.pos) {
		begin_message(j, offset, position, n);
		put_u64(j, ",\"type\":", m.type);
		put_u64(j, ",\"size\":", m.size);
		if (m.type == SEI_USER_DATA_UNREGISTERED && m.len >= TIMING_UUID_SIZE) {
			put_unregistered(j, m.payload, m.len);
		} else {
			puts_raw(j, ",\"hex\":\"");
			put_hex(j, m.payload, m.len);
			put(j, "\"", 1);
		}
		if (m.cut)
			puts_raw(j, ",\"cut\":true");
		if (end_line(j, frame) == -1)
			return -1;
	}
	begin_message(j, offset, position, n);
	return put_rest(j, frame, from);
}

/* The lines of a text payload as members, all their values strings. */
static void
put_lines(struct jsonl *j, const struct nalrec *r)
{
	struct nalstream_line line;
	const char *comma = "";

	puts_raw(j, ",\"lines\":{");
	for (size_t at = 0; nalstream_line(r, &at, &line); comma = ",") {
		puts_raw(j, comma);
		put_string(j, line.key, line.key_len);
		put(j, ":", 1);
		put_string(j, line.value, line.len);
	}
	put(j, "}", 1);
}

/* RFC 3550 6.4.1:  0 SSRC   4 NTP time   12 RTP time   16 packets   20 octets */
static void
put_report(struct jsonl *j, const uint8_t *p)
{
	put_u64(j, ",\"report\":{\"ssrc\":", be32dec(p));
	put_u64(j, ",\"ntp\":", be64dec(p + 4));
	put_u64(j, ",\"rtp\":", be32dec(p + 12));
	put_u64(j, ",\"packets\":", be32dec(p + 16));
	put_u64(j, ",\"octets\":", be32dec(p + 20));
	put(j, "}", 1);
}

static void
put_payload(struct jsonl *j, const struct nalrec *r)
{
	switch (r->type) {
	case NALSTREAM_NAL:
	case NALSTREAM_AUDIO:
		return;
	case NALSTREAM_STREAM:
	case NALSTREAM_TRACK:
	case NALSTREAM_GAP:
	case NALSTREAM_CLOCK:
	case NALSTREAM_END:
		put_lines(j, r);
		return;
	case NALSTREAM_REPORT:
		if (r->len == NALSTREAM_REPORT_SIZE)
			put_report(j, r->payload);
		break;
	default:
		break;
	}
	puts_raw(j, ",\"hex\":\"");
	put_hex(j, r->payload, r->len);
	put(j, "\"", 1);
}

int
jsonl_record(struct jsonl *j, uint32_t frame, const struct nalrec *r)
{
	if (j == NULL)
		return 0;
	j->len = 0;
	put_u64(j, ",\"offset\":", r->offset);
	puts_raw(j, ",\"record\":");
	put_string(j, (const char *)&r->type, 1);
	put_u64(j, ",\"track\":", r->track);
	put_u64(j, ",\"flags\":", r->flags);
	put_u64(j, ",\"rtp\":", r->rtp);
	put_u64(j, ",\"first\":", r->first_ntp);
	put_u64(j, ",\"last\":", r->last_ntp);
	put_u64(j, ",\"slack\":", r->slack_us);
	put_u64(j, ",\"seq\":", r->seq);
	put_u64(j, ",\"packets\":", r->packets);
	put_u64(j, ",\"size\":", r->len);
	put_payload(j, r);
	return end_line(j, frame);
}
