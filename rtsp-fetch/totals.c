/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Counters of a track begin at 0 with each connection. */
#include "totals.h"

#include <inttypes.h>

#include "clock.h"
#include "msg.h"

void
totals_update(struct session *s)
{
	struct session_stats *t = &s->stats;

	t->frames = s->past.frames + s->media.au.frames - s->ring->taken_back;
	t->damaged = s->past.damaged + s->media.au.damaged;
	t->shed = s->stream.shed + s->ring->shed.units;
	t->bytes = s->past.bytes + s->conn.received;
	t->lost = s->past.lost + s->media.source.lost;
	if (t->reports != s->stream.reports)
		t->report_ns = clock_monotonic_ns();
	t->reports = s->stream.reports;
}

/* What was left out without a place in the stream. */
static void
remark_left_out(const struct session *s)
{
	if (s->media_opened)
		media_remark(&s->media);
	if (s->conn.stray > 0)
		msg(MSG_REMARK, "%" PRIu64 " bytes of the connection were neither message nor packet",
		    s->conn.stray);
	if (s->unasked > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets came on channels that were not asked for",
		    s->unasked);
}

void
totals_close(struct session *s)
{
	totals_update(s);
	remark_left_out(s);
	s->past.frames += s->media.au.frames;
	s->past.damaged += s->media.au.damaged;
	s->past.bytes += s->conn.received;
	s->past.lost += s->media.source.lost;
	s->conn.received = s->unasked = 0;
}
