/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Presentation order of pictures from picture order counts (ITU-T H.264 8.2.1.1). */
#ifndef ORDER_H
#define ORDER_H

#include "clip.h"

/*
 * Sets the position of every access unit to the number of its picture in
 * presentation order. Where the counts cannot be read (type 1, scaling lists in the
 * SPS) that is decode order. 0, or -1 with errno.
 */
int order_pictures(struct clip *clip);

#endif
