/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A host's clock that is set while a program runs, for LD_PRELOAD: CLOCK_REALTIME
 * and the kernel's receive stamps of this process are moved, nothing else is.
 * STEPCLOCK is a list of MS:NS, so many milliseconds after the start, by so much.
 */
#define _GNU_SOURCE
#include <sys/socket.h>
#include <sys/syscall.h>

#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define STEPS	8

static struct {
	int64_t at_ns, by_ns;
} steps[STEPS];
static int nsteps;
static int64_t start_ns;

static int64_t
monotonic_ns(void)
{
	struct timespec ts;

	syscall(SYS_clock_gettime, CLOCK_MONOTONIC, &ts);
	return ts.tv_sec * 1000000000LL + ts.tv_nsec;
}

static void __attribute__((constructor))
begin(void)
{
	char *p = getenv("STEPCLOCK");

	start_ns = monotonic_ns();
	for (; p != NULL && *p != '\0' && nsteps < STEPS; nsteps++) {
		steps[nsteps].at_ns = start_ns + strtoll(p, &p, 10) * 1000000;
		steps[nsteps].by_ns = strtoll(p + (*p == ':'), &p, 10);
		p += *p == ',';
	}
}

static void
move(struct timespec *ts)
{
	int64_t now = monotonic_ns(), ns = ts->tv_sec * 1000000000LL + ts->tv_nsec;

	for (int i = 0; i < nsteps; i++)
		ns += now >= steps[i].at_ns ? steps[i].by_ns : 0;
	ts->tv_sec = ns / 1000000000;
	ts->tv_nsec = ns % 1000000000;
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	int rc = syscall(SYS_clock_gettime, id, ts);

	if (rc == 0 && id == CLOCK_REALTIME)
		move(ts);
	return rc;
}

ssize_t
recvmsg(int fd, struct msghdr *msg, int flags)
{
	ssize_t n = syscall(SYS_recvmsg, fd, msg, flags);
	struct timespec ts;

	for (struct cmsghdr *c = n > 0 ? CMSG_FIRSTHDR(msg) : NULL; c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS)
			continue;
		memcpy(&ts, CMSG_DATA(c), sizeof ts);
		move(&ts);
		memcpy(CMSG_DATA(c), &ts, sizeof ts);
	}
	return n;
}
