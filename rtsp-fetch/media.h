/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One track of the session: from its RTP and RTCP packets to records. */
#ifndef MEDIA_H
#define MEDIA_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "au.h"
#include "conn.h"
#include "depay.h"
#include "rtp.h"
#include "sdp.h"
#include "stream.h"

/* A packet that is kept until it is known whether it belongs to the stream. */
struct media_held {
	struct conn_packet packet;	/* its data is ours */
	uint8_t *data;
	size_t cap;
};

struct media {
	struct stream *out;
	uint8_t number;			/* in the nalstream: SDP order, from 1 */
	const struct sdp_media *sdp;
	uint8_t channel, rtcp_channel;	/* RTP, RTCP; 0 and 1 until the camera says otherwise */
	struct rtp_source source;
	struct depay depay;
	struct au au;
	struct media_held held[RTP_HELD_MAX];
	size_t nheld;
	bool jump_told;
	bool bye;			/* the source said that it ends */
	uint64_t foreign;		/* packets of another payload type */
	uint64_t malformed;		/* packets that are neither RTP nor RTCP */
};

/* The media section must live as long. 0, or -1 with errno. */
int media_open(struct media *m, struct stream *out, uint8_t number, const struct sdp_media *sdp,
    bool keep_damaged);
void media_close(struct media *m);

/* Writes the T record: at the start, and when something of it changed. */
int media_describe(struct media *m);

/* Takes a packet of its channels. 0, or -1 with errno. */
int media_packet(struct media *m, const struct conn_packet *p);

/* The stream ends: sends what is whole. 0, or -1 with errno. */
int media_finish(struct media *m);

/* What its packets look like. */
struct conn_known media_known(const struct media *m);

/* Says what was left out without a place in the stream. */
void media_remark(const struct media *m);

#endif
