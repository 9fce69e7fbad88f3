/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* S, C, E, and the G records about the connection. */
#include "journal.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "name.h"

int
journal_head(struct session *s)
{
	char camera[NAME_MAX_SIZE], host[256] = "", host_line[256], tool[256];

	name_get(camera);
	if (gethostname(host, sizeof host - 1) == -1)
		host[0] = '\0';
	s->head_written = s->begun = true;
	session_timer_set(s, TIMER_CLOCK, 0);	/* the first C follows at once */
	return stream_text(&s->stream, NALSTREAM_STREAM, 0, NALSTREAM_MAGIC
	    "camera: %s\nhost: %s\nserver: %s\ntool: %s\nstamps: %s\npriority: %s\n"
	    "writer: rtsp-fetch " NALPIPE_VERSION "\n", camera,
	    stream_line(host_line, sizeof host_line, host), s->server,
	    stream_line(tool, sizeof tool, s->sdp.tool == NULL ? "" : s->sdp.tool),
	    s->conn.clock.kernel ? "kernel" : "user", s->priority);
}

/* Without a frame, from the last one, or from S, on. */
static int
tell_outage(struct session *s, const char *what)
{
	int64_t ms = (clock_monotonic_ns() - s->frame_ns) / 1000000;

	return stream_text(&s->stream, NALSTREAM_GAP, 0, "what: %s\nseconds: %" PRId64 ".%03" PRId64
	    "\nattempts: %u\nreason: %s\n", what, ms / 1000, ms % 1000, s->attempts, s->outage_reason);
}

int
journal_reconnect(struct session *s)
{
	int rc = s->outage ? tell_outage(s, "reconnect") : 0;

	s->outage = false;
	s->frame_ns = clock_monotonic_ns();
	return rc;
}

int
journal_stall(struct session *s)
{
	int64_t ms = (clock_monotonic_ns() - s->frame_ns) / 1000000;

	return stream_text(&s->stream, NALSTREAM_GAP, s->media.number,
	    "what: stall\nseconds: %" PRId64 ".%03" PRId64 "\n", ms / 1000, ms % 1000);
}

int
journal_stray(struct session *s)
{
	uint64_t before = s->stray_told;

	s->stray_told = s->conn.stray;
	return stream_text(&s->stream, NALSTREAM_GAP, s->media.number, "what: stray\nbytes: %" PRIu64 "\n",
	    s->conn.stray - before);
}

int
journal_clock(struct session *s, const struct clock_pair *now, int64_t step_ns)
{
	char text[HOSTCLOCK_MAX];

	return stream_text(&s->stream, NALSTREAM_CLOCK, 0, "%s", hostclock_text(text, now, step_ns));
}

int
journal_end(struct session *s)
{
	s->stream.ending = true;	/* what comes now has room */
	if (!s->begun && journal_head(s) == -1)
		return -1;
	if (s->outage && tell_outage(s, "disconnect") == -1)
		return -1;
	return stream_end(&s->stream, s->status, s->reason);
}
