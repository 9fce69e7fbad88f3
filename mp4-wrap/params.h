/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The parameter sets in force (ITU-T H.264 7.4.1.2.1), by their ids. */
#ifndef PARAMS_H
#define PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "h264.h"
#include "track.h"

#define PARAMS_SPS	32	/* seq_parameter_set_id 0..31 */
#define PARAMS_PPS	256	/* pic_parameter_set_id 0..255 */

struct params {
	struct param_set sps[PARAMS_SPS], pps[PARAMS_PPS];
	uint8_t pps_sps[PARAMS_PPS];		/* the seq_parameter_set_id that a PPS names */
	uint64_t sps_unit[PARAMS_SPS], pps_unit[PARAMS_PPS];	/* where each came last */
	uint64_t unit;				/* counts access units; the caller's */
	unsigned nsps, npps;
	size_t bytes;				/* of all */
	struct sps parsed[PARAMS_SPS];
};

/* What a picture and those up to the next key frame can name; views into a struct params. */
struct params_group {
	struct param_set sps[PARAMS_SPS], pps[PARAMS_PPS];
	size_t nsps, npps;
	bool own;		/* all of it came in the current access unit */
};

/*
 * Takes an SPS or PPS NAL unit. 0, also if it is left out because it cannot be read
 * or all would have more than 64 KiB; -1 with errno (ENOMEM).
 */
int params_take(struct params *p, const uint8_t *nal, size_t len);

/* The SPS of the PPS with this id. NULL: there is none. */
const struct sps *params_sps(const struct params *p, int pps_id);

/* Whether a picture can be decoded with what is there. */
bool params_complete(const struct params *p);

/*
 * The SPS of the PPS with this id and all PPS of that SPS, by ids; sets of
 * another SPS may be stale. All that are in force if there is no such PPS or SPS.
 */
void params_group(const struct params *p, int pps_id, struct params_group *g);

/*
 * The sets of a group as length-prefixed NAL units, SPS first, in memory that
 * the caller frees. NULL with errno.
 */
uint8_t *params_pack(const struct params_group *g, size_t *len);

void params_close(struct params *p);

#endif
