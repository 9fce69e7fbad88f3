/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The truth: what the camera did, and when. Text, one line each, numbers decimal:
 *
 *   # ...         how to read it (the first lines)
 *   P start_ns    a session begins: host time of tick 0 of its script
 *   F index rtp capture_ns camera_ntp before_ns after_ns key packets
 *                 a frame, in sending order from 0: its RTP time (32 bits); when it
 *                 was taken, on the scripted host clock (Unix ns) and the camera's
 *                 clock (NTP, 64 bits); the host's CLOCK_REALTIME just before the
 *                 write(2) that carried its first packet, and just after it returned
 *                 (with --speed max that write carries many packets); 1 for an IDR
 *                 picture; how many packets were sent. 0 0 ... 0: all were dropped
 *   R ntp rtp sent_ns
 *                 a sender report, and the host's time just before its write(2)
 *   D name ...    a fault was played: what and where
 *   Q reason      the session has ended
 */
#ifndef LOG_H
#define LOG_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

struct log {
	FILE *file;		/* NULL: nothing is logged */
	int64_t flushed_ns;	/* CLOCK_MONOTONIC */
};

struct log_frame {
	uint64_t index;
	uint32_t rtp;
	int64_t capture_unix_ns;
	uint64_t camera_ntp;
	int64_t before_unix_ns, after_unix_ns;
	bool key;
	unsigned packets;
};

/* Opens path, or nothing if it is NULL. 0, or -1 with errno. */
int log_open(struct log *log, const char *path);

/* Flushes and closes; -1 with errno if not all could be written. */
int log_close(struct log *log);

void log_frame(struct log *log, const struct log_frame *f);
void log_report(struct log *log, uint64_t ntp, uint32_t rtp, int64_t sent_unix_ns);
void log_start(struct log *log, int64_t start_unix_ns);
void log_quit(struct log *log, const char *reason);
void log_fault(struct log *log, const char *name, const char *what);

/* To be called often: flushes once a second. */
void log_tick(struct log *log);

#endif
