/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The JSON of timing payloads: one flat object whose known members are exact integers.
 * And text for JSON that is written.
 */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX	64	/* nesting inside a member that is not known */
#define JSON_ESCAPED_MAX	6	/* bytes: \u00XX */

struct json_member {
	const char *name;	/* plain ASCII */
	uint64_t max;		/* largest value that is no error */
	uint64_t value;		/* out */
	bool found;		/* out */
};

/* An object being read, and its current member. Views into the text. */
struct json {
	const char *p, *end;
	bool begun;
	const char *name, *value;	/* value: without its quotes, escapes in place */
	size_t name_len, value_len;
	bool is_string;
};

/* Prepares to read text[len] as a JSON object (RFC 8259), blanks around it allowed. */
void json_open(struct json *j, const char *text, size_t len);

/* The next member, whatever value it has: 1; 0: the object is whole; -1: it is none. */
int json_next(struct json *j);

/* The current value as an unsigned integer of at most max, without sign, fraction or exponent. */
bool json_integer(const struct json *j, uint64_t max, uint64_t *value);

/*
 * The current value as text into out[size], cut to fit, NUL at its end: escapes
 * undone, where \u00XX is one byte; what is not printable ASCII is a question mark.
 */
size_t json_text(const struct json *j, char *out, size_t size);

/*
 * Reads text[len] as a JSON object and fills in the members asked for; none may
 * come twice. Members that are not known are skipped. 0, or -1 if the text is
 * anything else or a member asked for is missing or not json_integer().
 */
int json_object(const char *text, size_t len, struct json_member *members, size_t nmembers);

/*
 * The next character of text, as a JSON string has it, into out; moves *text behind
 * it. UTF-8 (RFC 3629) stays as it is; a byte that is not part of any is \udcXX, which
 * Python makes a byte again (surrogateescape). Returns its bytes; 0 at text's end.
 */
size_t json_escape(char out[JSON_ESCAPED_MAX], const char **text);

#endif
