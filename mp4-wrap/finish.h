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

/*
 * Appends a complete `moov` made from the fragments (committed or not), then
 * makes it the one that counts by one 16-byte write. Killed at any point, the
 * file is as good as before; no byte of it but the header is changed. Memory
 * does not grow with the file. fd must be open for reading and writing. *damaged:
 * bytes between whole fragments that are none, and are not in the moov.
 */
enum finish finish_file(int fd, uint64_t *damaged);

#endif
