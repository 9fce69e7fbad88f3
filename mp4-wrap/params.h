/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The parameter sets in force (ITU-T H.264 7.4.1.2.1), by their ids. */
#ifndef PARAMS_H
#define PARAMS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "track.h"

#define PARAMS_SPS	32	/* seq_parameter_set_id 0..31 */
#define PARAMS_PPS	256	/* pic_parameter_set_id 0..255 */

struct params {
	struct param_set sps[PARAMS_SPS], pps[PARAMS_PPS];
	unsigned nsps, npps;
};

/*
 * Takes an SPS or PPS NAL unit. 0, also if it cannot be read and is left out;
 * -1 with errno (ENOMEM).
 */
int params_take(struct params *p, const uint8_t *nal, size_t len);

/* Whether a picture can be decoded with what is there. */
bool params_complete(const struct params *p);

/*
 * All sets as length-prefixed NAL units, SPS first, in memory that the caller
 * frees. NULL with errno.
 */
uint8_t *params_pack(const struct params *p, size_t *len);

void params_close(struct params *p);

#endif
