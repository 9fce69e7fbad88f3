/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A session with a camera (RFC 2326): from connecting to TEARDOWN, in one poll
 * loop that never waits for anything but its descriptors and timers.
 */
#ifndef SESSION_H
#define SESSION_H

#include <netdb.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "auth.h"
#include "clock.h"
#include "conn.h"
#include "hostclock.h"
#include "media.h"
#include "sdp.h"
#include "stream.h"
#include "url.h"

#define SESSION_REPORT_NS	(5 * CLOCK_NS_PER_S)	/* between receiver reports */

enum session_timer {
	TIMER_CONNECT,		/* one address */
	TIMER_ANSWER,		/* to the open request */
	TIMER_KEEPALIVE,
	TIMER_REPORT,		/* receiver reports */
	TIMER_DURATION,
	TIMER_SILENCE,		/* no byte from the camera */
	TIMER_CLOCK,		/* the next C record */
	TIMER_COUNT,
};

enum session_state {
	SESSION_CONNECTING,
	SESSION_OPTIONS,
	SESSION_DESCRIBE,
	SESSION_SETUP,
	SESSION_PLAY,
	SESSION_PLAYING,
	SESSION_TEARDOWN,
	SESSION_OVER,
};

/* What others may look at while the session runs. */
struct session_stats {
	atomic_uint_fast64_t frames, damaged, shed, bytes, lost, reports;
	atomic_uint_fast64_t playing_ns;	/* monotonic time of PLAY's answer; 0: not yet */
	atomic_uint_fast64_t report_ns;		/* of the last sender report; 0: none yet */
};

struct session {
	/* The caller's. */
	struct url url;
	struct auth auth;
	const struct addrinfo *addresses;	/* NULL: there are none */
	int resolve_error;		/* then: of getaddrinfo(3) */
	int64_t duration_ns;		/* from PLAY's answer; 0: without end */
	bool list;			/* end when the camera's description is in `sdp` */
	bool keep_damaged;
	bool wait;			/* for the reader of stdout, and shed nothing */
	struct ring *ring;
	int wake_fd;			/* readable: look at `stop` and the ring */
	atomic_bool stop;		/* an asked-for end */
	struct session_stats stats;

	/* Set by session_run(). */
	int status;			/* of the stream's end: 0 as asked, 1 not */
	char reason[256];

	/* The rest is session.c's and dialog.c's own. */
	_Atomic enum session_state state;	/* the receiver's to set; others may look */
	int64_t timers[TIMER_COUNT];	/* monotonic ns; INT64_MAX: off */
	struct conn conn;
	struct rtsp_message message;
	struct stream stream;
	const struct addrinfo *next_address;
	unsigned cseq, open_cseq, keepalive_cseq;
	unsigned tries;			/* of the open request, with credentials */
	unsigned ncontrols;		/* URLs of the control that SETUP has tried */
	char request_url[URL_MAX], base[URL_MAX], aggregate[URL_MAX], open_url[URL_MAX];
	const char *open_method;	/* of the open request; NULL: none is */
	const char *open_headers;
	char session_id[256];
	int64_t timeout_ns;		/* of the session at the camera */
	bool get_parameter;		/* the camera says it knows GET_PARAMETER */
	char server[128];
	char *sdp_text;
	struct sdp sdp;
	struct media media;
	bool head_written, media_opened;
	struct hostclock clock;
	const char *priority;
	uint32_t our_ssrc;
	uint64_t unasked;		/* packets on channels that nobody asked for */
};

/*
 * Runs the session to its end and closes the ring. All of the nalstream that
 * the camera gave, E included, is in the ring then; with `list`, nothing is.
 */
void session_run(struct session *s);

/* For dialog.c. */

/* A timer goes off ns from now, or not at all. */
void session_timer_set(struct session *s, enum session_timer timer, int64_t ns);
void session_timer_off(struct session *s, enum session_timer timer);

/*
 * Ends the session at once, status 1, for this reason (the first one counts):
 * there is nobody to send a TEARDOWN to, or no use in it.
 */
void session_fail(struct session *s, const char *format, ...)
    __attribute__((format(printf, 2, 3)));
void session_fail_errno(struct session *s, const char *what);

/* Sends to the camera; the session fails if that cannot be done. */
void session_send(struct session *s, const void *data, size_t len);

/* Writes S, the stream's head. 0, or -1 with errno. */
int session_write_head(struct session *s);

#endif
