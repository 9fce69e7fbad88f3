/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* writev(2) until all is written. */
#include "iov.h"

#include <errno.h>
#include <limits.h>

#include "stop.h"

#ifndef IOV_MAX
#define IOV_MAX	1024	/* Linux and the BSDs; hidden under strict POSIX */
#endif

int
iov_write(int fd, struct iovec *iov, size_t n)
{
	ssize_t done;

	while (n > 0) {
		done = writev(fd, iov, n < IOV_MAX ? (int)n : IOV_MAX);
		if (done == -1 && (errno != EINTR || stop_now()))
			return -1;
		for (; n > 0 && done >= (ssize_t)iov->iov_len; iov++, n--)
			done -= iov->iov_len;
		if (n > 0 && done > 0) {
			iov->iov_base = (char *)iov->iov_base + done;
			iov->iov_len -= done;
		}
	}
	return 0;
}
