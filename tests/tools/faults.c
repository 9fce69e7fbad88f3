/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A disk that keeps a log of what is done to it, and that fails where it is told
 * to, for LD_PRELOAD. It is about regular files that are open for writing, but for
 * the first three descriptors.
 *
 * FAULTS_LOG     a file for the log: for each call a head of 20 bytes, big-endian
 *                (kind, errno or 0, 2 bytes 0, offset u64, length u64), then the bytes
 *                that were written. Kinds: W write, T truncate to offset, S sync,
 *                D sync of a folder, R stdin was read up to offset.
 * FAULTS_FAIL    N:ERRNO    the Nth call of W, T, S (from 1) fails, ERRNO a number
 *                N:ERRNO:   so do all after it, and it is done by half if it is a write
 *                           of more than a sector; ftruncate works where files cannot grow
 *                N:0        it is a write that is done by half
 *                N:0:       so are all after it
 * FAULTS_STEP    ns by which CLOCK_MONOTONIC advances with each read of stdin, which
 *                then has to be a file with a nalstream and gives an access unit at
 *                a time, as from a camera; the clock stands still otherwise
 */
#define _GNU_SOURCE
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>

#include <endian.h>
#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define NAL_LAST	2
#define RECORD_HEAD	40
#define SECTOR		512

static int log_fd = -1;
static long fail_at, fail_errno, calls;
static bool fail_on;
static int64_t step_ns, clock_ns = 1000000000;
static uint64_t was_read;

static void __attribute__((constructor))
begin(void)
{
	const char *path = getenv("FAULTS_LOG"), *fail = getenv("FAULTS_FAIL");
	char *p;

	if (path != NULL)
		log_fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666);
	if (fail != NULL) {
		fail_at = strtol(fail, &p, 10);
		fail_errno = strtol(p + (*p == ':'), &p, 10);
		fail_on = *p == ':';
	}
	if (getenv("FAULTS_STEP") != NULL)
		step_ns = strtoll(getenv("FAULTS_STEP"), NULL, 10);
}

static void
note(char kind, int error, uint64_t offset, const struct iovec *iov, int n, uint64_t len)
{
	struct iovec out[1 + 1024];
	uint8_t head[20] = { kind, error };
	uint64_t left = len;
	int used = 1;

	if (log_fd == -1)
		return;
	offset = htobe64(offset);
	memcpy(head + 4, &offset, 8);
	len = htobe64(len);
	memcpy(head + 12, &len, 8);
	out[0] = (struct iovec){ head, sizeof head };
	for (; used <= n && left > 0; used++) {
		out[used] = iov[used - 1];
		if (out[used].iov_len > left)
			out[used].iov_len = left;
		left -= out[used].iov_len;
	}
	if (syscall(SYS_writev, log_fd, out, used) == -1)
		abort();
}

static bool
is_ours(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	return fd > 2 && fd != log_fd && flags != -1 && (flags & O_ACCMODE) != O_RDONLY &&
	    fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
}

/* Whether this call is one that is to fail, or to be short (errno 0). */
static bool
fails(void)
{
	calls++;
	errno = fail_errno;
	return fail_at != 0 && (calls == fail_at || (fail_on && calls > fail_at));
}

static bool
is_full(void)
{
	return fail_errno == ENOSPC || fail_errno == EDQUOT || fail_errno == EFBIG;
}

/* All writes come here. offset -1: where the descriptor stands. */
static ssize_t
write_iov(int fd, const struct iovec *iov, int n, off_t offset)
{
	off_t at = offset != -1 ? offset : lseek(fd, 0, SEEK_CUR);
	size_t len = 0;
	ssize_t done;

	for (int i = 0; i < n; i++)
		len += iov[i].iov_len;
	if (fails()) {
		if (fail_errno != 0 && !(fail_on && calls == fail_at && len > SECTOR)) {
			note('W', fail_errno, at, NULL, 0, 0);
			errno = fail_errno;
			return -1;
		}
		while (n > 1 && iov[0].iov_len == 0) {
			iov++;
			n--;
		}
		len = (iov[0].iov_len + 1) / 2;
		done = syscall(SYS_pwrite64, fd, iov[0].iov_base, len, at);
	} else {
		done = syscall(SYS_pwritev, fd, iov, (long)n, (long)at, 0L);
	}
	note('W', done == -1 ? errno : 0, at, iov, n, done > 0 ? done : 0);
	if (done > 0 && offset == -1)
		lseek(fd, at + done, SEEK_SET);
	return done;
}

ssize_t
writev(int fd, const struct iovec *iov, int n)
{
	return is_ours(fd) ? write_iov(fd, iov, n, -1) : syscall(SYS_writev, fd, iov, n);
}

ssize_t
write(int fd, const void *buf, size_t len)
{
	struct iovec iov = { (void *)buf, len };

	return is_ours(fd) ? write_iov(fd, &iov, 1, -1) : syscall(SYS_write, fd, buf, len);
}

ssize_t
pwrite64(int fd, const void *buf, size_t len, off64_t offset)
{
	struct iovec iov = { (void *)buf, len };

	return is_ours(fd) ? write_iov(fd, &iov, 1, offset) :
	    syscall(SYS_pwrite64, fd, buf, len, offset);
}

ssize_t
pwrite(int fd, const void *buf, size_t len, off_t offset)
{
	return pwrite64(fd, buf, len, offset);
}

int
ftruncate64(int fd, off64_t len)
{
	bool fail = fails() && fail_errno != 0 && !(fail_on && is_full());
	int rc = fail ? -1 : syscall(SYS_ftruncate, fd, len);

	note('T', rc == -1 ? errno : 0, len, NULL, 0, 0);
	return rc;
}

int
ftruncate(int fd, off_t len)
{
	return ftruncate64(fd, len);
}

int
fdatasync(int fd)
{
	int rc = fails() && fail_errno != 0 ? -1 : 0;

	(void)fd;

	note('S', rc == -1 ? errno : 0, 0, NULL, 0, 0);
	return rc;
}

int
fsync(int fd)
{
	if (is_ours(fd))
		return fdatasync(fd);
	note('D', 0, 0, NULL, 0, 0);
	return 0;
}

/* How far the access unit that begins at this offset of stdin goes. */
static uint64_t
unit_end(uint64_t at)
{
	uint8_t head[RECORD_HEAD];
	uint32_t length;

	while (pread(0, head, sizeof head, at) == sizeof head) {
		memcpy(&length, head, 4);
		at += 4 + (uint64_t)be32toh(length);
		if (head[4] == 'N' && head[7] & NAL_LAST)
			break;
	}
	return at;
}

ssize_t
read(int fd, void *buf, size_t len)
{
	ssize_t n;
	uint64_t left;

	if (fd != 0 || step_ns == 0)
		return syscall(SYS_read, fd, buf, len);
	clock_ns += step_ns;
	left = unit_end(was_read) - was_read;
	n = syscall(SYS_read, 0, buf, left > 0 && left < len ? left : len);
	was_read += n > 0 ? n : 0;
	note('R', 0, was_read, NULL, 0, 0);
	return n;
}

int
clock_gettime(clockid_t id, struct timespec *ts)
{
	if (id != CLOCK_MONOTONIC || step_ns == 0)
		return syscall(SYS_clock_gettime, id, ts);
	ts->tv_sec = clock_ns / 1000000000;
	ts->tv_nsec = clock_ns % 1000000000;
	return 0;
}
