/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A recording in a few lines for people. */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "csv.h"
#include "figures.h"
#include "findings.h"
#include "frames.h"

/* name: of the file, as it is to be shown. What is bad comes first. */
void summary_text(struct csv *out, const char *name, const struct figures *f, const struct frames *fs,
    const struct findings *found);

#endif
