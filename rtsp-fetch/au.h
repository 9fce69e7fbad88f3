/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * NAL units to access units (ITU-T H.264 7.4.1.2.3), as nalstream records.
 * Which NAL units belong together follows from what they are; the RTP marker
 * only says so earlier, and only once it was seen to tell the truth.
 */
#ifndef AU_H
#define AU_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "block.h"
#include "nalstream.h"
#include "rtp.h"
#include "sendertime.h"
#include "stream.h"

#define AU_SETS		16	/* parameter sets that are kept; streams have two or three */

/* A parameter set in force (ITU-T H.264 7.4.1.2.1). */
struct au_set {
	uint8_t type, id;	/* NAL_SPS or NAL_PPS, and which of them */
	bool sdp;		/* not from the stream */
	uint8_t *data;		/* the NAL unit; owned */
	size_t len;
};

/* What is known of a unit from its NAL units so far. */
struct au_unit {
	bool has_vcl, key, damage, lost_before;
	bool has_sps, has_pps, only_intra, recovery_point;
	bool ended_by_marker;	/* its last packet had the marker */
};

struct au {
	struct stream *out;
	uint8_t track;
	bool keep_damaged;
	uint64_t frames, damaged;	/* sent; dropped or, if kept, flagged */
	uint64_t whole;			/* units without damage, sent or not */
	uint64_t unknown;	/* NAL units of types that there are not */

	/* The rest is au.c's own. */
	struct au_set sets[AU_SETS];
	size_t nsets;
	struct block *block;	/* the unit under way; NULL: none */
	size_t record;		/* where its open NAL unit begins, SIZE_MAX: none is open */
	struct nalrec head;	/* of the open NAL unit */
	struct au_unit unit, before;	/* the unit; and as it was before the open NAL unit */
	uint8_t *glued;		/* room for NAL units with start codes in them */
	size_t glued_cap;
	bool glues;		/* there were such */
	unsigned nclean;	/* slices in a row that were none */
	uint64_t rtp;		/* of its first VCL NAL unit */
	uint64_t first_ntp;	/* arrival of its first NAL unit */
	unsigned marker_trust;	/* boundaries in a row that the marker foretold */
	bool sent_by_marker;	/* the unit before was sent because of its marker */
	struct nalrec time_head;	/* X of the unit under way; len 0: there is none */
	uint8_t time[4 + SENDERTIME_MAX];
	bool orphan;		/* a NAL unit of this RTP time lost its start */
	uint64_t orphan_rtp;
	bool lost_pending;	/* packets were lost after the last unit that was sent */
	/* The gate: nothing goes out before decoding can start. */
	bool started;
	uint64_t skipped;
	uint64_t gate_ntp;	/* since when it waits; 0: not yet */
};

void au_open(struct au *au, struct stream *out, uint8_t track);
void au_close(struct au *au);

/*
 * Takes a parameter set of the SDP, or of the stream, in place of the one with
 * the same id; one that cannot be read, or has no room, is ignored. 0, or -1
 * with errno.
 */
int au_take_set(struct au *au, const uint8_t *nal, size_t len, bool sdp);

/*
 * A NAL unit with this header byte begins in packet p, with len more bytes of
 * it; more follow by au_nal_append(), then au_nal_end(), which takes it apart if
 * there are start codes in it. A unit that becomes too large is dropped as
 * damaged. 0, or -1 with errno.
 */
int au_nal_begin(struct au *au, const struct rtp_packet *p, uint8_t header,
    const uint8_t *data, size_t len);
int au_nal_append(struct au *au, const struct rtp_packet *p, const uint8_t *data, size_t len);
int au_nal_end(struct au *au);

/* Bytes are missing in the unit under way. */
void au_damage(struct au *au);

/* p belongs to a NAL unit whose start is missing: damage to the unit of its RTP time. */
void au_orphan(struct au *au, const struct rtp_packet *p);

/* So many packets were lost just here. 0, or -1 with errno. */
int au_lost(struct au *au, uint32_t npackets);

/* The packets' numbers began anew just here: some may be missing. 0, or -1 with errno. */
int au_renumbered(struct au *au);

/* The packet whose NAL units were just ended had the marker. 0, or -1 with errno. */
int au_marker(struct au *au);

/* The stream ends: sends the last unit if it is whole. 0, or -1 with errno. */
int au_finish(struct au *au);

/*
 * What comes goes with nothing before: the last unit is sent if it is whole, the
 * gate closes. 0, or -1 with errno.
 */
int au_restart(struct au *au);

#endif
