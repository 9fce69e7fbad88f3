/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Message heads are copied and cut into strings in place: they are few and small. */
#include "rtsp.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

bool
rtsp_begins(const uint8_t *data, size_t len)
{
	/* A response, or the method of a request that a camera may send. */
	static const char *const starts[] = { "RTSP/", "OPTIONS ", "GET_PARAMETER ",
		"SET_PARAMETER ", "ANNOUNCE ", "REDIRECT ", "PLAY_NOTIFY ", "TEARDOWN " };

	for (size_t i = 0; i < sizeof starts / sizeof starts[0]; i++) {
		size_t n = strlen(starts[i]);

		if (memcmp(data, starts[i], len < n ? len : n) == 0)
			return true;
	}
	return false;
}

/*
 * Length of the head with its blank line; 0: its end is not there. If the first
 * line ends in a CR alone, all do.
 */
static size_t
head_length(const uint8_t *data, size_t len)
{
	const uint8_t *p = data, *end = data + len;
	uint8_t eol;

	while (p < end && *p != '\r' && *p != '\n')
		p++;
	eol = end - p >= 2 && p[0] == '\r' && p[1] != '\r' && p[1] != '\n' ? '\r' : '\n';
	while ((p = memchr(p, eol, end - p)) != NULL) {
		p++;
		if (p < end && *p == eol)
			return p + 1 - data;
		if (end - p >= 2 && p[0] == '\r' && p[1] == '\n')
			return p + 2 - data;
	}
	return 0;
}

char *
rtsp_trim(char *s)
{
	char *end;

	s += strspn(s, " \t");
	end = s + strlen(s);
	while (end > s && strchr(" \t\r", end[-1]) != NULL)
		*--end = '\0';
	return s;
}

/* The next line of a string, cut off; NULL: there is none. The end of CRLF gives an empty one. */
static char *
next_line(char **text)
{
	return strsep(text, "\r\n");
}

/* RTSP/1.0 200 OK, the reason left out by some; or METHOD url RTSP/1.0 */
static int
parse_start(struct rtsp_message *m, char *line)
{
	char *second = strpbrk(line, " \t");

	if (second != NULL)
		*second++ = '\0';
	if (strncmp(line, "RTSP/", 5) == 0) {
		char *end;

		m->status = second != NULL ? (int)strtol(second, &end, 10) : 0;
		if (m->status < 100 || m->status > 999)
			return -1;
		m->reason = rtsp_trim(end);
		return 0;
	}
	m->method = line;
	m->url = second != NULL ? strsep(&second, " \t") : "";
	return 0;
}

static void
parse_header(struct rtsp_message *m, char *line)
{
	char *colon = strchr(line, ':');

	if (colon == NULL || m->nheaders == RTSP_HEADERS)
		return;
	*colon = '\0';
	m->headers[m->nheaders].name = rtsp_trim(line);
	m->headers[m->nheaders++].value = rtsp_trim(colon + 1);
}

/* What is no number counts as 0. -1: it is negative, or over the cap. */
static ssize_t
content_length(const struct rtsp_message *m)
{
	const char *value = rtsp_header(m, "Content-Length");
	long n;

	if (value == NULL)
		return 0;
	errno = 0;
	n = strtol(value, NULL, 10);
	return errno != 0 || n < 0 || (size_t)n > RTSP_BODY_MAX ? -1 : n;
}

ssize_t
rtsp_parse(struct rtsp_message *m, const uint8_t *data, size_t len)
{
	size_t head = head_length(data, len < RTSP_HEAD_MAX ? len : RTSP_HEAD_MAX);
	char *text = m->text, *line;
	ssize_t body;

	if (head == 0)
		return len >= RTSP_HEAD_MAX ? -1 : 0;
	memcpy(m->text, data, head);
	for (size_t i = 0; i < head; i++) {
		if (m->text[i] == '\0')
			m->text[i] = ' ';
	}
	m->text[head] = '\0';
	m->status = 0;
	m->nheaders = 0;
	m->method = m->url = m->reason = NULL;
	if (parse_start(m, rtsp_trim(next_line(&text))) == -1)
		return -1;
	while ((line = next_line(&text)) != NULL)
		parse_header(m, line);
	body = content_length(m);
	if (body == -1)
		return -1;
	if (len - head < (size_t)body)
		return 0;
	memcpy(m->text + head + 1, data + head, body);
	m->text[head + 1 + body] = '\0';
	m->body = m->text + head + 1;
	m->body_len = body;
	return head + body;
}

const char *
rtsp_next_header(const struct rtsp_message *m, const char *name, size_t *from)
{
	while (*from < m->nheaders) {
		const struct rtsp_header *h = &m->headers[(*from)++];

		if (strcasecmp(h->name, name) == 0)
			return h->value;
	}
	return NULL;
}

const char *
rtsp_header(const struct rtsp_message *m, const char *name)
{
	size_t from = 0;

	return rtsp_next_header(m, name, &from);
}

/* Copies [p, end) without blanks and quotes around it. */
static void
copy_value(char *out, size_t size, const char *p, const char *end)
{
	while (p < end && strchr(" \t\"", *p) != NULL)
		p++;
	while (end > p && strchr(" \t\"\r", end[-1]) != NULL)
		end--;
	if ((size_t)(end - p) >= size)
		end = p + size - 1;
	memcpy(out, p, end - p);
	out[end - p] = '\0';
}

const char *
rtsp_parameter(const char *text, char sep, char *name, size_t name_size,
    char *value, size_t value_size)
{
	const char *p, *equals = NULL;
	bool quoted = false;

	if (*text == '\0')
		return NULL;
	for (p = text; *p != '\0' && (quoted || *p != sep); p++) {
		if (*p == '"')
			quoted = !quoted;
		else if (*p == '=' && equals == NULL && !quoted)
			equals = p;
	}
	copy_value(name, name_size, text, equals != NULL ? equals : p);
	copy_value(value, value_size, equals != NULL ? equals + 1 : p, p);
	return *p == '\0' ? p : p + 1;
}
