/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A file without a name, for entries whose subject reads or writes one. To be included first. */
#ifndef FUZZ_FILE_H
#define FUZZ_FILE_H

#ifdef __linux__
#define _GNU_SOURCE	/* memfd_create */
#endif
#include <sys/mman.h>

#include <stdlib.h>
#include <unistd.h>

static inline int
fuzz_file(void)
{
	int fd;

#ifdef __linux__
	fd = memfd_create("fuzz", MFD_CLOEXEC);
#else
	char name[] = "/tmp/fuzz.XXXXXXXXXX";

	fd = mkstemp(name);
	unlink(name);
#endif
	if (fd == -1)
		abort();
	return fd;
}

#endif
