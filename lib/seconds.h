/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef SECONDS_H
#define SECONDS_H

#include <stdint.h>

/*
 * Reads a number of seconds, decimals allowed (`2`, `0.5`, `.25`), as
 * nanoseconds, by integers; digits past the ninth decimal are dropped. 0, or -1:
 * it is none, or over max_s seconds.
 */
int seconds_parse(int64_t *ns, const char *text, int64_t max_s);

#endif
