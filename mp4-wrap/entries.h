/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The sample entries of a finished video track: one for each distinct group of
 * parameter sets that its key frames carry.
 */
#ifndef ENTRIES_H
#define ENTRIES_H

#include <stddef.h>
#include <stdint.h>

#define ENTRIES_MAX	64	/* more distinct groups share the first entry */
#define ENTRIES_WINDOW	4096	/* parameter sets come first in a key frame, and are some 50 bytes */

struct entries {
	uint8_t *boxes[ENTRIES_MAX];	/* sample entry boxes; owned */
	size_t len[ENTRIES_MAX];
	size_t n;
	uint32_t shown_width, shown_height;	/* the largest of all; 16.16 bits */
};

/* Begins with the entry of the first moov. 0, or -1 with errno. */
int entries_open(struct entries *e, const uint8_t *box, size_t len);
void entries_close(struct entries *e);

/*
 * The entry for the parameter sets in head[len], the start of a key frame; a new
 * one where need be. Returns its sample_description_index, from 1; 0: there are no
 * sets in it that can be read; -1 with errno.
 */
int entries_take(struct entries *e, const uint8_t *head, size_t len);

#endif
