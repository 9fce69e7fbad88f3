/* units: mp4-wrap/timeline.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Presentation times of cameras whose clocks misbehave: each case a list of frames, worked out by hand. */
#include "../../mp4-wrap/timeline.h"

#include "check.h"
#include "clock.h"

#define S	100000	/* clock rate: a tick is a whole number of nanoseconds */
#define H	(INT64_C(3600) * S)
#define START	((UINT64_C(1) << 32) - 5 * S)	/* so that the lower 32 bits wrap in every case */

/* RTP time and arrival in ticks since the first frame's; then what is wanted. */
struct frame {
	int64_t rtp, arrival;
	enum place place;
	unsigned after;
	int64_t pts;
};

#define NEXT(rtp, arrival, pts)		{ rtp, arrival, PLACE_NEXT, 0, pts }
#define BEHIND(rtp, arrival, after, pts) { rtp, arrival, PLACE_BEHIND, after, pts }
#define UNKNOWN(rtp, arrival, pts)	{ rtp, arrival, PLACE_UNKNOWN, 0, pts }
#define BREAK				{ INT64_MIN, 0, PLACE_UNKNOWN, 0, 0 }

static struct timeline
run(const char *name, const struct frame *f, size_t n)
{
	struct timeline t = { .clock_rate = S };
	struct picture picture = { 0 };
	uint64_t arrival_ntp;
	int64_t pts;

	for (size_t i = 0; i < n; i++) {
		if (f[i].rtp == INT64_MIN) {
			timeline_break(&t);
			continue;
		}
		arrival_ntp = clock_ntp_from_unix(1700000000 * CLOCK_NS_PER_S + f[i].arrival * (CLOCK_NS_PER_S / S));
		picture.place = f[i].place;
		picture.after = f[i].after;
		pts = timeline_next(&t, START + (uint64_t)f[i].rtp, arrival_ntp, &picture);
		if (pts != f[i].pts) {
			printf("%s, frame %zu: %" PRId64 ", not %" PRId64 "\n", name, i, pts, f[i].pts);
			check_failed = 1;
		}
	}
	return t;
}

#define RUN(name, back, jump, ...) do {							\
	static const struct frame frames[] = { __VA_ARGS__ };				\
	struct timeline t = run(name, frames, sizeof frames / sizeof frames[0]);	\
	CHECK_EQ(t.steps_back, back);							\
	CHECK_EQ(t.jumps, jump);							\
} while (0)

static void
without_reordering(void)
{
	RUN("exact", 0, 0, NEXT(0, 0, 0), NEXT(3000, 9000, 3000), NEXT(6001, 9000, 6001), NEXT(9 * S, 9000, 9 * S),
	    NEXT(18 * S, 18 * S, 18 * S));
	RUN("an hour's pause", 0, 0, NEXT(0, 0, 0), NEXT(H, H + 5 * S, H), NEXT(H + 3000, H, H + 3000));
	RUN("14 hours' pause", 0, 1, NEXT(0, 0, 0), NEXT(14 * H, 14 * H, UINT32_MAX),
	    NEXT(14 * H + 3000, 14 * H + 3000, UINT32_MAX + INT64_C(3000)));
	RUN("no duration", 2, 0, NEXT(0, 0, 0), NEXT(0, 3000, 1), NEXT(0, 6000, 2), NEXT(9000, 9000, 9000));
	RUN("half a second back", 2, 0, NEXT(0, 0, 0), NEXT(S, S, S), NEXT(S / 2, S + 3000, S + 1),
	    NEXT(S / 2 + 3000, S + 6000, S + 2), NEXT(2 * S, 2 * S, 2 * S));
	RUN("five seconds back", 0, 1, NEXT(0, 0, 0), NEXT(6 * S, 6 * S, 6 * S), NEXT(S, 6 * S + 3000, 6 * S + 3000),
	    NEXT(S + 3000, 6 * S + 6000, 6 * S + 6000));
	RUN("two hours on", 0, 1, NEXT(0, 0, 0), NEXT(2 * H, 3000, 3000), NEXT(2 * H + 3003, 6000, 6003));
	RUN("one frame two hours on", 0, 1, NEXT(0, 0, 0), NEXT(3000, 3000, 3000), NEXT(2 * H, 6001, 6001),
	    NEXT(9000, 9500, 9000), NEXT(12000, 12000, 12000));
	RUN("one frame two hours back", 0, 1, NEXT(0, 0, 0), NEXT(3000, 3000, 3000), NEXT(-2 * H, 6001, 6001),
	    NEXT(9000, 9500, 9000));
	RUN("two frames two hours apart", 0, 2, NEXT(0, 0, 0), NEXT(2 * H, 3000, 3000), NEXT(5 * H, 6000, 6000),
	    NEXT(9000, 9000, 9000));
	RUN("a reset", 0, 1, NEXT(3 * H, 0, 0), NEXT(3 * H + 3000, 3000, 3000), NEXT(77, 6000, 6000), NEXT(3077, 9900, 9000));
	RUN("a reconnect", 0, 0, NEXT(0, 0, 0), NEXT(3000, 3000, 3000), BREAK, NEXT(-5, 33000, 33000), NEXT(2995, 37000, 36000));
	RUN("a reconnect with an old clock", 0, 0, NEXT(0, 0, 0), NEXT(3000, 3000, 3000), BREAK, NEXT(6000, 1000, 3001));
}

static void
with_reordering(void)
{
	RUN("ibbp", 0, 0, NEXT(0, 0, 0), NEXT(9000, 9000, 9000), BEHIND(3000, 9001, 2, 3000), BEHIND(6000, 9002, 1, 6000),
	    NEXT(18000, 18000, 18000), BEHIND(12000, 18001, 3, 12000), BEHIND(15000, 18002, 1, 15000));
	RUN("one a minute", 0, 0, NEXT(0, 0, 0), NEXT(180 * S, 180 * S, 180 * S), BEHIND(60 * S, 181 * S, 2, 60 * S),
	    BEHIND(120 * S, 182 * S, 1, 120 * S), NEXT(360 * S, 360 * S, 360 * S));
	RUN("the clock goes back a little", 0, 1, NEXT(0, 0, 0), NEXT(9000, 9000, 9000), BEHIND(3000, 9001, 2, 3000),
	    BEHIND(6000, 9002, 1, 6000), NEXT(6000, 18000, 18000), BEHIND(0, 18001, 3, 12000), BEHIND(3000, 18002, 1, 15000),
	    NEXT(15000, 27000, 27000));
	RUN("a B-frame two hours on", 1, 0, NEXT(0, 0, 0), NEXT(9000, 9000, 9000), BEHIND(2 * H, 9001, 2, 1),
	    BEHIND(6000, 9002, 1, 6000), NEXT(18000, 18000, 18000));
	RUN("a B-frame two hours back", 1, 0, NEXT(0, 0, 0), NEXT(9000, 9000, 9000), BEHIND(-2 * H, 9001, 2, 1),
	    BEHIND(6000, 9002, 1, 6000), NEXT(18000, 18000, 18000));
	RUN("a P-frame two hours on", 0, 1, NEXT(0, 0, 0), NEXT(9000, 9000, 9000), BEHIND(3000, 9001, 2, 3000),
	    NEXT(2 * H, 18001, 18001), BEHIND(12000, 18002, 3, 12000), BEHIND(15000, 18003, 1, 15000),
	    NEXT(27000, 27005, 27000));
	RUN("leading pictures of the first", 0, 0, NEXT(0, 0, 0), BEHIND(-6000, 1, 0, -6000), BEHIND(-3000, 2, 1, -3000));
	RUN("no counts", 0, 0, UNKNOWN(0, 0, 0), UNKNOWN(9000, 9000, 9000), UNKNOWN(3000, 9001, 3000),
	    UNKNOWN(6000, 9002, 6000));
	RUN("no counts, three seconds back", 0, 1, UNKNOWN(0, 0, 0), UNKNOWN(5 * S, 5 * S, 5 * S),
	    UNKNOWN(2 * S, 5 * S + 3000, 5 * S + 3000));
}

/* A camera that stamps pictures in decoding order is believed, and it is counted. */
static void
misplaced(void)
{
	static const struct frame frames[] = { NEXT(0, 0, 0), NEXT(3000, 3000, 3000), BEHIND(6000, 6000, 2, 6000),
		BEHIND(9000, 9000, 1, 9000), NEXT(12000, 12000, 12000) };
	struct timeline t = run("decoding order", frames, 5);

	CHECK_EQ(t.misplaced, 2);
	CHECK_EQ(t.steps_back + t.jumps, 0);
}

/* Both fields may have one RTP time. */
static void
fields(void)
{
	struct timeline t = { .clock_rate = S };
	struct picture frame = { .place = PLACE_NEXT }, second = { .place = PLACE_NEXT, .second = true };

	CHECK_EQ(timeline_next(&t, 1000, 0, &frame), 0);
	CHECK_EQ(timeline_next(&t, 1000, 0, &second), 1);
	CHECK_EQ(timeline_next(&t, 4000, 0, &frame), 3000);
	CHECK_EQ(timeline_next(&t, 5500, 0, &second), 4500);
	CHECK_EQ(t.steps_back + t.jumps, 0);
}

int
main(void)
{
	without_reordering();
	with_reordering();
	misplaced();
	fields();
	return check_failed;
}
