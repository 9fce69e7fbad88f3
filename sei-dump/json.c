/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A strict reader of one JSON object (RFC 8259). Nothing passes through a
 * floating point number: recv and ntp need all of their 64 bits.
 */
#include "json.h"

#include <string.h>

struct text {
	const char *p, *end;
};

static bool
take(struct text *t, char c)
{
	if (t->p == t->end || *t->p != c)
		return false;
	t->p++;
	return true;
}

static void
skip_blanks(struct text *t)
{
	while (t->p < t->end && (*t->p == ' ' || *t->p == '\t' || *t->p == '\n' || *t->p == '\r'))
		t->p++;
}

static bool
skip_digits(struct text *t)
{
	const char *start = t->p;

	while (t->p < t->end && *t->p >= '0' && *t->p <= '9')
		t->p++;
	return t->p > start;
}

/* After the backslash. */
static bool
skip_escape(struct text *t)
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
string(struct text *t, const char **s, size_t *len)
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
number(struct text *t)
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
word(struct text *t, const char *w)
{
	size_t len = strlen(w);

	if ((size_t)(t->end - t->p) < len || memcmp(t->p, w, len) != 0)
		return false;
	t->p += len;
	return true;
}

static bool
scalar(struct text *t)
{
	const char *s;
	size_t len;

	if (t->p < t->end && *t->p == '"')
		return string(t, &s, &len);
	return word(t, "true") || word(t, "false") || word(t, "null") || number(t);
}

/* `"name" :` of a member. */
static bool
name(struct text *t, const char **s, size_t *len)
{
	skip_blanks(t);
	if (!string(t, s, len))
		return false;
	skip_blanks(t);
	return take(t, ':');
}

/* Any value. Nesting is a stack of closing brackets, not recursion. */
static bool
skip_value(struct text *t)
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

static bool
integer(struct text *t, uint64_t max, uint64_t *value)
{
	const char *start = t->p;
	unsigned digit;

	for (*value = 0; t->p < t->end && *t->p >= '0' && *t->p <= '9'; t->p++) {
		digit = (unsigned)(*t->p - '0');
		if (*value > (max - digit) / 10 || digit > max)
			return false;
		*value = *value * 10 + digit;
	}
	return t->p > start && (*start != '0' || t->p == start + 1);
}

static bool
member(struct text *t, struct json_member *members, size_t nmembers)
{
	const char *s;
	size_t len;

	if (!name(t, &s, &len))
		return false;
	skip_blanks(t);
	for (struct json_member *m = members; m < members + nmembers; m++) {
		if (strlen(m->name) != len || memcmp(m->name, s, len) != 0)
			continue;
		if (m->found)
			return false;
		m->found = true;
		return integer(t, m->max, &m->value);
	}
	return skip_value(t);
}

int
json_object(const char *text, size_t len, struct json_member *members, size_t nmembers)
{
	struct text t = { text, text + len };

	for (size_t i = 0; i < nmembers; i++)
		members[i].found = false;
	skip_blanks(&t);
	if (!take(&t, '{'))
		return -1;
	skip_blanks(&t);
	if (!take(&t, '}')) {
		do {
			if (!member(&t, members, nmembers))
				return -1;
			skip_blanks(&t);
		} while (take(&t, ','));
		if (!take(&t, '}'))
			return -1;
	}
	skip_blanks(&t);
	for (size_t i = 0; i < nmembers; i++)
		if (!members[i].found)
			return -1;
	return t.p == t.end ? 0 : -1;
}
