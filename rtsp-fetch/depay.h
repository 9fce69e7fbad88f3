/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTP payloads to NAL units (RFC 6184 5): single NAL units, STAP-A and FU-A. */
#ifndef DEPAY_H
#define DEPAY_H

#include <stdbool.h>
#include <stdint.h>

#include "au.h"
#include "rtp.h"

struct depay {
	struct au *au;		/* where NAL units go */
	bool fu_open;		/* a fragmented NAL unit is under way */
	bool fu_marked;		/* and its last fragment had the marker */
	uint64_t unknown;	/* packets of kinds that are not understood */
	uint64_t malformed;	/* packets whose lengths lie */
};

/* Takes the next packet in order, after nlost missing ones. 0, or -1 with errno. */
int depay_packet(struct depay *d, const struct rtp_packet *p, uint32_t nlost);

/* The packets after this go with nothing before: drops what is under way. */
void depay_reset(struct depay *d);

#endif
