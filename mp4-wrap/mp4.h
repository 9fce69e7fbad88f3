/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writing an MP4 that survives kill -9 while it grows and is an ordinary file
 * once finished. Layout and the order of writes: mp4-wrap(1), "FILE LAYOUT".
 */
#ifndef MP4_H
#define MP4_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "box.h"
#include "track.h"

#define MP4_FTYP_SIZE	32
#define MP4_HEADER_SIZE	48	/* ftyp, then 16 bytes that finishing rewrites */
#define MP4_PRFT_SIZE	32	/* what a fragment begins with, before its moof */
#define MP4_ALIGNMENT	8	/* of fragments, so that a commit never spans a page */
#define MP4_MAX_TRACKS	8
#define MP4_SYNC_OFF	(-1)

/* ftyp, and the 16 bytes after it while the file is not finished. */
extern const uint8_t mp4_header[MP4_HEADER_SIZE];

struct mp4_sample {
	uint64_t dts;		/* decode time, ticks of its track, the first is 0 */
	uint32_t duration;	/* ticks */
	int32_t cts;		/* presentation time - decode time, ticks */
	uint32_t size;		/* bytes */
	bool sync;		/* decoding can start here */
};

/* What one track adds to a fragment. */
struct mp4_run {
	uint32_t track_id;
	const struct mp4_sample *samples;
	size_t nsamples;
	uint64_t arrival_ntp;	/* of the first sample */
	struct iovec *iov;	/* all their bytes in order; changed by writing */
	size_t niov;
};

struct mp4 {
	int fd;
	bool seekable;
	int64_t sync_ns;	/* shortest time between two fdatasync, or MP4_SYNC_OFF */

	/* The rest is mp4.c's own. */
	uint64_t end;		/* after the last whole fragment */
	uint32_t sequence;
	int64_t synced_ns;	/* monotonic time of the last fdatasync */
	struct box_writer head;	/* what goes before the first fragment */
	uint64_t *uncommitted;	/* offsets of fragments that wait for it */
	size_t nuncommitted, cap_uncommitted;
};

/* fd stays the caller's. A file that can be seeked in is read back to finish it. */
void mp4_open(struct mp4 *m, int fd, bool seekable, int64_t sync_ns);
void mp4_close(struct mp4 *m);

/* The tracks, once, before the first fragment; they go out with it. 0, or -1 with errno. */
int mp4_begin(struct mp4 *m, const struct track *tracks, size_t n, int64_t creation_unix_ns);

/*
 * Appends a fragment with these runs; it is committed at once or, where it must
 * be synced first, when the interval allows. Returns 0, or -1 with errno: the
 * file then ends after the last whole fragment.
 */
int mp4_fragment(struct mp4 *m, struct mp4_run *runs, size_t n);

/*
 * Commits what waits, if it is time (monotonic ns). Returns when to call again,
 * INT64_MAX: no need; -1 with errno.
 */
int64_t mp4_tick(struct mp4 *m, int64_t now_ns);

/* Syncs and commits all that waits. 0, or -1 with errno: it is not committed, and does not wait any more. */
int mp4_commit(struct mp4 *m);

#endif
