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
#define STAMP_WAITING	((size_t)1 << 20)	/* bytes of SEI that can wait for a frame */

/* SEI NAL units that wait for a frame, each behind its length of two bytes. */
struct stamp_queue {
	size_t len, nheld;		/* all bytes; those of the held picture */
	uint8_t bytes[STAMP_WAITING];
};

struct stamp {
	struct nalstream *in;
	int out_fd;
	uint64_t frames;		/* stamped */
	uint64_t lost;			/* reports, events, clock records and sender's times that had no room */

	/* The rest is stamp.c's own. */
	uint64_t sent;			/* stream offset: all before it was queued */
	bool placed, has_vcl;		/* of the access unit under way */
	uint64_t next_place;		/* where its SEI goes, if it is placed */
	uint16_t next_flags;		/* of the record there */
	bool held;			/* a picture is held back, from its place on */
	uint64_t place;			/* stream offset of the record its SEI goes before */
	uint16_t place_flags;		/* of that record */
	struct nalrec vcl;		/* head of its first VCL NAL unit */
	struct nalstream_span span;	/* of the access unit under way */
	struct nalstream_span held_span;	/* of the held one, once it is not that any more */
	int track;			/* the video track; -1: not known yet */
	uint8_t time_id;		/* element of its X records that has the time; 0: not known */
	struct stamp_queue waiting;	/* of R, G, C and X, in order of arrival */
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
