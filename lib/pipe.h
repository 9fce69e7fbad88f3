/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef PIPE_H
#define PIPE_H

#define PIPE_FULL	65536	/* a transfer of this many bytes met a full pipe */

/*
 * Enlarges the pipe behind fd to 256 KiB where the system can and allows it. To
 * be called only for a pipe that was found full: an unprivileged user has a
 * total budget, and past it every new pipe shrinks.
 */
void pipe_grow(int fd);

#endif
