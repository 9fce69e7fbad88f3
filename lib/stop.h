/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Asked-for ends: SIGINT, SIGTERM and SIGHUP counted, and seen by poll(2).
 */
#ifndef STOP_H
#define STOP_H

/*
 * Installs the handlers; a signal that was ignored at the start stays ignored
 * (nohup, background jobs of sh). SIGPIPE becomes EPIPE. Returns a descriptor
 * that turns readable at each signal, or -1 with errno.
 */
int stop_open(void);

/* How many stop signals have come. Drains the descriptor. */
int stop_count(void);

#endif
