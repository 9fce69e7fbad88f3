/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The end of a connection, wherever it is found: the reason that counts, TEARDOWN,
 * and E. Whether and when there is another one is attempt.c's.
 */
#include "ending.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "dialog.h"
#include "journal.h"
#include "totals.h"
#include "trace.h"

#define LIFE_MAX_NS	(300 * CLOCK_NS_PER_S)	/* no longer is TEARDOWN tried, whatever the camera says */

/*
 * Notes how the connection ends. The first reason counts, unless all of it is to
 * end now, and only the connection was to.
 */
static void __attribute__((format(printf, 4, 0)))
end_set(struct session *s, enum session_next next, int status, const char *format, va_list ap)
{
	char raw[sizeof s->reason];

	if (next == NEXT_RETRY && !s->reconnect)
		next = NEXT_END;
	if (s->reason[0] != '\0' && (s->next == NEXT_END || next != NEXT_END))
		return;
	vsnprintf(raw, sizeof raw, format, ap);
	stream_line(s->reason, sizeof s->reason, raw);
	s->status = status;
	s->next = next;
	trace_note("%s", s->reason);
}

int64_t
ending_life_ns(const struct session *s)
{
	return s->timeout_ns < LIFE_MAX_NS ? s->timeout_ns : LIFE_MAX_NS;
}

/* To the end of the connection: through TEARDOWN, if there is a session and a way to say so. */
static void
tear_down(struct session *s)
{
	bool set_up = s->state >= SESSION_PLAY ||
	    (s->state == SESSION_SETUP && s->session_id[0] != '\0');

	if (s->state >= SESSION_TEARDOWN)
		return;
	if (!set_up || s->closed || s->teardown == TEARDOWN_NEVER) {
		s->state = SESSION_OVER;
		return;
	}
	session_timers_off(s);
	s->expires_ns = clock_monotonic_ns() + ending_life_ns(s);
	dialog_teardown(s);
}

void
ending_leave(struct session *s, enum session_next next, int status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	end_set(s, next, status, format, ap);
	va_end(ap);
	if (!s->tearing_down)
		tear_down(s);
}

static void __attribute__((format(printf, 3, 0)))
fail(struct session *s, enum session_next next, const char *format, va_list ap)
{
	end_set(s, next, 1, format, ap);
	if (s->state == SESSION_TEARDOWN || s->tearing_down)
		s->state = SESSION_OVER;
	else
		tear_down(s);
}

void
ending_fail(struct session *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fail(s, NEXT_RETRY, format, ap);
	va_end(ap);
}

void
ending_refuse(struct session *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	fail(s, s->stats.playing_ns == 0 ? NEXT_END : NEXT_RETRY, format, ap);
	va_end(ap);
}

void
ending_fail_errno(struct session *s, const char *what)
{
	ending_leave(s, NEXT_END, 1, "%s: %s", what, errno == ENOBUFS ?
	    "its reader has stopped, and what is never left out fills the memory" : strerror(errno));
}

void
ending_again(struct session *s)
{
	if (s->reason[0] == '\0')
		s->next = NEXT_AT_ONCE;
	s->state = SESSION_OVER;
}

/* Some cameras close after a 401, and want the answer on a new connection. */
void
ending_lose(struct session *s, const char *why)
{
	bool answered = s->tries > 0 && s->state >= SESSION_OPTIONS && s->state <= SESSION_DESCRIBE;

	s->closed = true;
	if (answered && !s->resend) {
		s->resend = true;
		s->resend_state = s->state;
		ending_again(s);
	} else if (answered) {
		ending_refuse(s, "%s: the camera answers 401 and closes the connection: the user name or "
		    "the password may be wrong", s->open_method);
	} else {
		ending_fail(s, "%s", why);
	}
}

void
ending_lose_errno(struct session *s, const char *what)
{
	char why[128];

	snprintf(why, sizeof why, "%s: %s", what, strerror(errno));
	ending_lose(s, why);
}

void
ending_write(struct session *s)
{
	if (s->ended || s->list)
		return;
	s->ended = true;
	if (journal_end(s) == -1)
		s->status = 1;
	totals_update(s);
	ring_close(s->ring);
}
