/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Remarks, from what clocks.c found. Of what is as it should be there is none. */
#include "remarks.h"

#include <math.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"

#define NOISE_NS	2000000
#define LAG_NS		200000000
#define RATE		500e-6		/* beyond any crystal */
#define OFFSET_NS	CLOCK_NS_PER_S
#define ZONE_NS		(900 * CLOCK_NS_PER_S)	/* time zones are quarters of an hour */
#define ZONE_MAX_NS	(14 * 3600 * CLOCK_NS_PER_S)
#define SLACK_US	1000
#define LATE_NS		CLOCK_NS_PER_S	/* no queue lasts half a recording */

/* Counts remarks, and keeps the one that is wanted. */
struct remarks {
	size_t left;		/* until that one */
	char *text;
	enum remark_level level;
};

/* Whether this was the one. */
static bool __attribute__((format(printf, 3, 4)))
say(struct remarks *r, enum remark_level level, const char *format, ...)
{
	va_list args;

	if (r->left-- > 0)
		return false;
	r->level = level;
	va_start(args, format);
	vsnprintf(r->text, REMARK_MAX, format, args);
	va_end(args);
	return true;
}

static double
seconds(int64_t ns)
{
	return (double)ns / CLOCK_NS_PER_S;
}

static double
ms(int64_t ns)
{
	return (double)ns / 1e6;
}

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

static bool
which_pairs(struct remarks *r, const struct camera_found *c, const char *what)
{
	if (c->foreign > 0 && say(r, REMARK_DOUBT,
	    "%zu of %zu %s are not of the video's clock and are not used", c->foreign,
	    c->pairs, what))
		return true;
	if (c->unset > 0 && say(r, REMARK_WRONG, "the camera does not know the time of day in %zu of %zu %s: "
	    "camera_time is empty there", c->unset, c->pairs, what))
		return true;
	if (c->code.in_ns && say(r, REMARK_NOTE,
	    "the camera gives fractions of a second in nanoseconds: read as such"))
		return true;
	if (c->code.from_unix && say(r, REMARK_NOTE,
	    "the camera's seconds count from 1970, not from 1900: read as such"))
		return true;
	if (c->code.whole_seconds && say(r, REMARK_DOUBT, "the camera gives whole seconds only"))
		return true;
	return c->stale > 0 && say(r, REMARK_DOUBT,
	    "%zu of %zu %s contradict those about them and are not used", c->stale,
	    c->pairs, what);
}

/* Reports leave a gap where the clock was set; frames that carry its time may tell it better, and alone. */
static bool
steps(struct remarks *r, const struct clocks_found *f)
{
	bool by_frames = f->sent.nsteps > f->reports.nsteps;
	const struct camera_found *c = by_frames ? &f->sent : &f->reports;

	for (size_t i = 0; i < c->nsteps && i < CAMERA_STEPS_MAX; i++) {
		const struct camera_step *s = &c->step[i];

		if (say(r, REMARK_WRONG, "the camera's clock was set by %.6f s in the %.3f s before frame %zu%s",
		    seconds(s->ns), seconds(s->within_ns), s->frame, s->anew ? ", while the stream began anew" :
		    by_frames ? "" : ": camera_time is empty there"))
			return true;
	}
	return c->nsteps > CAMERA_STEPS_MAX && say(r, REMARK_WRONG, "the camera's clock was set %zu times more",
	    c->nsteps - CAMERA_STEPS_MAX);
}

static bool
quality(struct remarks *r, const struct camera_found *c)
{
	static const char *const taken[] = { "", "to both sides, the middle is taken",
	    "late, the earliest are taken", "early, the latest are taken" };
	int64_t zone = (llabs(c->offset_ns) + ZONE_NS / 2) % ZONE_NS - ZONE_NS / 2;
	bool is_zone = llabs(zone) < 5 * CLOCK_NS_PER_S && llabs(c->offset_ns) > ZONE_NS / 2 &&
	    llabs(c->offset_ns) < ZONE_MAX_NS;

	if (c->noise != CAMERA_EXACT && c->noise_ns > NOISE_NS &&
	    say(r, REMARK_DOUBT, "sender reports are off by up to %.1f ms: %s", ms(c->noise_ns), taken[c->noise]))
		return true;
	if (llabs(c->lag_ns) > LAG_NS && say(r, REMARK_DOUBT,
	    "sender reports name an RTP time %.3f s before that of their "
	    "sending: camera_time may be late by as much", seconds(c->lag_ns)))
		return true;
	if (c->has_rate && fabs(c->rate) > RATE && say(r, REMARK_NOTE,
	    "the camera's RTP clock is %.0f ppm slow against "
	    "its own clock", c->rate * 1e6))
		return true;
	return llabs(c->offset_ns) > OFFSET_NS && say(r, REMARK_NOTE,
	    "the camera's clock is %.3f s %s this host's%s",
	    fabs(seconds(c->offset_ns)), c->offset_ns > 0 ? "ahead of" : "behind",
	    is_zone ? " (is it local time?)" : "");
}

static bool
sent(struct remarks *r, const struct clocks_found *f)
{
	if (f->sent_used > 0 && f->sent_compared > 0 &&
	    say(r, REMARK_NOTE,
	    "camera_time of %zu frame%s is what the camera sent with %s; it is %.3f ms from what sender "
	    "reports say (median), %.3f ms at most", f->sent_used, plural(f->sent_used),
	    f->sent_used == 1 ? "it" : "them", ms(f->sent_median_ns), ms(f->sent_max_ns)))
		return true;
	return which_pairs(r, &f->sent, "times sent with frames");
}

static bool
camera(struct remarks *r, const struct clocks_found *f)
{
	const struct camera_found *c = &f->reports;

	if (c->pairs == 0 && f->sent_used == 0 && f->frames > 0 &&
	    say(r, REMARK_WRONG, "there are no sender reports: camera_time is empty"))
		return true;
	return which_pairs(r, c, "sender reports") || steps(r, f) || quality(r, c) || sent(r, f);
}

static bool
host(struct remarks *r, const struct clocks_found *f)
{
	const struct host_found *h = &f->host;

	if (f->outliers > 0 && say(r, REMARK_WRONG,
	    "%zu frame%s an RTP time that fits none about it: camera_time and "
	    "host_time are empty there", f->outliers, f->outliers == 1 ? " has" : "s have"))
		return true;
	for (size_t i = 0; i < h->nshifts && i < HOST_SHIFTS_MAX; i++)
		if (say(r, REMARK_WRONG, h->shift[i].of_rtp ? "RTP time jumped by %.6f s at frame %zu" :
		    "arrivals jumped by %.6f s at frame %zu, and nothing says why",
		    seconds(h->shift[i].of_rtp ? -h->shift[i].ns : h->shift[i].ns), h->shift[i].frame))
			return true;
	if (h->nshifts > HOST_SHIFTS_MAX && say(r, REMARK_WRONG, "RTP time or arrivals jumped %zu times more",
	    h->nshifts - HOST_SHIFTS_MAX))
		return true;
	if (h->early > 0 && say(r, REMARK_DOUBT,
	    "%zu frame%s earlier than can be: host_time is not made from %s", h->early,
	    h->early == 1 ? " came" : "s came", h->early == 1 ? "it" : "them"))
		return true;
	if (h->delay_median_ns > LATE_NS && say(r, REMARK_DOUBT,
	    "half of the frames came more than %.3f s later than RTP time tells: host_time may be early by as much",
	    seconds(h->delay_median_ns)))
		return true;
	if (h->has_rate && fabs(h->rate) > RATE && say(r, REMARK_NOTE,
	    "the camera's RTP clock is %.0f ppm slow against "
	    "this host's clock", h->rate * 1e6))
		return true;
	return h->slack_us > SLACK_US && say(r, REMARK_DOUBT,
	    "host_time may be late by up to %.3f ms: so exact are the "
	    "arrivals it is made from", (double)h->slack_us / 1e3);
}

bool
remark(const struct clocks_found *found, size_t i, char text[REMARK_MAX], enum remark_level *level)
{
	struct remarks r = { .left = i, .text = text };
	bool is_one = (found->camera && camera(&r, found)) || host(&r, found);

	*level = r.level;
	return is_one;
}
