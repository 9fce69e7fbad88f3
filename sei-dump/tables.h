/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The sample tables of a moov box (ISO/IEC 14496-12 8.6.1, 8.7). */
#ifndef TABLES_H
#define TABLES_H

#include "sample.h"
#include "track.h"

/*
 * Hands every sample that the tables of t name to ss, in decode order. Damage is
 * a finding with its offset, after the samples before it. 0, or -1 if reading
 * failed (in->error) or memory ran out. v is where boxes are read.
 */
int tables_read(struct track *t, struct view *v, struct samples *ss);

#endif
