/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The summary for people. First what is wrong, worst first; then figures; with each what it rests on. */
#include "summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "clock.h"
#include "remarks.h"

#define TEXT_SIZE	80
#define LABEL		"  %-15s "
#define UNSTEADY	20	/* of so many intervals one is long: no gaps, but a rate that changes */

static const char *
plural(size_t n)
{
	return n == 1 ? "" : "s";
}

/* A time in the unit that suits it. */
static const char *
span(char out[TEXT_SIZE], int64_t ns)
{
	int64_t magnitude = llabs(ns), s = magnitude / CLOCK_NS_PER_S;
	const char *sign = ns < 0 ? "-" : "";

	if (magnitude < 10000000)
		snprintf(out, TEXT_SIZE, "%.3f ms", (double)ns / 1e6);
	else if (s < 1)
		snprintf(out, TEXT_SIZE, "%.1f ms", (double)ns / 1e6);
	else if (s < 120)
		snprintf(out, TEXT_SIZE, "%.3f s", (double)ns / 1e9);
	else if (s < 7200)
		snprintf(out, TEXT_SIZE, "%s%d min %.3f s", sign, (int)(s / 60),
		    (double)(magnitude % (60 * CLOCK_NS_PER_S)) / 1e9);
	else
		snprintf(out, TEXT_SIZE, "%s%.0f h %d min %d s", sign, floor((double)s / 3600),
		    (int)(s / 60 % 60), (int)(s % 60));
	return out;
}

/* Part of all frames, in percent that say neither 0 nor 100 of some. */
static const char *
share(char out[TEXT_SIZE], size_t part, size_t all)
{
	if (part == all)
		snprintf(out, TEXT_SIZE, "all frames");
	else if (part == 0)
		snprintf(out, TEXT_SIZE, "no frame");
	else
		snprintf(out, TEXT_SIZE, "%zu of %zu frames (%.3g %%)", part, all,
		    fmax(0.01, fmin(99.9, 100.0 * (double)part / (double)all)));
	return out;
}

/* ---- what is wrong ---- */

static size_t
damage(struct csv *out, const struct findings *found, bool notes)
{
	size_t n = 0;

	for (int kind = 0; kind < NFINDINGS; kind++) {
		if (found->of[kind].count == 0 || FINDING_IS_NOTE(kind) != notes)
			continue;
		n++;
		if (out == NULL)
			continue;
		csv_printf(out, "  %s ", notes ? "-" : "!");
		if (found->of[kind].offset != FINDING_NOWHERE)
			csv_printf(out, "byte %" PRIu64 ": ", found->of[kind].offset);
		csv_printf(out, "%s", found->of[kind].text);
		if (found->of[kind].count > 1 && !notes)
			csv_printf(out, " (and %" PRIu64 " more)", found->of[kind].count - 1);
		csv_printf(out, "\n");
	}
	return n;
}

static size_t
happened(struct csv *out, const struct figures *f)
{
	for (size_t i = 0; out != NULL && i < f->nhappened; i++) {
		const struct happened *h = &f->happened[i];

		csv_printf(out, "  ! %s", h->what);
		if (h->count > 1)
			csv_printf(out, ", %llu times", (unsigned long long)h->count);
		if (h->packets > 0)
			csv_printf(out, ", %llu packets missing", (unsigned long long)h->packets);
		if (h->frames > 0)
			csv_printf(out, ", %llu frames left out", (unsigned long long)h->frames);
		csv_printf(out, " (--gaps tells more)\n");
	}
	return f->nhappened;
}

static bool
unsteady(const struct figures *f)
{
	return f->gaps > 2 && f->gaps > f->interval.n / UNSTEADY;
}

static size_t
gaps(struct csv *out, const struct figures *f)
{
	char together[TEXT_SIZE], most[TEXT_SIZE];

	if (f->gaps == 0)
		return 0;
	if (out == NULL)
		return 1;
	if (unsteady(f))
		csv_printf(out, "  ! the rate is not steady: %zu of %zu intervals", f->gaps, f->interval.n);
	else
		csv_printf(out, "  ! %zu gap%s: some %lld frame%s missing, %s together", f->gaps, plural(f->gaps),
		    (long long)f->missing, f->missing == 1 ? " is" : "s are", span(together, f->gap_ns));
	csv_printf(out, unsteady(f) ? " are longer than 1.5 times the usual one, the longest %s before frame %zu\n" :
	    "; the longest interval is %s before frame %zu\n", span(most, f->interval.max), f->longest);
	return 1;
}

static size_t
remarks(struct csv *out, const struct frames *fs, enum remark_level wanted)
{
	char text[REMARK_MAX];
	enum remark_level level;
	size_t n = 0;

	for (size_t i = 0; fs->clocks != NULL && remark(fs->clocks, i, text, &level); i++) {
		if (level != wanted)
			continue;
		n++;
		if (out != NULL)
			csv_printf(out, "  %s %s\n", level == REMARK_NOTE ? "-" : "!", text);
	}
	return n;
}

/* Of frames without a time, and with bytes that are missing. Returns how many things. */
static size_t
lacking(struct csv *out, const struct figures *f)
{
	char text[TEXT_SIZE];

	if (out != NULL && f->frames > f->timed)
		csv_printf(out, "  ! no time of arrival: %s\n", share(text, f->frames - f->timed, f->frames));
	if (out != NULL && f->damaged > 0)
		csv_printf(out, "  ! bytes are missing in %s\n", share(text, f->damaged, f->frames));
	return (f->frames > f->timed) + (f->damaged > 0);
}

/* All of it, worst first; how many things there are is asked with out NULL. */
static size_t
wrong(struct csv *out, const struct figures *f, const struct frames *fs, const struct findings *found)
{
	size_t n = damage(out, found, false);

	n += lacking(out, f);
	n += happened(out, f);
	n += gaps(out, f);
	n += remarks(out, fs, REMARK_WRONG);
	return n + remarks(out, fs, REMARK_DOUBT);
}

/* ---- figures ---- */

static void
day(struct csv *out, const char *label, int64_t ns)
{
	char text[CLOCK_RFC3339_SIZE];

	clock_format_rfc3339(text, ns);
	text[10] = ' ';
	csv_printf(out, LABEL "%.23s UTC, on this host's clock\n", label, text);
}

static void
pictures(struct csv *out, const struct figures *f)
{
	char text[TEXT_SIZE], low[TEXT_SIZE], high[TEXT_SIZE];

	csv_printf(out, LABEL "%zu, %zu of them key frames", "frames", f->frames, f->keys);
	if (f->key.n > 0)
		csv_printf(out, ", one in %s", span(text, f->key.median));
	csv_printf(out, "\n");
	if (f->timed > 0) {
		day(out, "first came", f->first_ns);
		day(out, "last came", f->last_ns);
	}
	if (f->interval.n == 0)
		return;
	csv_printf(out, LABEL "%s\n", "length", span(text, f->length_ns));
	if (f->interval.median > 0)
		csv_printf(out, LABEL "%.4g frames/s: one in %s", "rate", 1e9 / (double)f->interval.median,
		    span(text, f->interval.median));
	if (f->interval.high - f->interval.low <= f->interval.median / 1000)
		csv_printf(out, ", steady to 0.1 %%\n");
	else
		csv_printf(out, "; 98 %% of intervals are %s to %s\n", span(low, f->interval.low),
		    span(high, f->interval.high));
}

static void
stamps(struct csv *out, const struct figures *f)
{
	char text[TEXT_SIZE];

	if (f->detailed == 0)
		return;
	csv_printf(out, LABEL "exact for %s", "arrival", share(text, f->exact, f->detailed));
	if (f->user > 0)
		csv_printf(out, "; not stamped by the kernel: %s", share(text, f->user, f->detailed));
	csv_printf(out, "\n");
}

static void
arrival(struct csv *out, const struct figures *f, const struct frames *fs)
{
	const struct host_found *h = fs->clocks == NULL ? NULL : &fs->clocks->host;
	char median[TEXT_SIZE], p95[TEXT_SIZE], most[TEXT_SIZE], text[TEXT_SIZE];

	stamps(out, f);
	if (h == NULL || f->host == 0)
		return;
	csv_printf(out, LABEL "%s behind the earliest (median); 95 %% within %s, the latest %s\n", "jitter",
	    span(median, h->delay_median_ns), span(p95, h->delay_p95_ns), span(most, h->delay_max_ns));
	csv_printf(out, LABEL "for %s: arrival without jitter; the least delay of camera and network is in it\n",
	    "host_time", share(text, f->host, f->frames));
}

static void
reports(struct csv *out, const struct figures *f, const struct clocks_found *clocks)
{
	const struct camera_found *c = clocks->sent_used > 0 ? &clocks->sent : &clocks->reports;
	const char *what = clocks->sent_used > 0 ? "frame" : "sender report";
	char wide[TEXT_SIZE], text[TEXT_SIZE];

	csv_printf(out, LABEL "%zu %s%s", "camera clock", c->pairs, what, plural(c->pairs));
	if (clocks->sent_used > 0)
		csv_printf(out, " that carry its time");
	if (f->good < c->pairs)
		csv_printf(out, ", %zu of them used", f->good);
	if (f->good > 1 && f->length_ns > 0 && clocks->sent_used == 0)
		csv_printf(out, ", one in %s", span(text, f->length_ns / (int64_t)f->good));
	if (f->good > 2 && c->noise == CAMERA_EXACT)
		csv_printf(out, "; they agree to what RTP time tells");
	else if (f->good > 2)
		csv_printf(out, "; they are off by up to %s", span(wide, c->noise_ns));
	csv_printf(out, "\n");
}

static void
offset(struct csv *out, const struct figures *f)
{
	char first[TEXT_SIZE], last[TEXT_SIZE], day_off[TEXT_SIZE];

	if (!f->has_offset)
		return;
	csv_printf(out, LABEL "%s %s this host's at first, %s %s at last\n", "",
	    span(first, llabs(f->offset_first_ns)), f->offset_first_ns < 0 ? "behind" : "ahead of",
	    span(last, llabs(f->offset_last_ns)), f->offset_last_ns < 0 ? "behind" : "ahead");
	if (!f->has_drift)
		csv_printf(out, LABEL "how it drifts against it is not known: too few reports, or too short\n", "");
	else if (fabs(f->drift) < f->drift_error)
		csv_printf(out, LABEL "no drift is seen: it is less than %.2g ppm\n", "", f->drift_error * 1e6);
	else
		csv_printf(out, LABEL "it %s %.*f ppm against it, %s a day; give or take %.2g ppm\n", "",
		    f->drift < 0 ? "loses" : "gains", f->drift_error < 1e-7 ? 2 : 1, fabs(f->drift) * 1e6,
		    span(day_off, (int64_t)fmin(fabs(f->drift) * 86400e9, 1e18)), f->drift_error * 1e6);
}

static void
camera(struct csv *out, const struct figures *f, const struct frames *fs)
{
	char text[TEXT_SIZE], sure[TEXT_SIZE];

	if (fs->clocks == NULL || !fs->clocks->camera || f->timed == 0)
		return;
	reports(out, f, fs->clocks);
	offset(out, f);
	csv_printf(out, LABEL "for %s", "camera_time", share(text, f->camera, f->frames));
	if (f->sure_ns >= 0)
		csv_printf(out, ", true to the camera's clock within some %s", span(sure, f->sure_ns));
	else if (f->camera > 0)
		csv_printf(out, "; %zu report%s cannot tell how true that is", f->good, plural(f->good));
	csv_printf(out, "\n");
}

void
summary_text(struct csv *out, const char *name, const struct figures *f, const struct frames *fs,
    const struct findings *found)
{
	size_t n = wrong(NULL, f, fs, found);

	if (n == 0)
		csv_printf(out, "%s: nothing is missing%s\n", name, fs->clocks == NULL ? "" :
		    ", no clock misbehaves");
	else
		csv_printf(out, "%s: %zu thing%s to look at\n", name, n, plural(n));
	wrong(out, f, fs, found);
	damage(out, found, true);
	remarks(out, fs, REMARK_NOTE);
	if (f->frames == 0)
		csv_printf(out, LABEL "none\n", "frames");
	if (f->frames == 0)
		return;
	pictures(out, f);
	arrival(out, f, fs);
	camera(out, f, fs);
}
