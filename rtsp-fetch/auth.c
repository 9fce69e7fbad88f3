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
#define OFFERS	8	/* of a camera that are looked at */

static enum auth_scheme
parse_scheme(const char *name, size_t len)
{
	if (len == 6 && strncasecmp(name, "Digest", len) == 0)
		return AUTH_MD5;
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

static enum auth_scheme
parse_algorithm(const char *name)
{
	if (strcasecmp(name, "MD5") == 0)
		return AUTH_MD5;
	return strcasecmp(name, "SHA-256") == 0 ? AUTH_SHA256 : AUTH_NONE;
}

static void
take_parameter(struct auth_offer *o, const char *name, const char *value)
{
	if (strcasecmp(name, "realm") == 0) {
		strlcpy(o->realm, value, sizeof o->realm);
	} else if (strcasecmp(name, "nonce") == 0) {
		strlcpy(o->nonce, value, sizeof o->nonce);
	} else if (strcasecmp(name, "opaque") == 0) {
		strlcpy(o->opaque, value, sizeof o->opaque);
	} else if (strcasecmp(name, "stale") == 0) {
		o->stale = strcasecmp(value, "true") == 0;
	} else if (strcasecmp(name, "qop") == 0) {
		o->qop_auth = has_auth(value);
	} else if (strcasecmp(name, "algorithm") == 0 && o->scheme != AUTH_BASIC) {
		strlcpy(o->algorithm, value, sizeof o->algorithm);
		o->scheme = parse_algorithm(value);
	}
}

/* Appends the offers of one header. Returns how many there are then. */
static size_t
parse_offers(struct auth_offer offers[OFFERS], size_t n, const char *text)
{
	char name[64], value[1024];

	while ((text = rtsp_parameter(text, ',', name, sizeof name, value, sizeof value)) != NULL) {
		size_t scheme = strcspn(name, " \t");
		bool begins = name[scheme] != '\0' || parse_scheme(name, scheme) != AUTH_NONE;

		/* A scheme stands before its first parameter: `Digest realm` = ... */
		if (begins && n == OFFERS)
			return n;
		if (begins)
			offers[n++] = (struct auth_offer){ .scheme = parse_scheme(name, scheme) };
		if (n > 0)
			take_parameter(&offers[n - 1], begins ? rtsp_trim(name + scheme) : name, value);
	}
	return n;
}

/* Where a Digest is offered, Basic would give the password away for nothing. */
static const struct auth_offer *
choose(const struct auth_offer *offers, size_t n, unsigned refused)
{
	const struct auth_offer *basic = NULL;
	bool digest = false;

	for (const struct auth_offer *o = offers; o < offers + n; o++) {
		if (o->scheme > AUTH_BASIC && !(refused & 1U << o->scheme))
			return o;
		digest |= o->scheme > AUTH_BASIC;
		if (o->scheme == AUTH_BASIC && !(refused & 1U << AUTH_BASIC))
			basic = o;
	}
	return digest ? NULL : basic;
}

bool
auth_challenge(struct auth *a, const struct rtsp_message *m, bool refused)
{
	struct auth_offer offers[OFFERS];
	const struct auth_offer *chosen;
	const char *value;
	size_t from = 0, n = 0;

	while ((value = rtsp_next_header(m, "WWW-Authenticate", &from)) != NULL)
		n = parse_offers(offers, n, value);
	for (size_t i = 0; i < n; i++)
		refused &= !(offers[i].stale && offers[i].scheme == a->offer.scheme);
	if (refused)
		a->refused |= 1U << a->offer.scheme;
	chosen = choose(offers, n, a->refused);
	if (chosen == NULL)
		return false;
	if (strcmp(chosen->nonce, a->offer.nonce) != 0)
		a->nonce_count = 0;
	a->offer = *chosen;
	return true;
}

/* Lower-case hex of the digest of text. */
static void
digest(const struct auth *a, const char *text, char out[HEX_MAX])
{
	if (a->offer.scheme == AUTH_SHA256)
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
	const struct auth_offer *o = &a->offer;
	char text[AUTH_HEADER_MAX], ha1[HEX_MAX], ha2[HEX_MAX], response[HEX_MAX];
	char user[2 * sizeof a->user], cnonce[17], extra[128] = "";
	int n;

	snprintf(text, sizeof text, "%s:%s:%s", a->user, o->realm, a->password);
	digest(a, text, ha1);
	explicit_bzero(text, sizeof text);
	if (snprintf(text, sizeof text, "%s:%s", method, uri) >= (int)sizeof text)
		return -1;
	digest(a, text, ha2);
	if (o->qop_auth) {
		snprintf(cnonce, sizeof cnonce, "%08x%08x", arc4random(), arc4random());
		a->nonce_count++;
		snprintf(text, sizeof text, "%s:%s:%08x:%s:auth:%s", ha1, o->nonce,
		    a->nonce_count, cnonce, ha2);
		snprintf(extra, sizeof extra, ", qop=auth, nc=%08x, cnonce=\"%s\"",
		    a->nonce_count, cnonce);
	} else {
		snprintf(text, sizeof text, "%s:%s:%s", ha1, o->nonce, ha2);
	}
	digest(a, text, response);
	explicit_bzero(ha1, sizeof ha1);
	quote(user, sizeof user, a->user);
	n = snprintf(out, AUTH_HEADER_MAX, "Authorization: Digest username=\"%s\", realm=\"%s\", "
	    "nonce=\"%s\", uri=\"%s\", response=\"%s\"%s%s%s%s%s%s\r\n", user, o->realm,
	    o->nonce, uri, response, extra,
	    o->algorithm[0] != '\0' ? ", algorithm=" : "", o->algorithm,
	    o->opaque[0] != '\0' ? ", opaque=\"" : "", o->opaque,
	    o->opaque[0] != '\0' ? "\"" : "");
	return n < 0 || n >= AUTH_HEADER_MAX ? -1 : 0;
}

int
auth_header(struct auth *a, const char *method, const char *uri, char out[AUTH_HEADER_MAX])
{
	out[0] = '\0';
	if (a->offer.scheme == AUTH_NONE || !a->has_user)
		return 0;
	if (a->offer.scheme == AUTH_BASIC)
		return basic_header(a, out);
	return digest_header(a, method, uri, out);
}

void
auth_wipe(struct auth *a)
{
	explicit_bzero(a->password, sizeof a->password);
}
