/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The sample entries of a finished video track: one for each distinct group of
 * parameter sets that its key frames carry, and from which sample on it holds.
 */
#ifndef ENTRIES_H
#define ENTRIES_H

#include <stddef.h>
#include <stdint.h>

#define ENTRIES_MAX	64	/* more distinct groups share the first entry */

struct entries_change {
	uint32_t sample;	/* number, from 1 */
	uint32_t entry;		/* sample_description_index, from 1 */
};

struct entries {
	uint8_t *boxes[ENTRIES_MAX];	/* sample entry boxes; owned */
	size_t len[ENTRIES_MAX];
	size_t n;
	uint16_t width, height;		/* the largest of all */
	struct entries_change *changes;	/* in sample order; before the first, entry 1 holds */
	size_t nchanges, cap;
};

/* Begins with the entry of the first moov. 0, or -1 with errno. */
int entries_open(struct entries *e, const uint8_t *box, size_t len);
void entries_close(struct entries *e);

/*
 * Reads the parameter sets at the start of a key frame (size bytes at offset of
 * fd) and notes where another entry begins to hold. One without sets that can
 * be read changes nothing. 0, or -1 with errno.
 */
int entries_take(struct entries *e, int fd, uint64_t offset, uint32_t size, uint32_t sample);

#endif
