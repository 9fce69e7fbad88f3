/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * camera: an RTSP camera for tests. It serves a file over RTSP (TCP, interleaved) on
 * 127.0.0.1, to one client after the other, on a scripted clock, with faults by name,
 * and logs what it really sent, and when. Not hardened: loopback only.
 */
#include <sys/socket.h>

#include <arpa/inet.h>
#include <err.h>
#include <errno.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clip.h"
#include "clock.h"
#include "conn.h"
#include "log.h"
#include "options.h"
#include "rtp.h"
#include "rtsp.h"
#include "sdp.h"
#include "session.h"
#include "stop.h"

/* A socket that listens on 127.0.0.1, and its port in *port. */
static int
listen_on(int64_t *port)
{
	struct sockaddr_in sin = { .sin_family = AF_INET, .sin_port = htons(*port) };
	socklen_t len = sizeof sin;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	sin.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	if (fd == -1)
		err(1, "socket");
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, (struct sockaddr *)&sin, sizeof sin) == -1 || listen(fd, 16) == -1 ||
	    getsockname(fd, (struct sockaddr *)&sin, &len) == -1)
		err(1, "127.0.0.1 port %d", (int)*port);
	*port = ntohs(sin.sin_port);
	return fd;
}

/* Called after every wait on a connection. */
static void
on_input(struct conn *conn, void *arg)
{
	struct rtsp *rtsp = arg;

	(void)conn;
	rtsp_input(rtsp);
	log_tick(rtsp->server->faults->log);
}

/* Serves one client until it is gone. Whether it played. */
static bool
serve(const struct options *o, int fd, int stop_fd, bool *stopped)
{
	static struct conn conn;
	struct rtsp rtsp;
	bool played = false;

	conn_open(&conn, fd, stop_fd, o->server.timeout_s * CLOCK_NS_PER_S);
	rtsp_open(&rtsp, &o->server, &conn);
	conn.input = on_input;
	conn.arg = &rtsp;
	while (conn.ended == NULL && rtsp.state < RTSP_STARTING) {
		conn_wait(&conn, INT64_MAX);
		conn_flush(&conn);
	}
	if (rtsp.state == RTSP_STARTING) {
		played = true;
		if (session_run(&o->session, &rtsp, &conn) == NULL)
			err(1, NULL);
	}
	*stopped = conn.stopped;
	rtsp_close(&rtsp);
	conn_close(&conn);
	*stopped |= conn.stopped;
	return played;
}

static void
accept_loop(const struct options *o, int fd, int stop_fd)
{
	struct pollfd fds[2] = { { .fd = fd, .events = POLLIN },
	    { .fd = stop_fd, .events = POLLIN } };
	int64_t played = 0;
	bool stopped = false;

	while (!stopped && (o->sessions == 0 || played < o->sessions)) {
		int client;

		if (poll(fds, 2, -1) == -1 && errno != EINTR)
			err(1, "poll");
		if (fds[1].revents & POLLIN && stop_count() > 0)
			return;
		if (!(fds[0].revents & POLLIN))
			continue;
		if ((client = accept(fd, NULL, NULL)) == -1)
			continue;
		played += serve(o, client, stop_fd, &stopped);
	}
}

/* Everything of the session that comes from the clip and the options together. */
static void
prepare(struct options *o, struct clip *clip, struct rtp *rtp, struct log *log)
{
	const char *text;

	o->faults.log = log;
	o->server.faults = o->session.faults = &o->faults;
	o->server.dialects = &o->dialects;
	o->dialects.nonce = o->server.auth.nonce;
	o->dialects.nonce_size = sizeof o->server.auth.nonce;
	o->session.clip = clip;
	o->session.rtp = rtp;
	o->session.log = log;
	o->session.tick_num = clip->in_ticks ? 1 : o->session.script.clock_rate * o->fps_den;
	o->session.tick_den = clip->in_ticks ? 1 : o->fps_num;
	auth_open(&o->server.auth);
	if ((text = dialect_text(&o->dialects, DIALECT_NONCE)) != NULL)
		strlcpy(o->server.auth.nonce, text, sizeof o->server.auth.nonce);
	if ((text = dialect_text(&o->dialects, DIALECT_PAYLOAD)) != NULL)
		o->rtp.payload_type = atoi(text);
	sdp_write(&o->server.sdp, clip, o->session.script.clock_rate, !o->no_sprop,
	    dialect_text(&o->dialects, DIALECT_SETS));
	if (o->extmap != NULL)
		buf_printf(&o->server.sdp, "a=extmap:%s\r\n", o->extmap);
	if (o->server.sdp.failed || rtp_open(rtp, clip, &o->rtp) == -1)
		err(1, NULL);
}

int
main(int argc, char *argv[])
{
	static struct options o;
	static struct clip clip;
	static struct rtp rtp;
	struct log log;
	char bad[256];
	const char *why;
	size_t row = 0;
	int fd, stop_fd;

	if (options_parse(&o, argc, argv, bad, sizeof bad) == -1)
		errx(2, "%s", bad);
	if (o.help || o.list_faults || o.list_dialects) {
		o.help ? options_usage(stdout) : o.list_faults ? fault_list(stdout) : dialect_list(stdout);
		return fflush(stdout) == 0 ? 0 : 1;
	}

	if (clip_open(&clip, o.file, &why) == -1)
		errx(1, "%s: %s", o.file, why != NULL ? why : strerror(errno));
	if (log_open(&log, o.log) == -1)
		err(1, "%s", o.log);
	prepare(&o, &clip, &rtp, &log);
	if ((stop_fd = stop_open(0)) == -1)
		err(1, "pipe");
	fd = listen_on(&o.port);
	printf("rtsp://127.0.0.1:%d%s\n", (int)o.port, o.server.path);
	if (fflush(stdout) == EOF)
		err(1, "stdout");

	accept_loop(&o, fd, stop_fd);

	close(fd);
	while ((why = dialect_unplayed(&o.dialects, &row)) != NULL)
		warnx("dialect %s: some of it was not played", why);
	dialect_close(&o.dialects);
	rtp_close(&rtp);
	buf_free(&o.server.sdp);
	clip_close(&clip);
	if (log_close(&log) == -1)
		err(1, "%s", o.log);
	return 0;
}
