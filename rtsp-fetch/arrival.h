/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Receiving, with the time at which the bytes reached the host. */
#ifndef ARRIVAL_H
#define ARRIVAL_H

#include <sys/types.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* What is known of the bytes of one read. NTP times, host clock. */
struct arrival {
	uint64_t ntp;		/* no byte came later, and the last one came then */
	uint32_t slack_us;	/* the first byte came no earlier than this before ntp */
	size_t len;		/* bytes */
	bool exact;		/* ntp is the kernel's, and exact for what the read ended in */
};

/* One per socket. */
struct arrival_clock {
	int64_t lower_ns;	/* what was not read yet came no earlier; REALTIME, Unix */
	bool kernel;		/* the socket stamps */
	uint32_t disorder;	/* segments that came out of order, when last asked */
	int64_t disorder_ns;	/* when that had changed last; REALTIME, Unix */
};

/* Asks the kernel for stamps of everything that fd receives from now on. */
void arrival_open(struct arrival_clock *c, int fd);

/* The host's clock was set by that much since the last read. */
void arrival_step(struct arrival_clock *c, int64_t step_ns);

/* recv(2), and when. The result and errno of recv; *a is filled if it is > 0. */
ssize_t arrival_recv(struct arrival_clock *c, int fd, void *buf, size_t len, struct arrival *a);

#endif
