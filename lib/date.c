/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Digits are read here and not by strptime(3), which takes more than it should
 * and knows no decimals; mktime(3) and timegm(3) know the calendar.
 */
#include "date.h"

#include <stdbool.h>
#include <stddef.h>
#include <string.h>
#include <time.h>

#include "clock.h"

#define FORM	"HH:MM, HH:MM:SS, or a date and a time as in 2026-11-24T09:30:00Z, is wanted"

/* Exactly n digits, low to high, after this character (0: none). */
static bool
take(const char **p, char before, int n, int low, int high, int *value)
{
	const char *s = *p;

	if (before != '\0' && *s++ != before)
		return false;
	*value = 0;
	for (int i = 0; i < n; i++, s++) {
		if (*s < '0' || *s > '9')
			return false;
		*value = *value * 10 + (*s - '0');
	}
	*p = s;
	return *value >= low && *value <= high;
}

/* .f */
static bool
take_fraction(const char **p, int64_t *ns)
{
	int64_t unit = CLOCK_NS_PER_S / 10;
	const char *begin;

	*ns = 0;
	if (**p != '.')
		return true;
	begin = ++*p;
	for (; **p >= '0' && **p <= '9'; (*p)++, unit /= 10)
		*ns += (**p - '0') * unit;
	return *p > begin;
}

/* HH:MM[:SS[.f]] */
static bool
take_time(const char **p, struct tm *tm, int64_t *ns)
{
	*ns = 0;
	if (!take(p, '\0', 2, 0, 23, &tm->tm_hour) || !take(p, ':', 2, 0, 59, &tm->tm_min))
		return false;
	if (**p != ':')
		return true;
	return take(p, ':', 2, 0, 59, &tm->tm_sec) && take_fraction(p, ns);
}

/* Z, +HH:MM, or nothing, which is *local. */
static bool
take_zone(const char **p, int *east_s, bool *local)
{
	char sign = **p;
	int hours, minutes;

	*east_s = 0;
	*local = sign == '\0';
	if (sign == 'Z')
		(*p)++;
	if (sign == 'Z' || *local)
		return true;
	if ((sign != '+' && sign != '-') || !take(p, sign, 2, 0, 23, &hours) ||
	    !take(p, **p == ':' ? ':' : '\0', 2, 0, 59, &minutes))
		return false;
	*east_s = (hours * 60 + minutes) * 60 * (sign == '-' ? -1 : 1);
	return true;
}

/* What the calendar makes of it; false: no day, or no hour of it, has that time. */
static bool
convert(struct tm tm, bool local, int64_t *unix_s)
{
	struct tm was = tm;

	tm.tm_isdst = -1;
	*unix_s = local ? mktime(&tm) : timegm(&tm);
	return tm.tm_mday == was.tm_mday && tm.tm_hour == was.tm_hour && tm.tm_min == was.tm_min;
}

const char *
date_parse(int64_t *unix_ns, const char *text, int64_t now_unix_ns)
{
	time_t today = now_unix_ns / CLOCK_NS_PER_S;
	const char *p = text;
	int64_t unix_s, ns;
	int year, east_s = 0;
	bool local = true;
	struct tm tm;

	localtime_r(&today, &tm);
	tm.tm_sec = 0;
	if (strchr(text, 'T') != NULL) {
		if (!take(&p, '\0', 4, 1970, 2200, &year) || !take(&p, '-', 2, 1, 12, &tm.tm_mon) ||
		    !take(&p, '-', 2, 1, 31, &tm.tm_mday) || *p++ != 'T' ||
		    !take_time(&p, &tm, &ns) || !take_zone(&p, &east_s, &local))
			return FORM;
		tm.tm_year = year - 1900;
		tm.tm_mon--;
	} else if (!take_time(&p, &tm, &ns)) {
		return FORM;
	}
	if (*p != '\0')
		return FORM;
	if (!convert(tm, local, &unix_s))
		return "there is no such time";
	*unix_ns = (unix_s - east_s) * CLOCK_NS_PER_S + ns;
	return NULL;
}
