/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The poll loop of a session: connection, timers, packets, and the end. Packets
 * may come from SETUP's answer on; the stream's head is written before PLAY is sent.
 */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "dialog.h"
#include "msg.h"
#include "name.h"
#include "priority.h"
#include "rtcp.h"

#define CONNECT_NS	(10 * CLOCK_NS_PER_S)
#define TIMEOUT_NS	(60 * CLOCK_NS_PER_S)	/* RFC 2326 12.37: the default */
#define SILENCE_NS	(75 * CLOCK_NS_PER_S)	/* two keep-alives without an answer */

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

/* Notes how the stream ends; the first reason counts. */
static void __attribute__((format(printf, 3, 0)))
end_set(struct session *s, int status, const char *format, va_list ap)
{
	char raw[sizeof s->reason];

	if (s->reason[0] != '\0')
		return;
	vsnprintf(raw, sizeof raw, format, ap);
	stream_line(s->reason, sizeof s->reason, raw);
	s->status = status;
}

void
session_fail(struct session *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	end_set(s, 1, format, ap);
	va_end(ap);
	s->state = SESSION_OVER;
}

void
session_fail_errno(struct session *s, const char *what)
{
	session_fail(s, "%s: %s", what, errno == ENOBUFS ?
	    "its reader has stopped, and what is never left out fills the memory" : strerror(errno));
}

void
session_send(struct session *s, const void *data, size_t len)
{
	if (conn_send(&s->conn, data, len) == 0 || s->state == SESSION_OVER)
		return;
	if (errno == ENOBUFS)
		session_fail(s, "the camera does not read what is sent to it");
	else
		session_fail_errno(s, "sending to the camera");
}

/* Ends an established session in good order. */
static void __attribute__((format(printf, 3, 4)))
leave(struct session *s, int status, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	end_set(s, status, format, ap);
	va_end(ap);
	if (s->state < SESSION_PLAY) {
		s->state = SESSION_OVER;
	} else if (s->state < SESSION_TEARDOWN) {
		for (int i = 0; i < TIMER_COUNT; i++)
			session_timer_off(s, i);
		dialog_teardown(s);
	}
}

static void
connect_next(struct session *s)
{
	const struct addrinfo *address = s->next_address;

	if (address == NULL) {
		session_fail(s, "%s port %s: %s", s->url.host, s->url.port, strerror(errno));
		return;
	}
	s->next_address = address->ai_next;
	conn_close(&s->conn);
	s->state = SESSION_CONNECTING;
	session_timer_set(s, TIMER_CONNECT, CONNECT_NS);
	if (conn_connect(&s->conn, address) == -1)
		connect_next(s);
}

static void
on_connected(struct session *s)
{
	if (conn_connected(&s->conn) == -1) {
		connect_next(s);
		return;
	}
	session_timer_off(s, TIMER_CONNECT);
	session_timer_set(s, TIMER_SILENCE, SILENCE_NS);
	dialog_begin(s);
}

/* C; step_ns: by how much the clock was set just now. */
static void
write_clock(struct session *s, const struct clock_pair *now, int64_t step_ns)
{
	char text[HOSTCLOCK_MAX];

	session_timer_set(s, TIMER_CLOCK, HOSTCLOCK_NS);
	if (stream_text(&s->stream, NALSTREAM_CLOCK, 0, "%s",
	    hostclock_text(text, now, step_ns)) == -1)
		session_fail_errno(s, "the stream");
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
	if (s->head_written)
		write_clock(s, &now, step_ns);
}

/* S. */
int
session_write_head(struct session *s)
{
	char camera[NAME_MAX_SIZE], host[256] = "", host_line[256], tool[256];

	name_get(camera);
	if (gethostname(host, sizeof host - 1) == -1)
		host[0] = '\0';
	s->head_written = true;
	session_timer_set(s, TIMER_CLOCK, 0);	/* the first C follows at once */
	return stream_text(&s->stream, NALSTREAM_STREAM, 0, NALSTREAM_MAGIC
	    "camera: %s\nhost: %s\nserver: %s\ntool: %s\nstamps: %s\npriority: %s\n"
	    "writer: rtsp-fetch " NALPIPE_VERSION "\n", camera,
	    stream_line(host_line, sizeof host_line, host), s->server,
	    stream_line(tool, sizeof tool, s->sdp.tool == NULL ? "" : s->sdp.tool),
	    s->conn.clock.kernel ? "kernel" : "user", s->priority);
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
	if (!s->head_written || s->state == SESSION_TEARDOWN)
		return;
	if (p->channel != s->media.channel && p->channel != s->media.rtcp_channel) {
		s->unasked++;
		return;
	}
	if (media_packet(&s->media, p) == -1)
		session_fail_errno(s, "the stream");
	else if (s->media.bye)
		leave(s, 1, "the camera ended the stream (RTCP BYE)");
}

static void
update_stats(struct session *s)
{
	struct session_stats *t = &s->stats;

	t->frames = s->media.au.frames - s->ring->taken_back;
	t->damaged = s->media.au.damaged;
	t->shed = s->stream.shed + s->ring->shed.units;
	t->bytes = s->conn.received;
	t->lost = s->media.source.lost;
	if (t->reports != s->stream.reports)
		t->report_ns = clock_monotonic_ns();
	t->reports = s->stream.reports;
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
		session_fail_errno(s, "the connection to the camera");
		return;
	}
	if (n == 0) {
		session_fail(s, s->state == SESSION_PLAYING ? "the camera closed the connection" :
		    "the camera closed the connection before the stream began");
		return;
	}
	session_timer_set(s, TIMER_SILENCE, SILENCE_NS);
	if (s->media_opened)
		s->conn.known = media_known(&s->media);
	while (s->state != SESSION_OVER &&
	    (kind = conn_next(&s->conn, &packet, &s->message)) > CONN_MORE) {
		if (kind == CONN_PACKET)
			on_packet(s, &packet);
		else
			dialog_message(s, &s->message);
	}
	if (kind == CONN_BAD)
		session_fail(s, "byte %" PRIu64 " of the connection is neither an RTSP message nor an "
		    "interleaved packet%s", s->conn.stray_offset,
		    s->conn.known.set ? ", and for long no other follows" : "");
	update_stats(s);
}

static void
on_timer(struct session *s, enum session_timer timer)
{
	struct clock_pair now;

	session_timer_off(s, timer);
	switch (timer) {
	case TIMER_CONNECT:
		errno = ETIMEDOUT;
		connect_next(s);
		break;
	case TIMER_ANSWER:
		if (s->state == SESSION_TEARDOWN)
			s->state = SESSION_OVER;
		else
			session_fail(s, "%s: the camera did not answer", s->open_method);
		break;
	case TIMER_KEEPALIVE:
		dialog_keepalive(s);
		break;
	case TIMER_REPORT:
		send_receiver_report(s);
		break;
	case TIMER_DURATION:
		leave(s, 0, "duration");
		break;
	case TIMER_SILENCE:
		session_fail(s, "nothing came from the camera for %d seconds",
		    (int)(SILENCE_NS / CLOCK_NS_PER_S));
		break;
	case TIMER_CLOCK:
		clock_pair_read(&now);
		write_clock(s, &now, 0);
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
		leave(s, 1, "stdout: %s", strerror(error));
	else if (s->stop)
		leave(s, 0, "signal");
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

	if (s->wait && ring_full(s->ring)) {
		fds[1].events = 0;
		session_timer_set(s, TIMER_SILENCE, SILENCE_NS);	/* it is we who do not read */
	}
	if (s->state == SESSION_CONNECTING)
		fds[1].events = POLLOUT;
	else if (conn_pending(&s->conn))
		fds[1].events |= POLLOUT;
	if (poll(fds, 2, next_timeout(s)) == -1) {
		if (errno != EINTR)
			session_fail_errno(s, "poll");
		return;
	}
	watch_clock(s);
	if (fds[0].revents != 0)
		on_wake(s);
	if (s->state == SESSION_CONNECTING) {
		/* POLLERR and POLLHUP: SO_ERROR has the reason. */
		if (fds[1].revents != 0)
			on_connected(s);
	} else if (s->state != SESSION_OVER) {
		if (fds[1].revents & POLLOUT && conn_flush(&s->conn) == -1)
			session_fail_errno(s, "sending to the camera");
		/* POLLHUP and POLLERR: the read tells the end or the error. */
		if (s->state != SESSION_OVER && fds[1].revents & (POLLIN | POLLHUP | POLLERR))
			on_readable(s);
	}
	run_timers(s);
}

/* What was left out without a place in the stream. */
static void
remark_left_out(const struct session *s)
{
	if (s->media_opened)
		media_remark(&s->media);
	if (s->conn.stray > 0)
		msg(MSG_REMARK, "%" PRIu64 " bytes of the connection were neither message nor packet",
		    s->conn.stray);
	if (s->unasked > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets came on channels that were not asked for",
		    s->unasked);
}

/* The end of the stream: what is whole goes out, then E. */
static void
finish(struct session *s)
{
	conn_close(&s->conn);
	if (s->media_opened && media_finish(&s->media) == -1)
		session_fail_errno(s, "the stream");
	update_stats(s);
	remark_left_out(s);
	if (!s->head_written)
		(void)session_write_head(s);
	if (stream_end(&s->stream, s->status, s->reason) == -1)
		s->status = 1;
	update_stats(s);
	if (s->media_opened)
		media_close(&s->media);
	free(s->sdp_text);
	s->sdp_text = NULL;
	ring_close(s->ring);
}

void
session_run(struct session *s)
{
	s->stream.ring = s->ring;
	s->timeout_ns = TIMEOUT_NS;
	s->our_ssrc = arc4random();
	s->priority = priority_raise();
	s->next_address = s->addresses;
	conn_init(&s->conn);
	for (int i = 0; i < TIMER_COUNT; i++)
		session_timer_off(s, i);
	if (url_request(s->request_url, &s->url) == -1)
		session_fail(s, "the URL is too long");
	else if (s->addresses == NULL)
		session_fail(s, "%s: %s", s->url.host, gai_strerror(s->resolve_error));
	else
		connect_next(s);
	while (s->state != SESSION_OVER)
		loop_once(s);
	if (s->list)
		conn_close(&s->conn);	/* there is no stream to end, and the caller wants `sdp` */
	else
		finish(s);
}
