/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reading back the fragments that mp4.c wrote: of this process or of one that
 * was killed. Only that layout is understood.
 */
#ifndef WALK_H
#define WALK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define WALK_SAMPLE_SIZE	16	/* duration, size, flags, composition offset */

struct walk {
	int fd;
	uint64_t end;		/* size of the file */
	uint64_t next;		/* where the next fragment would begin */
	uint8_t *buf;		/* prft, moof and what was read behind it */
	size_t cap;
	uint8_t *moof;		/* the current one, whole, in the buffer */
	size_t len, have;	/* of the moof; of the bytes from there on */
	uint64_t offset;	/* of its moof */
	uint64_t begin;		/* of all of it: a prft may stand before the moof */
	uint64_t skipped;	/* bytes between whole fragments that are none */
	uint64_t wasted;	/* bytes read of what looked like a fragment and is none */
	bool committed;
};

/* The samples of one track in the current fragment. */
struct walk_run {
	uint32_t track_id;
	uint64_t dts;			/* of the first sample */
	uint64_t data_offset;		/* in the file */
	uint32_t nsamples;
	const uint8_t *samples;		/* WALK_SAMPLE_SIZE each */
};

void walk_open(struct walk *w, int fd, uint64_t first, uint64_t end);
void walk_close(struct walk *w);

/*
 * The next whole fragment, committed or not, also behind damage. One that is not
 * committed is whole only if its data is there: after a power cut any page of it
 * may be missing. 1; 0: there is none, w->next says where the whole ones end; -1
 * with errno.
 */
int walk_next(struct walk *w);

/*
 * The run of this track in the current fragment. 1; 0: it has none. Bounds were
 * checked by walk_next().
 */
int walk_run(const struct walk *w, uint32_t track_id, struct walk_run *run);

/* Bytes of the current fragment, mostly without reading them again. 0, or -1 with errno. */
int walk_data(const struct walk *w, void *buf, size_t len, uint64_t offset);

/* All bytes [offset, offset + len) of fd into buf. 0, or -1 with errno. */
int walk_read(int fd, void *buf, size_t len, uint64_t offset);

#endif
