/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The RTSP exchange as text, for people to attach to a report (--trace). The
 * receiver leaves messages in memory, main writes them; no secret is in the file.
 */
#ifndef TRACE_H
#define TRACE_H

#include <stdbool.h>
#include <stddef.h>

enum trace_kind {
	TRACE_NOTE,		/* what is no message: connecting, the end */
	TRACE_SENT,
	TRACE_RECEIVED,
	TRACE_ODD,		/* received, and no message */
};

/*
 * Opens the file, to append to it; secret is the password, which is replaced
 * wherever it stands, and must live on. Without this call the others do nothing.
 * 0, or -1 with errno.
 */
int trace_open(const char *file, const char *secret);

/* For the receiver: keeps a copy, with the time. Never waits; what has no room is counted. */
void trace_bytes(enum trace_kind kind, const void *data, size_t len);
void trace_note(const char *format, ...) __attribute__((format(printf, 1, 2)));

/* For main: writes what there is. 0, or -1 with errno, once: then the trace is over. */
int trace_write(void);

/* Ends it. 0, or -1 with errno: not all of it could be written. */
int trace_close(void);

#endif
