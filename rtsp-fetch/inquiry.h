/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SIGUSR1: somebody asks how it goes. It disturbs nothing, at any time. */
#ifndef INQUIRY_H
#define INQUIRY_H

#include <stdbool.h>

/*
 * Installs the handler, unless the signal was ignored at the start. Returns a
 * descriptor that turns readable at each inquiry, or -1 with errno.
 */
int inquiry_open(void);

/*
 * While no loop polls the descriptor (a name is looked up, a prompt waits), the
 * handler itself prints this, a whole line for stderr that lives on. NULL: from
 * now on the loop answers.
 */
void inquiry_doing(const char *line);

/* Whether there was one, or more, since the last call. */
bool inquiry_taken(void);

#endif
