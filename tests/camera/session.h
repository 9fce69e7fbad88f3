/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One played session: frames and reports at the times of the script, faults played
 * on the way, and the truth logged.
 */
#ifndef SESSION_H
#define SESSION_H

#include <stdbool.h>
#include <stdint.h>

#include "clip.h"
#include "conn.h"
#include "fault.h"
#include "log.h"
#include "rtp.h"
#include "rtsp.h"
#include "script.h"

/* What is the same for all sessions. */
struct session_form {
	const struct clip *clip;
	struct rtp *rtp;		/* heads are patched in place */
	struct faults *faults;
	struct log *log;
	struct script script;		/* start_unix_ns is set by each session */
	int64_t tick_num, tick_den;	/* ticks of a clip's position */
	uint64_t frames;		/* to send; 0: no end */
	bool once;			/* one pass of the clip */
	bool no_bye;
	bool max_speed;			/* nothing waits for the script */
	int64_t spread_ns;		/* a frame's packets over this scripted time */
	int64_t report_ns;		/* interval of sender reports, scripted; 0: none */
	bool report_before_play, report_second, report_pair;
	int64_t ssrc, rtp_start, seq_start;	/* -1: random */
};

/*
 * Answers a PLAY that waits in rtsp, and sends until the client, the script or a
 * signal ends it. Returns the reason, which is also logged; NULL without memory.
 */
const char *session_run(const struct session_form *form, struct rtsp *rtsp, struct conn *conn);

#endif
