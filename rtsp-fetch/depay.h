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
	bool fu_empty;		/* and no fragment had a byte so far: fu_first and fu_header are kept */
	struct rtp_packet fu_first;
	uint8_t fu_header;
	bool ends;		/* this camera sets the end bit */
	uint64_t unknown;	/* packets of kinds that are not understood */
	uint64_t malformed;	/* packets whose lengths lie */
};

/* Takes the next packet in order, after nlost missing ones. 0, or -1 with errno. */
int depay_packet(struct depay *d, const struct rtp_packet *p, uint32_t nlost);

/* Packets are missing, nobody knows how many: the numbers began anew. 0, or -1 with errno. */
int depay_renumbered(struct depay *d);

/* The stream ends: what is whole goes out. 0, or -1 with errno. */
int depay_finish(struct depay *d);

/*
 * The packets after this go with nothing before: what is whole goes out, what
 * is under way is dropped. 0, or -1 with errno.
 */
int depay_restart(struct depay *d);

#endif
