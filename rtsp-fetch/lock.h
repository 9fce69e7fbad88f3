/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Mutexes that the receiver shares with threads of lower priority. */
#ifndef LOCK_H
#define LOCK_H

#include <pthread.h>

/*
 * Whoever holds it runs at the priority of the receiver that waits for it, which
 * may be a real-time one, where the system can do that. 0, or -1 with errno.
 */
int lock_init(pthread_mutex_t *mutex);

#endif
