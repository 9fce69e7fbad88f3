/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A client's connection: a poll loop around one socket that never blocks. */
#include "conn.h"

#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "clock.h"
#include "stop.h"

#define MS		1000000
#define LINGER_NS	(2 * CLOCK_NS_PER_S)	/* for a client to close after us */

void
conn_open(struct conn *conn, int fd, int stop_fd, int64_t timeout_ns)
{
	int on = 1;

	memset(conn, 0, offsetof(struct conn, in));
	conn->fd = fd;
	conn->stop_fd = stop_fd;
	conn->timeout_ns = timeout_ns;
	conn->heard_ns = clock_monotonic_ns();
	fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK);
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
}

/*
 * Closing a socket with unread input resets the connection, and the client may lose
 * what is on its way. So our side is closed first, and the rest read away.
 */
void
conn_close(struct conn *conn)
{
	int64_t until = clock_realtime_ns() + (conn->stopped ? 0 : LINGER_NS);

	conn->input = NULL;
	conn->ended = NULL;
	shutdown(conn->fd, SHUT_WR);
	while (!conn->eof && conn->ended == NULL && clock_realtime_ns() < until) {
		conn->in_len = 0;
		conn_wait(conn, until);
	}
	close(conn->fd);
	buf_free(&conn->out);
}

static void
receive(struct conn *conn)
{
	ssize_t n = read(conn->fd, conn->in + conn->in_len, sizeof conn->in - conn->in_len);

	if (n > 0) {
		conn->in_len += n;
	} else if (n == 0) {
		conn->eof = true;
		conn->ended = "eof";
	} else if (errno != EAGAIN && errno != EINTR) {
		conn->eof = true;
		conn->ended = "read error";
	}
}

static void
wait_for(struct conn *conn, short events, int64_t until_unix_ns)
{
	struct pollfd fds[2] = { { .fd = conn->fd, .events = events },
	    { .fd = conn->stop_fd, .events = POLLIN } };
	int64_t left = conn->heard_ns + conn->timeout_ns - clock_monotonic_ns();
	int64_t sleep = until_unix_ns - clock_realtime_ns();
	struct timespec rest = { 0 };

	if (sleep > left)
		sleep = left;
	if (sleep > CLOCK_NS_PER_S)
		sleep = CLOCK_NS_PER_S;		/* the log is flushed once a second */
	if (sleep < 0)
		sleep = 0;
	/* Packets are spread by less than poll can wait: not every system has ppoll. */
	rest.tv_nsec = sleep;
	if (sleep < MS && events == 0)
		nanosleep(&rest, NULL);
	if (conn->in_len < sizeof conn->in && conn->out.len < CONN_INPUT)
		fds[0].events |= POLLIN;	/* else it waits until its answers are read */
	if (poll(fds, 2, sleep / MS) > 0) {
		if (fds[1].revents & POLLIN && stop_count() > 0) {
			conn->stopped = true;
			conn->ended = "stopped";
		}
		if (fds[0].revents & POLLIN)
			receive(conn);
		else if (fds[0].revents & (POLLERR | POLLNVAL))
			conn->ended = "connection reset";
		else if (fds[0].revents & POLLHUP)
			conn->ended = "eof";
	}
	if (conn->input != NULL)
		conn->input(conn, conn->arg);
	if (conn->ended == NULL && clock_monotonic_ns() - conn->heard_ns >= conn->timeout_ns)
		conn->ended = "timeout";
}

void
conn_wait(struct conn *conn, int64_t until_unix_ns)
{
	if (conn->ended == NULL)
		wait_for(conn, 0, until_unix_ns);
}

int
conn_write(struct conn *conn, const void *data, size_t len, struct conn_stamp *stamp)
{
	const uint8_t *p = data;
	struct conn_stamp unused;
	bool begun = false;

	if (stamp == NULL)
		stamp = &unused;
	while (len > 0 && conn->ended == NULL) {
		ssize_t n;

		if (!begun)
			stamp->before_unix_ns = clock_realtime_ns();
		n = write(conn->fd, p, len);
		if (n > 0) {
			begun = true;
			p += n;
			len -= n;
		} else if (n == -1 && errno == EAGAIN) {
			wait_for(conn, POLLOUT, INT64_MAX);
		} else if (n == -1 && errno != EINTR) {
			conn->eof = true;
			conn->ended = "write error";
		}
	}
	stamp->after_unix_ns = clock_realtime_ns();
	return len == 0 ? 0 : -1;
}

int
conn_flush(struct conn *conn)
{
	struct buf out = conn->out;
	int r;

	if (out.len == 0)
		return conn->ended == NULL ? 0 : -1;
	/* Answers to what arrives meanwhile go to a new buffer. */
	memset(&conn->out, 0, sizeof conn->out);
	r = conn_write(conn, out.data, out.len, NULL);
	buf_free(&out);
	return r;
}

void
conn_take(struct conn *conn, size_t len)
{
	conn->in_len -= len;
	memmove(conn->in, conn->in + len, conn->in_len);
}
