/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A bounded store between receiver and main, and the file behind it. A message
 * is written line by line, each with its direction; what does not print, as
 * strvis(3) has it. Line ends are left out if they are CR LF, as they should be.
 */
#include "trace.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vis.h>

#include "blank.h"
#include "clock.h"
#include "lock.h"
#include "msg.h"

#define STORE_MAX	((size_t)1 << 20)
#define ENTRY_MAX	((size_t)400 << 10)	/* more than the largest message */
#define FILE_MAX	((uint64_t)64 << 20)	/* a camera that talks without end fills no disk */

struct entry {
	enum trace_kind kind;
	int64_t unix_ns;
	uint64_t missing;	/* entries before this one that had no room */
	size_t len;
};

static pthread_mutex_t mutex;
static uint8_t *store, *taken;	/* of STORE_MAX bytes each: entries, one behind the other */
static size_t used;
static uint64_t missing;
static bool opened;		/* set before there are threads */
static FILE *file;
static const char *secret = "";
static uint64_t written;

int
trace_open(const char *path, const char *password)
{
	char now[CLOCK_RFC3339_SIZE];
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);

	if (fd == -1)
		return -1;
	store = malloc(STORE_MAX);
	taken = malloc(STORE_MAX);
	file = fdopen(fd, "a");
	if (store == NULL || taken == NULL || file == NULL || lock_init(&mutex) == -1)
		return -1;
	secret = password;
	opened = true;
	clock_format_rfc3339(now, clock_realtime_ns());
	fprintf(file, "# rtsp-fetch " NALPIPE_VERSION ": RTSP from %s on; > sent, < received; passwords are "
	    "left out\n", now);
	return 0;
}

void
trace_bytes(enum trace_kind kind, const void *data, size_t len)
{
	struct entry e = { .kind = kind, .len = len < ENTRY_MAX ? len : ENTRY_MAX };

	if (!opened)
		return;
	e.unix_ns = clock_realtime_ns();
	pthread_mutex_lock(&mutex);
	if (STORE_MAX - used < sizeof e + e.len) {
		missing++;
	} else {
		e.missing = missing;
		missing = 0;
		memcpy(store + used, &e, sizeof e);
		memcpy(store + used + sizeof e, data, e.len);
		used += sizeof e + e.len;
	}
	pthread_mutex_unlock(&mutex);
	msg_wake();
}

void
trace_note(const char *format, ...)
{
	char text[512];
	va_list ap;
	int n;

	if (!opened)
		return;
	va_start(ap, format);
	n = vsnprintf(text, sizeof text, format, ap);
	va_end(ap);
	if (n > 0)
		trace_bytes(TRACE_NOTE, text, (size_t)n < sizeof text ? (size_t)n : sizeof text - 1);
}

/* One line of len bytes, without its LF. */
static void
write_line(char mark, const char *line, size_t len, bool lf)
{
	static char blanked[BLANK_MAX], shown[4 * BLANK_MAX + 1];
	size_t left = 0, n;
	bool crlf = lf && len > 0 && line[len - 1] == '\r';

	len -= crlf;
	if (len > BLANK_LINE) {
		left = len - BLANK_LINE;
		len = BLANK_LINE;
	}
	n = blank_line(blanked, line, len, secret);
	strvisx(shown, blanked, n, VIS_CSTYLE | VIS_NL | VIS_TAB);
	written += fprintf(file, "%c%s%s%s", mark, n > 0 ? " " : "", shown, lf && !crlf ? "\\n" : "");
	if (left > 0)
		written += fprintf(file, " (and %zu bytes more)", left);
	fputc('\n', file);
}

/* What stands in the last line has no line end; marks tell directions apart. */
static void
write_lines(char mark, const char *p, size_t len)
{
	const char *end = p + len, *lf;

	for (; p < end; p = lf + 1) {
		lf = memchr(p, '\n', end - p);
		write_line(mark, p, (lf != NULL ? lf : end) - p, lf != NULL);
		if (lf == NULL)
			break;
	}
}

static void
write_entry(const struct entry *e, const char *data)
{
	static const struct {
		char mark;
		const char *what;
	} kinds[] = {
		[TRACE_NOTE] = { '#', "" },
		[TRACE_SENT] = { '>', "sent" },
		[TRACE_RECEIVED] = { '<', "received" },
		[TRACE_ODD] = { '<', "received, and no message" },
	};
	char time[CLOCK_RFC3339_SIZE];

	if (e->missing > 0)
		fprintf(file, "# %" PRIu64 " messages are missing here: writing was too slow\n", e->missing);
	clock_format_rfc3339(time, e->unix_ns);
	written += fprintf(file, "\n%s ", time);
	if (e->kind == TRACE_NOTE) {
		write_lines('#', data, e->len);
		return;
	}
	fprintf(file, "%s, %zu bytes\n", kinds[e->kind].what, e->len);
	write_lines(kinds[e->kind].mark, data, e->len);
}

/* Takes what is in the store over. Returns how many bytes. */
static size_t
take(void)
{
	uint8_t *full;
	size_t n;

	pthread_mutex_lock(&mutex);
	full = store;
	store = taken;
	taken = full;
	n = used;
	used = 0;
	pthread_mutex_unlock(&mutex);
	return n;
}

/* No more: the file is as large as it may become, or cannot be written. */
static int
give_up(int error)
{
	fclose(file);
	file = NULL;
	errno = error;
	return error != 0 ? -1 : 0;
}

int
trace_write(void)
{
	struct entry e;
	size_t n;

	if (!opened)
		return 0;
	n = take();
	for (size_t at = 0; at < n && file != NULL; at += sizeof e + e.len) {
		memcpy(&e, taken + at, sizeof e);
		write_entry(&e, (const char *)taken + at + sizeof e);
		if (written > FILE_MAX) {
			fputs("\n# this trace is long enough\n", file);
			return give_up(fflush(file) == EOF ? errno : 0);
		}
	}
	explicit_bzero(taken, n);
	if (file == NULL || n == 0 || fflush(file) == 0)
		return 0;
	return give_up(errno);
}

int
trace_close(void)
{
	int rc = trace_write();

	if (file != NULL && fclose(file) == EOF)
		rc = -1;
	file = NULL;
	return rc;
}
