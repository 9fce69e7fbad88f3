/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Kernel receive stamps: SO_TIMESTAMPNS on Linux; elsewhere, and for each read
 * that comes without a stamp, the time right after the read.
 *
 * On a TCP socket Linux gives the stamp of the newest segment that was consumed
 * whole by the read. So a read that drained the socket carries the exact time of
 * its last byte; one that filled the buffer may have ended inside a segment,
 * whose stamp is then not in it, and is treated as if it had none.
 */
#include "arrival.h"

#include <sys/socket.h>
#include <sys/uio.h>

#if defined(__linux__) && !defined(PORTABLE)
#define HAVE_STAMPS
#include <netinet/in.h>

#include <linux/tcp.h>
#endif

#include <string.h>
#include <time.h>

#include "clock.h"
#include "nalstream.h"

#define STALE_NS	200000	/* an older stamp may be that of another segment */

void
arrival_open(struct arrival_clock *c, int fd)
{
	c->lower_ns = clock_realtime_ns();
	c->kernel = false;
	c->disorder = 0;
	c->disorder_ns = INT64_MIN;
#ifdef HAVE_STAMPS
	c->kernel = setsockopt(fd, SOL_SOCKET, SO_TIMESTAMPNS, &(int){ 1 }, sizeof(int)) == 0;
#else
	(void)fd;
#endif
}

#ifdef HAVE_STAMPS
/* Unix ns; -1: the read carries none. */
static int64_t
find_stamp(struct msghdr *msg)
{
	struct timespec ts;

	for (struct cmsghdr *c = CMSG_FIRSTHDR(msg); c != NULL; c = CMSG_NXTHDR(msg, c)) {
		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_TIMESTAMPNS ||
		    c->cmsg_len < CMSG_LEN(sizeof ts))
			continue;
		memcpy(&ts, CMSG_DATA(c), sizeof ts);
		return ts.tv_sec * CLOCK_NS_PER_S + ts.tv_nsec;
	}
	return -1;
}

/* Whether segments came out of order since last asked. */
static bool
has_disorder(struct arrival_clock *c, int fd)
{
	struct tcp_info info = { 0 };
	socklen_t len = sizeof info;
	uint32_t before = c->disorder;

	if (getsockopt(fd, IPPROTO_TCP, TCP_INFO, &info, &len) == 0)
		c->disorder = info.tcpi_rcv_ooopack;
	return c->disorder != before;
}

#else
static int64_t
find_stamp(struct msghdr *msg)
{
	(void)msg;
	return -1;
}

static bool
has_disorder(struct arrival_clock *c, int fd)
{
	(void)c;
	(void)fd;
	return false;
}
#endif

/*
 * The stamp of a read is that of its last segment in sequence, so after a loss it
 * may be older than the retransmission that stands before it (by 200 ms and
 * more). While several are missing the kernel's count changes once: what was
 * stamped before that was seen may have waited as well.
 */
static bool
may_have_waited(struct arrival_clock *c, int fd, int64_t called_ns, int64_t stamp_ns)
{
	if (called_ns - stamp_ns <= STALE_NS)
		return false;
	if (has_disorder(c, fd))
		c->disorder_ns = called_ns;
	return stamp_ns < c->disorder_ns;
}

static uint32_t
slack_us(int64_t ns)
{
	int64_t us = (ns + 999) / 1000;

	/* Negative: the host's clock was set back in between. */
	return ns < 0 || us >= NALSTREAM_SLACK_UNKNOWN ? NALSTREAM_SLACK_UNKNOWN : (uint32_t)us;
}

void
arrival_step(struct arrival_clock *c, int64_t step_ns)
{
	c->lower_ns += step_ns;
	if (c->disorder_ns != INT64_MIN)
		c->disorder_ns += step_ns;
}

ssize_t
arrival_recv(struct arrival_clock *c, int fd, void *buf, size_t len, struct arrival *a)
{
	union {
		struct cmsghdr align;
		char space[256];
	} control;
	struct iovec iov = { .iov_base = buf, .iov_len = len };
	struct msghdr msg = { .msg_iov = &iov, .msg_iovlen = 1, .msg_control = &control,
		.msg_controllen = sizeof control };
	int64_t called_ns = clock_realtime_ns(), stamp_ns;
	ssize_t n;

	n = recvmsg(fd, &msg, 0);
	if (n <= 0)
		return n;
	stamp_ns = find_stamp(&msg);
	a->exact = stamp_ns != -1 && (size_t)n < len;
	if (a->exact && may_have_waited(c, fd, called_ns, stamp_ns))
		a->exact = false;
	if (!a->exact)
		stamp_ns = clock_realtime_ns();
	a->len = n;
	a->ntp = clock_ntp_from_unix(stamp_ns);
	a->slack_us = slack_us(stamp_ns - c->lower_ns);
	/*
	 * What comes next came no earlier than what ended here. That the socket was
	 * empty when it was read says less: a segment is stamped some microseconds
	 * before it can be read. Without stamps there is nothing better.
	 */
	if (a->exact)
		c->lower_ns = stamp_ns;
	else if (!c->kernel && (size_t)n < len)
		c->lower_ns = called_ns;
	return n;
}
