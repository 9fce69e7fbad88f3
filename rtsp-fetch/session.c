/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * OPTIONS, DESCRIBE, SETUP, PLAY, and what keeps a session alive. Packets may
 * come from SETUP's answer on; the stream's head is written before PLAY is sent.
 */
#include "session.h"

#include <errno.h>
#include <inttypes.h>
#include <poll.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "clock.h"
#include "msg.h"
#include "name.h"
#include "priority.h"
#include "rtcp.h"

#define CONNECT_NS	(10 * CLOCK_NS_PER_S)
#define ANSWER_NS	(15 * CLOCK_NS_PER_S)
#define TEARDOWN_NS	(2 * CLOCK_NS_PER_S)
#define REPORT_NS	(5 * CLOCK_NS_PER_S)
#define TIMEOUT_NS	(60 * CLOCK_NS_PER_S)	/* RFC 2326 12.37: the default */
#define KEEPALIVE_NS	(30 * CLOCK_NS_PER_S)	/* at the latest */
#define SILENCE_NS	(75 * CLOCK_NS_PER_S)	/* two keep-alives without an answer */
#define MAX_TRIES	3

static void
timer_set(struct session *s, enum session_timer timer, int64_t ns)
{
	s->timers[timer] = clock_monotonic_ns() + ns;
}

static void
timer_off(struct session *s, enum session_timer timer)
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

/* Ends the session at once: there is nobody to send a TEARDOWN to, or no use in it. */
static void __attribute__((format(printf, 2, 3)))
fail(struct session *s, const char *format, ...)
{
	va_list ap;

	va_start(ap, format);
	end_set(s, 1, format, ap);
	va_end(ap);
	s->state = SESSION_OVER;
}

static void
fail_errno(struct session *s, const char *what)
{
	fail(s, "%s: %s", what, strerror(errno));
}

static void
send_bytes(struct session *s, const void *data, size_t len)
{
	if (conn_send(&s->conn, data, len) == 0 || s->state == SESSION_OVER)
		return;
	if (errno == ENOBUFS)
		fail(s, "the camera does not read what is sent to it");
	else
		fail_errno(s, "sending to the camera");
}

/* Writes one request. Returns its CSeq. */
static unsigned
send_request(struct session *s, const char *method, const char *url, const char *headers)
{
	char authorization[AUTH_HEADER_MAX], session[300] = "", text[2 * AUTH_HEADER_MAX];
	int n;

	if (auth_header(&s->auth, method, url, authorization) == -1) {
		fail(s, "%s: the credentials do not fit a request", method);
		return 0;
	}
	if (s->session_id[0] != '\0')
		snprintf(session, sizeof session, "Session: %s\r\n", s->session_id);
	n = snprintf(text, sizeof text, "%s %s RTSP/1.0\r\nCSeq: %u\r\n%s%s%s"
	    "User-Agent: nalpipe/" NALPIPE_VERSION "\r\n\r\n",
	    method, url, ++s->cseq, authorization, session, headers);
	if (n < 0 || n >= (int)sizeof text) {
		fail(s, "%s: the request is too long", method);
		return 0;
	}
	msg(MSG_DETAIL, "> %s %s", method, url);
	send_bytes(s, text, n);
	explicit_bzero(text, sizeof text);
	explicit_bzero(authorization, sizeof authorization);
	return s->cseq;
}

/* Sends a request that the session's progress depends on. */
static void
request(struct session *s, enum session_state state, const char *method, const char *url,
    const char *headers)
{
	s->state = state;
	s->open_method = method;
	s->open_headers = headers;
	if (url != s->open_url)
		strlcpy(s->open_url, url, sizeof s->open_url);
	timer_set(s, TIMER_ANSWER, state == SESSION_TEARDOWN ? TEARDOWN_NS : ANSWER_NS);
	s->open_cseq = send_request(s, method, s->open_url, headers);
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
			timer_off(s, i);
		s->tries = 0;
		request(s, SESSION_TEARDOWN, "TEARDOWN", s->aggregate, "");
	}
}

static void
connect_next(struct session *s)
{
	const struct addrinfo *address = s->next_address;

	if (address == NULL) {
		fail(s, "%s port %s: %s", s->url.host, s->url.port, strerror(errno));
		return;
	}
	s->next_address = address->ai_next;
	conn_close(&s->conn);
	s->state = SESSION_CONNECTING;
	timer_set(s, TIMER_CONNECT, CONNECT_NS);
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
	timer_off(s, TIMER_CONNECT);
	timer_set(s, TIMER_SILENCE, SILENCE_NS);
	request(s, SESSION_OPTIONS, "OPTIONS", s->request_url, "");
}

/* Method by method what an answer of 200 leads to. */
static void
on_options(struct session *s, const struct rtsp_message *m)
{
	const char *methods = m->status == 200 ? rtsp_header(m, "Public") : NULL;
	char name[32], value[2];

	while (methods != NULL && (methods = rtsp_parameter(methods, ',', name, sizeof name,
	    value, sizeof value)) != NULL)
		s->get_parameter |= strcasecmp(name, "GET_PARAMETER") == 0;
	request(s, SESSION_DESCRIBE, "DESCRIBE", s->request_url, "Accept: application/sdp\r\n");
}

/* S, and the T of what will be recorded. */
static int
write_head(struct session *s)
{
	char camera[NAME_MAX_SIZE], host[256] = "", tool[256];

	name_get(camera);
	if (gethostname(host, sizeof host - 1) == -1)
		host[0] = '\0';
	s->head_written = true;
	return stream_text(&s->stream, NALSTREAM_STREAM, 0, NALSTREAM_MAGIC
	    "camera: %s\nhost: %s\nserver: %s\ntool: %s\nstamps: %s\npriority: %s\n"
	    "writer: rtsp-fetch " NALPIPE_VERSION "\n", camera, host, s->server,
	    stream_line(tool, sizeof tool, s->sdp.tool == NULL ? "" : s->sdp.tool),
	    s->conn.clock.kernel ? "kernel" : "user", s->priority);
}

static void
describe_offer(const struct sdp *sdp, char *out, size_t size)
{
	out[0] = '\0';
	for (size_t i = 0; i < sdp->nmedia; i++) {
		strlcat(out, i > 0 ? ", " : "", size);
		strlcat(out, sdp->media[i].codec[0] != '\0' ? sdp->media[i].codec :
		    sdp->media[i].type, size);
	}
}

/* The first H.264 track; NULL: there is none. */
static struct sdp_media *
choose_media(struct session *s, uint8_t *number)
{
	for (size_t i = 0; i < s->sdp.nmedia; i++) {
		struct sdp_media *m = &s->sdp.media[i];

		if (strcasecmp(m->codec, "H264") != 0 || m->payload_type < 0)
			continue;
		if (m->clock_rate == 0)
			m->clock_rate = 90000;	/* RFC 6184 8.2.1: there is no other */
		*number = i + 1;
		return m;
	}
	return NULL;
}

static int
set_urls(struct session *s, const struct rtsp_message *m)
{
	const char *base = rtsp_header(m, "Content-Base");

	if (base == NULL)
		base = rtsp_header(m, "Content-Location");
	if (url_resolve(s->base, &s->url, s->request_url, base == NULL ? "" : base) == -1 ||
	    url_resolve(s->aggregate, &s->url, s->base, s->sdp.control) == -1)
		return -1;
	return 0;
}

static void
on_describe(struct session *s, const struct rtsp_message *m)
{
	const char *server = rtsp_header(m, "Server");
	const struct sdp_media *media;
	char url[URL_MAX], offer[128];
	uint8_t number = 0;

	stream_line(s->server, sizeof s->server, server != NULL ? server : "");
	free(s->sdp_text);
	s->sdp_text = strndup(m->body, m->body_len);
	if (s->sdp_text == NULL) {
		fail_errno(s, "memory");
		return;
	}
	sdp_parse(&s->sdp, s->sdp_text);
	media = choose_media(s, &number);
	if (media == NULL) {
		describe_offer(&s->sdp, offer, sizeof offer);
		fail(s, "the camera offers no H.264 video at this URL, only: %s (many cameras "
		    "have an H.264 sub-stream at another path)", offer[0] ? offer : "nothing");
		return;
	}
	if (set_urls(s, m) == -1 ||
	    url_resolve(url, &s->url, s->base, media->control) == -1) {
		fail(s, "the camera's control URL is too long");
		return;
	}
	if (media_open(&s->media, &s->stream, number, media, s->keep_damaged) == -1) {
		fail_errno(s, "memory");
		return;
	}
	s->media_opened = true;
	request(s, SESSION_SETUP, "SETUP", url,
	    "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
}

/* Session: 12345678;timeout=60 */
static void
take_session(struct session *s, const struct rtsp_message *m)
{
	const char *text = rtsp_header(m, "Session"), *error;
	char name[sizeof s->session_id], value[32];
	long long timeout;

	if (text == NULL)
		return;
	text = rtsp_parameter(text, ';', name, sizeof name, value, sizeof value);
	if (text != NULL && s->session_id[0] == '\0')
		strlcpy(s->session_id, name, sizeof s->session_id);
	while (text != NULL &&
	    (text = rtsp_parameter(text, ';', name, sizeof name, value, sizeof value)) != NULL) {
		if (strcasecmp(name, "timeout") != 0)
			continue;
		timeout = strtonum(value, 1, 86400, &error);
		if (error == NULL)
			s->timeout_ns = timeout * CLOCK_NS_PER_S;
	}
}

/* Transport: ...;interleaved=2-3: the camera's choice, else what was asked for. */
static void
take_transport(struct session *s, const struct rtsp_message *m)
{
	const char *text = rtsp_header(m, "Transport");
	char name[32], value[64];

	while (text != NULL &&
	    (text = rtsp_parameter(text, ';', name, sizeof name, value, sizeof value)) != NULL) {
		if (strcasecmp(name, "interleaved") == 0)
			s->media.channel = atoi(value) & 0xff;
	}
}

static void
on_setup(struct session *s, const struct rtsp_message *m)
{
	take_session(s, m);
	take_transport(s, m);
	if (write_head(s) == -1 || media_describe(&s->media) == -1) {
		fail_errno(s, "memory");
		return;
	}
	request(s, SESSION_PLAY, "PLAY", s->aggregate, "Range: npt=0.000-\r\n");
}

static int64_t
keepalive_interval(const struct session *s)
{
	return s->timeout_ns / 2 < KEEPALIVE_NS ? s->timeout_ns / 2 : KEEPALIVE_NS;
}

static void
on_play(struct session *s, const struct rtsp_message *m)
{
	take_session(s, m);
	s->state = SESSION_PLAYING;
	s->stats.playing_ns = clock_monotonic_ns();
	timer_set(s, TIMER_KEEPALIVE, keepalive_interval(s));
	timer_set(s, TIMER_REPORT, REPORT_NS);
	if (s->duration_ns > 0)
		timer_set(s, TIMER_DURATION, s->duration_ns);
}

static void
keepalive(struct session *s)
{
	timer_set(s, TIMER_KEEPALIVE, keepalive_interval(s));
	s->keepalive_cseq = send_request(s, s->get_parameter ? "GET_PARAMETER" : "OPTIONS",
	    s->aggregate, "");
}

static void
send_receiver_report(struct session *s)
{
	uint8_t packet[4 + RTCP_RR_MAX] = { '$', s->media.channel + 1 };
	size_t len = rtcp_receiver_report(packet + 4, &s->media.source, s->our_ssrc,
	    clock_ntp_from_unix(clock_realtime_ns()));

	packet[2] = len >> 8;
	packet[3] = len & 0xff;
	timer_set(s, TIMER_REPORT, REPORT_NS);
	send_bytes(s, packet, 4 + len);
}

/* 401: answers the challenge, or says why that cannot be done. */
static void
on_unauthorized(struct session *s, const struct rtsp_message *m)
{
	if (!s->auth.has_user) {
		fail(s, "%s: 401 %s: the camera wants a user name and a password (--username, "
		    "--password-file; or rtsp://user:password@...)", s->open_method, m->reason);
	} else if (!auth_challenge(&s->auth, m)) {
		fail(s, "%s: 401 %s: the camera wants a kind of authentication that is neither "
		    "Basic nor Digest with MD5 or SHA-256", s->open_method, m->reason);
	} else if (s->tries > 0 && (!s->auth.stale || s->tries == MAX_TRIES)) {
		fail(s, "%s: 401 %s: the user name or the password is wrong", s->open_method,
		    m->reason);
	} else {
		s->tries++;
		request(s, s->state, s->open_method, s->open_url, s->open_headers);
	}
}

static const char *
hint(int status)
{
	switch (status) {
	case 404:
		return ": is the path of the URL right?";
	case 403:
		return ": may this user see the stream?";
	case 453:
	case 503:
		return ": the camera may have no room for another viewer";
	case 461:
		return ": it does not want RTP over TCP";
	case 454:
		return ": it has forgotten the session";
	default:
		return "";
	}
}

/* The answer to the request that is open. */
static void
on_answer(struct session *s, const struct rtsp_message *m)
{
	static void (*const next[])(struct session *, const struct rtsp_message *) = {
		[SESSION_OPTIONS] = on_options,
		[SESSION_DESCRIBE] = on_describe,
		[SESSION_SETUP] = on_setup,
		[SESSION_PLAY] = on_play,
	};

	timer_off(s, TIMER_ANSWER);
	if (s->state == SESSION_TEARDOWN) {
		s->state = SESSION_OVER;
	} else if (m->status == 401) {
		on_unauthorized(s, m);
	} else if (m->status == 200 || s->state == SESSION_OPTIONS) {
		s->tries = 0;
		s->open_method = NULL;
		next[s->state](s, m);
	} else {
		fail(s, "%s: the camera answered %d %s%s", s->open_method, m->status, m->reason,
		    hint(m->status));
	}
}

/* A request of the camera is answered, so that it does not hang up. */
static void
on_request(struct session *s, const struct rtsp_message *m)
{
	const char *cseq = rtsp_header(m, "CSeq");
	char text[256];
	int n = snprintf(text, sizeof text, "RTSP/1.0 200 OK\r\nCSeq: %.32s\r\n\r\n",
	    cseq != NULL ? cseq : "0");

	msg(MSG_DETAIL, "< %s (a request of the camera)", m->method);
	send_bytes(s, text, n);
}

static void
on_message(struct session *s, const struct rtsp_message *m)
{
	const char *cseq = rtsp_header(m, "CSeq");
	unsigned long number = cseq != NULL ? strtoul(cseq, NULL, 10) : s->open_cseq;

	if (m->status == 0) {
		on_request(s, m);
		return;
	}
	msg(MSG_DETAIL, "< %d %s", m->status, m->reason);
	if (s->open_method != NULL && number != s->keepalive_cseq) {
		on_answer(s, m);
	} else if (m->status == 401 && s->state == SESSION_PLAYING && s->tries < MAX_TRIES &&
	    auth_challenge(&s->auth, m)) {
		/* A new nonce in mid-session; else any answer is a sign of life. */
		s->tries++;
		keepalive(s);
	} else {
		s->tries = 0;
	}
}

static void
on_packet(struct session *s, const struct conn_packet *p)
{
	if (!s->head_written || s->state == SESSION_TEARDOWN)
		return;
	if (p->channel != s->media.channel && p->channel != (uint8_t)(s->media.channel + 1)) {
		s->unasked++;
		return;
	}
	if (media_packet(&s->media, p) == -1)
		fail_errno(s, "memory");
	else if (s->media.bye)
		leave(s, 1, "the camera ended the stream (RTCP BYE)");
}

static void
update_stats(struct session *s)
{
	struct session_stats *t = &s->stats;

	t->frames = s->media.au.frames - s->ring->taken_back;
	t->damaged = s->media.au.damaged;
	t->shed = s->stream.shed;
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
		fail_errno(s, "the connection to the camera");
		return;
	}
	if (n == 0) {
		fail(s, s->state == SESSION_PLAYING ? "the camera closed the connection" :
		    "the camera closed the connection before the stream began");
		return;
	}
	timer_set(s, TIMER_SILENCE, SILENCE_NS);
	while (s->state != SESSION_OVER &&
	    (kind = conn_next(&s->conn, &packet, &s->message)) > CONN_MORE) {
		if (kind == CONN_PACKET)
			on_packet(s, &packet);
		else
			on_message(s, &s->message);
	}
	if (kind == CONN_BAD)
		fail(s, "byte %" PRIu64 " of the connection is neither an RTSP message nor an "
		    "interleaved packet", conn_offset(&s->conn));
	update_stats(s);
}

static void
on_timer(struct session *s, enum session_timer timer)
{
	timer_off(s, timer);
	switch (timer) {
	case TIMER_CONNECT:
		errno = ETIMEDOUT;
		connect_next(s);
		break;
	case TIMER_ANSWER:
		if (s->state == SESSION_TEARDOWN)
			s->state = SESSION_OVER;
		else
			fail(s, "%s: the camera did not answer", s->open_method);
		break;
	case TIMER_KEEPALIVE:
		keepalive(s);
		break;
	case TIMER_REPORT:
		send_receiver_report(s);
		break;
	case TIMER_DURATION:
		leave(s, 0, "duration");
		break;
	case TIMER_SILENCE:
		fail(s, "nothing came from the camera for %d seconds",
		    (int)(SILENCE_NS / CLOCK_NS_PER_S));
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

/* Milliseconds until the next timer, rounded up; -1: none is set. */
static int
next_timeout(const struct session *s)
{
	int64_t next = INT64_MAX, left;

	for (int i = 0; i < TIMER_COUNT; i++) {
		if (s->timers[i] < next)
			next = s->timers[i];
	}
	if (next == INT64_MAX)
		return -1;
	left = (next - clock_monotonic_ns()) / 1000000 + 1;
	return left < 0 ? 0 : (int)(left > 60000 ? 60000 : left);
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
		timer_set(s, TIMER_SILENCE, SILENCE_NS);	/* it is we who do not read */
	}
	if (s->state == SESSION_CONNECTING)
		fds[1].events = POLLOUT;
	else if (conn_pending(&s->conn))
		fds[1].events |= POLLOUT;
	if (poll(fds, 2, next_timeout(s)) == -1) {
		if (errno != EINTR)
			fail_errno(s, "poll");
		return;
	}
	if (fds[0].revents != 0)
		on_wake(s);
	if (s->state == SESSION_CONNECTING) {
		/* POLLERR and POLLHUP: SO_ERROR has the reason. */
		if (fds[1].revents != 0)
			on_connected(s);
	} else if (s->state != SESSION_OVER) {
		if (fds[1].revents & POLLOUT && conn_flush(&s->conn) == -1)
			fail_errno(s, "sending to the camera");
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
	const struct media *m = &s->media;

	if (m->source.late > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets were doubled, or too late to use",
		    m->source.late);
	if (m->foreign > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets were of another payload type than %d",
		    m->foreign, m->sdp->payload_type);
	if (m->malformed + m->depay.malformed > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets were malformed",
		    m->malformed + m->depay.malformed);
	if (m->depay.unknown > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets were of kinds that RFC 6184's modes 0 and 1 "
		    "do not have", m->depay.unknown);
	if (s->unasked > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets came on channels that were not asked for",
		    s->unasked);
}

/* The end of the stream: what is whole goes out, then E. */
static void
finish(struct session *s)
{
	conn_close(&s->conn);
	if (s->media_opened && au_finish(&s->media.au) == -1)
		fail_errno(s, "memory");
	update_stats(s);
	remark_left_out(s);
	if (!s->head_written)
		(void)write_head(s);
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
		timer_off(s, i);
	if (url_request(s->request_url, &s->url) == -1)
		fail(s, "the URL is too long");
	else
		connect_next(s);
	while (s->state != SESSION_OVER)
		loop_once(s);
	finish(s);
}
