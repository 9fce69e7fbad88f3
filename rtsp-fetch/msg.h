/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What the receiver has to say. It never waits for a terminal: lines go into a
 * small store, and main prints them.
 */
#ifndef MSG_H
#define MSG_H

#include <stdbool.h>
#include <stddef.h>

#define MSG_MAX	1024	/* bytes of a line, safe to print, NUL included */

enum msg_level {
	MSG_ERROR,
	MSG_REMARK,	/* not with --quiet */
	MSG_DETAIL,	/* only with --verbose */
};

/* Once, before any other call. 0, or -1 with errno. */
int msg_open(enum msg_level highest);

/* Readable while there are lines to take. */
int msg_fd(void);

/* Stores a line; what is not printable in it is written as strvis(3) does. */
void msg(enum msg_level level, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The next line; false: there is none. */
bool msg_take(char line[MSG_MAX]);

/* Makes msg_fd() readable. Safe from any thread. */
void msg_wake(void);

#endif
