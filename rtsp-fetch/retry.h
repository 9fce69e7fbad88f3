/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How long to wait before a camera is tried again (--reconnect). */
#ifndef RETRY_H
#define RETRY_H

#include <stdbool.h>
#include <stdint.h>

#include "clock.h"

#define RETRY_FIRST_NS	CLOCK_NS_PER_S		/* doubling */
#define RETRY_MAX_NS	(60 * CLOCK_NS_PER_S)
#define RETRY_STEADY_NS	(10 * CLOCK_NS_PER_S)	/* a connection that lasted */
#define RETRY_BUSY_NS	(300 * CLOCK_NS_PER_S)	/* no camera is believed that wants a longer pause */

struct retry {
	unsigned failures;	/* in a row, none of them with media */
	bool at_once;		/* no wait was given since a connection lasted */
};

/* How a connection ended. */
struct retry_loss {
	bool media;		/* frames came */
	bool clean;		/* the camera closed it, or said BYE: some do every few minutes */
	int64_t lived_ns;	/* since PLAY's answer */
	int64_t busy_ns;	/* the camera has no room: for so long; 0: it has, as far as is known */
};

/* ns to wait before the next try; 0: none. */
int64_t retry_wait_ns(struct retry *r, const struct retry_loss *loss);

#endif
