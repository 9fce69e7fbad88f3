/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Requests and answers (RFC 2326 10, 12), for one client and one track over TCP. */
#include "rtsp.h"

#include <sys/endian.h>

#include <ctype.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "clock.h"

#define TRACK	"trackID=1"
#define METHODS	"OPTIONS, DESCRIBE, SETUP, PLAY, GET_PARAMETER, SET_PARAMETER, TEARDOWN"

/* A request: its head as text, in the connection's input. */
struct request {
	char method[32], url[RTSP_VALUE];
	const char *head;	/* header lines, up to the empty one */
	size_t head_len, body_len;
};

void
rtsp_open(struct rtsp *rtsp, const struct rtsp_server *server, struct conn *conn)
{
	const char *session;

	memset(rtsp, 0, sizeof *rtsp);
	rtsp->server = server;
	rtsp->conn = conn;
	rtsp->rtcp_channel = 1;
	snprintf(rtsp->session, sizeof rtsp->session, "%08" PRIx32 "%08" PRIx32, arc4random(),
	    arc4random());
	if ((session = dialect_text(server->dialects, DIALECT_SESSION)) != NULL)
		strlcpy(rtsp->session, session, sizeof rtsp->session);
}

void
rtsp_close(struct rtsp *rtsp)
{
	buf_free(&rtsp->answer);
}

/* Copies a header's value, without blanks around it; "" and false if there is none. */
static bool
header(const struct request *req, const char *name, char *out, size_t size)
{
	const char *p = req->head, *end = req->head + req->head_len, *eol, *q;
	size_t len = strlen(name), n;

	*out = '\0';
	for (; p < end && (eol = memchr(p, '\n', end - p)) != NULL; p = eol + 1) {
		if ((size_t)(eol - p) <= len || strncasecmp(p, name, len) != 0 || p[len] != ':')
			continue;
		for (p += len + 1, q = eol; p < q && isspace((unsigned char)*p); p++)
			;
		while (q > p && isspace((unsigned char)q[-1]))
			q--;
		n = (size_t)(q - p) < size ? (size_t)(q - p) : size - 1;
		memcpy(out, p, n);
		out[n] = '\0';
		return true;
	}
	return false;
}

static void
begin(struct rtsp *rtsp, unsigned status, const char *reason)
{
	rtsp->answer.len = 0;
	buf_printf(&rtsp->answer, "RTSP/1.0 %u %s\r\nCSeq: %s\r\nServer: nalpipe-camera/%s\r\n",
	    status, reason, rtsp->cseq, NALPIPE_VERSION);
}

static void
add_session(struct rtsp *rtsp)
{
	buf_printf(&rtsp->answer, "Session: %s;timeout=%u\r\n", rtsp->session,
	    rtsp->server->timeout_s);
}

/* Hands the answer to the connection, unless a fault keeps it. Whether it went out. */
static bool
finish(struct rtsp *rtsp, const char *method, const void *body, size_t len)
{
	struct fault_event e = { .when = FAULT_ANSWER, .method = method, .url = rtsp->requested,
	    .playing = rtsp->state >= RTSP_PLAYING, .answer = &rtsp->answer };

	if (len > 0)
		buf_printf(&rtsp->answer, "Content-Length: %zu\r\n", len);
	buf_printf(&rtsp->answer, "\r\n");
	buf_add(&rtsp->answer, body, len);
	dialect_answer(rtsp->server->dialects, method, &rtsp->answer);
	fault_play(rtsp->server->faults, &e);
	if (!e.drop)
		buf_add(&rtsp->conn->out, rtsp->answer.data, rtsp->answer.len);
	if (e.close)
		rtsp->state = RTSP_DONE;
	return !e.drop;
}

/* What follows the server's path in a URL: "", "/" or "/trackID=1"; NULL: another path. */
static const char *
resource(const struct rtsp *rtsp, const char *url)
{
	size_t len = strlen(rtsp->server->path);

	if (strncasecmp(url, "rtsp://", 7) != 0 || (url = strchr(url + 7, '/')) == NULL ||
	    strncmp(url, rtsp->server->path, len) != 0)
		return NULL;
	url += len;
	return *url == '\0' || strcmp(url, "/") == 0 || strcmp(url, "/" TRACK) == 0 ? url : NULL;
}

static void
describe(struct rtsp *rtsp, const struct request *req)
{
	size_t len = strlen(req->url);

	begin(rtsp, 200, "OK");
	buf_printf(&rtsp->answer, "Content-Base: %s%s\r\nContent-Type: application/sdp\r\n",
	    req->url, req->url[len - 1] == '/' ? "" : "/");
	finish(rtsp, req->method, rtsp->server->sdp.data, rtsp->server->sdp.len);
}

/* The first transport of the list that is RTP over this connection (12.39). */
static bool
read_transport(struct rtsp *rtsp, char *list)
{
	unsigned rtp, rtcp;

	for (char *one; (one = strsep(&list, ",")) != NULL; ) {
		const char *channels = strstr(one, "interleaved=");

		if (strstr(one, "RTP/AVP/TCP") == NULL)
			continue;
		rtp = 0;
		rtcp = 1;
		if (channels != NULL && sscanf(channels, "interleaved=%u-%u", &rtp, &rtcp) == 1)
			rtcp = rtp + 1;
		if (rtp > 254 || rtcp > 255 || rtp == rtcp)
			continue;
		rtsp->rtp_channel = rtp;
		rtsp->rtcp_channel = rtcp;
		return true;
	}
	return false;
}

static void
setup(struct rtsp *rtsp, const struct request *req)
{
	const char *channels = dialect_text(rtsp->server->dialects, DIALECT_CHANNELS);
	const char *track = resource(rtsp, req->url);
	char transport[RTSP_VALUE];

	header(req, "Transport", transport, sizeof transport);
	if (channels != NULL)
		snprintf(transport, sizeof transport, "RTP/AVP/TCP;interleaved=%s", channels);
	if (track == NULL || strcmp(track, "/" TRACK) != 0) {
		begin(rtsp, 404, "Not Found");
	} else if (rtsp->state > RTSP_READY) {
		begin(rtsp, 455, "Method Not Valid In This State");
	} else if (!read_transport(rtsp, transport)) {
		begin(rtsp, 461, "Unsupported Transport");
	} else {
		rtsp->state = RTSP_READY;
		begin(rtsp, 200, "OK");
		buf_printf(&rtsp->answer, "Transport: RTP/AVP/TCP;unicast;interleaved=%u-%u\r\n",
		    rtsp->rtp_channel, rtsp->rtcp_channel);
		add_session(rtsp);
	}
	finish(rtsp, req->method, NULL, 0);
}

static void
play(struct rtsp *rtsp, const struct request *req)
{
	if (rtsp->state == RTSP_READY) {
		strlcpy(rtsp->url, req->url, sizeof rtsp->url);
		rtsp->state = RTSP_STARTING;
		return;
	}
	if (rtsp->state == RTSP_PLAYING) {
		begin(rtsp, 200, "OK");
		add_session(rtsp);
	} else {
		begin(rtsp, 455, "Method Not Valid In This State");
	}
	finish(rtsp, req->method, NULL, 0);
}

void
rtsp_play(struct rtsp *rtsp, uint16_t seq, uint32_t rtptime)
{
	size_t len = strlen(rtsp->url);

	begin(rtsp, 200, "OK");
	add_session(rtsp);
	buf_printf(&rtsp->answer, "Range: npt=now-\r\nRTP-Info: url=%s%s" TRACK
	    ";seq=%u;rtptime=%" PRIu32 "\r\n", rtsp->url, rtsp->url[len - 1] == '/' ? "" : "/",
	    seq, rtptime);
	finish(rtsp, "PLAY", NULL, 0);
	rtsp->state = RTSP_PLAYING;
}

static void
options(struct rtsp *rtsp, const struct request *req)
{
	begin(rtsp, 200, "OK");
	buf_printf(&rtsp->answer, "Public: " METHODS "\r\n");
	finish(rtsp, req->method, NULL, 0);
}

static void
parameter(struct rtsp *rtsp, const struct request *req)
{
	begin(rtsp, 200, "OK");
	if (rtsp->state >= RTSP_READY)
		add_session(rtsp);
	finish(rtsp, req->method, NULL, 0);
}

static void
teardown(struct rtsp *rtsp, const struct request *req)
{
	begin(rtsp, 200, "OK");
	if (finish(rtsp, req->method, NULL, 0))
		rtsp->state = RTSP_DONE;
}

static const struct {
	const char *method;
	void (*answer)(struct rtsp *rtsp, const struct request *req);
	bool session;		/* needs the Session header that SETUP gave */
} methods[] = {
	{ "OPTIONS", options, false },
	{ "DESCRIBE", describe, false },
	{ "SETUP", setup, false },
	{ "PLAY", play, true },
	{ "GET_PARAMETER", parameter, false },
	{ "SET_PARAMETER", parameter, false },
	{ "TEARDOWN", teardown, true },
};

static void
refuse(struct rtsp *rtsp, const struct request *req, unsigned status, const char *reason)
{
	begin(rtsp, status, reason);
	if (status == 401)
		auth_challenge(&rtsp->server->auth, &rtsp->answer);
	finish(rtsp, req->method, NULL, 0);
}

static void
answer(struct rtsp *rtsp, struct request *req)
{
	struct dialects *dialects = rtsp->server->dialects;
	const char *status;
	char value[RTSP_VALUE];
	size_t i, len;

	strlcpy(rtsp->requested, req->url, sizeof rtsp->requested);
	if (strncmp(req->method, "RTSP/", 5) == 0) {
		dialect_answered(dialects, req->head, req->head_len);
		return;
	}
	header(req, "CSeq", rtsp->cseq, sizeof rtsp->cseq);
	if ((status = dialect_refusal(dialects, req->method, req->head, req->head_len)) != NULL) {
		refuse(rtsp, req, strtoul(status, NULL, 10), status + strcspn(status, " ") + 1);
		return;
	}
	header(req, "Authorization", value, sizeof value);
	if (!auth_verify(&rtsp->server->auth, value, req->method, req->url)) {
		refuse(rtsp, req, 401, "Unauthorized");
		return;
	}
	for (i = 0; i < sizeof methods / sizeof methods[0]; i++) {
		if (strcmp(methods[i].method, req->method) == 0)
			break;
	}
	if (i == sizeof methods / sizeof methods[0]) {
		refuse(rtsp, req, 501, "Not Implemented");
		return;
	}
	if (!dialect_url(dialects, req->method, rtsp->server->path, req->url, sizeof req->url)) {
		refuse(rtsp, req, 404, "Not Found");
		return;
	}
	if (resource(rtsp, req->url) == NULL && strcmp(req->url, "*") != 0) {
		refuse(rtsp, req, 404, "Not Found");
		return;
	}
	len = strlen(rtsp->session);
	if ((header(req, "Session", value, sizeof value) || methods[i].session) &&
	    (strncmp(value, rtsp->session, len) != 0 || (value[len] != '\0' && value[len] != ';'))) {
		refuse(rtsp, req, 454, "Session Not Found");
		return;
	}
	methods[i].answer(rtsp, req);
}

/* Bytes of a request at the front of the input; 0: not all there; -1: it is none. */
static ssize_t
parse(struct request *req, const uint8_t *in, size_t len)
{
	const char *text = (const char *)in, *end = strnstr(text, "\r\n\r\n", len), *eol;
	char line[RTSP_VALUE + 64], value[32];
	int version = 0;

	if (end == NULL)
		return len < CONN_INPUT / 2 ? 0 : -1;
	eol = strnstr(text, "\r\n", len);
	if ((size_t)(eol - text) >= sizeof line)
		return -1;
	memcpy(line, text, eol - text);
	line[eol - text] = '\0';
	_Static_assert(RTSP_VALUE == 2048, "the scan below");
	if (sscanf(line, "%31s %2047s RTSP/1.%n", req->method, req->url, &version) != 2 ||
	    (version == 0 && strncmp(line, "RTSP/1.", 7) != 0))
		return -1;
	req->head = eol + 2;
	req->head_len = end + 2 - req->head;
	req->body_len = 0;
	if (header(req, "Content-Length", value, sizeof value))
		req->body_len = strtonum(value, 0, CONN_INPUT / 2, NULL);
	end += 4;
	if (len - (end - text) < req->body_len)
		return 0;
	return end - text + req->body_len;
}

/* The client is alive, unless a fault does not believe it; before PLAY all counts. */
static void
heard(struct rtsp *rtsp, const char *method)
{
	struct fault_event e = { .when = FAULT_HEARD, .method = method };

	if (rtsp->state == RTSP_PLAYING)
		fault_play(rtsp->server->faults, &e);
	if (!e.drop)
		rtsp->conn->heard_ns = clock_monotonic_ns();
}

/* One message, or RTCP packet, off the front of the input. Whether there was one. */
static bool
input_next(struct rtsp *rtsp)
{
	struct conn *conn = rtsp->conn;
	struct request req;
	size_t len;
	ssize_t n;

	while (conn->in_len > 0 && (conn->in[0] == '\r' || conn->in[0] == '\n'))
		conn_take(conn, 1);
	if (conn->in_len < 4)
		return false;
	if (conn->in[0] == '$') {
		len = 4 + be16dec(conn->in + 2);
		if (conn->in_len < len)
			return false;
		if (conn->in[1] == rtsp->rtcp_channel)
			heard(rtsp, "RTCP");
		conn_take(conn, len);
		return true;
	}
	if ((n = parse(&req, conn->in, conn->in_len)) == 0)
		return false;
	if (n == -1) {
		conn->ended = "bad request";
		return false;
	}
	heard(rtsp, req.method);
	answer(rtsp, &req);
	conn_take(conn, n);
	return true;
}

void
rtsp_input(struct rtsp *rtsp)
{
	while (rtsp->state != RTSP_STARTING && rtsp->state != RTSP_DONE && input_next(rtsp))
		;
}
