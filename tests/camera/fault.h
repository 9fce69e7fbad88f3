/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Faults by name. A row of the table in fault.c is a fault: its name, its argument,
 * what it does, at which kind of event it is asked, and the function that plays it.
 */
#ifndef FAULT_H
#define FAULT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "buf.h"
#include "log.h"
#include "script.h"

#define FAULT_MAX	16		/* of one camera */
#define FAULT_ROOM	(65535 + 4)	/* an interleaved packet can grow to this */
#define FAULT_BEFORE	512

enum fault_when {
	FAULT_START,		/* a session begins; the script may be changed */
	FAULT_ITEM,		/* before a frame or a report is due */
	FAULT_PACKET,		/* before an RTP packet is sent; it may be changed */
	FAULT_REPORT,		/* before an RTCP packet is sent; it may be changed */
	FAULT_ANSWER,		/* before an RTSP answer is sent; it may be changed */
	FAULT_HEARD,		/* before a request or RTCP counts as a sign of life */
};

/* What is about to happen. The last group is what a fault may make of it. */
struct fault_event {
	enum fault_when when;
	int64_t elapsed_ns;	/* scripted time since the session's start */
	struct script *script;	/* START */
	uint64_t number;	/* PACKET: which one of the session, from 1 */
	uint64_t frame;		/* PACKET: of which frame, from 0 */
	bool first, last;	/* PACKET: of its frame */
	uint64_t ntp;		/* PACKET: the camera's clock when the frame was taken */
	uint8_t *packet;	/* PACKET, REPORT: FAULT_ROOM bytes, len of them used, '$' first */
	size_t len;
	uint8_t rtp_channel, rtcp_channel;	/* PACKET, REPORT */
	const char *method;	/* ANSWER: of the request; HEARD: the same, or "RTCP" */
	const char *url;	/* ANSWER: of the request */
	bool playing;		/* ANSWER: after PLAY */
	struct buf *answer;	/* ANSWER */

	bool drop;		/* the packet or answer is not sent; HEARD: it does not count */
	bool close;		/* the connection is closed, without BYE */
	int64_t stall_ns;	/* nothing is sent for that long */
	uint8_t before[FAULT_BEFORE];	/* PACKET, REPORT: goes before it */
	size_t before_len;
	int numbers;		/* PACKET: how many sequence numbers it takes more, or less, than one */
};

struct fault;

struct fault_kind {
	const char *name;
	const char *arg;	/* "", "N", "AT:SECONDS" ...; in brackets if it may be left out */
	const char *what;
	enum fault_when when;
	/* Returns whether it acted, and then says in what[size] on what. */
	bool (*play)(struct fault *f, struct fault_event *e, char *what, size_t size);
	int64_t standard;	/* argument if none is given */
};

struct fault {
	const struct fault_kind *kind;
	int64_t n;		/* the argument: a number, or ns since the start */
	int64_t m;		/* its second part, ns */
	bool done;		/* for those that happen once a session */
	int64_t count;		/* for those that count over all sessions */
};

/* The faults of packets, a table of their own in quirk.c. */
extern const struct fault_kind quirks[];
extern const size_t nquirks;

struct faults {
	struct fault list[FAULT_MAX];
	size_t n;
	struct log *log;
};

/* Adds "NAME" or "NAME=ARG". 0, or -1 with *why set. */
int fault_add(struct faults *faults, const char *text, const char **why);

/* Prints the table. */
void fault_list(FILE *out);

/* Whether any fault is asked at such events. */
bool fault_wants(const struct faults *faults, enum fault_when when);

/* Lets each fault that is asked at e->when play, in the order given, and logs what it did. */
void fault_play(struct faults *faults, struct fault_event *e);

/* A new session: what happens once may happen again. */
void fault_reset(struct faults *faults);

#endif
