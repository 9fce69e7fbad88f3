/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Limits of a file: time in the stream or on the wall clock, and size. */
#include "segment.h"

#include <string.h>
#include <time.h>

#include "clock.h"

#define LATE_S	10

bool
segment_limited(const struct segment *s)
{
	return s->length_ns > 0 || s->size > 0;
}

/* Which multiple of the length a time lies in; midnight is one for every length that divides a day. */
static int64_t
slot(const struct segment *s, int64_t unix_ns)
{
	time_t t = unix_ns / CLOCK_NS_PER_S;
	struct tm tm;

	if (s->local && localtime_r(&t, &tm) != NULL)
		unix_ns += tm.tm_gmtoff * CLOCK_NS_PER_S;
	return unix_ns / s->length_ns - (unix_ns % s->length_ns < 0);
}

/*
 * RTP times jitter, so that the key frame after ten seconds may stand at 9.999:
 * half a frame less is enough, or every other file would be a group too long.
 */
static bool
is_long(const struct segment *s, const struct segment_place *at)
{
	uint64_t step = at->step < at->clock_rate ? at->step : at->clock_rate;

	return at->pts + step / 2 >= clock_ticks_from_ns(s->length_ns, at->clock_rate);
}

bool
segment_due(const struct segment *s, const struct segment_place *at)
{
	if (s->size > 0 && at->bytes >= s->size)
		return true;
	if (s->length_ns == 0)
		return false;
	if (s->align)		/* also if the clock was set back */
		return slot(s, at->unix_ns) != slot(s, at->first_unix_ns);
	return is_long(s, at);
}

bool
segment_late(const struct segment *s, const struct segment_place *at)
{
	struct segment_place before = *at;
	uint64_t late = (uint64_t)LATE_S * at->clock_rate;

	before.bytes = at->bytes / 2;
	before.pts = at->pts < late ? 0 : at->pts - late;
	before.unix_ns = at->unix_ns - LATE_S * CLOCK_NS_PER_S;
	if (before.unix_ns < at->first_unix_ns)
		before.unix_ns = at->first_unix_ns;
	/* A clock that was set back does not tell. */
	return segment_due(s, &before) || (s->length_ns > 0 && is_long(s, &before));
}

int
segment_size_parse(uint64_t *bytes, const char *text)
{
	static const char units[] = "kMGT";
	const char *p = text, *unit;
	unsigned shift = 0;

	for (*bytes = 0; *p >= '0' && *p <= '9'; p++) {
		*bytes = *bytes * 10 + (*p - '0');
		if (*bytes > INT64_MAX / 16)
			return -1;
	}
	if (*p != '\0') {
		unit = strchr(units, *p == 'K' ? 'k' : *p);
		if (unit == NULL || p[1] != '\0')
			return -1;
		shift = 10 * (unit - units + 1);
	}
	if (*bytes == 0 || *bytes > (uint64_t)INT64_MAX >> shift)
		return -1;
	*bytes <<= shift;
	return 0;
}
