/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Connections, one after the other: how each is made, what is kept of it, and
 * whether and when there is a next one. A try may take several of them: for a
 * redirection, for a password, and for a TEARDOWN that had no answer.
 */
#include "attempt.h"

#include <errno.h>
#include <netdb.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "dialog.h"
#include "ending.h"
#include "journal.h"
#include "msg.h"
#include "resolve.h"
#include "totals.h"
#include "trace.h"

#define CONNECT_NS	(10 * CLOCK_NS_PER_S)
#define TEARDOWN_AGAIN_NS	CLOCK_NS_PER_S

void
attempt_connect(struct session *s)
{
	while (s->next_address != NULL) {
		s->address = s->next_address;
		s->next_address = s->address->ai_next;
		conn_close(&s->conn);
		s->state = SESSION_CONNECTING;
		trace_note("connecting to %s port %s", s->url.host, s->url.port);
		session_timer_set(s, TIMER_CONNECT, CONNECT_NS);
		if (conn_connect(&s->conn, s->address) == 0)
			return;
	}
	ending_fail(s, "%s port %s: %s", s->url.host, s->url.port, strerror(errno));
}

void
attempt_connected(struct session *s)
{
	if (conn_connected(&s->conn) == -1) {
		attempt_connect(s);
		return;
	}
	session_timer_off(s, TIMER_CONNECT);
	session_timer_set(s, TIMER_SILENCE, SESSION_SILENCE_NS);
	if (s->tearing_down)
		dialog_teardown(s);
	else
		dialog_begin(s);
}

/* The host's addresses. When no name server answers, the camera may still be where it was. */
void
attempt_resolved(struct session *s)
{
	struct addrinfo *found;
	int error;

	if (!resolve_take(&found, &error))
		return;
	if (s->found != NULL && (found != NULL || s->nredirects > 0 || !s->found_home)) {
		freeaddrinfo(s->found);
		s->found = NULL;
	}
	if (found != NULL) {
		s->found = found;
		s->found_home = s->nredirects == 0;
	}
	s->next_address = s->found;
	if (s->found == NULL)
		ending_fail(s, "%s: %s", s->url.host, gai_strerror(error));
	else
		attempt_connect(s);
}

/* Forgets what was true of the connection before. */
static void
reset(struct session *s)
{
	conn_init(&s->conn);
	s->open_method = NULL;
	s->keepalive_cseq = s->tries = 0;
	s->keepalive_open = false;
	s->session_id[0] = s->server[0] = s->reason[0] = '\0';
	s->status = 0;
	s->next = NEXT_END;
	s->closed = s->clean = s->deaf = s->torn_down = false;
	s->busy_ns = s->play_ns = s->expires_ns = 0;
	s->nwhole = s->stray_told = 0;
	s->stray_ns = 0;
}

/* The next connection, to the address that is known, or to one that is to be found. */
void
attempt_begin(struct session *s)
{
	reset(s);
	if (url_request(s->request_url, &s->url) == -1) {
		ending_refuse(s, "the URL is too long");
	} else if (s->address != NULL) {
		s->next_address = s->address;
		attempt_connect(s);
	} else {
		s->state = SESSION_RESOLVING;
		resolve_begin(s->url.host, s->url.port, s->wake);
	}
}

void
attempt_end(struct session *s)
{
	conn_close(&s->conn);
	session_timers_off(s);
	if (s->list)
		return;			/* the caller wants `sdp` */
	if (s->media_opened && media_finish(&s->media) == -1)
		ending_fail_errno(s, "the stream");
	if (s->head_written && s->conn.stray > s->stray_told && journal_stray(s) == -1)
		ending_fail_errno(s, "the stream");
	totals_close(s);
	if (s->media_opened) {
		s->nwhole = s->media.au.whole;
		media_close(&s->media);
	}
	s->media_opened = s->head_written = false;
	/* Both point into the text. */
	memset(&s->media, 0, sizeof s->media);
	memset(&s->sdp, 0, sizeof s->sdp);
	free(s->sdp_text);
	s->sdp_text = NULL;
}

/* Whether a connection is to be made for TEARDOWN alone: the one that there was did not do. */
static bool
must_tear_down(struct session *s)
{
	int64_t now = clock_monotonic_ns();

	if (s->teardown != TEARDOWN_ALWAYS || s->torn_down || s->session_id[0] == '\0')
		return false;
	if (s->expires_ns == 0)
		s->expires_ns = now + ending_life_ns(s);
	return now < s->expires_ns;
}

/* Waits for the next connection, the first of a new try. */
static void
retry(struct session *s)
{
	struct retry_loss loss = { .media = s->nwhole > 0, .clean = s->clean, .busy_ns = s->busy_ns };
	int64_t wait_ns;

	if (s->play_ns != 0) {
		loss.lived_ns = clock_monotonic_ns() - s->play_ns;
		keepalive_ended(&s->keepalive, s->frame_ns - s->play_ns, s->timeout_ns);
	}
	wait_ns = retry_wait_ns(&s->retry, &loss);
	if (s->begun && !s->outage) {
		s->outage = true;
		s->attempts = 0;
		strlcpy(s->outage_reason, s->reason, sizeof s->outage_reason);
	}
	s->attempts++;
	if (wait_ns == 0)
		msg(MSG_REMARK, "%s: trying again", s->reason);
	else
		msg(MSG_REMARK, "%s: trying again in %.0f s", s->reason, wait_ns / 1e9);
	trace_note("trying again in %.0f s", wait_ns / 1e9);
	s->url = s->home;
	s->address = NULL;
	s->nredirects = 0;
	s->withheld = s->fresh = s->resend = false;
	session_timer_set(s, TIMER_RETRY, wait_ns);
}

/* What comes after a connection; false: nothing. */
bool
attempt_next(struct session *s)
{
	if (must_tear_down(s)) {
		if (s->next == NEXT_END)
			ending_write(s);
		session_timer_set(s, TIMER_RETRY, s->tearing_down ? TEARDOWN_AGAIN_NS : 0);
		s->tearing_down = true;
	} else if (s->next == NEXT_END) {
		return false;
	} else {
		s->tearing_down = false;
		if (s->next == NEXT_RETRY)
			retry(s);
		else
			session_timer_set(s, TIMER_RETRY, 0);
	}
	session_timer_set(s, TIMER_CLOCK, HOSTCLOCK_NS);
	s->state = SESSION_WAITING;
	return true;
}

/* The wait is over. */
void
attempt_wait_over(struct session *s)
{
	if (!s->tearing_down) {
		attempt_begin(s);
		return;
	}
	s->closed = s->deaf = false;
	s->next_address = s->address;
	attempt_connect(s);
}
