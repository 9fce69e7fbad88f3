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
	AUTH_MD5,		/* Digest */
	AUTH_SHA256,
};

/* What a camera asks for. */
struct auth_offer {
	enum auth_scheme scheme;
	bool stale;			/* the nonce was only too old */
	bool qop_auth;
	char algorithm[32];		/* as the camera spelled it; empty: it did not */
	char realm[256], nonce[512], opaque[512];
};

struct auth {
	char user[256], password[256];
	bool has_user;

	struct auth_offer offer;	/* the one that is answered */
	unsigned nonce_count;
	unsigned refused;		/* schemes that did not help, as bits */
};

/*
 * Chooses from the WWW-Authenticate headers of a 401: the first Digest whose
 * algorithm is known here; Basic if there is none. If refused, the request had an
 * answer to the offer before, and unless that was only stale its scheme is not
 * tried again: some cameras offer a SHA-256 that they cannot do. false: there is
 * nothing left to try.
 */
bool auth_challenge(struct auth *a, const struct rtsp_message *m, bool refused);

/*
 * Writes the Authorization header line for a request, CRLF included; an empty
 * string before a challenge. The uri must be that of the request line. 0, or -1:
 * it does not fit.
 */
int auth_header(struct auth *a, const char *method, const char *uri, char out[AUTH_HEADER_MAX]);

/* Forgets the password. */
void auth_wipe(struct auth *a);

#endif
