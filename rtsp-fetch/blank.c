/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One pass over a line. Blanked is rather too much than too little: cameras also
 * send back what they were sent, in bodies and in headers of their own.
 */
#include "blank.h"

#include <ctype.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#define STARS	"***"

struct text {
	const char *line, *end;
	const char *p;		/* what comes next */
	char *out;
	size_t n;
};

static void
put(struct text *t, const char *p, size_t len)
{
	memcpy(t->out + t->n, p, len);
	t->n += len;
}

/* Passes on what was recognised, and puts stars in place of what follows, up to `to`. */
static bool
replace(struct text *t, size_t keep, const char *to)
{
	put(t, t->p, keep);
	put(t, STARS, strlen(STARS));
	t->p = to;
	return true;
}

static bool
begins(const struct text *t, const char *word)
{
	size_t len = strlen(word);

	return (size_t)(t->end - t->p) >= len && strncasecmp(t->p, word, len) == 0;
}

/* Where a run without these characters ends. */
static const char *
until(const char *p, const char *end, const char *stop)
{
	while (p < end && (*p == '\0' || strchr(stop, *p) == NULL))
		p++;
	return p;
}

static bool
take_secret(struct text *t, const char *secret)
{
	size_t len = strlen(secret);

	return len > 0 && (size_t)(t->end - t->p) >= len && memcmp(t->p, secret, len) == 0 &&
	    replace(t, 0, t->p + len);
}

static const char *
skip_blanks(const char *p, const char *end)
{
	while (p < end && (*p == ' ' || *p == '\t'))
		p++;
	return p;
}

/* Authorization: Digest username=...; the scheme may stay. */
static bool
take_authorization(struct text *t)
{
	static const char *const schemes[] = { "Basic ", "Digest " };
	const char *p;
	size_t len;

	if (!begins(t, "authorization"))
		return false;
	p = skip_blanks(t->p + strlen("authorization"), t->end);
	if (p == t->end || *p != ':')
		return false;
	p = skip_blanks(p + 1, t->end);
	for (size_t i = 0; i < sizeof schemes / sizeof schemes[0]; i++) {
		len = strlen(schemes[i]);
		if ((size_t)(t->end - p) >= len && strncasecmp(p, schemes[i], len) == 0)
			return replace(t, p + len - t->p, t->end);
	}
	return replace(t, p - t->p, t->end);
}

/* Basic YWxpY2U6cw==, wherever it stands; a challenge has Basic realm="..." */
static bool
take_basic(struct text *t)
{
	const char *token = t->p + strlen("basic "), *to;

	if (!begins(t, "basic "))
		return false;
	to = until(token, t->end, " \t\",;\r");
	return (to == t->end || *to != '"') && to > token && replace(t, token - t->p, to);
}

/* scheme://user:password@host */
static bool
take_userinfo(struct text *t)
{
	const char *begin = t->p + 3, *to;

	if (!begins(t, "://"))
		return false;
	to = until(begin, t->end, "/? \t\r");
	while (to > begin && (to == t->end || *to != '@'))
		to--;
	return to > begin && replace(t, 3, to);
}

/* ?user=admin&password=secret */
static bool
take_parameter(struct text *t)
{
	static const char *const names[] = { "username", "user", "usr", "password", "passwd",
		"passwort", "pass", "pwd", "psw", "authbasic", "auth", "token" };
	const char *value, *to;

	if (t->p > t->line && isalnum((unsigned char)t->p[-1]))
		return false;
	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		value = t->p + strlen(names[i]) + 1;
		if (!begins(t, names[i]) || value > t->end || value[-1] != '=')
			continue;
		if (value < t->end && *value == '"')
			to = until(value + 1, t->end, "\"");
		else
			to = until(value, t->end, "&; \t\r\"");
		return replace(t, value - t->p, to);
	}
	return false;
}

size_t
blank_line(char out[BLANK_MAX], const char *line, size_t len, const char *secret)
{
	struct text t = { .line = line, .end = line + len, .p = line, .out = out };

	while (t.p < t.end) {
		if (take_secret(&t, secret) || take_authorization(&t) || take_basic(&t) ||
		    take_userinfo(&t) || take_parameter(&t))
			continue;
		put(&t, t.p++, 1);
	}
	return t.n;
}
