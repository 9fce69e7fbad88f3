/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a camera offers, for people (--list). */
#ifndef LIST_H
#define LIST_H

#include "sdp.h"

/*
 * A line for each track: number, kind, codec, for H.264 what its SPS says, and
 * whether it is recorded; chosen is the one that is (NULL: none). Safe to print,
 * whatever the description holds. For one thread. To be freed; NULL with errno.
 */
char *list_text(const struct sdp *sdp, const struct sdp_media *chosen);

#endif
