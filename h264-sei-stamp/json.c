/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines `key: value` to members of an object (RFC 8259), in one pass. */
#include "json.h"

#include <sys/endian.h>

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#define LARGEST		"9223372036854775807"	/* of a signed 64-bit integer */
#define LINES_MAX	64	/* a record with more is not ours */

struct text {
	char *p, *end;
	bool full;		/* sticky */
};

static void
put(struct text *t, const char *s, size_t len)
{
	if ((size_t)(t->end - t->p) < len) {
		t->full = true;
		return;
	}
	memcpy(t->p, s, len);
	t->p += len;
}

/* A string; what is not printable ASCII is one \u00XX a byte. */
static void
put_string(struct text *t, const char *s, size_t len)
{
	char escape[8];

	put(t, "\"", 1);
	for (size_t i = 0; i < len; i++) {
		unsigned char c = s[i];

		if (c == '"' || c == '\\')
			put(t, "\\", 1);
		if (c >= ' ' && c < 0x7f)
			put(t, s + i, 1);
		else
			put(t, escape, snprintf(escape, sizeof escape, "\\u%04x", c));
	}
	put(t, "\"", 1);
}

/* Whether the value of this line is written as a number: by its key, if it is one. */
static bool
is_integer(const struct nalstream_line *line)
{
	static const char *const keys[] = { "packets", "frames", "groups", "rtp", "realtime",
		"monotonic", "state", "status", "maxerror", "esterror", "frequency", "tai", "step" };
	bool minus = line->len > 1 && line->value[0] == '-';
	const char *digit = line->value + minus, *end = line->value + line->len;
	size_t i = 0;

	while (i < sizeof keys / sizeof keys[0] && !nalstream_line_is(line, keys[i]))
		i++;
	if (i == sizeof keys / sizeof keys[0] || digit == end)
		return false;
	if ((size_t)(end - digit) > strlen(LARGEST) || (*digit == '0' && line->len > 1) ||
	    ((size_t)(end - digit) == strlen(LARGEST) && memcmp(digit, LARGEST, strlen(LARGEST)) > 0))
		return false;
	for (; digit < end && *digit >= '0' && *digit <= '9'; digit++)
		;
	return digit == end;
}

/* Whether the key of the line that ends at `at` was there before it, or is one of ours. */
static bool
is_repeated(const struct nalrec *r, const struct nalstream_line *line)
{
	struct nalstream_line before;
	size_t at = 0;

	if (nalstream_line_is(line, "recv") || nalstream_line_is(line, "track"))
		return true;
	while (nalstream_line(r, &at, &before) && before.key < line->key) {
		if (before.key_len == line->key_len &&
		    memcmp(before.key, line->key, line->key_len) == 0)
			return true;
	}
	return false;
}

ssize_t
json_record(char *out, size_t size, const struct nalrec *r)
{
	struct text t = { out, out + size, false };
	struct nalstream_line line;
	char head[64];
	size_t at = 0, nlines = 0;

	put(&t, head, snprintf(head, sizeof head, "{\"recv\":%" PRIu64 ",\"track\":%u", r->first_ntp, r->track));
	while (!t.full && nalstream_line(r, &at, &line)) {
		t.full |= ++nlines > LINES_MAX;
		if (is_repeated(r, &line))
			continue;
		put(&t, ",", 1);
		put_string(&t, line.key, line.key_len);
		put(&t, ":", 1);
		if (is_integer(&line))
			put(&t, line.value, line.len);
		else
			put_string(&t, line.value, line.len);
	}
	put(&t, "}", 1);
	return t.full ? -1 : t.p - out;
}

/* X payload, RFC 3550 5.3.1:  0 profile   2 length in words   4 data */
ssize_t
json_sender_time(char *out, size_t size, const struct nalrec *r, uint8_t id)
{
	static const char digits[] = "0123456789abcdef";
	struct text t = { out, out + size, false };
	char part[128];

	if (r->len < 4)
		return -1;
	put(&t, part, snprintf(part, sizeof part, "{\"recv\":%" PRIu64 ",\"track\":%u,\"rtp\":%" PRIu64
	    ",\"profile\":%u,\"data\":\"", r->first_ntp, r->track, r->rtp, be16dec(r->payload)));
	for (size_t i = 4; i < r->len && !t.full; i++) {
		part[0] = digits[r->payload[i] >> 4];
		part[1] = digits[r->payload[i] & 0x0f];
		put(&t, part, 2);
	}
	put(&t, "\"", 1);
	if (id != 0)
		put(&t, part, snprintf(part, sizeof part, ",\"id\":%u", id));
	put(&t, "}", 1);
	return t.full ? -1 : t.p - out;
}
