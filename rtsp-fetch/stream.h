/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The nalstream as it leaves the receiver: text records, reports and access
 * units, put into the ring in order.
 */
#ifndef STREAM_H
#define STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "block.h"
#include "nalstream.h"
#include "ring.h"

struct stream {
	struct ring *ring;
	bool ending;		/* E is being written */
	uint64_t reports;	/* sender reports written */
	uint64_t shed;		/* access units left out: the reader was too slow */
};

/*
 * Writes a text record (S, T, G, C, E): `format` makes its lines. Line ends in
 * values that came from outside must be gone: see stream_line(). 0, or -1 with errno.
 */
int stream_text(struct stream *s, enum nalstream_type type, uint8_t track,
    const char *format, ...) __attribute__((format(printf, 4, 5)));

/*
 * Copies a value that came from outside into out[size] so that it fits a line:
 * control characters become blanks. Returns out.
 */
const char *stream_line(char *out, size_t size, const char *value);

/* An empty block; NULL with errno. */
struct block *stream_block(struct stream *s);

/*
 * Sends an access unit, or sheds it if the ring is full; what was shed before
 * it is told in a G. Takes the block. 1: sent; 0: shed; -1 with errno.
 */
int stream_unit(struct stream *s, struct block *b);

/* A sender report of a track: the 24 bytes of RFC 3550 6.4.1 and its arrival. */
int stream_report(struct stream *s, uint8_t track, const uint8_t *report,
    const struct nalrec *arrival);

/* E, after the G of what was shed last. No more may follow. 0, or -1 with errno. */
int stream_end(struct stream *s, int status, const char *reason);

#endif
