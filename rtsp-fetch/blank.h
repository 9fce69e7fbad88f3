/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of RTSP made fit for others to see. */
#ifndef BLANK_H
#define BLANK_H

#include <stddef.h>

#define BLANK_LINE	((size_t)4096)	/* longer lines are to be cut before */
#define BLANK_MAX	(3 * BLANK_LINE)

/*
 * Copies a line of len bytes, BLANK_LINE at most, with *** in place of what may
 * be a secret: the value of Authorization, user and password in a URL, the values
 * of user=, password= and the like, and the secret itself (empty: there is none).
 * Returns the length; there is no NUL.
 */
size_t blank_line(char out[BLANK_MAX], const char *line, size_t len, const char *secret);

#endif
