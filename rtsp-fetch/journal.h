/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What the session itself writes into the stream. All return 0, or -1 with errno. */
#ifndef JOURNAL_H
#define JOURNAL_H

#include "session.h"

/* S, the stream's head, anew for each connection. */
int journal_head(struct session *s);

/* After S and T of a later connection: the G that tells what was before. */
int journal_reconnect(struct session *s);

/* G: no whole frame has come for too long. */
int journal_stall(struct session *s);

/* G: bytes of the connection were passed over, since the last of these. */
int journal_stray(struct session *s);

/* C; step_ns: by how much the clock was set just now. */
int journal_clock(struct session *s, const struct clock_pair *now, int64_t step_ns);

/* E, behind all that must stand before it. */
int journal_end(struct session *s);

#endif
