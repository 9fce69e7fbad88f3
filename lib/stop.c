/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Stop signals through a pipe, so that a poll loop sees them without a race. */
#include "stop.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <unistd.h>

#include "clock.h"

#define GRACE_NS	(10 * CLOCK_NS_PER_S)

static int wake[2] = { -1, -1 };
static volatile sig_atomic_t count;

static void
on_signal(int sig)
{
	int saved = errno;

	(void)sig;
	count++;
	/* A full pipe is readable already. */
	(void)!write(wake[1], "", 1);
	errno = saved;
}

int
stop_open(void)
{
	static const int signals[] = { SIGINT, SIGTERM, SIGHUP };
	struct sigaction sa = { .sa_handler = on_signal, .sa_flags = SA_RESTART }, old;

	if (pipe(wake) == -1)
		return -1;
	for (int i = 0; i < 2; i++) {
		fcntl(wake[i], F_SETFD, FD_CLOEXEC);
		fcntl(wake[i], F_SETFL, O_NONBLOCK);
	}
	sigemptyset(&sa.sa_mask);
	for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
		if (sigaction(signals[i], NULL, &old) == 0 && old.sa_handler != SIG_IGN)
			sigaction(signals[i], &sa, NULL);
	}
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

enum stop_wait
stop_wait(int fd, int timeout_ms)
{
	static int64_t deadline;	/* of the grace after the first signal */
	struct pollfd fds[] = {
		{ .fd = fd, .events = POLLIN },
		{ .fd = wake[0], .events = POLLIN },
	};
	int64_t now;
	int ready;

	if (count > 0) {
		now = clock_monotonic_ns();
		if (deadline == 0)
			deadline = now + GRACE_NS;
		if (stop_count() > 1 || now >= deadline)
			return STOP_NOW;
		if (timeout_ms < 0 || timeout_ms > (deadline - now) / 1000000 + 1)
			timeout_ms = (deadline - now) / 1000000 + 1;
	}
	ready = poll(fds, 2, timeout_ms);
	/* POLLHUP and POLLERR are for read(2) to tell: it has the end or the errno. */
	if (ready > 0 && fds[0].revents != 0)
		return STOP_READY;
	return STOP_TIMEOUT;
}
