/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * nalstream(5), the format that the four programs speak to each other: the one
 * reader and the one writer. All numbers are big-endian.
 */
#ifndef NALSTREAM_H
#define NALSTREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#define NALSTREAM_MAGIC		"nalstream 1\n"	/* how every S payload begins */
#define NALSTREAM_HEAD		40		/* bytes before a payload */
#define NALSTREAM_MAX_MEDIA	(16 << 20)	/* payload cap of N and A */
#define NALSTREAM_MAX_TEXT	(64 << 10)	/* payload cap of all others */
#define NALSTREAM_REPORT_SIZE	24		/* payload of R: RFC 3550 6.4.1, from SSRC to octet count */

enum nalstream_type {
	NALSTREAM_STREAM = 'S',
	NALSTREAM_TRACK = 'T',
	NALSTREAM_NAL = 'N',
	NALSTREAM_AUDIO = 'A',
	NALSTREAM_REPORT = 'R',
	NALSTREAM_SENDER_TIME = 'X',
	NALSTREAM_GAP = 'G',
	NALSTREAM_CLOCK = 'C',
	NALSTREAM_END = 'E',
};

enum nalstream_flag {
	NALSTREAM_FIRST = 1,	/* first N of its access unit */
	NALSTREAM_LAST = 2,	/* last N of its access unit */
	NALSTREAM_KEY = 4,	/* N of an IDR access unit */
	NALSTREAM_DAMAGED = 8,	/* bytes are missing in here */
	NALSTREAM_LOST = 16,	/* packets were lost just before */
	NALSTREAM_USER = 32,	/* stamps are not the kernel's */
	NALSTREAM_SDP = 64,	/* parameter set that was not in the stream */
	NALSTREAM_FLAGS = 127,	/* all of them */
};

/* What can be said of a frame as a whole. */
#define NALSTREAM_FRAME_FLAGS	(NALSTREAM_DAMAGED | NALSTREAM_LOST | NALSTREAM_USER)

#define NALSTREAM_SLACK_UNKNOWN	0xffffffff

/* One record. Its payload lies in the reader's buffer, right after its head. */
struct nalrec {
	uint8_t type;		/* enum nalstream_type, or one not known here */
	uint8_t track;
	uint16_t flags;		/* enum nalstream_flag */
	uint64_t rtp;		/* extended, ticks of the track's clock */
	uint64_t first_ntp;	/* earliest arrival, host clock */
	uint64_t last_ntp;	/* latest arrival, host clock */
	uint32_t slack_us;	/* arrival was in [first - slack, first] */
	uint16_t seq;
	uint16_t packets;
	uint32_t len;		/* payload bytes */
	uint8_t *payload;
	uint64_t offset;	/* of the head, from the start of the stream */
};

/* Writes the head that belongs before r->len bytes of payload. */
void nalstream_head(uint8_t out[NALSTREAM_HEAD], const struct nalrec *r);

enum nalstream_next {
	NALSTREAM_BAD = -1,
	NALSTREAM_MORE,
	NALSTREAM_RECORD,
};

/*
 * A reader over a file descriptor. Records are views into one buffer that grows
 * up to the largest record (or what the caller holds) plus one read.
 */
struct nalstream {
	uint64_t hold;		/* the caller keeps bytes from here on; see nalstream_hold() */
	bool stamped;		/* the current S says `stamped:` */
	bool ended;		/* the last record read was an E */
	int status;		/* worst status of any E read */
	char reason[512];	/* of that E; or what was wrong; safe to print */

	/* The rest is the reader's own. */
	int fd;
	uint8_t *buf;
	size_t cap, pos, end;	/* in buf: capacity, next record, bytes read */
	uint64_t base;		/* stream offset of buf[0] */
	bool begun;		/* the magic was seen */
	bool resuming;		/* a place at pos waits for more bytes, to be looked at again */
	bool grown;		/* the pipe was enlarged, or cannot be */
};

/* Prepares to read fd, which stays the caller's. 0, or -1 with errno. */
int nalstream_open(struct nalstream *in, int fd);
void nalstream_close(struct nalstream *in);

/*
 * Gives the reader bytes that the caller has already read from fd, to tell what
 * it is: once, right after the opening, at most 256 KiB.
 */
void nalstream_push(struct nalstream *in, const uint8_t *bytes, size_t len);

/*
 * The next record. NALSTREAM_RECORD: *r is filled, its payload valid until the
 * next nalstream_fill(). NALSTREAM_MORE: call nalstream_fill(). NALSTREAM_BAD:
 * in->reason says what is wrong and at which byte; nothing more can be read.
 */
enum nalstream_next nalstream_next(struct nalstream *in, struct nalrec *r);

/*
 * After NALSTREAM_BAD, for readers that want what stands behind the damage: looks
 * for the next place where a record of a known type and another one begin, or
 * with at_end one that the input ends with. NALSTREAM_RECORD: nalstream_next()
 * goes on there. NALSTREAM_MORE: nalstream_fill() and call again; if the input
 * has ended, there is none.
 */
enum nalstream_next nalstream_resume(struct nalstream *in, bool at_end);

/*
 * One read(2) of whatever there is. Returns its result: bytes, 0 at the end of
 * the input, -1 with errno. Moves the buffer: views are void afterwards, bytes
 * from in->hold on are found again with nalstream_at().
 */
ssize_t nalstream_fill(struct nalstream *in);

/* Bytes from this stream offset on stay in the buffer; UINT64_MAX: none. */
void nalstream_hold(struct nalstream *in, uint64_t offset);

/* Where the byte at this offset, which must be held, is now. */
uint8_t *nalstream_at(const struct nalstream *in, uint64_t offset);

/* Stream offset of the next record: all bytes before it were returned. */
uint64_t nalstream_offset(const struct nalstream *in);

/*
 * How the stream ended, to be asked once nothing more can be read. 0: as its E
 * says, in order. 1: an E had status 1, or the stream was cut, and in->reason
 * says which, with the byte offset of a cut.
 */
int nalstream_verdict(struct nalstream *in);

/* A line `key: value` of a text payload: views into it. */
struct nalstream_line {
	const char *key;
	size_t key_len;
	const char *value;
	size_t len;
};

/* The next line after *at, an offset in the payload that is 0 at first. false: there is none. */
bool nalstream_line(const struct nalrec *r, size_t *at, struct nalstream_line *line);

bool nalstream_line_is(const struct nalstream_line *line, const char *key);

/*
 * Copies the value of the first line `key: value` of a text payload into
 * out[size], cut to fit. Returns its length, or -1 if there is no such line.
 */
ssize_t nalstream_value(const struct nalrec *r, const char *key, char *out, size_t size);

/* What the heads of an access unit's N records say together. */
struct nalstream_span {
	uint64_t last_ntp;	/* latest arrival of any of its packets; 0: it had none */
	uint32_t packets;	/* that carried it */
	uint16_t flags;		/* those that any of them has */
	uint16_t seq;		/* of the last that was counted */
};

/* Takes the next N record in; one with FIRST begins anew. */
void nalstream_span_add(struct nalstream_span *s, const struct nalrec *r);

#endif
