/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* One connection after the other (--reconnect). */
#ifndef ATTEMPT_H
#define ATTEMPT_H

#include "session.h"

/* Begins a connection: to s->address, or if that is NULL to where s->url is found to be. */
void attempt_begin(struct session *s);

/* The steps that poll and timers lead to: addresses were found, the next one is to be tried, one answers. */
void attempt_resolved(struct session *s);
void attempt_connect(struct session *s);
void attempt_connected(struct session *s);
void attempt_wait_over(struct session *s);

/* The connection is over: what is whole of it goes out. */
void attempt_end(struct session *s);

/* Then: whether there is another one, which waits for TIMER_RETRY. */
bool attempt_next(struct session *s);

#endif
