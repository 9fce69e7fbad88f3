/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The session description of a clip (RFC 4566, RFC 6184 8.1, 8.2.1). */
#ifndef SDP_H
#define SDP_H

#include <stdbool.h>
#include <stdint.h>

#include "buf.h"
#include "clip.h"

/*
 * Appends the SDP; with sprop, the clip's parameter sets are in it. A template, if
 * there is one, says what is in their place: elements between commas, of bytes in
 * hexadecimal and of S and P, the clip's first SPS and PPS, or s and p, which are
 * these without their first byte. See sdp->failed.
 */
void sdp_write(struct buf *sdp, const struct clip *clip, uint32_t clock_rate, bool sprop,
    const char *template);

#endif
