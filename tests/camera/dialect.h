/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Dialects by name: what cameras in the field say, or want to hear, that others do
 * not. The rows of the table in dialect.c are data; all rows of a name are one dialect.
 */
#ifndef DIALECT_H
#define DIALECT_H

#include <regex.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "buf.h"

#define DIALECT_MAX	32	/* rows of one camera */

/* What find and replace mean. find is a POSIX extended regular expression; $ and ^ are a line's. */
enum dialect_kind {
	/* Answers: */
	DIALECT_EDIT,		/* each match becomes replace, with \1 to \9 in it */
	DIALECT_RAW,		/* the same, and Content-Length stays as it was */
	DIALECT_PAD,		/* behind each match, replace (a number) times an x */
	DIALECT_ASKS,		/* replace is sent before: a request, whose answer must match */
	DIALECT_RENONCE,		/* replace is the nonce from now on */
	/* Requests: */
	DIALECT_NEEDS,		/* the header must match, else replace is the status */
	DIALECT_HATES,		/* it must not */
	DIALECT_URL,		/* the URL must match, else 404; it means the path and replace */
	/* From the start on replace is: */
	DIALECT_NONCE,		/* the nonce */
	DIALECT_SESSION,		/* the session's name */
	DIALECT_CHANNELS,		/* the channels, N-M, whatever was asked for */
	DIALECT_PAYLOAD,		/* the payload type of packets */
	DIALECT_SETS,		/* sprop-parameter-sets, see sdp.h */
};

struct dialect {
	const char *name;
	enum dialect_kind kind;
	const char *methods;	/* of requests that it is about, or "*" */
	const char *find, *replace;
};

struct dialects {
	struct {
		const struct dialect *dialect;
		regex_t find;
		bool played;
	} list[DIALECT_MAX];
	size_t n;
	size_t asked;		/* which one waits for an answer; n: none does */
	char *nonce;		/* the server's, of nonce_size bytes */
	size_t nonce_size;
};

/* Adds a dialect by its name. 0, or -1 with *why set. */
int dialect_add(struct dialects *dialects, const char *name, const char **why);
void dialect_close(struct dialects *dialects);

/* Prints the names. */
void dialect_list(FILE *out);

/* What a dialect of this kind says is so from the start; NULL: none does. */
const char *dialect_text(struct dialects *dialects, enum dialect_kind kind);

/* The status that a request is refused with because of its header; NULL: none. */
const char *dialect_refusal(struct dialects *dialects, const char *method, const char *head, size_t len);

/* What the URL of a request means. false: it has to be another. */
bool dialect_url(struct dialects *dialects, const char *method, const char *path, char *url, size_t size);

/* Changes an answer, head and body, before it is sent. */
void dialect_answer(struct dialects *dialects, const char *method, struct buf *answer);

/* An answer came to what a dialect asked. */
void dialect_answered(struct dialects *dialects, const char *head, size_t len);

/* Names a row that was never of use; from: where to go on, 0 at first. NULL: there is none. */
const char *dialect_unplayed(const struct dialects *dialects, size_t *from);

#endif
