/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef WRITER_H
#define WRITER_H

#include "ring.h"

/*
 * Writes all blocks of the ring to fd until it is closed and empty: the one
 * place that may wait for the reader of the stream. On an error the ring fails
 * with its errno, and told() is called. Returns 0, or that errno.
 */
int writer_run(struct ring *r, int fd, void (*told)(void));

#endif
