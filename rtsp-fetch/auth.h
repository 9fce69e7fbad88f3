/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* HTTP authentication as RTSP uses it: Basic (RFC 7617), Digest (RFC 2069, 7616). */
#ifndef AUTH_H
#define AUTH_H

#include <stdbool.h>
#include <stddef.h>

#include "rtsp.h"

#define AUTH_HEADER_MAX	4096

enum auth_scheme {
	AUTH_NONE,
	AUTH_BASIC,
	AUTH_DIGEST,
};

struct auth {
	char user[256], password[256];
	bool has_user;

	/* The challenge that was chosen. */
	enum auth_scheme scheme;
	bool sha256;
	bool stale;			/* the nonce was only too old */
	char algorithm[32];		/* as the camera spelled it; empty: it did not */
	char realm[256], nonce[512], opaque[512];
	bool qop_auth;
	unsigned nonce_count;
};

/*
 * Chooses a challenge from the WWW-Authenticate headers of a 401: the first
 * Digest whose algorithm is known here, else Basic. false: there is none.
 */
bool auth_challenge(struct auth *a, const struct rtsp_message *m);

/*
 * Writes the Authorization header line for a request, CRLF included; an empty
 * string before a challenge. The uri must be that of the request line. 0, or -1:
 * it does not fit.
 */
int auth_header(struct auth *a, const char *method, const char *uri, char out[AUTH_HEADER_MAX]);

/* Forgets the password. */
void auth_wipe(struct auth *a);

#endif
