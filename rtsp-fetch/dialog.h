/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The requests of a session and what their answers lead to (RFC 2326). */
#ifndef DIALOG_H
#define DIALOG_H

#include "session.h"

/* On a connection that stands: the first request. */
void dialog_begin(struct session *s);

/* A message of the camera: an answer, or a request of its own. */
void dialog_message(struct session *s, const struct rtsp_message *m);

/* Keeps the session alive; the next time is set. */
void dialog_keepalive(struct session *s);

/* Ends a session that was set up; its answer, or its time, ends the loop. */
void dialog_teardown(struct session *s);

#endif
