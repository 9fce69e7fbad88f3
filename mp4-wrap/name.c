/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* strftime(3), one conversion at a time: of its own only those without blanks, slashes and locales. */
#include "name.h"

#include <ctype.h>
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#include "clock.h"

/* The formats are checked here, by conversion(). */
#pragma GCC diagnostic ignored "-Wformat-nonliteral"

#define CAMERA		"%{camera}"
#define STRFTIME	"aAbBdFgGHIjmMpRSTuUVwWyYzZ%"
#define OURS		"fs"	/* microseconds; seconds since 1970, whatever the time zone */

/* Length of the conversion at a %; 0: it is none. */
static size_t
conversion(const char *p)
{
	if (strncmp(p, CAMERA, sizeof CAMERA - 1) == 0)
		return sizeof CAMERA - 1;
	return p[1] != '\0' && strchr(STRFTIME OURS, p[1]) != NULL ? 2 : 0;
}

const char *
name_bad(const char *pattern)
{
	const char *p = pattern;
	size_t n;

	while ((p = strchr(p, '%')) != NULL && (n = conversion(p)) > 0)
		p += n;
	return p;
}

void
name_open(struct name *n, const char *pattern, bool local)
{
	memset(n, 0, sizeof *n);
	n->pattern = pattern;
	n->local = local;
	for (size_t i = 0; i < strcspn(pattern, "%"); i++) {
		if (pattern[i] == '/')
			n->fixed = i + 1;
	}
}

/* Fit for a file name on every system, and neither hidden nor an option. */
static void
put_camera(char *out, const char *camera)
{
	size_t n = 0;

	for (; *camera != '\0' && n + 1 < NAME_CAMERA_SIZE; camera++) {
		if (isalnum((unsigned char)*camera) || *camera == '_' || (n > 0 && *camera == '.'))
			out[n] = *camera;
		else
			out[n] = n == 0 ? '_' : '-';
		n++;
	}
	out[n] = '\0';
	if (n == 0)
		strlcpy(out, "camera", NAME_CAMERA_SIZE);
}

struct moment {
	int64_t unix_s;
	long ns;
	struct tm tm;
};

static int
moment_set(struct moment *m, int64_t unix_ns, bool local)
{
	time_t t;

	m->unix_s = unix_ns / CLOCK_NS_PER_S;
	m->ns = unix_ns % CLOCK_NS_PER_S;
	if (m->ns < 0) {
		m->unix_s--;
		m->ns += CLOCK_NS_PER_S;
	}
	t = m->unix_s;
	return (local ? localtime_r(&t, &m->tm) : gmtime_r(&t, &m->tm)) == NULL ? -1 : 0;
}

/* What the conversion at p stands for. */
static void
put_conversion(char *out, const char *p, const char *camera, const struct moment *m)
{
	const char format[] = { '%', p[1], '\0' };

	switch (p[1]) {
	case '{':
		put_camera(out, camera);
		break;
	case 'f':
		snprintf(out, NAME_CAMERA_SIZE, "%06ld", m->ns / 1000);
		break;
	case 's':
		snprintf(out, NAME_CAMERA_SIZE, "%" PRId64, m->unix_s);
		break;
	default:
		if (strftime(out, NAME_CAMERA_SIZE, format, &m->tm) == 0)
			out[0] = '\0';
	}
}

static int
expand(char out[NAME_SIZE], const char *pattern, const char *camera, const struct moment *m)
{
	char piece[NAME_CAMERA_SIZE];
	size_t len = 0, n;

	out[0] = '\0';
	for (const char *p = pattern; *p != '\0'; p += n) {
		n = *p == '%' ? conversion(p) : 0;
		if (n > 0) {
			put_conversion(piece, p, camera, m);
		} else {
			n = 1;
			piece[0] = *p;
			piece[1] = '\0';
		}
		len = strlcat(out, piece, NAME_SIZE);
		if (len >= NAME_SIZE) {
			errno = ENAMETOOLONG;
			return -1;
		}
	}
	return 0;
}

/* The base, or the base with its number, becomes the name. */
static int
number(struct name *n)
{
	const char *last = strrchr(n->base, '/'), *suffix;
	int head, len;

	if (n->number == 0) {
		strlcpy(n->text, n->base, NAME_SIZE);
		return 0;
	}
	last = last == NULL ? n->base : last + 1;
	suffix = strrchr(last, '.');
	if (suffix == NULL || suffix == last)
		suffix = strchr(last, '\0');
	head = suffix - n->base;
	len = snprintf(n->text, NAME_SIZE, "%.*s-%u%s", head, n->base, n->number, suffix);
	if (len < 0 || len >= NAME_SIZE) {
		errno = ENAMETOOLONG;
		return -1;
	}
	return 0;
}

int
name_make(struct name *n, const char *camera, int64_t unix_ns)
{
	char base[NAME_SIZE];
	struct moment m;

	if (moment_set(&m, unix_ns, n->local) == -1 || expand(base, n->pattern, camera, &m) == -1)
		return -1;
	n->number = strcmp(base, n->base) == 0 ? n->number + 1 : 0;
	strlcpy(n->base, base, NAME_SIZE);
	return number(n);
}

int
name_another(struct name *n)
{
	n->number++;
	return number(n);
}
