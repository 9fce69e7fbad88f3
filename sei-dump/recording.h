/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A file of any kind that is read here. */
#ifndef RECORDING_H
#define RECORDING_H

#include "findings.h"
#include "frames.h"

/*
 * Reads what fd holds into *fs, which was opened, in presentation order.
 * fd stays the caller's. All that is missing or wrong goes to *found.
 */
void recording_read(int fd, struct frames *fs, struct findings *found);

#endif
