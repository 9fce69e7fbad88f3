/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A picture of a recording's timing, as a program for gnuplot 5 with its data inside. */
#ifndef GNUPLOT_H
#define GNUPLOT_H

#include "csv.h"
#include "figures.h"
#include "frames.h"

/*
 * Intervals of frames, delays of arrival and the camera's clock against the host's, over
 * time; gaps and events are marked. Of a long recording each column of pixels has its
 * least and its greatest value, so that the program stays small and no outlier is lost.
 * name: of the file, as it is to be shown. 0, or -1 with errno.
 */
int gnuplot_write(struct csv *out, const char *name, const struct figures *f, const struct frames *fs);

#endif
