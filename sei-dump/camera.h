/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The camera's clock at each RTP time, from pairs of the two. */
#ifndef CAMERA_H
#define CAMERA_H

#include <stdbool.h>

#include "fit.h"
#include "host.h"
#include "pair.h"
#include "unwrap.h"

#define CAMERA_STEPS_MAX	32	/* that are told one by one */

/* The camera's clock was set. */
struct camera_step {
	size_t frame;		/* the first frame behind it, in decode order */
	int64_t ns, within_ns;	/* by so much; somewhere in this time before that frame */
	bool anew;		/* while RTP time began anew: each side has its own map, and no frame is without */
};

/* How pairs are off. */
enum camera_noise {
	CAMERA_EXACT,		/* by what rounding does */
	CAMERA_EVEN,		/* to both sides */
	CAMERA_LATE,		/* the camera's time is that of sending: late */
	CAMERA_EARLY,
};

struct camera_found {
	size_t pairs, foreign, unset, stale;
	struct pair_code code;
	enum camera_noise noise;	/* of the longest piece */
	int64_t noise_ns;		/* from its one side to the other */
	int64_t lag_ns;			/* median: how far RTP times of reports are behind their sending */
	bool has_rate;
	double rate;			/* the camera's clock against RTP's nominal one, less 1 */
	int64_t offset_ns;		/* the camera's clock less the host's, median */
	size_t nsteps;
	struct camera_step step[CAMERA_STEPS_MAX];
};

struct node {
	int64_t x, y;
	bool gap;		/* nothing is known between it and the next one */
};

/* One stretch: nodes, between which y goes straight, and how it goes on beyond them. */
struct camera_map {
	size_t begin, end;	/* nodes */
	double before, after;	/* slopes */
	bool known_before, known_after;
};

struct camera {
	struct node *node;
	size_t n, cap;
	struct camera_map *map;	/* one a stretch */
};

/*
 * Decodes what n pairs say (y need not be set), says in their states what is wrong
 * with each (PAIR_FOREIGN is set by the caller), and lays the map through the good
 * ones. They are in the order of stretches, and within one in that of x or of coming.
 * host: what was found there, for a likely rate.
 * 0, or -1 with errno.
 */
int camera_open(struct camera *c, const struct unwrap *u, struct pair *pair, size_t n,
    const struct host_found *host, struct camera_found *found);
void camera_close(struct camera *c);

/* Counts a step of the clock. Returns where it is to be told; NULL: there are too many to tell each. */
struct camera_step *camera_add_step(struct camera_found *found);

/* The camera's clock, Unix ns, at x in this stretch. False if it is not known. */
bool camera_at(const struct camera *c, size_t stretch, int64_t x, int64_t *unix_ns);

/* Whether x lies between the first and the last pair of this stretch, or no further than ns beyond. */
bool camera_is_near(const struct camera *c, size_t stretch, int64_t x, int64_t ns);

#endif
