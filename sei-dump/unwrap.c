/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * RTP time without its wraps. A frame whose RTP time goes back by a second or is
 * seconds off what arrival says does not count until three in a row agree: some
 * cameras stamp single frames hours off, and others begin anew.
 */
#include "unwrap.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "h264.h"
#include "nalstream.h"

#define RATE_FRAMES	1000
#define RATE_MAX	CLOCK_NS_PER_S		/* times 140 years of seconds there is no overflow */
#define BACK_NS		(-1 * CLOCK_NS_PER_S)	/* B-frames go back by less */
#define AHEAD_NS	(10 * CLOCK_NS_PER_S)
#define OFF_NS		CLOCK_NS_PER_S
#define LONG_NS		(3600 * CLOCK_NS_PER_S)	/* a pause in which RTP time may wrap */
#define NO_PAUSE_S	2	/* one of so little over n * 13.25 h is one in 24000 */
#define AGREE		3
#define STEP_LATE	8	/* frames behind a step that may have the clock before it */
#define STEP_BLUR_NS	1000000
#define STEP_BACK_NS	(CLOCK_NS_PER_S / 2)
#define ARRIVAL_MIN	(-300000000 * CLOCK_NS_PER_S)	/* 1960 */
#define ARRIVAL_MAX	(4300000000 * CLOCK_NS_PER_S)	/* 2106 */
#define SECONDS_MAX	4000000000	/* of a stretch */
#define Y_MAX		((int64_t)1 << 56)	/* 2.3 years */
#define NEAR		64	/* frames beside a report that are looked at */

struct state {
	struct unwrap *u;
	size_t event;		/* the next */
	int64_t stepped, stepped_before;	/* by how much the host's clock was set so far */
	unsigned since_step;	/* frames */
	int64_t step_end;	/* the clock as it was, when it was set */
	int64_t origin;		/* x of this stretch's tick 0 */
	int64_t ticks;		/* of the last frame */
	size_t last;		/* the last good frame; u->n: none yet */
	size_t maybe;		/* the first of those that may begin a stretch */
	unsigned agree;		/* how many they are */
	size_t maybe_last;
};

/* Ticks in ns, without overflow for what a stretch may have. */
static int64_t
ticks_ns(int64_t ticks, uint32_t rate)
{
	int64_t s = ticks / rate, rest = ticks % rate;

	return s * CLOCK_NS_PER_S + rest * CLOCK_NS_PER_S / rate;
}

static int64_t
ns_ticks(int64_t ns, uint32_t rate)
{
	return ns / CLOCK_NS_PER_S * rate + ns % CLOCK_NS_PER_S * rate / CLOCK_NS_PER_S;
}

/*
 * From RTP time a to b, the nearest to what arrival says if that is long. But where RTP time
 * goes on as if there was no pause, there was none, and it is a clock that was set.
 */
static int64_t
rtp_ticks(uint32_t a, uint32_t b, int64_t arrival_ns, uint32_t rate)
{
	bool is_long = arrival_ns > LONG_NS || arrival_ns < -LONG_NS;
	int64_t about = is_long && b - a > NO_PAUSE_S * (uint64_t)rate ? ns_ticks(arrival_ns, rate) : 0;

	return about + (int32_t)(b - a - (uint32_t)about);
}

static int64_t
event_number(const struct frames *fs, const struct event *e, const char *key)
{
	struct nalrec r = { .payload = (uint8_t *)fs->text + e->text, .len = e->len };
	char value[32], *end;
	long long n;

	if (nalstream_value(&r, key, value, sizeof value) <= 0)
		return 0;
	errno = 0;
	n = strtoll(value, &end, 10);
	return errno != 0 || *end != '\0' ? 0 : n;
}

static bool
event_is(const struct frames *fs, const struct event *e, const char *what)
{
	struct nalrec r = { .payload = (uint8_t *)fs->text + e->text, .len = e->len };
	char value[32];

	return nalstream_value(&r, "what", value, sizeof value) > 0 && strcmp(value, what) == 0;
}

static bool
is_arrival(int64_t ns)
{
	return ns > ARRIVAL_MIN && ns < ARRIVAL_MAX;
}

/* The events before frame i. Whether RTP time begins anew with it. */
static bool
take_events(struct state *s, size_t i)
{
	const struct frames *fs = s->u->fs;
	bool anew = false;
	int64_t step;

	for (; s->event < fs->nevents && fs->event[s->event].frame <= i; s->event++) {
		const struct event *e = &fs->event[s->event];

		anew = anew || event_is(fs, e, "reconnect") || event_is(fs, e, "restart");
		if (!event_is(fs, e, "clock-step") || (step = event_number(fs, e, "step")) == 0)
			continue;
		s->u->steps++;
		if (step > ARRIVAL_MAX || step < -ARRIVAL_MAX ||
		    s->stepped + step > ARRIVAL_MAX || s->stepped + step < -ARRIVAL_MAX)
			continue;
		s->stepped_before = s->stepped;
		s->stepped += step;
		s->step_end = clock_unix_from_ntp(e->recv_ntp) - step;
		s->since_step = 0;
	}
	return anew;
}

/* How much later than RTP time says frame i came, compared with frame from, which came at before. */
static int64_t
jump(const struct unwrap *u, size_t from, int64_t before, size_t i, int64_t arrival, int64_t *ticks)
{
	const struct frame *f = u->fs->frame;

	*ticks = rtp_ticks(f[from].rtp, f[i].rtp, arrival - before, u->rate);
	return arrival - before - ticks_ns(*ticks, u->rate);
}

/* The same, compared with the last good frame. */
static int64_t
jump_from_last(const struct state *s, size_t i, int64_t arrival, int64_t *ticks)
{
	const struct unwrap *u = s->u;

	return jump(u, s->last, u->x[s->last] + u->y[s->last], i, arrival, ticks);
}

static bool
is_odd(int64_t ticks, int64_t jump_ns, uint32_t rate)
{
	int64_t ns = ticks_ns(ticks, rate), off = jump_ns < 0 ? -jump_ns : jump_ns;

	return (ns < BACK_NS && off > OFF_NS) || (ns > AHEAD_NS && off > OFF_NS + ns / 4) || off > Y_MAX;
}

/* Room for one more stretch. 0, or -1 with errno. */
static int
room(struct unwrap *u)
{
	size_t more = u->stretches_cap == 0 ? 16 : 2 * u->stretches_cap;
	struct stretch *new;

	if (u->nstretches < u->stretches_cap)
		return 0;
	new = reallocarray(u->stretch, more, sizeof *new);
	if (new == NULL)
		return -1;
	u->stretch = new;
	u->stretches_cap = more;
	return 0;
}

static int
begin_stretch(struct unwrap *u, size_t first)
{
	if (room(u) == -1)
		return -1;
	if (u->nstretches > 0)
		u->stretch[u->nstretches - 1].end = first;
	u->stretch[u->nstretches++] = (struct stretch){ .begin = first, .end = u->n };
	return 0;
}

int
unwrap_split(struct unwrap *u, size_t frame)
{
	size_t k = u->nstretches;

	if (room(u) == -1)
		return -1;
	while (k > 0 && u->stretch[k - 1].begin > frame)
		k--;
	if (k == 0 || u->stretch[k - 1].begin == frame)
		return 0;
	memmove(&u->stretch[k + 1], &u->stretch[k], (u->nstretches - k) * sizeof *u->stretch);
	u->stretch[k] = (struct stretch){ .begin = frame, .end = u->stretch[k - 1].end };
	u->stretch[k - 1].end = frame;
	u->nstretches++;
	return 0;
}

/* Frame i, which came at this time, is the first of a stretch. */
static int
anew(struct state *s, size_t i, int64_t arrival)
{
	s->origin = arrival;
	s->ticks = 0;
	s->u->x[i] = arrival;
	s->u->y[i] = 0;
	s->last = i;
	s->agree = 0;
	return begin_stretch(s->u, i);
}

/* Frame i is so many ticks behind the last. False if that is beyond all bounds. */
static bool
go_on(struct state *s, size_t i, int64_t arrival, int64_t ticks)
{
	struct unwrap *u = s->u;
	int64_t sum = s->ticks + ticks, y;

	if (sum / u->rate > SECONDS_MAX || sum / u->rate < -SECONDS_MAX)
		return false;
	y = arrival - s->origin - ticks_ns(sum, u->rate);
	if (y > Y_MAX || y < -Y_MAX)
		return false;
	s->ticks = sum;
	u->x[i] = arrival - y;
	u->y[i] = y;
	s->last = i;
	s->agree = 0;
	return true;
}

/* Several frames, whose x is their arrival as yet, agree that RTP time began anew. */
static int
adopt(struct state *s)
{
	struct unwrap *u = s->u;
	size_t first = s->maybe, end = s->maybe_last;
	int64_t ticks, arrival, before = u->x[s->last] + u->y[s->last];
	int64_t jump_ns = jump_from_last(s, first, u->x[first], &ticks);
	struct stretch *new;

	u->outliers -= AGREE;
	if (anew(s, first, u->x[first]) == -1)
		return -1;
	new = &u->stretch[u->nstretches - 1];
	new->jump_ns = jump_ns;
	new->of_rtp = llabs(u->x[first] - before) < llabs(ticks_ns(ticks, u->rate));
	for (size_t i = first + 1; i <= end; i++) {
		arrival = u->x[i];
		if (arrival == 0)
			continue;
		jump_from_last(s, i, arrival, &ticks);
		go_on(s, i, arrival, ticks);
	}
	return 0;
}

/* Frame i does not follow the last good one: it is off, or begins a stretch. */
static int
doubt(struct state *s, size_t i, int64_t arrival)
{
	struct unwrap *u = s->u;
	int64_t ticks, off;

	if (s->agree > 0) {
		off = jump(u, s->maybe_last, u->x[s->maybe_last], i, arrival, &ticks);
		if (is_odd(ticks, off, u->rate))
			s->agree = 0;
	}
	if (s->agree == 0)
		s->maybe = i;
	u->x[i] = arrival;
	u->outliers++;
	s->maybe_last = i;
	return ++s->agree < AGREE ? 0 : adopt(s);
}

/*
 * Whether a frame right behind a step has a stamp of before it: one that was on its
 * way then. On the old clock it was at most step_end when the step was seen.
 */
static bool
is_before_step(const struct state *s, int64_t ns)
{
	int64_t step = s->stepped - s->stepped_before;

	if (step > 0)
		return ns <= s->step_end + STEP_BLUR_NS;
	/* Going back by less, the clock soon shows those times again. */
	return step < -STEP_BACK_NS && ns <= s->step_end + STEP_BLUR_NS && ns > s->step_end - STEP_BACK_NS / 2;
}

/* When frame i came, on the host's clock as it was at first. */
static int64_t
arrival_of(struct state *s, size_t i)
{
	int64_t ns = clock_unix_from_ntp(s->u->fs->frame[i].recv_ntp);

	if (s->since_step >= STEP_LATE)
		return ns - s->stepped;
	s->since_step++;
	return ns - (is_before_step(s, ns) ? s->stepped_before : s->stepped);
}

static int
take_frame(struct state *s, size_t i)
{
	struct unwrap *u = s->u;
	const struct frame *f = &u->fs->frame[i];
	bool begins = take_events(s, i) || f->flags & FRAME_ANEW;
	int64_t arrival, ticks, off;

	u->x[i] = 0;
	u->y[i] = UNWRAP_NONE;
	if (!(f->flags & FRAME_TIME)) {
		if (begins)
			s->last = u->n;
		return 0;
	}
	arrival = arrival_of(s, i);
	if (!is_arrival(arrival))
		return 0;
	if (begins || s->last == u->n)
		return anew(s, i, arrival);
	off = jump_from_last(s, i, arrival, &ticks);
	if (is_odd(ticks, off, u->rate) || !go_on(s, i, arrival, ticks))
		return doubt(s, i, arrival);
	return 0;
}

/*
 * RTP's ticks are pts's, unless a muxer has changed those: then they are those of
 * RFC 6184 8.1.
 */
static uint32_t
rtp_rate(const struct frames *fs)
{
	const struct frame *f = fs->frame;
	size_t same = 0, n = fs->nframes < RATE_FRAMES ? fs->nframes : RATE_FRAMES;

	for (size_t i = 1; i < n; i++)
		same += (uint32_t)((uint64_t)f[i].pts - (uint64_t)f[i - 1].pts) == f[i].rtp - f[i - 1].rtp;
	return same > 0 && same >= n / 2 && fs->timescale - 1 < RATE_MAX ? fs->timescale : H264_CLOCK_RATE;
}

int
unwrap_open(struct unwrap *u, const struct frames *fs)
{
	struct state s = { .u = u, .last = fs->nframes, .since_step = STEP_LATE };

	memset(u, 0, sizeof *u);
	u->fs = fs;
	u->n = fs->nframes;
	u->rate = rtp_rate(fs);
	u->x = reallocarray(NULL, u->n + 1, sizeof *u->x);
	u->y = reallocarray(NULL, u->n + 1, sizeof *u->y);
	if (u->x == NULL || u->y == NULL)
		return -1;
	for (size_t i = 0; i < u->n; i++)
		if (take_frame(&s, i) == -1)
			return -1;
	return 0;
}

void
unwrap_close(struct unwrap *u)
{
	free(u->x);
	free(u->y);
	free(u->stretch);
}

/* The same for one frame beside it. */
static bool
compare_report(const struct unwrap *u, size_t i, const struct report *r, const int64_t *floor, int64_t *x,
    int64_t *lag)
{
	const struct frame *f = &u->fs->frame[i];
	int64_t since = clock_ntp_diff_ns(r->recv_ntp, f->recv_ntp), ticks;
	int64_t late = floor[i] == UNWRAP_NONE ? 0 : u->y[i] - floor[i];

	if (!is_arrival(u->x[i] + u->y[i] + since))
		return false;
	since += late;		/* from the frame's RTP time to the report's, if that is of its sending */
	ticks = rtp_ticks(f->rtp, r->rtp, since, u->rate);
	*x = u->x[i] + ticks_ns(ticks, u->rate);
	*lag = since - ticks_ns(ticks, u->rate);
	return true;
}

size_t
unwrap_report(const struct unwrap *u, const struct report *r, const int64_t *floor, int64_t *x, int64_t *lag)
{
	size_t at = r->frame < u->n ? r->frame : u->n, best = u->n, i;
	int64_t x2, lag2;

	for (i = at; i < u->n && i - at < NEAR && u->y[i] == UNWRAP_NONE;)
		i++;
	if (i < u->n && u->y[i] != UNWRAP_NONE && compare_report(u, i, r, floor, x, lag))
		best = i;
	for (i = at; i > 0 && at - i < NEAR && u->y[i - 1] == UNWRAP_NONE;)
		i--;
	if (i == 0 || u->y[i - 1] == UNWRAP_NONE || !compare_report(u, i - 1, r, floor, &x2, &lag2))
		return best;
	if (best == u->n || llabs(lag2) < llabs(*lag)) {
		*x = x2;
		*lag = lag2;
		best = i - 1;
	}
	return best;
}
