/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A strict reader of one JSON object (RFC 8259). Nothing passes through a
 * floating point number: recv and ntp need all of their 64 bits.
 */
#include "json.h"

#include <string.h>

static bool
take(struct json *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

static void
skip_blanks(struct json *t)
{
	while (t->p < t->end && (*t->p == ' ' || *t->p == '\t' || *t->p == '\n' || *t->p == '\r'))
		t->p++;
}

static bool
skip_digits(struct json *t)
{
	const char *start = t->p;

	while (t->p < t->end && *t->p >= '0' && *t->p <= '9')
		t->p++;
	return t->p > start;
}

/* After the backslash. */
static bool
skip_escape(struct json *t)
{
	if (t->p == t->end)
		return false;
	if (*t->p != 'u')
		return *t->p != '\0' && strchr("\"\\/bfnrt", *t->p++) != NULL;
	t->p++;
	for (int i = 0; i < 4; i++, t->p++)
		if (t->p == t->end || *t->p == '\0' ||
		    strchr("0123456789abcdefABCDEF", *t->p) == NULL)
			return false;
	return true;
}

/* A string; *s and *len are what stands between its quotes, escapes in place. */
static bool
string(struct json *t, const char **s, size_t *len)
{
	if (!take(t, '"'))
		return false;
	for (*s = t->p; t->p < t->end && *t->p != '"'; ) {
		if ((unsigned char)*t->p < ' ')
			return false;
		if (*t->p++ == '\\' && !skip_escape(t))
			return false;
	}
	*len = (size_t)(t->p - *s);
	return take(t, '"');
}

static bool
number(struct json *t)
{
	take(t, '-');
	if (!take(t, '0') && !skip_digits(t))
		return false;
	if (take(t, '.') && !skip_digits(t))
		return false;
	if (!take(t, 'e') && !take(t, 'E'))
		return true;
	if (!take(t, '+'))
		take(t, '-');
	return skip_digits(t);
}

static bool
word(struct json *t, const char *w)
{
	size_t len = strlen(w);

	if ((size_t)(t->end - t->p) < len || memcmp(t->p, w, len) != 0)
		return false;
	t->p += len;
	return true;
}

static bool
scalar(struct json *t)
{
	const char *s;
	size_t len;

	if (t->p < t->end && *t->p == '"')
		return string(t, &s, &len);
	return word(t, "true") || word(t, "false") || word(t, "null") || number(t);
}

/* `"name" :` of a member. */
static bool
name(struct json *t, const char **s, size_t *len)
{
	skip_blanks(t);
	if (!string(t, s, len))
		return false;
	skip_blanks(t);
	return take(t, ':');
}

/* Any value. Nesting is a stack of closing brackets, not recursion. */
static bool
skip_value(struct json *t)
{
	char closing[JSON_DEPTH_MAX];
	const char *s;
	size_t depth = 0, len;
	bool opened;

	do {
		skip_blanks(t);
		opened = t->p < t->end && (*t->p == '{' || *t->p == '[');
		if (opened) {
			if (depth == JSON_DEPTH_MAX)
				return false;
			closing[depth++] = *t->p++ == '{' ? '}' : ']';
			skip_blanks(t);
		} else if (!scalar(t))
			return false;
		for (; depth > 0; opened = false) {
			skip_blanks(t);
			if (take(t, closing[depth - 1])) {
				depth--;
				continue;
			}
			if (!opened && !take(t, ','))
				return false;
			if (closing[depth - 1] == '}' && !name(t, &s, &len))
				return false;
			break;
		}
	} while (depth > 0);
	return true;
}

void
json_open(struct json *j, const char *text, size_t len)
{
	*j = (struct json){ .p = text, .end = text + len };
}

/* The value of a member; a string without its quotes. */
static bool
member_value(struct json *j)
{
	skip_blanks(j);
	j->is_string = j->p < j->end && *j->p == '"';
	if (j->is_string)
		return string(j, &j->value, &j->value_len);
	j->value = j->p;
	if (!skip_value(j))
		return false;
	j->value_len = (size_t)(j->p - j->value);
	return true;
}

int
json_next(struct json *j)
{
	bool begins = !j->begun;

	skip_blanks(j);
	if (begins && !take(j, '{'))
		return -1;
	j->begun = true;
	skip_blanks(j);
	if (take(j, '}')) {
		skip_blanks(j);
		return j->p == j->end ? 0 : -1;
	}
	if (!begins && !take(j, ','))
		return -1;
	return name(j, &j->name, &j->name_len) && member_value(j) ? 1 : -1;
}

bool
json_integer(const struct json *j, uint64_t max, uint64_t *value)
{
	const char *p = j->value, *end = p + j->value_len;
	uint64_t v = 0;
	unsigned digit;

	for (; p < end && *p >= '0' && *p <= '9'; p++) {
		digit = (unsigned)(*p - '0');
		/* 19 digits always fit. */
		if (p - j->value >= 19 && (v > UINT64_MAX / 10 || v * 10 > UINT64_MAX - digit))
			return false;
		v = v * 10 + digit;
	}
	if (j->is_string || p < end || p == j->value || (*j->value == '0' && j->value_len > 1) || v > max)
		return false;
	*value = v;
	return true;
}

/* The byte that the escape after a backslash at p stands for; *len: its bytes. */
static unsigned
unescape(const char *p, const char *end, size_t *len)
{
	unsigned byte = 0;

	*len = *p == 'u' ? 5 : 1;
	if (*p != 'u')
		return strchr("bfnrt", *p) != NULL ? '\n' : (unsigned char)*p;
	for (int i = 1; i < 5 && p + i < end; i++)
		byte = byte << 4 | (unsigned)(p[i] <= '9' ? p[i] - '0' : (p[i] | 0x20) - 'a' + 10);
	return byte;
}

size_t
json_text(const struct json *j, char *out, size_t size)
{
	const char *p = j->value, *end = p + j->value_len;
	size_t n = 0, len;
	unsigned byte;

	for (; p < end && n + 1 < size; p += len) {
		len = 1;
		byte = (unsigned char)*p;
		if (byte == '\\' && j->is_string && p + 1 < end) {
			byte = unescape(p + 1, end, &len);
			len++;
		}
		out[n++] = byte >= ' ' && byte < 0x7f ? (char)byte : '?';
	}
	out[n] = '\0';
	return n;
}

static struct json_member *
find_member(const struct json *j, struct json_member *members, size_t nmembers)
{
	for (size_t i = 0; i < nmembers; i++) {
		if (strncmp(members[i].name, j->name, j->name_len) == 0 && members[i].name[j->name_len] == '\0')
			return &members[i];
	}
	return NULL;
}

int
json_object(const char *text, size_t len, struct json_member *members, size_t nmembers)
{
	struct json_member *m;
	struct json j;
	int more;

	for (size_t i = 0; i < nmembers; i++)
		members[i].found = false;
	json_open(&j, text, len);
	while ((more = json_next(&j)) == 1) {
		m = find_member(&j, members, nmembers);
		if (m == NULL)
			continue;
		if (m->found || !json_integer(&j, m->max, &m->value))
			return -1;
		m->found = true;
	}
	for (size_t i = 0; i < nmembers; i++)
		if (!members[i].found)
			return -1;
	return more;
}

/* Bytes of the UTF-8 character at s; 0: there is none (RFC 3629 4). */
static size_t
utf8_len(const uint8_t *s)
{
	size_t n = s[0] < 0x80 ? 1 : s[0] >= 0xf0 ? 4 : s[0] >= 0xe0 ? 3 : 2;

	if ((s[0] >= 0x80 && s[0] < 0xc2) || s[0] > 0xf4)
		return 0;
	for (size_t i = 1; i < n; i++)
		if ((s[i] & 0xc0) != 0x80)
			return 0;
	if ((s[0] == 0xe0 && s[1] < 0xa0) || (s[0] == 0xed && s[1] > 0x9f) ||
	    (s[0] == 0xf0 && s[1] < 0x90) || (s[0] == 0xf4 && s[1] > 0x8f))
		return 0;
	return n;
}

size_t
json_escape(char out[JSON_ESCAPED_MAX], const char **text)
{
	static const char digits[] = "0123456789abcdef";
	const uint8_t *s = (const uint8_t *)*text;
	size_t n = utf8_len(s);

	if (*s == '\0')
		return 0;
	*text += n > 0 ? n : 1;
	if (n > 1 || (n == 1 && *s >= ' ' && *s < 0x7f && *s != '"' && *s != '\\')) {
		memcpy(out, s, n);
		return n;
	}
	if (*s == '"' || *s == '\\') {
		out[0] = '\\';
		out[1] = (char)*s;
		return 2;
	}
	memcpy(out, n == 0 ? "\\udc" : "\\u00", 4);
	out[4] = digits[*s >> 4];
	out[5] = digits[*s & 0xf];
	return JSON_ESCAPED_MAX;
}
