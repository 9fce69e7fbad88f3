/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Pipe capacity: F_SETPIPE_SZ is Linux only; elsewhere the pipe stays as it is. */
#ifdef __linux__
#define _GNU_SOURCE
#endif
#include "pipe.h"

#include <fcntl.h>

#define PIPE_SIZE	(256 << 10)

void
pipe_grow(int fd)
{
#if defined(F_SETPIPE_SZ) && !defined(PORTABLE)
	if (fcntl(fd, F_GETPIPE_SZ) < PIPE_SIZE)
		(void)fcntl(fd, F_SETPIPE_SZ, PIPE_SIZE);
#else
	(void)fd;
#endif
}
