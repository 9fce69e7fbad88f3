/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* JSON (RFC 8259) of a recording's figures. */
#include "archive.h"

#include <inttypes.h>
#include <stdbool.h>

#include "json.h"
#include "remarks.h"

static void
string(struct csv *out, const char *text)
{
	char c[JSON_ESCAPED_MAX];
	size_t n;

	csv_bytes(out, "\"", 1);
	while ((n = json_escape(c, &text)) > 0)
		csv_bytes(out, c, n);
	csv_bytes(out, "\"", 1);
}

/* ,"key":value, or null */
static void
integer(struct csv *out, const char *key, bool known, int64_t value)
{
	if (known)
		csv_printf(out, ",\"%s\":%" PRId64, key, value);
	else
		csv_printf(out, ",\"%s\":null", key);
}

static void
ppm(struct csv *out, const char *key, bool known, double value)
{
	if (known)
		csv_printf(out, ",\"%s\":%.3f", key, value * 1e6);
	else
		csv_printf(out, ",\"%s\":null", key);
}

static void
pictures(struct csv *out, const struct figures *f)
{
	const struct spread *s = &f->interval;

	integer(out, "frames", true, (int64_t)f->frames);
	integer(out, "key_frames", true, (int64_t)f->keys);
	integer(out, "timed_frames", true, (int64_t)f->timed);
	integer(out, "damaged_frames", f->detailed > 0, (int64_t)f->damaged);
	integer(out, "exact_frames", f->detailed > 0, (int64_t)f->exact);
	integer(out, "user_stamped_frames", f->detailed > 0, (int64_t)f->user);
	integer(out, "first_recv_ns", f->timed > 0, f->first_ns);
	integer(out, "last_recv_ns", f->timed > 0, f->last_ns);
	integer(out, "length_ns", s->n > 0, f->length_ns);
	integer(out, "interval_ns", s->n > 0, s->median);
	integer(out, "interval_p1_ns", s->n > 0, s->low);
	integer(out, "interval_p99_ns", s->n > 0, s->high);
	integer(out, "interval_max_ns", s->n > 0, s->max);
	integer(out, "interval_max_frame", s->n > 0, (int64_t)f->longest);
	integer(out, "key_interval_ns", f->key.n > 0, f->key.median);
	integer(out, "gaps", s->n > 0, (int64_t)f->gaps);
	integer(out, "gap_ns", s->n > 0, f->gap_ns);
	integer(out, "missing_frames", s->n > 0, f->missing);
}

static void
events(struct csv *out, const struct figures *f)
{
	csv_printf(out, ",\"events\":{");
	for (size_t i = 0; i < f->nhappened; i++)
		csv_printf(out, "%s\"%s\":{\"count\":%" PRIu64 ",\"packets\":%" PRIu64 ",\"frames\":%" PRIu64 "}",
		    i > 0 ? "," : "", f->happened[i].what, f->happened[i].count, f->happened[i].packets,
		    f->happened[i].frames);
	csv_printf(out, "}");
}

static void
host(struct csv *out, const struct figures *f, const struct host_found *h)
{
	csv_printf(out, ",\"host\":{\"frames\":%zu", f->host);
	integer(out, "delay_ns", f->host > 0, h->delay_median_ns);
	integer(out, "delay_p95_ns", f->host > 0, h->delay_p95_ns);
	integer(out, "delay_max_ns", f->host > 0, h->delay_max_ns);
	ppm(out, "rtp_slow_ppm", h->has_rate, h->rate);
	csv_printf(out, ",\"jumps\":[");
	for (size_t i = 0; i < h->nshifts && i < HOST_SHIFTS_MAX; i++)
		csv_printf(out, "%s{\"frame\":%zu,\"ns\":%" PRId64 ",\"of_rtp\":%s}", i > 0 ? "," : "",
		    h->shift[i].frame, h->shift[i].ns, h->shift[i].of_rtp ? "true" : "false");
	csv_printf(out, "]}");
}

static void
camera(struct csv *out, const struct figures *f, const struct clocks_found *clocks)
{
	static const char *const noise[] = { "exact", "even", "late", "early" };
	bool sent = clocks->sent_used > 0;
	const struct camera_found *c = sent ? &clocks->sent : &clocks->reports;

	csv_printf(out, ",\"camera\":{\"frames\":%zu,\"from\":\"%s\",\"pairs\":%zu,\"used\":%zu,\"foreign\":%zu,"
	    "\"unset\":%zu,\"stale\":%zu", f->camera, sent ? "frames" : "reports", c->pairs, f->good, c->foreign,
	    c->unset, c->stale);
	csv_printf(out, ",\"noise\":\"%s\"", noise[c->noise]);
	integer(out, "noise_ns", f->good > 2, c->noise_ns);
	integer(out, "error_ns", f->sure_ns >= 0, f->sure_ns);
	integer(out, "offset_first_ns", f->has_offset, f->offset_first_ns);
	integer(out, "offset_last_ns", f->has_offset, f->offset_last_ns);
	ppm(out, "drift_ppm", f->has_drift, f->drift);
	ppm(out, "drift_error_ppm", f->has_drift, f->drift_error);
	csv_printf(out, ",\"steps\":[");
	for (size_t i = 0; i < c->nsteps && i < CAMERA_STEPS_MAX; i++)
		csv_printf(out, "%s{\"frame\":%zu,\"ns\":%" PRId64 ",\"within_ns\":%" PRId64 "}", i > 0 ? "," : "",
		    c->step[i].frame, c->step[i].ns, c->step[i].within_ns);
	csv_printf(out, "]}");
}

/* Begins a remark, and leaves it open. */
static void
said(struct csv *out, bool first, const char *level, const char *text)
{
	csv_printf(out, "%s{\"level\":\"%s\",\"text\":", first ? "" : ",", level);
	string(out, text);
}

/* Findings, of which those that are no notes are counted. Returns how many kinds there are. */
static size_t
damage(struct csv *out, const struct findings *found)
{
	size_t n = 0;

	for (int kind = 0; kind < NFINDINGS; kind++) {
		bool note = FINDING_IS_NOTE(kind);

		if (found->of[kind].count == 0)
			continue;
		said(out, n++ == 0, note ? "ended" : "damaged", found->of[kind].text);
		if (found->of[kind].offset != FINDING_NOWHERE)
			csv_printf(out, ",\"offset\":%" PRIu64, found->of[kind].offset);
		if (!note)
			csv_printf(out, ",\"count\":%" PRIu64, found->of[kind].count);
		csv_printf(out, "}");
	}
	return n;
}

static void
words(struct csv *out, const struct frames *fs, const struct findings *found)
{
	static const char *const levels[] = { "wrong", "doubt", "note" };
	enum remark_level level;
	char text[REMARK_MAX];
	bool first;

	csv_printf(out, ",\"remarks\":[");
	first = damage(out, found) == 0;
	for (size_t i = 0; fs->clocks != NULL && remark(fs->clocks, i, text, &level); i++) {
		said(out, first, levels[level], text);
		csv_printf(out, "}");
		first = false;
	}
	csv_printf(out, "]");
}

void
archive_line(struct csv *out, const char *file, const struct figures *f, const struct frames *fs,
    const struct findings *found)
{
	csv_printf(out, "{\"file\":");
	string(out, file);
	pictures(out, f);
	events(out, f);
	if (fs->clocks != NULL)
		host(out, f, &fs->clocks->host);
	if (fs->clocks != NULL && fs->clocks->camera)
		camera(out, f, fs->clocks);
	words(out, fs, found);
	csv_printf(out, "}\n");
}
