/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* PTHREAD_PRIO_INHERIT (POSIX, _POSIX_THREAD_PRIO_INHERIT). */
#include "lock.h"

#include <errno.h>

int
lock_init(pthread_mutex_t *mutex)
{
	pthread_mutexattr_t attr;

	pthread_mutexattr_init(&attr);
	(void)pthread_mutexattr_setprotocol(&attr, PTHREAD_PRIO_INHERIT);
	errno = pthread_mutex_init(mutex, &attr);
	pthread_mutexattr_destroy(&attr);
	return errno == 0 ? 0 : -1;
}
