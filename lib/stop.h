/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Asked-for ends: SIGINT, SIGTERM and SIGHUP counted, and seen by poll(2).
 */
#ifndef STOP_H
#define STOP_H

#include <stdbool.h>

/*
 * Installs the handlers; a signal that was ignored at the start stays ignored
 * (nohup, background jobs of sh), and SIGHUP counts as a first one only. grace_s
 * seconds after the first signal there is another of our own, SIGALRM; 0: none.
 * SIGPIPE becomes EPIPE, SIGXFSZ EFBIG. Returns a descriptor that turns readable
 * at each signal, or -1 with errno.
 */
int stop_open(unsigned grace_s);

#define STOP_GRACE_S	10	/* how long a filter reads on after a first signal */

/* How many stop signals have come. Drains the descriptor. */
int stop_count(void);

/* Whether a second one has: what waits should not. Safe from any thread. */
bool stop_now(void);

enum stop_wait {
	STOP_NOW = -1,		/* finish with what is there */
	STOP_TIMEOUT,
	STOP_READY,
};

/*
 * For the filters: waits until fd can be read, timeout_ms at most (-1: as long
 * as it takes). After a first signal the input is read on to its end; at a
 * second one the answer is STOP_NOW.
 */
enum stop_wait stop_wait(int fd, int timeout_ms);

#endif
