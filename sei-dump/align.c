/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The clock that all have: either those of the cameras, if they go together, for
 * these know nothing of networks; or this host's, which they all met.
 */
#include "align.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"

#define TOGETHER_NS	200000000	/* clocks that nobody sets are off by more, sooner or later */
#define DRIFT		5e-6		/* and go apart like this; those that are set, do not */
#define SAME_NS		1000000		/* two programs see the same step of a clock */
#define WITHIN_NS	(CLOCK_NS_PER_S / 2)	/* of a recording without intervals */

void
align_close(struct align *a)
{
	for (size_t i = 0; i < a->n; i++)
		series_close(&a->series[i]);
	free(a->series);
	memset(a, 0, sizeof *a);
}

int
align_add(struct align *a, const char *file, const struct frames *fs, const struct figures *f)
{
	size_t more = a->cap == 0 ? 8 : 2 * a->cap;
	struct series *new = a->series;

	if (a->n == a->cap) {
		new = reallocarray(a->series, more, sizeof *new);
		if (new == NULL)
			return -1;
		a->series = new;
		a->cap = more;
	}
	return series_open(&a->series[a->n++], file, fs, f);
}

const char *
align_fault(const struct align *a, size_t *which)
{
	const struct series *first = NULL, *s;

	for (*which = 0; *which < a->n; ++*which)
		if (a->series[*which].n > 0 && a->series[*which].fault != NULL)
			return a->series[*which].fault;
	for (*which = 0; *which < a->n; ++*which) {
		s = &a->series[*which];
		if (s->n == 0)
			continue;	/* it could not be read, or is empty */
		if (first == NULL)
			first = s;
		if (llabs(s->offset_ns - first->offset_ns) > TOGETHER_NS)
			return "the camera's clock is more than 0.2 s from that of the first file";
		if (s->has_drift && first->has_drift &&
		    fabs(s->drift - first->drift) > fmax(DRIFT, s->drift_error + first->drift_error))
			return "the camera's clock drifts against that of the first file";
	}
	*which = 0;
	return first == NULL ? "there are no frames" : NULL;
}

/*
 * Whether all tell that the host's clock was set by the same: then they began on the
 * same side of it, and can be compared on a clock that never was. A frame that was on
 * its way when it was set has one time in one recording, and another in the next.
 */
static bool
can_be_steady(const struct align *a)
{
	const struct series *first = NULL, *s;

	for (size_t i = 0; i < a->n; i++) {
		s = &a->series[i];
		if (s->n == 0)
			continue;
		first = first == NULL ? s : first;
		if (s->ns[SERIES_STEADY] == NULL || llabs(s->set_ns - first->set_ns) > SAME_NS)
			return false;
	}
	return true;
}

int
align_choose(struct align *a, enum series_clock clock)
{
	a->clock = clock;
	if (clock == SERIES_HOST && can_be_steady(a))
		clock = SERIES_STEADY;
	for (size_t i = 0; i < a->n; i++)
		if (series_sort(&a->series[i], clock) == -1)
			return -1;
	return 0;
}

int64_t
align_within(const struct align *a, size_t i)
{
	int64_t interval = a->series[i].interval_ns;

	if (a->within_ns > 0)
		return a->within_ns;
	return interval > 0 ? interval / 5 * 3 : WITHIN_NS;
}

bool
align_fields(const struct align *a, size_t i, int64_t unix_ns, struct csv *csv)
{
	uint32_t frame;
	int64_t residual_ns;

	if (!series_nearest(&a->series[i], unix_ns, align_within(a, i), &frame, &residual_ns)) {
		csv_empty(csv);
		csv_empty(csv);
		return false;
	}
	csv_u64(csv, frame);
	csv_i64(csv, residual_ns);
	return true;
}

/* A column's name with the number of a recording, from 1. */
static void
name(struct csv *csv, const char *what, size_t i)
{
	char text[48];

	snprintf(text, sizeof text, "%s_%zu", what, i + 1);
	csv_text(csv, text);
}

void
align_names(const struct align *a, size_t from, struct csv *csv)
{
	for (size_t i = from; i < a->n; i++) {
		name(csv, "frame", i);
		name(csv, "residual_ns", i);
	}
}

void
align_header(const struct align *a, struct csv *csv)
{
	name(csv, "frame", 0);
	csv_text(csv, series_clock_name(a->clock));
	align_names(a, 1, csv);
	csv_end_row(csv);
}

/* When frames of the first recording were; those that are not looked up have no time here. */
static int64_t *
times(const struct series *s)
{
	int64_t *ns = reallocarray(NULL, s->n + 1, sizeof *ns);

	for (size_t i = 0; ns != NULL && i < s->n; i++)
		ns[i] = FRAMES_NO_TIME;
	for (size_t i = 0; ns != NULL && i < s->nmoments; i++)
		ns[s->moment[i].frame] = s->moment[i].ns;
	return ns;
}

static void
row(const struct align *a, struct csv *csv, size_t k, int64_t known_ns, int64_t ns)
{
	csv_u64(csv, k);
	known_ns == FRAMES_NO_TIME ? csv_empty(csv) : csv_time(csv, known_ns);
	for (size_t i = 1; i < a->n; i++) {
		if (ns != FRAMES_NO_TIME) {
			align_fields(a, i, ns, csv);
			continue;
		}
		csv_empty(csv);
		csv_empty(csv);
	}
	csv_end_row(csv);
}

int
align_rows(const struct align *a, struct csv *csv)
{
	const struct series *first = a->series;
	const int64_t *known;
	int64_t *ns;
	bool failed;

	if (a->n == 0)
		return 0;
	known = first->ns[a->clock];
	ns = times(first);
	for (size_t k = 0; ns != NULL && k < first->n && csv->error == 0; k++)
		row(a, csv, k, known == NULL ? FRAMES_NO_TIME : known[k], ns[k]);
	failed = ns == NULL;
	free(ns);
	return failed ? -1 : 0;
}
