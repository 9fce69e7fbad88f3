/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The signal goes through a pipe to the poll loop, or is answered where it is. */
#include "inquiry.h"

#include <errno.h>
#include <signal.h>
#include <stdatomic.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "pipe.h"

static int wake[2] = { -1, -1 };
static const char *_Atomic doing;

static void
on_signal(int sig)
{
	int saved = errno;
	const char *line = doing;

	(void)sig;
	if (line != NULL)
		(void)!write(STDERR_FILENO, line, strlen(line));
	else
		(void)!write(wake[1], "", 1);	/* a full pipe is readable already */
	errno = saved;
}

int
inquiry_open(void)
{
	/* SA_RESTART: nothing that waits, a password's prompt least of all, is to notice. */
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, old;

	if (pipe_wake(wake) == -1)
		return -1;
	sigemptyset(&sa.sa_mask);
	if (sigaction(SIGUSR1, NULL, &old) == 0 && old.sa_handler != SIG_IGN)
		sigaction(SIGUSR1, &sa, NULL);
	return wake[0];
}

void
inquiry_doing(const char *line)
{
	doing = line;
}

bool
inquiry_taken(void)
{
	char drain[16];
	bool taken = false;

	while (read(wake[0], drain, sizeof drain) > 0)
		taken = true;
	return taken;
}
