/* units: mp4-wrap/finish.c mp4-wrap/index.c mp4-wrap/tables.c mp4-wrap/rate.c mp4-wrap/entries.c mp4-wrap/walk.c mp4-wrap/mp4.c mp4-wrap/track.c mp4-wrap/params.c mp4-wrap/box.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A file that mp4-wrap --finish is given: not changed if it is none, finished once and for all if it is one. */
#include "file.h"

#include <sys/stat.h>

#include <string.h>

#include "../../mp4-wrap/finish.h"
#include "fuzz.h"

/* The bytes of the file; the caller frees. */
static uint8_t *
contents(int fd, size_t *size)
{
	struct stat st;
	uint8_t *p;

	if (fstat(fd, &st) == -1)
		abort();
	*size = st.st_size;
	p = malloc(*size + 1);
	if (p == NULL || pread(fd, p, *size, 0) != (ssize_t)*size)
		abort();
	return p;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int fd = fuzz_file();
	struct finish_found found;
	size_t len, again_len;
	uint8_t *after, *again;
	enum finish rc;

	if (write(fd, data, size) != (ssize_t)size)
		abort();
	rc = finish_file(fd, &found);
	after = contents(fd, &len);
	if (rc == FINISH_DONE) {
		if (len <= size || finish_file(fd, &found) != FINISH_ALREADY)
			abort();
		again = contents(fd, &again_len);
		if (again_len != len || memcmp(after, again, len) != 0)
			abort();
		free(again);
	} else if (rc != FINISH_FAILED && (len != size || memcmp(after, data, size) != 0)) {
		abort();
	}
	free(after);
	close(fd);
	return 0;
}
