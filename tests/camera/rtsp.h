/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The server's side of RTSP (RFC 2326) for one client: requests are read from its
 * connection, interleaved with RTCP (10.12), and answers appended to conn->out.
 */
#ifndef RTSP_H
#define RTSP_H

#include <stdbool.h>
#include <stdint.h>

#include "auth.h"
#include "conn.h"
#include "fault.h"
#include "dialect.h"

#define RTSP_VALUE	2048	/* longest header value or URL, with its NUL */

/* What is the same for all clients. */
struct rtsp_server {
	const char *path;	/* "/stream" */
	struct buf sdp;		/* the answer to DESCRIBE */
	unsigned timeout_s;
	struct auth auth;
	struct faults *faults;
	struct dialects *dialects;
};

enum rtsp_state {
	RTSP_INIT,
	RTSP_READY,		/* SETUP was done */
	RTSP_STARTING,		/* PLAY came, and waits for rtsp_play() */
	RTSP_PLAYING,
	RTSP_DONE,		/* TEARDOWN was answered, or it cannot go on */
};

struct rtsp {
	const struct rtsp_server *server;
	struct conn *conn;
	enum rtsp_state state;
	char session[17];
	uint8_t rtp_channel, rtcp_channel;
	char cseq[32];		/* of the request being answered */
	char url[RTSP_VALUE];	/* of PLAY */
	char requested[RTSP_VALUE];	/* of the request being answered */
	struct buf answer;
};

void rtsp_open(struct rtsp *rtsp, const struct rtsp_server *server, struct conn *conn);
void rtsp_close(struct rtsp *rtsp);

/* Answers all complete requests of the connection's input; none once a PLAY waits. */
void rtsp_input(struct rtsp *rtsp);

/* Answers the PLAY that waits: the stream begins with this packet. */
void rtsp_play(struct rtsp *rtsp, uint16_t seq, uint32_t rtptime);

#endif
