/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Basic and Digest, as a camera asks for and verifies them (RFC 7616 3.3, 3.4.1). */
#include "auth.h"

#include <ctype.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <md5.h>
#include <sha2.h>

#include "base64.h"

#define REALM	"nalpipe camera"
#define HASH	SHA256_DIGEST_STRING_LENGTH	/* hexadecimal, with the NUL; MD5's is shorter */

void
auth_open(struct auth *auth)
{
	snprintf(auth->nonce, sizeof auth->nonce, "%08" PRIx32 "%08" PRIx32 "%08" PRIx32 "%08" PRIx32,
	    arc4random(), arc4random(), arc4random(), arc4random());
}

void
auth_challenge(const struct auth *auth, struct buf *answer)
{
	if (auth->kind == AUTH_BASIC) {
		buf_printf(answer, "WWW-Authenticate: Basic realm=\"%s\"\r\n", REALM);
		return;
	}
	buf_printf(answer, "WWW-Authenticate: Digest realm=\"%s\", nonce=\"%s\"%s%s\r\n", REALM,
	    auth->nonce, auth->kind == AUTH_DIGEST_SHA256 ? ", algorithm=SHA-256" : "",
	    auth->qop ? ", qop=\"auth\"" : "");
}

static bool
verify_basic(const struct auth *auth, const char *value)
{
	struct buf plain = { 0 }, encoded = { 0 };
	bool good;

	buf_printf(&plain, "%s:%s", auth->user, auth->password);
	base64_add(&encoded, plain.data, plain.len);
	good = !plain.failed && !encoded.failed && strlen(value) == encoded.len &&
	    memcmp(value, encoded.data, encoded.len) == 0;
	buf_free(&plain);
	buf_free(&encoded);
	return good;
}

/*
 * Copies a parameter of a Digest header, without its quotes. A name counts only where
 * a parameter can begin, so nonce is not found in cnonce, nor inside a quoted value.
 */
static bool
parameter(const char *value, const char *name, char *out, size_t size)
{
	size_t len = strlen(name), n = 0;
	bool quoted = false, begin = true, found = false;

	for (; *value != '\0' && !found; value++) {
		found = begin && !quoted && strncasecmp(value, name, len) == 0 && value[len] == '=';
		begin = !quoted && (*value == ',' || (begin && *value == ' '));
		quoted ^= *value == '"';
	}
	if (!found)
		return false;
	value += len;
	quoted = *value == '"';
	for (value += quoted; *value != '\0' && n + 1 < size; value++) {
		if (quoted ? *value == '"' : *value == ',' || isspace((unsigned char)*value))
			break;
		out[n++] = *value;
	}
	out[n] = '\0';
	return true;
}

/* The hash of formatted text, in hexadecimal. */
static void __attribute__((format(printf, 3, 4)))
hash(const struct auth *auth, char out[HASH], const char *fmt, ...)
{
	char text[4096];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	if (auth->kind == AUTH_DIGEST_SHA256)
		SHA256Data((const uint8_t *)text, strlen(text), out);
	else
		MD5Data((const uint8_t *)text, strlen(text), out);
}

static bool
verify_digest(const struct auth *auth, const char *value, const char *method, const char *uri)
{
	char user[256], realm[256], nonce[64], target[1024], response[HASH + 8];
	char algorithm[32] = "MD5", qop[16] = "", nc[16] = "", cnonce[256] = "";
	char a1[HASH], a2[HASH], want[HASH];

	if (!parameter(value, "username", user, sizeof user) ||
	    !parameter(value, "realm", realm, sizeof realm) ||
	    !parameter(value, "nonce", nonce, sizeof nonce) ||
	    !parameter(value, "uri", target, sizeof target) ||
	    !parameter(value, "response", response, sizeof response))
		return false;
	parameter(value, "algorithm", algorithm, sizeof algorithm);
	parameter(value, "qop", qop, sizeof qop);
	parameter(value, "nc", nc, sizeof nc);
	parameter(value, "cnonce", cnonce, sizeof cnonce);
	if (strcmp(user, auth->user) != 0 || strcmp(realm, REALM) != 0 ||
	    strcmp(nonce, auth->nonce) != 0 || strcmp(target, uri) != 0 ||
	    strcasecmp(algorithm, auth->kind == AUTH_DIGEST_SHA256 ? "SHA-256" : "MD5") != 0)
		return false;
	hash(auth, a1, "%s:%s:%s", user, realm, auth->password);
	hash(auth, a2, "%s:%s", method, uri);
	if (!auth->qop) {
		hash(auth, want, "%s:%s:%s", a1, nonce, a2);
		return *qop == '\0' && strcasecmp(response, want) == 0;
	}
	hash(auth, want, "%s:%s:%s:%s:%s:%s", a1, nonce, nc, cnonce, qop, a2);
	return strcmp(qop, "auth") == 0 && strlen(nc) == 8 && *cnonce != '\0' &&
	    strcasecmp(response, want) == 0;
}

bool
auth_verify(const struct auth *auth, const char *value, const char *method, const char *uri)
{
	if (auth->kind == AUTH_NONE)
		return true;
	if (auth->kind == AUTH_BASIC)
		return strncasecmp(value, "Basic ", 6) == 0 && verify_basic(auth, value + 6);
	return strncasecmp(value, "Digest ", 7) == 0 &&
	    verify_digest(auth, value + 7, method, uri);
}
