/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The receiver goes on while its figures are read here, each on its own: those
 * of one line may lie a packet apart.
 */
#include "stats.h"

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"

struct rates {
	double elapsed_s, fps, kbit_s;
	uint64_t frames;
};

static double
seconds_since(int64_t monotonic_ns)
{
	return (clock_monotonic_ns() - monotonic_ns) / 1e9;
}

/* Frames may be fewer than before: those in the ring can be shed after they were counted. */
static double
growth(uint64_t now, uint64_t before)
{
	return now > before ? now - before : 0;
}

/* What came since the mark, which moves up. */
static struct rates
take_rates(struct stats_mark *since, const struct session_stats *t)
{
	int64_t playing_ns = t->playing_ns, now = clock_monotonic_ns();
	struct stats_mark mark = { .at_ns = now, .frames = t->frames, .bytes = t->bytes };
	struct rates r = { .frames = mark.frames };
	double span;

	if (playing_ns == 0)
		return r;
	r.elapsed_s = (now - playing_ns) / 1e9;
	span = (now - (since->at_ns != 0 ? since->at_ns : playing_ns)) / 1e9;
	if (span <= 0)
		return r;
	r.fps = growth(mark.frames, since->frames) / span;
	r.kbit_s = growth(mark.bytes, since->bytes) * 8 / 1000 / span;
	*since = mark;
	return r;
}

static const char *
state_name(enum session_state state)
{
	static const char *const names[] = {
		[SESSION_CONNECTING] = "connecting",
		[SESSION_RESOLVING] = "resolving",
		[SESSION_WAITING] = "waiting",
		[SESSION_OPTIONS] = "OPTIONS",
		[SESSION_DESCRIBE] = "DESCRIBE",
		[SESSION_SETUP] = "SETUP",
		[SESSION_PLAY] = "PLAY",
		[SESSION_PLAYING] = "playing",
		[SESSION_TEARDOWN] = "TEARDOWN",
		[SESSION_OVER] = "draining",	/* the reader of stdout does not have all yet */
	};

	return names[state];
}

void
stats_status(char out[STATS_MAX], struct stats_mark *since, const struct session *s)
{
	const struct session_stats *t = &s->stats;
	struct rates r = take_rates(since, t);
	enum session_state state = s->state;
	char report[32] = "none";

	out[0] = '\0';
	if (t->playing_ns == 0)
		return;
	if (t->report_ns != 0)
		snprintf(report, sizeof report, "%.0f s ago", seconds_since(t->report_ns));
	snprintf(out, STATS_MAX, "%.0f s, %" PRIu64 " frames, %.1f frames/s, %.0f kbit/s, %" PRIu64
	    " packets lost, sender report %s%s%s ", r.elapsed_s, r.frames, r.fps, r.kbit_s,
	    (uint64_t)t->lost, report, state != SESSION_PLAYING ? ", " : "",
	    state != SESSION_PLAYING ? state_name(state) : "");
}

void
stats_line(char out[STATS_MAX], struct stats_mark *since, const struct session *s)
{
	const struct session_stats *t = &s->stats;
	struct rates r = take_rates(since, t);
	struct ring_fill fill = ring_fill(s->ring);
	char age[32] = "none";

	if (t->report_ns != 0)
		snprintf(age, sizeof age, "%.1f", seconds_since(t->report_ns));
	snprintf(out, STATS_MAX, "state=%s elapsed_s=%.1f frames=%" PRIu64 " fps=%.2f kbit_s=%.0f "
	    "packets_lost=%" PRIu64 " damaged=%" PRIu64 " shed=%" PRIu64 " reports=%" PRIu64
	    " report_age_s=%s buffer_bytes=%zu buffer_peak_bytes=%zu", state_name(s->state),
	    r.elapsed_s, r.frames, r.fps, r.kbit_s, (uint64_t)t->lost, (uint64_t)t->damaged,
	    (uint64_t)t->shed, (uint64_t)t->reports, age, fill.bytes, fill.peak);
}
