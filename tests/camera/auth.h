/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The server's side of Basic (RFC 7617) and Digest (RFC 7616) authentication. */
#ifndef AUTH_H
#define AUTH_H

#include <stdbool.h>

#include "buf.h"

enum auth_kind { AUTH_NONE, AUTH_BASIC, AUTH_DIGEST, AUTH_DIGEST_SHA256 };

struct auth {
	enum auth_kind kind;
	const char *user, *password;
	bool qop;		/* Digest with qop="auth" */
	char nonce[33];
};

/* Makes the nonce. */
void auth_open(struct auth *auth);

/* Appends the WWW-Authenticate line of a 401 answer. */
void auth_challenge(const struct auth *auth, struct buf *answer);

/*
 * Whether the value of an Authorization header ("" if there was none) proves user
 * and password for this request.
 */
bool auth_verify(const struct auth *auth, const char *value, const char *method, const char *uri);

#endif
