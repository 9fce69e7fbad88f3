/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A recording as sei-dump reads it, from memory. */
#ifndef FUZZ_RECORDING_H
#define FUZZ_RECORDING_H

#ifdef __linux__
#ifndef _GNU_SOURCE
#define _GNU_SOURCE	/* memfd_create */
#endif
#endif
#include <sys/mman.h>

#include <fcntl.h>
#include <stdbool.h>
#include <stdlib.h>
#include <unistd.h>

#include "../../sei-dump/recording.h"
#include "fuzz.h"

/* A file without a name. */
static inline int
fuzz_file(void)
{
#ifdef __linux__
	int fd = memfd_create("recording", MFD_CLOEXEC);
#else
	char name[] = "/tmp/recording.XXXXXXXXXX";
	int fd = mkstemp(name);

	unlink(name);
#endif
	if (fd == -1)
		abort();
	return fd;
}

/* Reads these bytes, once for all columns and once for JSON. There are no more frames than bytes, and they are in order. */
static inline void
fuzz_recording(const uint8_t *head, size_t head_len, const uint8_t *data, size_t size)
{
	static struct csv csv;
	static int null = -1;
	struct jsonl jsonl;
	struct findings found;
	struct frames fs;
	int fd = fuzz_file();

	if (null == -1 && (null = open("/dev/null", O_WRONLY | O_CLOEXEC)) == -1)
		abort();
	if (write(fd, head, head_len) != (ssize_t)head_len || write(fd, data, size) != (ssize_t)size)
		abort();
	csv_open(&csv, null);
	for (int json = 0; json < 2; json++) {
		if (lseek(fd, 0, SEEK_SET) == -1)
			abort();
		frames_open(&fs, json ? 0 : WANT_DETAILS | WANT_EVENTS | WANT_SENDER);
		jsonl_open(&jsonl, &csv, NULL);
		recording_read(fd, &fs, json ? &jsonl : NULL, &found);
		if (fs.nframes > head_len + size)
			abort();
		for (size_t i = 0; i < fs.nreports; i++)
			if (fs.nframes > 0 && fs.report[i].frame >= fs.nframes)
				abort();
		for (size_t i = 1; i < fs.nframes; i++)
			if (fs.frame[i].pts < fs.frame[i - 1].pts)
				abort();
		jsonl_close(&jsonl);
		frames_close(&fs);
	}
	csv_flush(&csv);
	close(fd);
}

#endif
