/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What one file says: its frames and the sender reports between them, gathered
 * in decode order, told in presentation order.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define FRAMES_MAX	UINT32_MAX	/* 4.5 years at 30 frames/s */

enum frame_flag {
	FRAME_KEY = 1,
	FRAME_PTS = 2,		/* pts is known */
	FRAME_TIME = 4,		/* rtp and recv_ntp are known */
	FRAME_ANEW = 8,		/* RTP time begins anew with it */
};

/* 32 bytes a frame; beside them only reports, and what is wanted, grow with a recording's length. */
struct frame {
	int64_t pts;		/* ticks of the timescale, from the presentation's start */
	uint64_t recv_ntp;	/* arrival of its first packet, host clock */
	uint32_t rtp;		/* as the sender had it */
	uint32_t decode;	/* its number in decode order */
	uint8_t flags;		/* enum frame_flag */
};

struct report {
	uint64_t recv_ntp;	/* arrival, host clock */
	uint64_t ntp;		/* the sender's wall clock; 0: it has none (RFC 3550 6.4.1) */
	uint32_t rtp;		/* the same moment in RTP time */
	uint32_t frame;		/* number of the frame whose access unit carries it */
};

/* A gap or another event. */
struct event {
	uint64_t recv_ntp;	/* when it was noticed, host clock */
	uint32_t frame;		/* number of the frame whose access unit carries it */
	uint8_t track;		/* 0: the stream itself */
	uint32_t len;
	size_t text;		/* where its len bytes begin: lines `key: value`, `what` among them */
};

/* What more is known of a frame's arrival. */
struct detail {
	uint64_t last_ntp;	/* arrival of the last packet of its access unit, host clock */
	uint32_t slack_us;	/* it arrived in [recv - slack, recv]; DETAIL_UNKNOWN */
	uint32_t packets;	/* of its access unit; 0: nothing is known */
	uint16_t flags;		/* nalstream(5)'s DAMAGED, LOST and USER, of any of its records */
};

/* When the sender says that a frame was taken. */
struct sender {
	uint64_t ntp;		/* the sender's clock */
	uint32_t rtp;		/* of the frame it is about: only then it is this one's */
	bool known;
};

#define DETAIL_UNKNOWN	UINT32_MAX
#define EVENT_CLOCK_STEP	"what: clock-step\n"	/* before the lines of a clock record */

/* What is not always gathered. */
enum frames_want {
	WANT_DETAILS = 1,	/* 24 bytes a frame more */
	WANT_EVENTS = 2,
	WANT_SENDER = 4,	/* 16 bytes a frame more */
	WANT_CAMERA = 8,	/* 8 bytes a frame more, and 56 while it is computed */
	WANT_HOST = 16,		/* likewise */
	WANT_STEADY = 32,	/* with WANT_HOST: 8 bytes a frame more */
};

#define FRAMES_NO_TIME	INT64_MIN

struct clocks_found;

struct frames {
	struct frame *frame;
	struct report *report;
	struct detail *detail;	/* by number in decode order; NULL: none wanted */
	struct sender *sender;	/* likewise */
	int64_t *camera_ns;	/* likewise: clocks_find(); Unix ns or FRAMES_NO_TIME */
	int64_t *host_ns;	/* likewise */
	int64_t *steady_ns;	/* likewise: host_ns on the clock as it was at first, had nobody set it */
	struct clocks_found *clocks;	/* what was found out on the way; NULL: nothing was wanted */
	struct event *event;
	char *text;		/* of the events */
	size_t nframes, nreports, nevents, text_len;
	size_t frames_cap, reports_cap, details_cap, senders_cap, events_cap, text_cap;
	unsigned want;		/* enum frames_want */
	uint32_t timescale;	/* ticks of pts in a second, not 0 once there are frames */
};

/* An empty table that will gather what is wanted. */
void frames_open(struct frames *fs, unsigned want);
void frames_close(struct frames *fs);

/* A new frame, the next in decode order, all zero; NULL with errno. Valid until the next one. */
struct frame *frames_add(struct frames *fs);

/* Takes the last frame back; the reports of its access unit wait for the next one. */
void frames_drop(struct frames *fs);

/*
 * Adds a report to the frame with this number in decode order, which may be one
 * that is still to come. 0, or -1 with errno.
 */
int frames_report(struct frames *fs, const struct report *r);

/*
 * Adds an event like a report, with a copy of its text. 0, or -1 with errno.
 * Nothing to do if none are wanted.
 */
int frames_event(struct frames *fs, const struct event *e, const char *text);

/*
 * Puts all in presentation order; frames without pts stay behind the one before
 * them. Reports and events that wait for a frame go to the last. 0, or -1 with errno.
 */
int frames_finish(struct frames *fs);

#endif
