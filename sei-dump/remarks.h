/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a user should know of a recording's clocks before trusting what was made of them. */
#ifndef REMARKS_H
#define REMARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "clocks.h"

#define REMARK_MAX	256

/*
 * Writes the i-th remark on these clocks, from 0, into text: printable, no newline.
 * False: there is no such.
 */
bool remark(const struct clocks_found *found, size_t i, char text[REMARK_MAX]);

#endif
