/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTSP messages (RFC 2326 4 to 7): reading those of a camera, loosely. */
#ifndef RTSP_H
#define RTSP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define RTSP_HEAD_MAX	((size_t)64 << 10)
#define RTSP_BODY_MAX	((size_t)256 << 10)
#define RTSP_HEADERS	64

struct rtsp_header {
	const char *name, *value;	/* trimmed; in the message's text */
};

/* A message. All strings lie in text and end in NUL. */
struct rtsp_message {
	int status;			/* of a response; 0: it is a request */
	const char *reason;		/* of a response, may be empty */
	const char *method, *url;	/* of a request */
	struct rtsp_header headers[RTSP_HEADERS];
	size_t nheaders;
	const char *body;
	size_t body_len;
	char text[RTSP_HEAD_MAX + RTSP_BODY_MAX + 2];
};

/*
 * Reads one message from the start of data. Returns how many bytes it took; 0:
 * more are needed; -1: it is none, or larger than the caps. Line ends may be
 * CRLF, LF or CR.
 */
ssize_t rtsp_parse(struct rtsp_message *m, const uint8_t *data, size_t len);

/* Whether data may be the start of a message. */
bool rtsp_begins(const uint8_t *data, size_t len);

/* The first header of this name after *from (0 at first), any case; NULL: none. */
const char *rtsp_next_header(const struct rtsp_message *m, const char *name, size_t *from);
const char *rtsp_header(const struct rtsp_message *m, const char *name);

/* Cuts blanks off both ends of a string, in place. Returns where it begins. */
char *rtsp_trim(char *s);

/*
 * Parameters as in `a; b=c; d="e"`, split at sep outside quotes: copies the
 * next into name and value (empty if it has none), trimmed, unquoted, cut to
 * fit. Returns what is left to read, NULL at the end.
 */
const char *rtsp_parameter(const char *text, char sep, char *name, size_t name_size,
    char *value, size_t value_size);

#endif
