/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef IOV_H
#define IOV_H

#include <sys/uio.h>

#include <stddef.h>

/*
 * Writes all of iov[n] to fd, in as few calls as the system's IOV_MAX allows.
 * iov is changed. Returns 0, or -1 with errno (EINTR: a second stop signal came
 * while the reader did not read); what was written before an error is unknown.
 */
int iov_write(int fd, struct iovec *iov, size_t n);

#endif
