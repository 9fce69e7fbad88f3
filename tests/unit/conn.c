/* units: rtsp-fetch/conn.c rtsp-fetch/arrival.c rtsp-fetch/rtsp.c rtsp-fetch/lock.c rtsp-fetch/msg.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A connection that is out of step: what is found in it, where, and when the search ends. */
#include "../../rtsp-fetch/conn.h"

#include <sys/socket.h>

#include <string.h>
#include <unistd.h>

#include "../../rtsp-fetch/msg.h"
#include "check.h"
#include "nalstream.h"

/* Channel 2, V=2, PT 96, SSRC 0a0b0c0d, a payload of 4 */
#define PACKET "$\2\0\20\x80\x60\0\1\0\0\0\0\x0a\x0b\x0c\x0d\x41\x9a\2\3"
#define PACKET_SIZE 20

static struct conn conn;
static struct rtsp_message message;
static int peer;

static void
begin(bool known)
{
	int fds[2];

	CHECK(socketpair(AF_UNIX, SOCK_STREAM, 0, fds) == 0);
	conn_init(&conn);
	conn.fd = fds[0];
	peer = fds[1];
	conn.known = (struct conn_known){ .set = known, .channel = 2, .rtcp_channel = 3, .payload_type = 96,
		.has_ssrc = true, .ssrc = 0x0a0b0c0d };
}

static void
end(void)
{
	conn_close(&conn);
	close(peer);
}

static unsigned npackets, nmessages;
static uint32_t slack_us;

/* Gives the bytes, and takes what they hold. The last kind. */
static enum conn_kind
feed(const void *bytes, size_t len)
{
	struct conn_packet p;
	enum conn_kind kind;

	CHECK(write(peer, bytes, len) == (ssize_t)len);
	CHECK(conn_read(&conn) == (ssize_t)len);
	while ((kind = conn_next(&conn, &p, &message)) > CONN_MORE) {
		nmessages += kind == CONN_MESSAGE;
		if (kind == CONN_PACKET) {
			npackets++;
			slack_us = p.slack_us;
			CHECK_EQ(p.len, PACKET_SIZE - 4);
		}
	}
	return kind;
}

/* However it is cut: two packets and a message among bytes that are neither. */
static void
expect_found(size_t piece)
{
	/* the first '$' has a channel that is not ours, the second no version 2; Q is no method */
	static const char bytes[] = "ab$\7$\2\0\1xyQQQQQQQQQQQQ" PACKET "\r\n" "\0\xff" PACKET
	    "!RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n" PACKET;
	size_t stray = 22 + 2 + 1;

	begin(true);
	npackets = nmessages = 0;
	for (size_t at = 0, n; at < sizeof bytes - 1; at += n) {
		n = sizeof bytes - 1 - at < piece ? sizeof bytes - 1 - at : piece;
		CHECK(feed(bytes + at, n) == CONN_MORE);
	}
	CHECK_EQ(npackets, 3);
	CHECK_EQ(nmessages, 1);
	CHECK_EQ(conn.stray, stray);
	CHECK_EQ(conn.searched, 0);
	CHECK_EQ(conn.stray_offset, 22 + PACKET_SIZE + 2 + 2 + PACKET_SIZE);
	end();
}

/* The first packet says that it is 17 longer: the second is found in it. When that came is not known. */
static void
expect_lie(void)
{
	char bytes[] = PACKET PACKET PACKET;

	bytes[3] += 17;
	begin(true);
	npackets = 0;
	CHECK(feed(bytes, PACKET_SIZE + 1) == CONN_MORE);
	CHECK(feed(bytes + PACKET_SIZE + 1, 30) == CONN_MORE);
	CHECK_EQ(npackets, 1);
	CHECK_EQ(slack_us, NALSTREAM_SLACK_UNKNOWN);
	CHECK(feed(bytes + PACKET_SIZE + 31, 9) == CONN_MORE);
	CHECK_EQ(npackets, 2);
	CHECK_EQ(conn.stray, PACKET_SIZE);
	end();
}

/* Another SSRC than known needs something that begins behind it. */
static void
expect_other_source(void)
{
	char bytes[] = "??" PACKET PACKET;

	bytes[2 + 12]++;
	bytes[2 + PACKET_SIZE + 12]++;
	begin(true);
	npackets = 0;
	CHECK(feed(bytes, 2 + PACKET_SIZE) == CONN_MORE);
	CHECK_EQ(npackets, 0);
	CHECK(feed(bytes + 2 + PACKET_SIZE, PACKET_SIZE) == CONN_MORE);
	CHECK_EQ(npackets, 2);
	end();
}

/* Junk without end: the search ends, and says where it began. */
static void
expect_end(void)
{
	static char junk[1 << 14];
	enum conn_kind kind = CONN_MORE;
	size_t n = 0;

	memset(junk, '#', sizeof junk);
	begin(true);
	CHECK(feed(PACKET, PACKET_SIZE) == CONN_MORE);
	for (; kind == CONN_MORE && n < 2 * CONN_STRAY_MAX; n += sizeof junk)
		kind = feed(junk, sizeof junk);
	CHECK(kind == CONN_BAD);
	CHECK_EQ(n, CONN_STRAY_MAX + sizeof junk);
	CHECK_EQ(conn.stray_offset, PACKET_SIZE);
	end();
	/* and before there can be packets it does not begin */
	begin(false);
	CHECK(feed("\r\n\r\n#", 5) == CONN_BAD);
	CHECK_EQ(conn.stray_offset, 4);
	end();
}

int
main(void)
{
	CHECK(msg_open(MSG_ERROR) == 0);
	for (size_t piece = 1; piece < 120; piece++)
		expect_found(piece);
	expect_lie();
	expect_other_source();
	expect_end();
	return check_failed;
}
