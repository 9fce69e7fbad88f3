/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A file of any kind that is read here. */
#ifndef RECORDING_H
#define RECORDING_H

#include "findings.h"
#include "frames.h"
#include "jsonl.h"

/*
 * Reads what fd holds into *fs, which was opened, in presentation order.
 * All that is missing or wrong goes to *found; all that is said of time,
 * raw, to jsonl, unless that is NULL. fd stays the caller's; a file is read from its
 * beginning.
 */
void recording_read(int fd, struct frames *fs, struct jsonl *jsonl, struct findings *found);

#endif
