/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * OPTIONS, DESCRIBE, SETUP, PLAY, keep-alives and TEARDOWN (RFC 2326 10), each
 * answer leading to the next request. What answers do not say is assumed.
 */
#include "dialog.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"
#include "ending.h"
#include "journal.h"
#include "msg.h"
#include "redirect.h"

#define ANSWER_NS	(15 * CLOCK_NS_PER_S)
#define TEARDOWN_NS	(2 * CLOCK_NS_PER_S)
#define MAX_TRIES	4	/* of one request, with credentials */
#define CONTROLS	4	/* URLs that a control may mean */

/* Writes one request. Returns its CSeq. */
static unsigned
send_request(struct session *s, const char *method, const char *url, const char *headers)
{
	char authorization[AUTH_HEADER_MAX], session[300] = "", text[2 * AUTH_HEADER_MAX];
	int n;

	if (auth_header(&s->auth, method, url, authorization) == -1) {
		ending_refuse(s, "%s: the credentials do not fit a request", method);
		return 0;
	}
	/* Some name a session in answers before SETUP's, which it is not. */
	if (s->session_id[0] != '\0' && s->state > SESSION_SETUP)
		snprintf(session, sizeof session, "Session: %s\r\n", s->session_id);
	n = snprintf(text, sizeof text, "%s %s RTSP/1.0\r\nCSeq: %u\r\n%s%s%s"
	    "User-Agent: nalpipe/" NALPIPE_VERSION "\r\n\r\n",
	    method, url, ++s->cseq, authorization, session, headers);
	if (n < 0 || n >= (int)sizeof text) {
		ending_refuse(s, "%s: the request is too long", method);
		return 0;
	}
	msg(MSG_DETAIL, "> %s %s", method, url);
	session_send(s, text, n);
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
	session_timer_set(s, TIMER_ANSWER, state == SESSION_TEARDOWN ? TEARDOWN_NS : ANSWER_NS);
	s->open_cseq = send_request(s, method, s->open_url, headers);
}

static void
describe(struct session *s)
{
	request(s, SESSION_DESCRIBE, "DESCRIBE", s->request_url, "Accept: application/sdp\r\n");
}

void
dialog_begin(struct session *s)
{
	if (s->resend && s->resend_state == SESSION_DESCRIBE) {
		describe(s);	/* OPTIONS had its answer */
		return;
	}
	keepalive_begin(&s->keepalive);
	request(s, SESSION_OPTIONS, "OPTIONS", s->request_url, "");
}

void
dialog_teardown(struct session *s)
{
	s->tries = 0;
	request(s, SESSION_TEARDOWN, "TEARDOWN", s->aggregate, "");
}

static bool
is_success(const struct rtsp_message *m)
{
	return m->status / 100 == 2;
}

/* Method by method what a good answer leads to. */
static void
on_options(struct session *s, const struct rtsp_message *m)
{
	const char *methods = rtsp_header(m, "Public");
	char name[32], value[2];

	if (methods == NULL)
		methods = rtsp_header(m, "Allow");
	if (!is_success(m))
		methods = NULL;			/* it is not needed */
	while (methods != NULL && (methods = rtsp_parameter(methods, ',', name, sizeof name,
	    value, sizeof value)) != NULL)
		keepalive_offer(&s->keepalive, name);
	describe(s);
}

/* Ends a session whose description has nothing that can be recorded. */
static void
refuse_offer(struct session *s)
{
	char offer[128] = "";
	bool h265 = false;

	if (s->track != 0) {
		ending_refuse(s, "the camera has no track %zu that can be recorded (--list shows what it has)",
		    s->track);
		return;
	}
	for (size_t i = 0; i < s->sdp.nmedia; i++) {
		const struct sdp_media *m = &s->sdp.media[i];

		strlcat(offer, i > 0 ? ", " : "", sizeof offer);
		strlcat(offer, m->codec[0] != '\0' ? m->codec : m->type, sizeof offer);
		h265 |= sdp_is_h265(m);
	}
	ending_refuse(s, "the camera offers no H.264 video at this URL, only: %s (%s)",
	    offer[0] != '\0' ? offer : "nothing", h265 ? "H.265 is not recorded: choose H.264 in the "
	    "camera's settings, or try the URL of its sub-stream" :
	    "many cameras have an H.264 sub-stream at another path");
}

/* RFC 2326 C.1.1: what controls are relative to, and the control of the whole. */
static int
set_urls(struct session *s, const struct rtsp_message *m)
{
	const char *base = rtsp_header(m, "Content-Base");

	if (base == NULL)
		base = rtsp_header(m, "Content-Location");
	if (base != NULL && strncmp(base, s->url.root, strlen(s->url.root)) != 0)
		msg(MSG_DETAIL, "the camera gives another address for itself, which is not used");
	if (url_base(s->base, &s->url, base == NULL ? "" : base) == -1)
		return -1;
	return url_control(s->aggregate, &s->url, s->base, s->sdp.control);
}

/*
 * The URLs that the track's control may mean, the likeliest first. RFC 2326 joins
 * with Content-Base, but some mean the session's control or the request's URL;
 * a leading slash is mostly one too many, but may mean the root.
 */
static int
control_url(const struct session *s, unsigned n, char out[URL_MAX])
{
	const char *control = s->media.sdp->control;
	const char *const bases[CONTROLS] = { s->base, s->aggregate, s->request_url, s->url.root };

	return url_control(out, &s->url, bases[n], control);
}

/* SETUP at the next of them. false: there is none left. */
static bool
setup_next(struct session *s)
{
	char url[URL_MAX];
	unsigned n;

	while ((n = s->ncontrols) < CONTROLS) {
		s->ncontrols++;
		if (control_url(s, n, url) == -1 || (n > 0 && strcmp(url, s->open_url) == 0))
			continue;
		request(s, SESSION_SETUP, "SETUP", url,
		    "Transport: RTP/AVP/TCP;unicast;interleaved=0-1\r\n");
		return true;
	}
	return false;
}

/*
 * Session: 12345678;timeout=60. The name that SETUP gives holds, also when later
 * answers have another; the latest timeout does.
 */
static void
take_session(struct session *s, const struct rtsp_message *m)
{
	const char *text = rtsp_header(m, "Session"), *error;
	char name[sizeof s->session_id], value[32];
	long long timeout;

	if (text == NULL)
		return;
	text = rtsp_parameter(text, ';', name, sizeof name, value, sizeof value);
	if (name[0] != '\0' && s->state <= SESSION_SETUP)
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

static void
on_describe(struct session *s, const struct rtsp_message *m)
{
	const char *server = rtsp_header(m, "Server");
	const struct sdp_media *media;

	take_session(s, m);
	stream_line(s->server, sizeof s->server, server != NULL ? server : "");
	free(s->sdp_text);
	s->sdp_text = strndup(m->body, m->body_len);
	if (s->sdp_text == NULL) {
		ending_fail_errno(s, "the stream");
		return;
	}
	sdp_parse(&s->sdp, s->sdp_text);
	media = session_track(s);
	if (media == NULL) {
		refuse_offer(s);
		return;
	}
	if (s->list) {
		s->state = SESSION_OVER;	/* nothing was set up, so there is nothing to tear down */
		return;
	}
	if (set_urls(s, m) == -1) {
		ending_fail(s, "the camera's control URL is too long");
		return;
	}
	if (s->number == 0)
		s->number = media - s->sdp.media + 1;
	if (media_open(&s->media, &s->stream, s->number, media, s->keep_damaged) == -1) {
		ending_fail_errno(s, "the stream");
		return;
	}
	s->media_opened = true;
	s->ncontrols = 0;
	if (!setup_next(s))
		ending_fail(s, "the camera's control URL is too long");
}

/* interleaved=2-3, or only the first: the camera's choice, else what was asked for. */
static void
take_channels(struct session *s, const char *value)
{
	char *end, *next;
	long rtp = strtol(value, &end, 10), rtcp = rtp + 1;

	if (end == value || rtp < 0 || rtp > UINT8_MAX)
		return;
	if (*end == '-') {
		rtcp = strtol(end + 1, &next, 10);
		if (next == end + 1)
			rtcp = rtp + 1;
	}
	s->media.channel = rtp;
	s->media.rtcp_channel = rtcp >= 0 && rtcp <= UINT8_MAX ? rtcp : rtp;
	if (rtp != 0 || rtcp != 1)
		msg(MSG_DETAIL, "the camera sends on channels %ld and %ld", rtp, rtcp);
}

/* Transport: the parameters may have any order, and anything else may be missing. */
static void
take_transport(struct session *s, const struct rtsp_message *m)
{
	const char *text = rtsp_header(m, "Transport");
	char name[32], value[64];
	bool interleaved = false, ports = false;

	while (text != NULL &&
	    (text = rtsp_parameter(text, ';', name, sizeof name, value, sizeof value)) != NULL) {
		if (strcasecmp(name, "interleaved") == 0) {
			interleaved = true;
			take_channels(s, value);
		}
		ports |= strcasecmp(name, "server_port") == 0;
	}
	if (ports && !interleaved)
		msg(MSG_REMARK, "the camera was asked for TCP, and answered with UDP ports");
}

static void
on_setup(struct session *s, const struct rtsp_message *m)
{
	take_session(s, m);
	take_transport(s, m);
	if (journal_head(s) == -1 || media_describe(&s->media) == -1 || journal_reconnect(s) == -1) {
		ending_fail_errno(s, "the stream");
		return;
	}
	request(s, SESSION_PLAY, "PLAY", s->aggregate, "Range: npt=0.000-\r\n");
}

static void
on_play(struct session *s, const struct rtsp_message *m)
{
	take_session(s, m);
	s->state = SESSION_PLAYING;
	s->play_ns = clock_monotonic_ns();
	session_timer_set(s, TIMER_KEEPALIVE, keepalive_interval_ns(s->timeout_ns));
	session_timer_set(s, TIMER_REPORT, SESSION_REPORT_NS);
	if (s->stall_ns > 0)
		session_timer_set(s, TIMER_STALL, s->stall_ns);
	if (s->stats.playing_ns != 0)
		return;
	s->stats.playing_ns = s->play_ns;
	if (s->duration_ns > 0)
		session_timer_set(s, TIMER_DURATION, s->duration_ns);
}

void
dialog_keepalive(struct session *s)
{
	session_timer_set(s, TIMER_KEEPALIVE, keepalive_interval_ns(s->timeout_ns));
	/* Not to answer is no fault while media flow, but another method may do better. */
	if (s->keepalive_open)
		keepalive_refuse(&s->keepalive);
	s->keepalive_open = true;
	s->keepalive_cseq = send_request(s, keepalive_next(&s->keepalive), s->aggregate, "");
}

/* A 401 that is not to be answered again. Some cameras want SETUP behind a DESCRIBE of its own connection. */
static void __attribute__((format(printf, 3, 4)))
refuse_unauthorized(struct session *s, const struct rtsp_message *m, const char *format, ...)
{
	char why[256];
	va_list ap;

	if (s->state == SESSION_SETUP && s->auth.has_user && !s->withheld && !s->fresh) {
		s->fresh = true;
		s->auth.offer.scheme = AUTH_NONE;
		s->auth.refused = 0;
		ending_again(s);
		return;
	}
	va_start(ap, format);
	vsnprintf(why, sizeof why, format, ap);
	va_end(ap);
	ending_refuse(s, "%s: 401 %s: %s", s->open_method, m->reason, why);
}

/* 401: answers the challenge, or says why that cannot be done. */
static void
on_unauthorized(struct session *s, const struct rtsp_message *m)
{
	bool again = s->tries > 0;
	enum auth_scheme before = s->auth.offer.scheme;

	if (!s->auth.has_user) {
		refuse_unauthorized(s, m, "the camera wants a user name and a password (--username, "
		    "--password-file; or rtsp://user:password@...)");
	} else if (s->withheld) {
		refuse_unauthorized(s, m, "%s sent us to %s, which gets no password that was given for "
		    "another host", s->home.host, s->url.host);
	} else if (s->tries++ < MAX_TRIES && auth_challenge(&s->auth, m, again)) {
		if (again && s->auth.offer.scheme != before)
			msg(MSG_DETAIL, "the camera's first choice of authentication failed: trying another");
		request(s, s->state, s->open_method, s->open_url, s->open_headers);
	} else if (again) {
		refuse_unauthorized(s, m, "the user name or the password is wrong");
	} else {
		refuse_unauthorized(s, m, "the camera wants a kind of authentication that is neither "
		    "Basic nor Digest with MD5 or SHA-256");
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
	case 463:
		return ": it wants encryption (SRTP), which is not there";
	case 454:
		return ": it has forgotten the session";
	default:
		return "";
	}
}

static bool
is_redirect(int status)
{
	return (status >= 301 && status <= 303) || status == 305 || status == 307 || status == 308;
}

/* So long the camera is left alone: what it says, else until sessions of before have timed out. */
static int64_t
busy_ns(const struct session *s, const struct rtsp_message *m)
{
	const char *text = rtsp_header(m, "Retry-After"), *error = "";
	long long after = text != NULL ? strtonum(text, 1, 86400, &error) : 0;

	return error == NULL ? after * CLOCK_NS_PER_S : s->timeout_ns;
}

/* An answer that is no success, and no 401. */
static void
on_refusal(struct session *s, const struct rtsp_message *m)
{
	if (s->state == SESSION_DESCRIBE && is_redirect(m->status)) {
		redirect_follow(s, m);
		return;
	}
	if (m->status == 453 || m->status == 503)
		s->busy_ns = busy_ns(s, m);
	(m->status == 403 || m->status == 404 ? ending_refuse : ending_fail)(s,
	    "%s: the camera answered %d %s%s", s->open_method, m->status, m->reason, hint(m->status));
}

/* Whether it is a 401, and the same request, sent again, may do better. */
static bool
takes_challenge(struct session *s, const struct rtsp_message *m, unsigned max_tries)
{
	if (m->status != 401 || s->tries >= max_tries || !s->auth.has_user || s->withheld ||
	    !auth_challenge(&s->auth, m, s->tries > 0))
		return false;
	s->tries++;
	return true;
}

/* Any answer but one: 454, 500 and 404 say that there is no such session, which is as good. */
static void
on_teardown(struct session *s, const struct rtsp_message *m)
{
	if (takes_challenge(s, m, 1)) {
		request(s, SESSION_TEARDOWN, "TEARDOWN", s->aggregate, "");
		return;
	}
	s->torn_down = true;
	s->state = SESSION_OVER;
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

	session_timer_off(s, TIMER_ANSWER);
	if (s->state == SESSION_TEARDOWN) {
		on_teardown(s, m);
	} else if (m->status == 401) {
		on_unauthorized(s, m);
	} else if (is_success(m) || s->state == SESSION_OPTIONS) {
		s->tries = 0;
		s->open_method = NULL;
		next[s->state](s, m);
	} else if (s->state == SESSION_SETUP && (m->status == 404 || m->status == 400) && setup_next(s)) {
		s->tries = 0;
	} else {
		on_refusal(s, m);
	}
}

/* Any answer to a keep-alive is a sign of life, whatever number it has. */
static void
on_keepalive(struct session *s, const struct rtsp_message *m)
{
	s->keepalive_open = false;
	if (m->status != 401)
		s->tries = 0;
	if (takes_challenge(s, m, MAX_TRIES))
		dialog_keepalive(s);	/* a new nonce in mid-session */
	else if (m->status >= 400)
		keepalive_refuse(&s->keepalive);
}

/*
 * A request of the camera is answered, so that it does not hang up. Two of them
 * end the session: RFC 2326 10.10, and 10.7, which only a client should send.
 */
static void
on_request(struct session *s, const struct rtsp_message *m)
{
	const char *cseq = rtsp_header(m, "CSeq");
	bool redirect = strcmp(m->method, "REDIRECT") == 0;
	char text[256];
	int n = snprintf(text, sizeof text, "RTSP/1.0 200 OK\r\nCSeq: %.32s\r\n"
	    "Public: OPTIONS, GET_PARAMETER, SET_PARAMETER, ANNOUNCE, REDIRECT, TEARDOWN\r\n\r\n",
	    cseq != NULL ? cseq : "0");

	msg(MSG_DETAIL, "< %s (a request of the camera)", m->method);
	session_send(s, text, n);
	if (s->state != SESSION_PLAYING || (!redirect && strcmp(m->method, "TEARDOWN") != 0))
		return;
	s->clean = true;
	ending_fail(s, "the camera ended the stream (%s)", m->method);
}

void
dialog_message(struct session *s, const struct rtsp_message *m)
{
	const char *cseq = rtsp_header(m, "CSeq");
	unsigned long number = cseq != NULL ? strtoul(cseq, NULL, 10) : s->open_cseq;
	/* One may still come when TEARDOWN's answer is waited for. */
	bool to_keepalive = s->keepalive_open && number == s->keepalive_cseq;

	if (m->status == 0) {
		on_request(s, m);
		return;
	}
	msg(MSG_DETAIL, "< %d %s", m->status, m->reason);
	if (m->status < 200)
		return;			/* 100 Continue: the answer is still to come */
	if (s->open_method != NULL && !to_keepalive)
		on_answer(s, m);
	else if (s->state == SESSION_PLAYING)
		on_keepalive(s, m);
}
