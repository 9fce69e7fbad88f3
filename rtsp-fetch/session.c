/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The poll loop of a session: timers, and what arrives. Packets may come from
 * SETUP's answer on; the stream's head is written before PLAY is sent.
 */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "attempt.h"
#include "clock.h"
#include "dialog.h"
#include "ending.h"
#include "journal.h"
#include "msg.h"
#include "priority.h"
#include "rtcp.h"
#include "strict.h"
#include "totals.h"
#include "trace.h"

#define TIMEOUT_NS	(60 * CLOCK_NS_PER_S)	/* RFC 2326 12.37: the default */
#define STRAY_NS	(10 * CLOCK_NS_PER_S)	/* between two G records of bytes that were passed over */
#define ODD_SHOWN	((size_t)256)	/* bytes that are no message, in a trace */

void
session_timer_set(struct session *s, enum session_timer timer, int64_t ns)
{
	s->timers[timer] = clock_monotonic_ns() + ns;
}

void
session_timer_off(struct session *s, enum session_timer timer)
{
	s->timers[timer] = INT64_MAX;
}

void
session_timers_off(struct session *s)
{
	for (int i = 0; i < TIMER_COUNT; i++) {
		if (i != TIMER_DURATION)
			session_timer_off(s, i);
	}
}

void
session_send(struct session *s, const void *data, size_t len)
{
	if (s->state == SESSION_OVER)
		return;
	if (len > 0 && *(const char *)data != '$')
		trace_bytes(TRACE_SENT, data, len);
	if (conn_send(&s->conn, data, len) == 0)
		return;
	if (errno == ENOBUFS)
		ending_lose(s, "the camera does not read what is sent to it");
	else
		ending_lose_errno(s, "sending to the camera");
}

static void
write_clock(struct session *s, const struct clock_pair *now, int64_t step_ns)
{
	session_timer_set(s, TIMER_CLOCK, HOSTCLOCK_NS);
	if (journal_clock(s, now, step_ns) == -1)
		ending_fail_errno(s, "the stream");
}

/* Before each read: what it brings may be dated by a clock that was set meanwhile. */
static void
watch_clock(struct session *s)
{
	struct clock_pair now;
	int64_t step_ns;

	clock_pair_read(&now);
	step_ns = hostclock_step(&s->clock, &now);
	if (step_ns == 0)
		return;
	msg(MSG_REMARK, "the host's clock was set by %+.6f s", step_ns / 1e9);
	arrival_step(&s->conn.clock, step_ns);
	if (s->begun && !s->ended)
		write_clock(s, &now, step_ns);
}

/* C records are for times of arrival; in between, steps of the clock are looked for. */
static void
on_clock(struct session *s)
{
	struct clock_pair now;

	session_timer_set(s, TIMER_CLOCK, HOSTCLOCK_NS);
	if (!s->head_written)
		return;
	clock_pair_read(&now);
	write_clock(s, &now, 0);
}

static void
send_receiver_report(struct session *s)
{
	uint8_t packet[4 + RTCP_RR_MAX] = { '$', s->media.rtcp_channel };
	size_t len = rtcp_receiver_report(packet + 4, &s->media.source, s->our_ssrc,
	    clock_ntp_from_unix(clock_realtime_ns()));

	packet[2] = len >> 8;
	packet[3] = len & 0xff;
	session_timer_set(s, TIMER_REPORT, SESSION_REPORT_NS);
	session_send(s, packet, 4 + len);
}

static void
on_packet(struct session *s, const struct conn_packet *p)
{
	struct rtp_source before;
	char why[128];

	if (!s->head_written || s->state == SESSION_TEARDOWN)
		return;
	if (p->channel != s->media.channel && p->channel != s->media.rtcp_channel) {
		s->unasked++;
		return;
	}
	if (s->strict)
		before = s->media.source;
	if (media_packet(&s->media, p) == -1) {
		ending_fail_errno(s, "the stream");
	} else if (s->strict && strict_breach(&before, &s->media.source, why, sizeof why)) {
		ending_leave(s, NEXT_END, 1, "%s", why);
	} else if (s->media.bye) {
		s->clean = true;
		ending_leave(s, NEXT_RETRY, 1, "the camera ended the stream (RTCP BYE)");
	}
}

/* After each read: figures, and whether a frame has come. */
static void
watch_frames(struct session *s)
{
	totals_update(s);
	if (s->media.au.whole != s->nwhole) {
		s->nwhole = s->media.au.whole;
		s->frame_ns = clock_monotonic_ns();
		if (s->stall_ns > 0 && s->state == SESSION_PLAYING)
			session_timer_set(s, TIMER_STALL, s->stall_ns);
	}
	if (s->strict && s->stats.shed > 0)
		ending_leave(s, NEXT_END, 1, "the reader of the stream was too slow (--strict)");
}

/* After each read. A camera may have such bytes behind every packet, so not every time. */
static void
watch_stray(struct session *s)
{
	int64_t now = clock_monotonic_ns();

	if (s->conn.stray == s->stray_told || s->conn.searched > 0 || now < s->stray_ns || !s->head_written)
		return;
	s->stray_ns = now + STRAY_NS;
	if (journal_stray(s) == -1)
		ending_fail_errno(s, "the stream");
}

/*
 * What cannot be told apart any more. Neither can the answer to TEARDOWN, which is
 * sent all the same; what comes meanwhile is read, or closing would reset the
 * connection, and the TEARDOWN be lost with it.
 */
static void
on_bad(struct session *s)
{
	size_t len = s->conn.end - s->conn.pos;

	trace_bytes(TRACE_ODD, s->conn.buf + s->conn.pos, len < ODD_SHOWN ? len : ODD_SHOWN);
	ending_fail(s, "byte %" PRIu64 " of the connection is neither an RTSP message nor an "
	    "interleaved packet%s", s->conn.stray_offset,
	    s->conn.known.set ? ", and for long no other follows" : "");
	s->deaf = true;
}

static void
on_message(struct session *s)
{
	trace_bytes(TRACE_RECEIVED, s->conn.message, s->conn.message_len);
	dialog_message(s, &s->message);
}

static void
on_readable(struct session *s)
{
	struct conn_packet packet;
	enum conn_kind kind = CONN_MORE;
	ssize_t n = conn_read(&s->conn);

	if (n == -1 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR))
		return;
	if (n == -1) {
		ending_lose_errno(s, "the connection to the camera");
		return;
	}
	if (n == 0) {
		s->clean = true;
		ending_lose(s, s->state == SESSION_PLAYING ? "the camera closed the connection" :
		    "the camera closed the connection before the stream began");
		return;
	}
	if (s->deaf) {
		s->conn.pos = s->conn.end;
		return;
	}
	session_timer_set(s, TIMER_SILENCE, SESSION_SILENCE_NS);
	if (s->media_opened)
		s->conn.known = media_known(&s->media);
	while (s->state != SESSION_OVER &&
	    (kind = conn_next(&s->conn, &packet, &s->message)) > CONN_MORE) {
		if (kind == CONN_PACKET)
			on_packet(s, &packet);
		else
			on_message(s);
	}
	if (kind == CONN_BAD)
		on_bad(s);
	watch_stray(s);
	watch_frames(s);
}

static void
on_stall(struct session *s)
{
	if (journal_stall(s) == -1)
		ending_fail_errno(s, "the stream");
	ending_leave(s, NEXT_RETRY, 1, "no whole frame came from the camera for %g seconds", s->stall_ns / 1e9);
}

static void
on_timer(struct session *s, enum session_timer timer)
{
	session_timer_off(s, timer);
	switch (timer) {
	case TIMER_CONNECT:
		errno = ETIMEDOUT;
		attempt_connect(s);
		break;
	case TIMER_ANSWER:
		if (s->state == SESSION_TEARDOWN)
			s->state = SESSION_OVER;
		else
			ending_fail(s, "%s: the camera did not answer", s->open_method);
		break;
	case TIMER_KEEPALIVE:
		dialog_keepalive(s);
		break;
	case TIMER_REPORT:
		send_receiver_report(s);
		break;
	case TIMER_DURATION:
		ending_leave(s, NEXT_END, 0, "duration");
		break;
	case TIMER_SILENCE:
		ending_fail(s, "nothing came from the camera for %d seconds",
		    (int)(SESSION_SILENCE_NS / CLOCK_NS_PER_S));
		break;
	case TIMER_STALL:
		on_stall(s);
		break;
	case TIMER_RETRY:
		attempt_wait_over(s);
		break;
	case TIMER_CLOCK:
		on_clock(s);
		break;
	default:
		break;
	}
}

static void
on_wake(struct session *s)
{
	char drain[64];
	int error;

	while (read(s->wake_fd, drain, sizeof drain) > 0)
		;
	error = ring_error(s->ring);
	if (error != 0)
		ending_leave(s, NEXT_END, 1, "stdout: %s", strerror(error));
	else if (s->stop)
		ending_leave(s, NEXT_END, 0, "signal");
	if (s->state == SESSION_RESOLVING)
		attempt_resolved(s);
}

/* Milliseconds until the next timer; -1: none is set. */
static int
next_timeout(const struct session *s)
{
	int64_t next = INT64_MAX;

	for (int i = 0; i < TIMER_COUNT; i++) {
		if (s->timers[i] < next)
			next = s->timers[i];
	}
	return next == INT64_MAX ? -1 : clock_poll_ms(next);
}

static void
run_timers(struct session *s)
{
	int64_t now = clock_monotonic_ns();

	for (int i = 0; i < TIMER_COUNT && s->state != SESSION_OVER; i++) {
		if (s->timers[i] <= now)
			on_timer(s, i);
	}
}

static void
loop_once(struct session *s)
{
	struct pollfd fds[] = {
		{ .fd = s->wake_fd, .events = POLLIN },
		{ .fd = s->conn.fd, .events = POLLIN },
	};

	if (s->wait && s->conn.fd != -1 && ring_full(s->ring)) {
		fds[1].events = 0;
		session_timer_set(s, TIMER_SILENCE, SESSION_SILENCE_NS);	/* it is we who do not read */
		if (s->timers[TIMER_STALL] != INT64_MAX)
			session_timer_set(s, TIMER_STALL, s->stall_ns);
	}
	if (s->state == SESSION_CONNECTING)
		fds[1].events = POLLOUT;
	else if (conn_pending(&s->conn))
		fds[1].events |= POLLOUT;
	if (poll(fds, 2, next_timeout(s)) == -1) {
		if (errno != EINTR) {
			ending_fail_errno(s, "poll");
			s->state = SESSION_OVER;
		}
		return;
	}
	watch_clock(s);
	if (fds[0].revents != 0)
		on_wake(s);
	if (s->state == SESSION_CONNECTING) {
		/* POLLERR and POLLHUP: SO_ERROR has the reason. */
		if (fds[1].revents != 0)
			attempt_connected(s);
	} else if (s->state != SESSION_OVER) {
		if (fds[1].revents & POLLOUT && conn_flush(&s->conn) == -1)
			ending_lose_errno(s, "sending to the camera");
		/* POLLHUP and POLLERR: the read tells the end or the error. */
		if (s->state != SESSION_OVER && fds[1].revents & (POLLIN | POLLHUP | POLLERR))
			on_readable(s);
	}
	run_timers(s);
}

static void
open_session(struct session *s)
{
	s->stream.ring = s->ring;
	s->timeout_ns = TIMEOUT_NS;
	s->our_ssrc = arc4random();
	s->priority = priority_raise();
	s->home = s->url;
	s->reconnect &= !s->list;
	for (int i = 0; i < TIMER_COUNT; i++)
		session_timer_off(s, i);
	attempt_begin(s);
}

void
session_run(struct session *s)
{
	open_session(s);
	do {
		while (s->state != SESSION_OVER)
			loop_once(s);
		attempt_end(s);
	} while (attempt_next(s));
	ending_write(s);
	if (s->found != NULL)
		freeaddrinfo(s->found);
}

struct sdp_media *
session_track(struct session *s)
{
	size_t i = s->track - 1;

	if (s->track == 0)
		return sdp_choose(&s->sdp);
	return i < s->sdp.nmedia && sdp_refusal(&s->sdp.media[i]) == NULL ? &s->sdp.media[i] : NULL;
}
