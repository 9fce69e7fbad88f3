/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a camera says of its clock, pair by pair: RTP time and its own. What it means,
 * which pairs are wrong, and between which the clock was set.
 */
#ifndef PAIR_H
#define PAIR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PAIR_TICKS_EXACT	3	/* what rounding makes of three reports in a row */
#define PAIR_SLEW		600e-6	/* clocks are slewed by 500 ppm at most */

enum pair_state {
	PAIR_GOOD,
	PAIR_FOREIGN,	/* its RTP time is not of the video's clock */
	PAIR_UNSET,	/* the camera has no time of day */
	PAIR_STALE,	/* its RTP time is not that of its clock's time */
};

/* Both clocks at one moment, by a sender report or a frame's own time. */
struct pair {
	int64_t x;		/* RTP time, as unwrap.h has it */
	int64_t y;		/* the camera's clock, Unix ns, less x */
	int64_t lag;		/* how much later than x it was sent, ns */
	uint32_t stretch;	/* of u */
	uint32_t frame;		/* that it is about or was compared with, in decode order */
	uint64_t ntp;		/* as it came */
	int64_t arrival;	/* Unix ns, host */
	enum pair_state state;
};

/* How the camera writes its time. */
struct pair_code {
	bool in_ns;		/* fractions are nanoseconds */
	bool from_unix;		/* seconds count from 1970 */
	bool whole_seconds;	/* there are no fractions */
};

/* How far b is from the line through a and c, ns. */
double pair_bend(const struct pair *a, const struct pair *b, const struct pair *c);

/* The camera's clock against RTP's from a to b, less 1. */
double pair_rate(const struct pair *a, const struct pair *b);

/*
 * Decodes the ntp of n pairs, but for PAIR_FOREIGN ones: sets their y, and their states
 * to PAIR_GOOD or PAIR_UNSET. value is room to work in, for n.
 */
void pair_decode(struct pair *pair, size_t n, double *value, struct pair_code *code);

/*
 * Of n good pairs of one stretch, in order of coming, makes those PAIR_STALE that lag,
 * that agree with none about them, or whose RTP time goes back; p[] keeps the others.
 * Returns how many they are. value is room to work in, for 2 n.
 */
size_t pair_keep(struct pair **p, size_t n, double *value);

/* Pairs that pair_keep() has kept, and what is usual among them. */
struct pair_run {
	struct pair **p;	/* the caller's */
	size_t n;
	double rate, noise;	/* rate: as pair_rate(), the median; noise: ns */
	bool few;		/* few pairs are enough to tell a step */
};

/* n is above 0; tick_ns is a tick of RTP time; value is room to work in, for n. */
void pair_run_open(struct pair_run *r, struct pair **p, size_t n, double tick_ns, double *value);

/*
 * By how much the clock was set between pairs i - 1 and i, ns, judged by those from
 * begin on, the last step; 0: it was not.
 */
double pair_step(const struct pair_run *r, size_t begin, size_t i);

#endif
