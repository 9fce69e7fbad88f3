/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef PIPE_H
#define PIPE_H

#define PIPE_FULL	65536	/* a transfer of this many bytes met a full pipe */

/*
 * Enlarges the pipe behind fd to 512 KiB where the system can and allows it. To
 * be called only for a pipe that was found full: an unprivileged user has a
 * total budget, and past it every new pipe shrinks.
 */
void pipe_grow(int fd);

/*
 * A pipe that wakes a poll loop: both ends non-blocking, closed on exec. 0, or
 * -1 with errno.
 */
int pipe_wake(int fds[2]);

#endif
