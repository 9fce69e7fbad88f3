/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Logs of others: CSV or not, with a header or not; only the first field matters. */
#include "match.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "date.h"

#define LINE_SIZE	1024	/* of which the time must be in; the rest of a line is passed over */
#define FIELD_SIZE	64
#define TIME_MIN	(-61505152 * CLOCK_NS_PER_S)	/* what an NTP timestamp can name */
#define TIME_MAX	(4233462144 * CLOCK_NS_PER_S)
#define NS_MIN		100000000000000000	/* 1973: fewer digits are s, ms or us */

/* Unix seconds with decimals; those past the ninth are dropped. */
static bool
parse_seconds(const char *text, int64_t *ns)
{
	int64_t s = 0, unit = CLOCK_NS_PER_S / 10;
	const char *p = text;

	for (; *p >= '0' && *p <= '9' && s < TIME_MAX / CLOCK_NS_PER_S; p++)
		s = s * 10 + (*p - '0');
	if (p == text || *p++ != '.')
		return false;
	*ns = s * CLOCK_NS_PER_S;
	for (; *p >= '0' && *p <= '9'; p++, unit /= 10)
		*ns += (*p - '0') * unit;
	return *p == '\0' && s >= NS_MIN / CLOCK_NS_PER_S && s < TIME_MAX / CLOCK_NS_PER_S;
}

static bool
parse_ns(const char *text, int64_t *ns)
{
	char *end;

	if (text[strspn(text, "0123456789")] != '\0')
		return false;
	errno = 0;
	*ns = strtoll(text, &end, 10);
	return errno == 0 && *ns >= NS_MIN && *ns < TIME_MAX;
}

/* With a zone: without one nobody knows which. */
static bool
parse_date(char *text, int64_t *ns)
{
	size_t len = strlen(text);

	if (len < sizeof "2026-11-24T09:30:00Z" - 1 || text[4] != '-')
		return false;
	if (text[10] == ' ' || text[10] == 't')
		text[10] = 'T';
	if (text[len - 1] == 'z')
		text[len - 1] = 'Z';
	if (text[len - 1] != 'Z' && strpbrk(text + 11, "+-") == NULL)
		return false;
	return date_parse(ns, text, 0) == NULL && *ns >= TIME_MIN && *ns < TIME_MAX;
}

size_t
match_time(const char *line, const char **begin, int64_t *unix_ns)
{
	size_t blank = strspn(line, " \t\""), len;
	char text[FIELD_SIZE];

	*begin = line + blank;
	len = strcspn(*begin, ",;\t\"\r\n");
	while (len > 0 && (*begin)[len - 1] == ' ')
		len--;
	if (len == 0 || len >= sizeof text)
		return 0;
	memcpy(text, *begin, len);
	text[len] = '\0';
	return parse_ns(text, unix_ns) || parse_seconds(text, unix_ns) || parse_date(text, unix_ns) ? len : 0;
}

void
match_header(const struct align *a, struct csv *csv)
{
	csv_text(csv, "event");
	csv_text(csv, series_clock_name(a->clock));
	align_names(a, 0, csv);
	csv_end_row(csv);
}

/* The first bytes of the next line, which is passed over as a whole. */
static bool
next_line(FILE *log, char line[LINE_SIZE])
{
	int c;

	if (fgets(line, LINE_SIZE, log) == NULL)
		return false;
	if (strchr(line, '\n') == NULL)
		do
			c = getc(log);
		while (c != '\n' && c != EOF);
	return true;
}

static void
row(const struct align *a, const char *text, size_t len, int64_t ns, struct csv *csv, struct match *m)
{
	char event[FIELD_SIZE];
	bool any = false;

	memcpy(event, text, len);
	event[len] = '\0';
	csv_text(csv, event);
	csv_time(csv, ns);
	for (size_t i = 0; i < a->n; i++)
		any |= align_fields(a, i, ns, csv);
	csv_end_row(csv);
	m->events++;
	m->matched += any;
}

void
match_rows(const struct align *a, FILE *log, struct csv *csv, struct match *m)
{
	char line[LINE_SIZE];
	const char *begin;
	size_t len;
	int64_t ns;

	memset(m, 0, sizeof *m);
	for (uint64_t n = 1; csv->error == 0 && next_line(log, line); n++) {
		len = match_time(line, &begin, &ns);
		if (len > 0)
			row(a, begin, len, ns, csv, m);
		else if (n > 1 && line[strspn(line, " \t\r\n")] != '\0' && m->bad++ == 0)
			m->bad_line = n;
	}
}
