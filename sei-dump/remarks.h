/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a user should know of a recording's clocks before trusting what was made of them. */
#ifndef REMARKS_H
#define REMARKS_H

#include <stdbool.h>
#include <stddef.h>

#include "clocks.h"

#define REMARK_MAX	256

enum remark_level {
	REMARK_WRONG,	/* some times are empty, or one of the clocks broke */
	REMARK_DOUBT,	/* times are less exact than they could be */
	REMARK_NOTE,	/* how it was read */
};

/*
 * Writes the i-th remark on these clocks, from 0, into text: printable, no newline.
 * False: there is no such.
 */
bool remark(const struct clocks_found *found, size_t i, char text[REMARK_MAX], enum remark_level *level);

#endif
