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
	uint8_t payload_type;
	size_t *first;		/* of each access unit, and one past the last */
};

/* Packetising as no RFC has it. */
enum rtp_odd {
	RTP_ODD_NONE,
	RTP_GLUED,		/* a unit's NAL units are one, start codes between them */
	RTP_GLUED_LAST,		/* the same, with the type of the last in fragments */
	RTP_GLUED_CODE,		/* the same, beginning with a start code */
	RTP_FU_SINGLE,		/* NAL units that fit are one fragment, start and end */
	RTP_FU_EMPTY,		/* fragments without a byte, one of them the first */
	RTP_STAP_PADDED,	/* zeros behind the last of a STAP-A */
	RTP_STAP_LIE,		/* behind it a size that goes past the end */
	RTP_SET_ZEROS,		/* zeros behind parameter sets */
	RTP_SPS_TAIL,		/* bytes behind the end of SPS */
};

struct rtp_form {
	unsigned mtu;		/* largest RTP packet, 64 to 65535 */
	uint8_t payload_type;
	bool stap;		/* parameter sets that follow one another share a STAP-A */
	bool no_inband;		/* parameter sets are left out */
	enum rtp_odd odd;
};

/* Takes the oddity of this name. 0, or -1: there is none. */
int rtp_form_odd(struct rtp_form *form, const char *name);

/* Packetises a clip. 0, or -1 with errno. */
int rtp_open(struct rtp *rtp, const struct clip *clip, const struct rtp_form *form);
void rtp_close(struct rtp *rtp);

/* Sets what changes from one sending to the next. */
void rtp_patch(uint8_t *packet, uint8_t channel, uint16_t seq, uint32_t timestamp, uint32_t ssrc);

#endif
