/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Session descriptions (RFC 8866, RFC 6184 8.2.1) as hints: what is needed is taken, the rest ignored. */
#ifndef SDP_H
#define SDP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SDP_MEDIA	16
#define SDP_SPROP_MAX	(16 << 10)	/* base64 of the parameter sets */

/*
 * One m= section, and its format that can be recorded, else its first. Strings lie
 * in the parsed text; never NULL.
 */
struct sdp_media {
	const char *type;		/* "video", "audio", ... */
	int payload_type;		/* 0..127; -1: none that can be read */
	uint64_t same[2];		/* bits: all payload types of that codec */
	const char *codec;		/* encoding name of rtpmap; empty: none */
	uint32_t clock_rate;		/* Hz; 0: none */
	const char *fmtp;		/* parameters, without the payload type */
	const char *control;		/* empty: none */
	unsigned sender_time;		/* extmap ID of the first element with the sender's time; 0: none */
};

struct sdp {
	const char *control;		/* of the session */
	const char *tool;
	struct sdp_media media[SDP_MEDIA];
	size_t nmedia;
	size_t nmore;			/* sections past SDP_MEDIA, which are not read */
};

/*
 * Reads text, which must end in NUL; it is cut into strings in place and must
 * live as long as the result. Order does not matter within a section.
 */
void sdp_parse(struct sdp *sdp, char *text);

/*
 * The value of a parameter of a fmtp line, any case, into out[size]. false: it
 * is not there, or does not fit.
 */
bool sdp_fmtp(const char *fmtp, const char *name, char *out, size_t size);

/* Whether packets of this payload type are the track's. */
bool sdp_has_payload_type(const struct sdp_media *m, unsigned payload_type);

/* The parameter sets of a fmtp line, one after the other (RFC 6184 8.1, sprop-parameter-sets). */
struct sdp_sets {
	char text[SDP_SPROP_MAX], *rest;
	uint8_t bytes[SDP_SPROP_MAX];	/* of one element */
	size_t at, len;
	const uint8_t *nal;		/* the NAL unit of the last sdp_sets_next() */
};

void sdp_sets_open(struct sdp_sets *s, const char *fmtp);

/*
 * The length of the next one, in s->nal; 0: there is none left. An element may
 * be Annex B: start codes divide it, zeros at the end are left out. What is no
 * base64 is passed over.
 */
size_t sdp_sets_next(struct sdp_sets *s);

/* Whether the codec is H.265, by any of its names. */
bool sdp_is_h265(const struct sdp_media *m);

/* Why a track cannot be recorded, as half a sentence; NULL: it can. */
const char *sdp_refusal(const struct sdp_media *m);

/* The track to record, the first that can be; NULL: there is none. */
struct sdp_media *sdp_choose(struct sdp *sdp);

#endif
