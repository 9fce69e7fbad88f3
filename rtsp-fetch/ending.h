/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* How a connection ends, for what reason, and what follows it. */
#ifndef ENDING_H
#define ENDING_H

#include "session.h"

/*
 * Ends the connection in good order, with a TEARDOWN if there is a session. The
 * reason and the status are those of the stream, if it ends as well. Of several
 * reasons the first counts, but NEXT_END goes before NEXT_RETRY.
 */
void ending_leave(struct session *s, enum session_next next, int status, const char *format, ...)
    __attribute__((format(printf, 4, 5)));

/*
 * The same after a failure: if TEARDOWN was sent already, its answer is given up.
 * The next connection is tried if that was asked for, else the stream ends with
 * status 1 and this reason.
 */
void ending_fail(struct session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The same, but unless the camera has played before, another try would be of no use. */
void ending_refuse(struct session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* The program itself cannot go on. */
void ending_fail_errno(struct session *s, const char *what);

/* The connection is gone: fails, or makes another one, for the answer to a 401. */
void ending_lose(struct session *s, const char *why);
void ending_lose_errno(struct session *s, const char *what);

/* Another connection, at once, as a step of the same try. */
void ending_again(struct session *s);

/* Writes E and closes the ring, once: the readers of the stream need not wait for the camera. */
void ending_write(struct session *s);

/* How long the camera may hold a session that nothing is heard of; five minutes at most. */
int64_t ending_life_ns(const struct session *s);

#endif
