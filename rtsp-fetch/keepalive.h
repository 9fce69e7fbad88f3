/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which request keeps a session alive, and how often (RFC 2326 12.37, 10.8). */
#ifndef KEEPALIVE_H
#define KEEPALIVE_H

#include <stdint.h>

#include "clock.h"

#define KEEPALIVE_MAX_NS	(30 * CLOCK_NS_PER_S)

enum keepalive_method {
	KEEPALIVE_OPTIONS,
	KEEPALIVE_GET_PARAMETER,
	KEEPALIVE_SET_PARAMETER,
	KEEPALIVE_METHODS,
};

struct keepalive {
	unsigned offered;	/* bits of the methods in the camera's Public; OPTIONS always is */
	unsigned refused;	/* bits of those that it refused, or did not answer */
	unsigned sent;		/* in this session */
	unsigned turn;		/* sessions that died although they were kept alive */
	enum keepalive_method last;
};

/* A new session. What earlier ones taught stays. */
void keepalive_begin(struct keepalive *k);

/* A name from Public. */
void keepalive_offer(struct keepalive *k, const char *method);

/*
 * The next method: first OPTIONS, which every camera knows, then what the camera
 * offers and has not refused. After a session that died one method alone is
 * used, each in its turn.
 */
const char *keepalive_next(struct keepalive *k);

/* The last one was refused, or had no answer when the next was due. */
void keepalive_refuse(struct keepalive *k);

/* ns between two of them, for a session that times out after timeout_ns. */
int64_t keepalive_interval_ns(int64_t timeout_ns);

/* A session ended so long after PLAY: if that fits its timeout, others are tried. */
void keepalive_ended(struct keepalive *k, int64_t lived_ns, int64_t timeout_ns);

#endif
