/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* From the ring to stdout, many access units in one write. */
#include "writer.h"

#include <errno.h>
#include <unistd.h>

#include "iov.h"

#define BATCH	64

int
writer_run(struct ring *r, int fd, void (*told)(void))
{
	struct block *blocks[BATCH];
	struct iovec iov[BATCH];
	size_t n;
	int error = 0;

	while ((n = ring_take(r, blocks, BATCH)) > 0) {
		for (size_t i = 0; i < n; i++)
			iov[i] = (struct iovec){ blocks[i]->data, blocks[i]->len };
		if (error == 0 && iov_write(fd, iov, n) == -1) {
			error = errno;
			ring_fail(r, error);
			told();
		}
		ring_recycle(r, blocks, n);
	}
	if (close(fd) == -1 && error == 0)
		error = errno;
	return error;
}
