/* units: rtsp-fetch/conn.c rtsp-fetch/arrival.c rtsp-fetch/rtsp.c rtsp-fetch/rtp.c rtsp-fetch/rtcp.c rtsp-fetch/lock.c rtsp-fetch/msg.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A connection in pieces: the first byte says whether packets are known, the
 * second how large the pieces are; the rest comes from the camera.
 */
#include <sys/socket.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../rtsp-fetch/conn.h"
#include "../../rtsp-fetch/msg.h"
#include "fuzz.h"

/* All items of what was read; they lie inside it. False: there is no use in going on. */
static bool
take(struct conn *c)
{
	static struct rtsp_message m;
	struct conn_packet p;
	enum conn_kind kind;

	while ((kind = conn_next(c, &p, &m)) > CONN_MORE) {
		if (kind != CONN_PACKET)
			continue;
		if (p.data < c->buf || p.data + p.len > c->buf + sizeof c->buf || p.len > 65535)
			abort();
		/* All of it is looked at. */
		if (p.len > 0 && memchr(p.data, p.data[p.len - 1], p.len) == NULL)
			abort();
	}
	return kind == CONN_MORE;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct conn c;
	static bool open;
	size_t piece, n;
	int sv[2];

	if (!open && msg_open(MSG_ERROR) == -1)
		abort();
	open = true;
	if (size < 2 || socketpair(AF_UNIX, SOCK_STREAM, 0, sv) == -1)
		return 0;
	conn_init(&c);
	c.fd = sv[0];
	fcntl(sv[0], F_SETFL, O_NONBLOCK);
	arrival_open(&c.clock, c.fd);
	c.known = (struct conn_known){ .set = data[0] & 1, .channel = data[0] >> 1 & 2,
		.rtcp_channel = (data[0] >> 1 & 2) + 1, .payload_type = 96,
		.has_ssrc = data[0] >> 3 & 1, .ssrc = 7 };
	piece = data[1] == 0 ? 1 : (size_t)data[1] * data[1];
	for (data += 2, size -= 2; size > 0; data += n, size -= n) {
		n = size < piece ? size : piece;
		if (write(sv[1], data, n) != (ssize_t)n || conn_read(&c) <= 0 || !take(&c))
			break;
	}
	conn_close(&c);
	close(sv[1]);
	return 0;
}
