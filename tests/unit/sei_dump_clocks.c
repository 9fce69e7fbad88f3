/* units: sei-dump/clocks.c sei-dump/remarks.c sei-dump/unwrap.c sei-dump/host.c sei-dump/camera.c sei-dump/pair.c sei-dump/ntptime.c sei-dump/fit.c sei-dump/frames.c sei-dump/figures.c sei-dump/summary.c sei-dump/archive.c sei-dump/json.c sei-dump/gnuplot.c sei-dump/band.c sei-dump/series.c sei-dump/align.c sei-dump/csv.c sei-dump/findings.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines through points, what cameras write for NTP, and clocks in tables made by hand and by chance. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../sei-dump/archive.h"
#include "../../sei-dump/clocks.h"
#include "../../sei-dump/fit.h"
#include "../../sei-dump/gnuplot.h"
#include "../../sei-dump/ntptime.h"
#include "../../sei-dump/remarks.h"
#include "../../sei-dump/series.h"
#include "../../sei-dump/summary.h"
#include "check.h"
#include "clock.h"

#define S	CLOCK_NS_PER_S
#define MS	1000000LL
#define T0	(1795000000 * S)

static uint64_t state = 88172645463325252;	/* xorshift64: the same run every time */

static uint64_t
chance(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return below == 0 ? state : state % below;
}

static void
test_hull(void)
{
	/* The corners below are (0,4) (2,1) (5,0) (8,5): slopes -3/2, -1/3, 5/3. */
	struct point p[] = { { 3, 4 }, { 0, 4 }, { 8, 5 }, { 1, 9 }, { 2, 1 }, { 5, 0 }, { 6, 3 }, { 2, 7 } };
	struct line l;

	points_sort(p, 8);
	CHECK_EQ(hull_lower(p, 8), 4);
	CHECK_EQ(p[1].x, 2);
	CHECK_EQ(p[2].x, 5);
	l = hull_edge(p, 4, 7);
	CHECK_EQ(line_at(&l, 5), 0);
	CHECK_EQ(line_at(&l, 8), 5);
	CHECK_EQ(hull_lower(p, 0), 0);
	CHECK_EQ(hull_lower(p, 1), 1);
}

static void
test_line(void)
{
	/* On both sides of y = 100 + x/2, by 10: the strip is 20 high, and its middle is the line. */
	struct point p[] = { { 0, 110 }, { 20, 100 }, { 40, 130 }, { 60, 120 } }, work[8];
	double likely[] = { 0.5 }, width;
	struct line l = fit_line(p, 4, FIT_MIDDLE, likely, 1, work, &width);

	CHECK_EQ(line_at(&l, 0), 100);
	CHECK_EQ(line_at(&l, 60), 130);
	CHECK(width > 19.99 && width < 20.01);
	l = fit_line(p, 4, FIT_LOWER, likely, 1, work, &width);
	CHECK_EQ(line_at(&l, 0), 90);
	l = fit_line(p, 4, FIT_UPPER, likely, 1, work, &width);
	CHECK_EQ(line_at(&l, 0), 110);
	/* What is likely does not count against what is plain: y = 3x. */
	for (int i = 0; i < 4; i++)
		p[i].y = 3000 * p[i].x + i % 2;
	l = fit_line(p, 4, FIT_MEAN, likely, 1, work, &width);
	CHECK(l.slope > 2999 && l.slope < 3001);
	/* No line leaves what 64 bits can hold. */
	l = (struct line){ { 0, 4000000000 * S }, 1e300 };
	CHECK(line_at(&l, 4000000000 * S) > 0 && line_at(&l, -4000000000 * S) > 0);
}

static void
test_ntptime(void)
{
	/* 1795000000 s since 1970 are 4003988800 since 1900: eea80540. */
	uint64_t ntp = clock_ntp_from_unix(T0 + S / 4);
	int64_t ns;

	CHECK_EQ(ntp, 0xeea8054040000000);
	CHECK_EQ(ntptime_read(ntp, T0, false, &ns), NTPTIME_NTP);
	CHECK_EQ(ns, T0 + 250 * MS);
	/* 0x40000000 ns are more than a second: no nanoseconds. */
	CHECK(!ntptime_may_be_ns(ntp));
	CHECK_EQ(ntptime_read((ntp & ~0xffffffffULL) | 250000000, T0, true, &ns), NTPTIME_NTP);
	CHECK_EQ(ns, T0 + 250 * MS);
	CHECK_EQ(ntptime_read(1795000000ULL << 32 | 1U << 31, T0 + S, false, &ns), NTPTIME_UNIX);
	CHECK_EQ(ns, T0 + 500 * MS);
	CHECK_EQ(ntptime_read(0, T0, false, &ns), NTPTIME_UNSET);
	CHECK_EQ(ntptime_read(777ULL << 32, T0, false, &ns), NTPTIME_UNSET);
	CHECK_EQ(ntptime_read((2208988800ULL + 777) << 32, T0, false, &ns), NTPTIME_UNSET);
	/* In 2036 the same 777 s are the time of day. */
	CHECK_EQ(ntptime_read(777ULL << 32, 2085978496 * S, false, &ns), NTPTIME_NTP);
	CHECK_EQ(ns, (2085978496 + 777) * S);
	/* Years off, but a time. */
	CHECK_EQ(ntptime_read(clock_ntp_from_unix(T0 - 700000000 * S), T0, false, &ns), NTPTIME_NTP);
	CHECK_EQ(ns, T0 - 700000000 * S);
}

static void
add_frame(struct frames *fs, int64_t recv, uint32_t rtp)
{
	struct frame *f = frames_add(fs);

	f->recv_ntp = clock_ntp_from_unix(recv);
	f->rtp = rtp;
	f->pts = (int64_t)rtp;
	f->flags = FRAME_TIME | FRAME_PTS;
}

static void
add_report(struct frames *fs, int64_t recv, int64_t camera, uint32_t rtp)
{
	struct report r = { clock_ntp_from_unix(recv), clock_ntp_from_unix(camera), rtp, (uint32_t)fs->nframes };

	CHECK(frames_report(fs, &r) == 0);
}

/* Ten frames/s of which every other is 3 ms late, over a wrap; the camera is an hour ahead, less in its last second. */
static void
test_times(void)
{
	struct frames fs;
	enum remark_level level;
	char text[REMARK_MAX];
	uint32_t rtp = 0xffffffff - 90000;

	frames_open(&fs, WANT_CAMERA | WANT_HOST | WANT_SENDER | WANT_DETAILS | WANT_EVENTS);
	fs.timescale = 90000;
	for (int i = 0; i < 40; i++) {
		if (i % 5 == 2)
			add_report(&fs, T0 + i * 100 * MS - 50 * MS, T0 + 3600 * S + i * 100 * MS - 50 * MS -
			    (i > 25 ? S : 0), rtp - 4500);
		add_frame(&fs, T0 + i * 100 * MS + (i % 2 ? 3 * MS : 0), rtp);
		rtp += 9000;
	}
	CHECK(clocks_find(&fs) == 0);
	for (int i = 0; i < 40; i++) {
		CHECK(llabs(fs.host_ns[i] - (T0 + i * 100 * MS)) <= 1);
		/* The last report before the step is between frames 21 and 22, the first behind it between 26 and 27. */
		if (i < 22 || i > 26)
			CHECK(llabs(fs.camera_ns[i] - (T0 + 3600 * S + i * 100 * MS - (i > 25 ? S : 0))) <= 1);
		else
			CHECK_EQ(fs.camera_ns[i], FRAMES_NO_TIME);
	}
	CHECK_EQ(fs.clocks->reports.nsteps, 1);
	CHECK_EQ(fs.clocks->reports.step[0].frame, 27);
	CHECK(llabs(fs.clocks->reports.step[0].ns + S) <= 1000);
	CHECK_EQ(fs.clocks->reports.noise, CAMERA_EXACT);
	CHECK(remark(fs.clocks, 0, text, &level) && level == REMARK_WRONG);
	CHECK(strncmp(text, "the camera's clock was set by -1.00000", 38) == 0);
	CHECK(remark(fs.clocks, 1, text, &level) && strstr(text, "(is it local time?)") != NULL);
	CHECK(!remark(fs.clocks, 2, text, &level));
	frames_close(&fs);
}

/* A number that is often at the edge of something. */
static uint64_t
odd(void)
{
	static const uint64_t edges[] = { 0, 1, UINT32_MAX, 1ULL << 31, 1ULL << 32, 1ULL << 63, UINT64_MAX,
		0xeea8054000000000, 0x83aa7e8000000000 };
	uint64_t n = edges[chance(sizeof edges / sizeof edges[0])];

	return chance(2) ? n + chance(1000) - 500 : n + (chance(0) >> chance(64));
}

/* What is nearest is as near as a look at all of them says. */
static void
test_series(const struct frames *fs, const struct figures *f)
{
	struct series s;
	uint32_t frame;
	int64_t off, at;

	for (enum series_clock clock = 0; clock < NSERIES; clock++) {
		CHECK(series_open(&s, "chance", fs, f) == 0 && series_sort(&s, clock) == 0);
		CHECK(s.nmoments + s.twice <= fs->nframes);
		for (int i = 0; i < 8; i++) {
			int64_t best = INT64_MAX;

			at = i % 2 || s.nmoments == 0 ? clock_unix_from_ntp(odd()) : s.moment[chance(s.nmoments)].ns;
			for (size_t k = 0; k < s.nmoments; k++)
				best = llabs(s.moment[k].ns - at) < best ? llabs(s.moment[k].ns - at) : best;
			CHECK_EQ(series_nearest(&s, at, INT64_MAX, &frame, &off), s.nmoments > 0);
			CHECK(s.nmoments == 0 || (llabs(off) == best && frame < fs->nframes));
			CHECK(s.nmoments == 0 || s.ns[clock][frame] - at == off);
		}
		series_close(&s);
	}
}

/* Whatever the numbers are, it ends, and what comes out can be written. */
static void
test_chance(void)
{
	static const char step[] = EVENT_CLOCK_STEP "step: 9223372036854775807\n";
	static const char back[] = EVENT_CLOCK_STEP "step: -4000000000000000000\n";
	static const char anew[] = "what: reconnect\n";
	static struct csv out;
	struct findings none = { 0 };
	struct figures figures;
	enum remark_level level;
	char text[REMARK_MAX];

	csv_open(&out, -1);
	for (int round = 0; round < 400; round++) {
		struct frames fs;
		uint64_t wild = chance(4), recv = clock_ntp_from_unix(T0), rtp = chance(0);

		frames_open(&fs, FIGURES_WANT | WANT_STEADY);
		fs.timescale = chance(4) ? 90000 : chance(2) ? 1 : UINT32_MAX;
		for (size_t n = chance(300); fs.nframes < n;) {
			struct frame *f = frames_add(&fs);
			struct event e = { .frame = f->decode, .recv_ntp = recv };
			struct report r = { recv, recv + odd() / (wild ? 1 : UINT32_MAX), (uint32_t)rtp, f->decode };

			recv += chance(20) || wild < 2 ? (1ULL << 32) / 30 : odd();
			rtp += chance(20) || wild < 1 ? 3000 : odd();
			*f = (struct frame){ (int64_t)odd(), recv, (uint32_t)rtp, f->decode,
				(uint8_t)(chance(16) ? FRAME_TIME | FRAME_PTS : chance(16)) };
			fs.sender[f->decode] = (struct sender){ odd(), f->rtp, chance(3) == 0 };
			if (chance(3) == 0)
				CHECK(frames_report(&fs, &r) == 0);
			e.len = sizeof step - 1;
			if (chance(50) == 0)
				CHECK(frames_event(&fs, &e, step) == 0);
			e.len = sizeof back - 1;
			if (chance(50) == 0)
				CHECK(frames_event(&fs, &e, back) == 0);
			e.len = sizeof anew - 1;
			if (chance(50) == 0)
				CHECK(frames_event(&fs, &e, anew) == 0);
		}
		CHECK(clocks_find(&fs) == 0 && frames_finish(&fs) == 0);
		clocks_renumber(&fs);
		for (size_t i = 0; fs.clocks != NULL && i < fs.nframes; i++)
			CHECK((fs.host_ns[i] >= -61505152 * S || fs.host_ns[i] == FRAMES_NO_TIME) &&
			    fs.host_ns[i] < 4233462144 * S);
		for (size_t i = 0; fs.clocks != NULL && remark(fs.clocks, i, text, &level);)
			i++;
		CHECK(figures_find(&figures, &fs) == 0);
		CHECK(figures.length_ns >= 0 && figures.gap_ns >= 0 && figures.missing >= 0);
		summary_text(&out, "chance", &figures, &fs, &none);
		archive_line(&out, "\xff\n\"\xc3\xa4", &figures, &fs, &none);
		CHECK(gnuplot_write(&out, "chance", &figures, &fs) == 0);
		out.len = 0;
		test_series(&fs, &figures);
		frames_close(&fs);
	}
}

int
main(void)
{
	test_hull();
	test_line();
	test_ntptime();
	test_times();
	test_chance();
	return check_failed;
}
