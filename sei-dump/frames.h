/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What one file says: its frames and the sender reports between them, gathered
 * in decode order, told in presentation order.
 */
#ifndef FRAMES_H
#define FRAMES_H

#include <stddef.h>
#include <stdint.h>

#define FRAMES_MAX	UINT32_MAX	/* 4.5 years at 30 frames/s */

enum frame_flag {
	FRAME_KEY = 1,
	FRAME_PTS = 2,		/* pts is known */
	FRAME_TIME = 4,		/* rtp and recv_ntp are known */
};

/* 32 bytes a frame are all the memory that grows with a recording's length. */
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

struct frames {
	struct frame *frame;
	struct report *report;
	size_t nframes, nreports;
	size_t frames_cap, reports_cap;
	uint32_t timescale;	/* ticks of pts in a second, not 0 once there are frames */
};

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
 * Puts all in presentation order; frames without pts stay behind the one before
 * them. Reports that wait for a frame go to the last. 0, or -1 with errno.
 */
int frames_finish(struct frames *fs);

#endif
