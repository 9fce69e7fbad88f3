/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The filter itself: nalstream in, the same nalstream with timing SEI out. One
 * picture is held back, so that reports after the last one have a place.
 */
#ifndef STAMP_H
#define STAMP_H

#include <sys/uio.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "nalstream.h"

#define STAMP_IOV	512
#define STAMP_ARENA	(128 << 10)	/* room for inserted bytes between two writes */
#define STAMP_REPORTS	4096		/* sender reports that can wait for a frame */

struct stamp_report {
	uint64_t recv_ntp, ntp;
	uint32_t rtp;
};

struct stamp {
	struct nalstream *in;
	int out_fd;
	uint64_t frames, reports_lost;	/* stamped; had no room */

	/* The rest is stamp.c's own. */
	uint64_t sent;			/* stream offset: all before it was queued */
	bool placed, has_vcl;		/* of the access unit under way */
	uint64_t next_place;		/* where its SEI goes, if it is placed */
	uint16_t next_flags;		/* of the record there */
	bool held;			/* a picture is held back, from its place on */
	uint64_t place;			/* stream offset of the record its SEI goes before */
	uint16_t place_flags;		/* of that record */
	struct nalrec vcl;		/* head of its first VCL NAL unit */
	int track;			/* the video track; -1: not known yet */
	struct stamp_report waiting[STAMP_REPORTS];
	size_t nwaiting;
	size_t nheld;			/* the first so many are the held picture's */
	struct iovec iov[STAMP_IOV];
	size_t niov;
	uint8_t arena[STAMP_ARENA];
	size_t arena_used;
};

void stamp_open(struct stamp *s, struct nalstream *in, int out_fd);

/* Takes the next record. 0, or -1 with errno of a failed write. */
int stamp_record(struct stamp *s, const struct nalrec *r);

/*
 * Writes what need not be held back: to be called before the input's buffer
 * moves. 0, or -1 with errno.
 */
int stamp_flush(struct stamp *s);

/* At the end of the input: the held access unit goes out too. 0, or -1 with errno. */
int stamp_finish(struct stamp *s);

#endif
