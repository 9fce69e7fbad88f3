/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A session with a camera (RFC 2326): from connecting to TEARDOWN, and again if
 * that is asked for, in one poll loop that never waits for anything but its
 * descriptors and timers.
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
#include "keepalive.h"
#include "media.h"
#include "retry.h"
#include "sdp.h"
#include "stream.h"
#include "url.h"

#define SESSION_REPORT_NS	(5 * CLOCK_NS_PER_S)	/* between receiver reports */
#define SESSION_SILENCE_NS	(75 * CLOCK_NS_PER_S)	/* without a byte */

enum session_timer {
	TIMER_CONNECT,		/* one address */
	TIMER_ANSWER,		/* to the open request */
	TIMER_KEEPALIVE,
	TIMER_REPORT,		/* receiver reports */
	TIMER_DURATION,
	TIMER_SILENCE,		/* no byte from the camera */
	TIMER_STALL,		/* no whole frame */
	TIMER_RETRY,		/* the next connection */
	TIMER_CLOCK,		/* the next C record */
	TIMER_COUNT,
};

enum session_state {
	SESSION_CONNECTING,
	SESSION_RESOLVING,
	SESSION_WAITING,	/* before the next connection */
	SESSION_OPTIONS,
	SESSION_DESCRIBE,
	SESSION_SETUP,
	SESSION_PLAY,
	SESSION_PLAYING,
	SESSION_TEARDOWN,
	SESSION_OVER,
};

/* Whether a camera is told that its session is over. */
enum session_teardown {
	TEARDOWN_AUTO,		/* once, if the connection stands */
	TEARDOWN_ALWAYS,	/* until it answers, or the session has timed out at the camera */
	TEARDOWN_NEVER,
};

/* What follows a connection. */
enum session_next {
	NEXT_END,
	NEXT_RETRY,		/* another one, when it is time */
	NEXT_AT_ONCE,		/* another one, which is a step of the same try */
};

/* What others may look at while the session runs. */
struct session_stats {
	atomic_uint_fast64_t frames, damaged, shed, bytes, lost, reports;
	atomic_uint_fast64_t playing_ns;	/* monotonic time of PLAY's answer; 0: not yet */
	atomic_uint_fast64_t report_ns;		/* of the last sender report; 0: none yet */
};

/* Figures of the connections that were. */
struct session_past {
	uint64_t frames, damaged, bytes, lost;
};

struct session {
	/* The caller's. */
	struct url url;
	struct auth auth;
	int64_t duration_ns;		/* from PLAY's answer; 0: without end */
	bool list;			/* end when the camera's description is in `sdp` */
	bool keep_damaged;
	bool wait;			/* for the reader of stdout, and shed nothing */
	bool reconnect;
	bool strict;			/* end at the first loss */
	int64_t stall_ns;		/* without a whole frame; 0: never mind */
	enum session_teardown teardown;
	size_t track;			/* to record, from 1; 0: the first that can be */
	struct ring *ring;
	int wake_fd;			/* readable: look at `stop` and the ring */
	void (*wake)(void);		/* makes it readable, from any thread */
	atomic_bool stop;		/* an asked-for end */
	struct session_stats stats;

	/* Set by session_run(). */
	int status;			/* of the stream's end: 0 as asked, 1 not */
	char reason[256];

	/* The rest is the session's own. First what is true of all connections. */
	_Atomic enum session_state state;	/* the receiver's to set; others may look */
	int64_t timers[TIMER_COUNT];	/* monotonic ns; INT64_MAX: off */
	struct conn conn;
	struct rtsp_message message;
	struct stream stream;
	struct url home;		/* the user's; url may be one that it was redirected to */
	struct addrinfo *found;		/* looked up last */
	bool found_home;		/* and they are those of home */
	const struct addrinfo *address, *next_address;
	struct retry retry;
	struct keepalive keepalive;
	struct session_past past;
	size_t number;			/* of the track in the stream, once there is one */
	unsigned nredirects;
	bool withheld;			/* redirected to another host, which gets no credentials */
	bool fresh;			/* a 401 at SETUP was given a connection of its own */
	bool resend;			/* and so was a 401 that the camera closed after */
	enum session_state resend_state;	/* which request that was for */
	bool begun;			/* the stream has an S */
	bool ended;			/* and an E */
	bool outage;			/* what S describes has ended */
	unsigned attempts;		/* since it has */
	char outage_reason[256];
	uint64_t nwhole;		/* whole access units of this connection, as far as was looked */
	int64_t frame_ns;		/* monotonic time of the last whole frame, or of S */

	/* How this connection ends. */
	enum session_next next;
	bool closed;			/* nothing can be sent any more */
	bool clean;			/* the camera ended it in good order */
	bool deaf;			/* what it sends is not to be understood */
	int64_t busy_ns;		/* it has no room for so long */
	int64_t play_ns;		/* monotonic time of PLAY's answer; 0: not yet */
	int64_t expires_ns;		/* monotonic time until which TEARDOWN is tried */
	bool torn_down;			/* the camera knows that the session is over */
	bool tearing_down;		/* this connection is for a TEARDOWN only */

	/* Then the dialog's. */
	unsigned cseq, open_cseq, keepalive_cseq;
	unsigned tries;			/* of the open request, with credentials */
	unsigned ncontrols;		/* URLs of the control that SETUP has tried */
	char request_url[URL_MAX], base[URL_MAX], aggregate[URL_MAX], open_url[URL_MAX];
	const char *open_method;	/* of the open request; NULL: none is */
	const char *open_headers;
	char session_id[256];
	int64_t timeout_ns;		/* of the session at the camera */
	bool keepalive_open;		/* the last keep-alive has no answer yet */
	char server[128];
	char *sdp_text;
	struct sdp sdp;
	struct media media;
	bool head_written, media_opened;
	struct hostclock clock;
	const char *priority;
	uint32_t our_ssrc;
	uint64_t unasked;		/* packets on channels that nobody asked for */
	uint64_t stray_told;		/* of conn.stray: what G records have told */
	int64_t stray_ns;		/* monotonic time of the next such record at the earliest */
};

/*
 * Runs the session to its end and closes the ring. All of the nalstream that
 * the camera gave, E included, is in the ring then; with `list`, nothing is.
 */
void session_run(struct session *s);

/*
 * The track to record: the one that was asked for, or the first that can be.
 * NULL: there is none.
 */
struct sdp_media *session_track(struct session *s);

/* For the files that the session is made of. */

/* A timer goes off ns from now, or not at all. */
void session_timer_set(struct session *s, enum session_timer timer, int64_t ns);
void session_timer_off(struct session *s, enum session_timer timer);
void session_timers_off(struct session *s);	/* all that are of one connection */

/* Sends to the camera; the session fails if that cannot be done. */
void session_send(struct session *s, const void *data, size_t len);

#endif
