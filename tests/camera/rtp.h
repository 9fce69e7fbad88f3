/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A clip as interleaved RTP packets (RFC 2326 10.12, RFC 3550 5.1, RFC 6184 5.4,
 * 5.6, 5.7.1, 5.8), made once: a session patches only their heads, in place.
 *
 *       0               1               2               3
 *     '$'            channel         length (2)
 *     V=2 P X CC     M PT            sequence number (2)
 *     timestamp (4)
 *     SSRC (4)
 */
#ifndef RTP_H
#define RTP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "buf.h"
#include "clip.h"

#define RTP_INTERLEAVED	4	/* bytes before the RTP packet */
#define RTP_HEAD	12
#define RTP_PAYLOAD_TYPE 96
#define RTP_MARKER	0x80	/* in byte RTP_INTERLEAVED + 1 */

struct rtp_packet {
	size_t at;		/* of its '$' in bytes */
	uint32_t len;		/* with the four bytes before the RTP packet */
};

struct rtp {
	struct buf bytes;
	struct rtp_packet *packets;
	size_t npackets, packets_cap;
	size_t *first;		/* of each access unit, and one past the last */
};

struct rtp_form {
	unsigned mtu;		/* largest RTP packet, 64 to 65535 */
	bool stap;		/* parameter sets that follow one another share a STAP-A */
	bool no_inband;		/* parameter sets are left out */
};

/* Packetises a clip. 0, or -1 with errno. */
int rtp_open(struct rtp *rtp, const struct clip *clip, const struct rtp_form *form);
void rtp_close(struct rtp *rtp);

/* Sets what changes from one sending to the next. */
void rtp_patch(uint8_t *packet, uint8_t channel, uint16_t seq, uint32_t timestamp, uint32_t ssrc);

#endif
