/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Movie fragments (ISO/IEC 14496-12 8.8.4 to 8.8.12). */
#ifndef FRAGMENT_H
#define FRAGMENT_H

#include "sample.h"
#include "track.h"

/*
 * Hands the samples of t in this moof to ss, in decode order. Damage is a finding
 * with its offset, after the samples before it. 0, or -1 with in->error. v is
 * where boxes are read.
 */
int fragment_read(struct track *t, struct view *v, const struct box *moof, struct samples *ss);

#endif
