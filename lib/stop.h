/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Asked-for ends: SIGINT, SIGTERM and SIGHUP counted, and seen by poll(2).
 */
#ifndef STOP_H
#define STOP_H

/*
 * Installs the handlers; a signal that was ignored at the start stays ignored
 * (nohup, background jobs of sh). SIGPIPE becomes EPIPE, SIGXFSZ EFBIG. Returns a descriptor
 * that turns readable at each signal, or -1 with errno.
 */
int stop_open(void);

/* How many stop signals have come. Drains the descriptor. */
int stop_count(void);

enum stop_wait {
	STOP_NOW = -1,		/* finish with what is there */
	STOP_TIMEOUT,
	STOP_READY,
};

/*
 * For the filters: waits until fd can be read, timeout_ms at most (-1: as long
 * as it takes). After a first signal the input is read on to its end, for 10 s
 * at most; then, or at a second signal, the answer is STOP_NOW.
 */
enum stop_wait stop_wait(int fd, int timeout_ms);

#endif
