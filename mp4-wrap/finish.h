/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Turning a file of fragments into an ordinary MP4, in place. */
#ifndef FINISH_H
#define FINISH_H

#include <stdint.h>

enum finish {
	FINISH_FAILED = -1,	/* errno says why; the file is as playable as before */
	FINISH_DONE,
	FINISH_ALREADY,		/* it was finished, and was not touched */
	FINISH_FOREIGN,		/* not a file that mp4-wrap wrote */
	FINISH_EMPTY,		/* it has no whole fragment */
};

struct finish_found {
	uint64_t damaged;	/* bytes between whole fragments that are none, and are not in the moov */
	uint64_t at;		/* FINISH_FOREIGN: the byte from which on it is not like ours */
};

/*
 * Appends a complete `moov` made from the fragments (committed or not), then
 * makes it the one that counts by one 16-byte write. Killed at any point, the
 * file is as good as before; nothing is changed of it but the header, what marks
 * a fragment as whole, and the head of a fragment that was cut. Memory does not
 * grow with the file. fd must be open for reading and writing.
 */
enum finish finish_file(int fd, struct finish_found *found);

#endif
