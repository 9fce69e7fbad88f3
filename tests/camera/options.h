/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The camera's command line. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "fault.h"
#include "dialect.h"
#include "rtp.h"
#include "rtsp.h"
#include "session.h"

struct options {
	int64_t port;			/* 0: any */
	int64_t sessions;		/* to play before the end; 0: no end */
	int64_t fps_num, fps_den;
	bool no_sprop;
	const char *log, *file, *extmap;
	struct rtp_form rtp;
	struct rtsp_server server;	/* path, timeout_s, auth */
	struct session_form session;	/* all that is a number or a switch */
	struct faults faults;
	struct dialects dialects;
	bool help, list_faults, list_dialects;
};

/* Reads the command line. 0, or -1 with what is wrong in why[size]. */
int options_parse(struct options *o, int argc, char *argv[], char *why, size_t size);

/* Prints the usage. */
void options_usage(FILE *out);

#endif
