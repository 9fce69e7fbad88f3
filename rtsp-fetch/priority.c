/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Scheduling of the receiver. A nice value is a thread's own on Linux only. */
#if defined(__linux__) && !defined(PORTABLE)
#define _GNU_SOURCE
#endif
#include "priority.h"

#include <sys/resource.h>

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#define NICE	(-10)

const char *
priority_raise(void)
{
	struct sched_param param = { .sched_priority = 1 };

	if (pthread_setschedparam(pthread_self(), SCHED_RR, &param) == 0)
		return "rr 1";
#if defined(__linux__) && !defined(PORTABLE)
	if (setpriority(PRIO_PROCESS, gettid(), NICE) == 0)
		return "nice -10";
#endif
	return "none";
}
