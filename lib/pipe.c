/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Pipes. F_SETPIPE_SZ is Linux only; elsewhere a pipe keeps its capacity. */
#if defined(__linux__) && !defined(PORTABLE)
#define _GNU_SOURCE
#endif
#include "pipe.h"

#include <fcntl.h>
#include <unistd.h>

#define PIPE_SIZE	(512 << 10)	/* two reads: with one, reader and writer wait in turn */

void
pipe_grow(int fd)
{
#ifdef F_SETPIPE_SZ
	if (fcntl(fd, F_GETPIPE_SZ) < PIPE_SIZE)
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
#else
	(void)fd;
#endif
}

int
pipe_wake(int fds[2])
{
	if (pipe(fds) == -1)
		return -1;
	for (int i = 0; i < 2; i++) {
		if (fcntl(fds[i], F_SETFL, O_NONBLOCK) == -1 ||
		    fcntl(fds[i], F_SETFD, FD_CLOEXEC) == -1)
			return -1;
	}
	return 0;
}
