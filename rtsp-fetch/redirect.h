/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef REDIRECT_H
#define REDIRECT_H

#include "session.h"

/*
 * The answer sends us elsewhere (RFC 2326 11.3): connects to what its Location
 * names, or refuses. User name and password go to the host that the user named,
 * and to no other.
 */
void redirect_follow(struct session *s, const struct rtsp_message *m);

#endif
