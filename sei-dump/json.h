/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The JSON of timing payloads: one flat object whose known members are exact integers. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define JSON_DEPTH_MAX	64	/* nesting inside a member that is not known */

struct json_member {
	const char *name;	/* plain ASCII */
	uint64_t max;		/* largest value that is no error */
	uint64_t value;		/* out */
	bool found;		/* out */
};

/*
 * Reads text[len] as a JSON object (RFC 8259), blanks around it allowed, and
 * fills in the members asked for. Their values must be unsigned integers without
 * sign, fraction or exponent, of at most max; none may come twice. Members that
 * are not known are skipped, whatever valid JSON they hold. 0, or -1 if the text
 * is anything else or a member asked for is missing.
 */
int json_object(const char *text, size_t len, struct json_member *members, size_t nmembers);

#endif
