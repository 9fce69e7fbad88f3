/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Stop signals through a pipe, so that a poll loop sees them without a race. */
#include "stop.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "pipe.h"

static int wake[2] = { -1, -1 };
static volatile sig_atomic_t count;
static unsigned grace;

static void
on_signal(int sig)
{
	int saved = errno;

	/* A terminal that closes sends several: from the kernel, and from the shell. */
	if (sig == SIGHUP && count > 0)
		return;
	if (++count == 1)
		alarm(grace);
	/* A full pipe is readable already. */
	(void)!write(wake[1], "", 1);
	errno = saved;
}

int
stop_open(unsigned grace_s)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal }, old;

	/* No SA_RESTART: a write that waits for a reader has to end as well. */
	grace = grace_s;
	if (pipe_wake(wake) == -1)
		return -1;
	sigfillset(&sa.sa_mask);	/* or two that come at once are counted as one */
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
	}
	sigaction(SIGALRM, &sa, NULL);
	sa.sa_handler = SIG_IGN;
	sigaction(SIGPIPE, &sa, NULL);
	sigaction(SIGXFSZ, &sa, NULL);
	return wake[0];
}

int
stop_count(void)
{
	char drain[16];

	while (read(wake[0], drain, sizeof drain) > 0)
		;
	return count;
}

bool
stop_now(void)
{
	return count > 1;
}

enum stop_wait
stop_wait(int fd, int timeout_ms)
{
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = wake[0], .events = POLLIN },
	};
	int ready;

	ready = poll(fds, 2, timeout_ms);
	/* Asked only then: this is done for every read of the input. */
	if ((ready == -1 || fds[1].revents != 0) && stop_count() > 1)
		return STOP_NOW;
	/* POLLHUP and POLLERR are for read(2) to tell: it has the end or the errno. */
	if (ready > 0 && fds[0].revents != 0)
		return STOP_READY;
	return STOP_TIMEOUT;
}
