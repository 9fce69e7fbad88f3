/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef PRIORITY_H
#define PRIORITY_H

/*
 * Lets the calling thread run before others: SCHED_RR, else a nice value of
 * -10, else nothing. Returns what was granted, as the stream head says it.
 */
const char *priority_raise(void);

#endif
