/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The RTSP connection (RFC 2326 10.12): RTSP messages and interleaved packets
 * over one TCP socket, each with its time of arrival. Nothing here waits.
 */
#ifndef CONN_H
#define CONN_H

#include <netdb.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "arrival.h"
#include "rtsp.h"

#define CONN_BUF	((size_t)512 << 10)	/* more than the largest message, and one read */
#define CONN_OUT	((size_t)64 << 10)
#define CONN_STRAY_MAX	((size_t)256 << 10)	/* bytes that are searched for the next item */

/* What packets look like, to find one in a connection that is out of step. */
struct conn_known {
	bool set;		/* until then there are no packets, only messages */
	uint8_t channel, rtcp_channel;
	uint8_t payload_type;
	bool has_ssrc;
	uint32_t ssrc;
};

struct conn {
	int fd;			/* -1: none */
	uint64_t received;	/* bytes */
	const uint8_t *message;	/* the bytes of the last CONN_MESSAGE, valid until the next read */
	size_t message_len;
	struct conn_known known;	/* the caller's, also while it runs */
	uint64_t stray;		/* bytes that were neither message nor packet, passed over */
	uint64_t stray_offset;	/* where those of the last time begin */
	size_t searched;	/* since the last item; 0: in step */

	/* The rest is conn.c's own. */
	struct arrival_clock clock;
	struct arrival piece;	/* the last read */
	struct arrival partial;	/* the read with the first byte of what is at pos */
	size_t pos, end;	/* of what was read and not taken yet */
	size_t piece_start;	/* where the last read's bytes begin */
	bool astray;		/* pos is not known to be the start of an item */
	bool blurred;		/* which reads brought what is before piece_start is not known */
	size_t out_len;
	uint8_t out[CONN_OUT];
	uint8_t buf[CONN_BUF];
};

enum conn_kind {
	CONN_BAD = -1,		/* neither a message nor a packet, from stray_offset on */
	CONN_MORE,		/* read again */
	CONN_PACKET,
	CONN_MESSAGE,
};

/* An interleaved packet, valid until the next read. */
struct conn_packet {
	uint8_t channel;
	const uint8_t *data;
	size_t len;
	uint64_t first_ntp, last_ntp;	/* arrival of its first and last byte, host clock */
	uint32_t slack_us;		/* of first_ntp */
	bool user;			/* stamps are not the kernel's */
};

void conn_init(struct conn *c);

/* Begins to connect. 0: it is under way, poll for POLLOUT; -1 with errno. */
int conn_connect(struct conn *c, const struct addrinfo *address);

/* After POLLOUT: whether the connection stands. 0, or -1 with errno. */
int conn_connected(struct conn *c);

void conn_close(struct conn *c);

/* Reads what is there, once. Bytes; 0: the camera closed; -1 with errno (EAGAIN: nothing). */
ssize_t conn_read(struct conn *c);

/*
 * The next item of what was read. Once packets are known, what is neither is
 * passed over, up to CONN_STRAY_MAX bytes at a time, and so is a packet in which
 * the next one begins, for its length is a lie.
 */
enum conn_kind conn_next(struct conn *c, struct conn_packet *p, struct rtsp_message *m);

/* Sends, or keeps for conn_flush(). 0, or -1 with errno (ENOBUFS: the camera does not read). */
int conn_send(struct conn *c, const void *data, size_t len);

/* Whether something waits to be sent: poll for POLLOUT. */
bool conn_pending(const struct conn *c);
int conn_flush(struct conn *c);

#endif
