/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What ends a recording that must have no hole (--strict). */
#ifndef STRICT_H
#define STRICT_H

#include <stddef.h>

#include "rtp.h"

/*
 * Whether a packet that made this of the source, which was like that before it,
 * shows a loss or a jump of RTP time, and why, into why[size]. A step back of up
 * to a second is none: pictures may come in another order than they are shown in.
 */
bool strict_breach(const struct rtp_source *before, const struct rtp_source *now, char *why, size_t size);

#endif
