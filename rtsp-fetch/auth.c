/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Challenges and answers. What the camera did not send is not sent back either. */
#include "auth.h"

#include <sys/types.h>

#include <netinet/in.h>

#include <arpa/nameser.h>
#include <md5.h>
#include <resolv.h>
#include <sha2.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define HEX_MAX	(SHA256_DIGEST_STRING_LENGTH)

/* One challenge of a header that may hold several. */
struct challenge {
	enum auth_scheme scheme;
	struct auth a;
	bool usable;
};

static enum auth_scheme
parse_scheme(const char *name, size_t len)
{
	if (len == 6 && strncasecmp(name, "Digest", len) == 0)
		return AUTH_DIGEST;
	return len == 5 && strncasecmp(name, "Basic", len) == 0 ? AUTH_BASIC : AUTH_NONE;
}

/* qop="auth,auth-int" */
static bool
has_auth(const char *qop)
{
	char name[32], value[2];

	while ((qop = rtsp_parameter(qop, ',', name, sizeof name, value, sizeof value)) != NULL) {
		if (strcasecmp(name, "auth") == 0)
			return true;
	}
	return false;
}

static void
take_parameter(struct challenge *c, const char *name, const char *value)
{
	struct auth *a = &c->a;

	if (strcasecmp(name, "realm") == 0) {
		strlcpy(a->realm, value, sizeof a->realm);
	} else if (strcasecmp(name, "nonce") == 0) {
		strlcpy(a->nonce, value, sizeof a->nonce);
	} else if (strcasecmp(name, "opaque") == 0) {
		strlcpy(a->opaque, value, sizeof a->opaque);
	} else if (strcasecmp(name, "stale") == 0) {
		a->stale = strcasecmp(value, "true") == 0;
	} else if (strcasecmp(name, "qop") == 0) {
		a->qop_auth = has_auth(value);
	} else if (strcasecmp(name, "algorithm") == 0) {
		strlcpy(a->algorithm, value, sizeof a->algorithm);
		a->sha256 = strcasecmp(value, "SHA-256") == 0;
		c->usable = a->sha256 || strcasecmp(value, "MD5") == 0;
	}
}

/* Takes a challenge over, unless a better one stood before it. */
static void
choose(struct auth *a, const struct challenge *c)
{
	if (!c->usable || c->scheme <= a->scheme)
		return;
	a->scheme = c->scheme;
	a->sha256 = c->a.sha256;
	a->stale = c->a.stale;
	a->qop_auth = c->a.qop_auth;
	a->nonce_count = 0;
	memcpy(a->algorithm, c->a.algorithm, sizeof a->algorithm);
	memcpy(a->realm, c->a.realm, sizeof a->realm);
	memcpy(a->nonce, c->a.nonce, sizeof a->nonce);
	memcpy(a->opaque, c->a.opaque, sizeof a->opaque);
}

static void
parse_challenges(struct auth *a, const char *text)
{
	struct challenge c = { 0 };
	char name[64], value[1024], *blank;

	while ((text = rtsp_parameter(text, ',', name, sizeof name, value, sizeof value)) != NULL) {
		char *parameter = name;

		/* A scheme stands before its first parameter: `Digest realm` = ... */
		blank = strpbrk(name, " \t");
		if (blank != NULL || parse_scheme(name, strlen(name)) != AUTH_NONE) {
			choose(a, &c);
			c = (struct challenge){ .usable = true };
			c.scheme = parse_scheme(name, blank != NULL ? (size_t)(blank - name) :
			    strlen(name));
			parameter = blank != NULL ? blank + strspn(blank, " \t\"") : name;
		}
		take_parameter(&c, parameter, value);
	}
	choose(a, &c);
}

bool
auth_challenge(struct auth *a, const struct rtsp_message *m)
{
	const char *value;
	size_t from = 0;

	a->scheme = AUTH_NONE;
	while ((value = rtsp_next_header(m, "WWW-Authenticate", &from)) != NULL)
		parse_challenges(a, value);
	return a->scheme != AUTH_NONE;
}

/* Lower-case hex of the digest of text. */
static void
digest(const struct auth *a, const char *text, char out[HEX_MAX])
{
	if (a->sha256)
		SHA256Data((const uint8_t *)text, strlen(text), out);
	else
		MD5Data((const uint8_t *)text, strlen(text), out);
}

static int
basic_header(const struct auth *a, char out[AUTH_HEADER_MAX])
{
	char plain[sizeof a->user + sizeof a->password], coded[2 * sizeof plain];
	int n = snprintf(plain, sizeof plain, "%s:%s", a->user, a->password);

	n = b64_ntop((const uint8_t *)plain, n, coded, sizeof coded);
	explicit_bzero(plain, sizeof plain);
	if (n < 0)
		return -1;
	snprintf(out, AUTH_HEADER_MAX, "Authorization: Basic %s\r\n", coded);
	explicit_bzero(coded, sizeof coded);
	return 0;
}

/* Text as a quoted-string: a quote or backslash in it gets a backslash. */
static void
quote(char *out, size_t size, const char *text)
{
	size_t n = 0;

	for (; *text != '\0' && n + 2 < size; text++) {
		if (*text == '"' || *text == '\\')
			out[n++] = '\\';
		out[n++] = *text;
	}
	out[n] = '\0';
}

static int
digest_header(struct auth *a, const char *method, const char *uri, char out[AUTH_HEADER_MAX])
{
	char text[AUTH_HEADER_MAX], ha1[HEX_MAX], ha2[HEX_MAX], response[HEX_MAX];
	char user[2 * sizeof a->user], cnonce[17], extra[128] = "";
	int n;

	snprintf(text, sizeof text, "%s:%s:%s", a->user, a->realm, a->password);
	digest(a, text, ha1);
	explicit_bzero(text, sizeof text);
	if (snprintf(text, sizeof text, "%s:%s", method, uri) >= (int)sizeof text)
		return -1;
	digest(a, text, ha2);
	if (a->qop_auth) {
		snprintf(cnonce, sizeof cnonce, "%08x%08x", arc4random(), arc4random());
		a->nonce_count++;
		snprintf(text, sizeof text, "%s:%s:%08x:%s:auth:%s", ha1, a->nonce,
		    a->nonce_count, cnonce, ha2);
		snprintf(extra, sizeof extra, ", qop=auth, nc=%08x, cnonce=\"%s\"",
		    a->nonce_count, cnonce);
	} else {
		snprintf(text, sizeof text, "%s:%s:%s", ha1, a->nonce, ha2);
	}
	digest(a, text, response);
	explicit_bzero(ha1, sizeof ha1);
	quote(user, sizeof user, a->user);
	n = snprintf(out, AUTH_HEADER_MAX, "Authorization: Digest username=\"%s\", realm=\"%s\", "
	    "nonce=\"%s\", uri=\"%s\", response=\"%s\"%s%s%s%s%s%s\r\n", user, a->realm,
	    a->nonce, uri, response, extra,
	    a->algorithm[0] != '\0' ? ", algorithm=" : "", a->algorithm,
	    a->opaque[0] != '\0' ? ", opaque=\"" : "", a->opaque,
	    a->opaque[0] != '\0' ? "\"" : "");
	return n < 0 || n >= AUTH_HEADER_MAX ? -1 : 0;
}

int
auth_header(struct auth *a, const char *method, const char *uri, char out[AUTH_HEADER_MAX])
{
	out[0] = '\0';
	if (a->scheme == AUTH_NONE || !a->has_user)
		return 0;
	if (a->scheme == AUTH_BASIC)
		return basic_header(a, out);
	return digest_header(a, method, uri, out);
}

void
auth_wipe(struct auth *a)
{
	explicit_bzero(a->password, sizeof a->password);
}
