/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One client's connection. Whoever waits on it also reads: input is handed on, and
 * answers to it gather in out, so that a client which writes and does not read, or
 * the other way about, never blocks the camera. Every wait ends at the latest at the
 * client's timeout or at a stop signal.
 */
#ifndef CONN_H
#define CONN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"

#define CONN_INPUT	(128 << 10)	/* more than an interleaved packet or a request */

struct conn {
	int fd, stop_fd;
	int64_t timeout_ns;
	int64_t heard_ns;		/* CLOCK_MONOTONIC of the last sign of life */
	const char *ended;		/* why nothing more will be sent or read; NULL while open */
	bool eof;			/* the client is gone */
	bool stopped;			/* a stop signal came */
	struct buf out;			/* answers, sent by conn_flush() */
	/* Called after every wait: takes what it can from in. */
	void (*input)(struct conn *conn, void *arg);
	void *arg;
	size_t in_len;
	uint8_t in[CONN_INPUT];
};

/* When the first byte was about to be written, and when the last had been (REALTIME, Unix ns). */
struct conn_stamp {
	int64_t before_unix_ns, after_unix_ns;
};

/* Takes over a connected socket. */
void conn_open(struct conn *conn, int fd, int stop_fd, int64_t timeout_ns);

/* Closes it so that what was written still arrives. */
void conn_close(struct conn *conn);

/* Waits once, until there is input, or CLOCK_REALTIME is until, or something ended. */
void conn_wait(struct conn *conn, int64_t until_unix_ns);

/* Writes all of it; stamp may be NULL. 0, or -1 once conn->ended. */
int conn_write(struct conn *conn, const void *data, size_t len, struct conn_stamp *stamp);

/* Writes the answers that have gathered. 0, or -1 once conn->ended. */
int conn_flush(struct conn *conn);

/* Takes len bytes from the front of the input. */
void conn_take(struct conn *conn, size_t len);

#endif
