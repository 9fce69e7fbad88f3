/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A session's running figures as text, for terminals and for logs. */
#ifndef STATS_H
#define STATS_H

#include <stdint.h>

#include "session.h"

#define STATS_MAX	512	/* bytes of a line, NUL included */

/* Where a row of lines stands: each line's rates are over the time since the one before. */
struct stats_mark {
	int64_t at_ns;		/* monotonic; 0: there was none, so since PLAY's answer */
	uint64_t frames, bytes;
};

/* For a terminal, into out; empty before PLAY's answer. */
void stats_status(char out[STATS_MAX], struct stats_mark *since, const struct session *s);

/* For a log, in words of key=value, with what the session is doing. */
void stats_line(char out[STATS_MAX], struct stats_mark *since, const struct session *s);

#endif
