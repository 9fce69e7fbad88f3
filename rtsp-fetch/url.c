/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * RTSP URLs. Cameras expect a control to be appended to the base as text, also
 * behind a query: RFC 3986 joining gives URLs that they do not know.
 */
#include "url.h"

#include <ctype.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#define SCHEME	"rtsp://"

/* Where the authority of a URL begins; NULL: it is not of our scheme. */
static const char *
authority(const char *text)
{
	return strncasecmp(text, SCHEME, strlen(SCHEME)) == 0 ? text + strlen(SCHEME) : NULL;
}

static int
hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c |= 0x20;
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decodes [p, end) into out[size]; a % that codes nothing, or NUL, stands for itself. */
static int
decode(char *out, size_t size, const char *p, const char *end)
{
	size_t n = 0;
	int high, low;

	for (; p < end; p++) {
		if (n + 1 >= size)
			return -1;
		high = *p == '%' && end - p > 2 ? hex(p[1]) : -1;
		low = high >= 0 ? hex(p[2]) : -1;
		if (low >= 0 && (high | low) != 0) {
			out[n++] = high << 4 | low;
			p += 2;
		} else {
			out[n++] = *p;
		}
	}
	out[n] = '\0';
	return 0;
}

/* The @ that ends user and password; NULL: there are none. */
static const char *
last_at(const char *begin, const char *end)
{
	while (end > begin) {
		if (*--end == '@')
			return end;
	}
	return NULL;
}

/* [user[:password]@ */
static const char *
parse_credentials(struct url *u, const char *begin, const char *at)
{
	const char *colon = memchr(begin, ':', at - begin);

	u->has_user = true;
	if (decode(u->user, sizeof u->user, begin, colon != NULL ? colon : at) == -1)
		return "the user name is too long";
	if (colon == NULL)
		return NULL;
	u->has_password = true;
	if (decode(u->password, sizeof u->password, colon + 1, at) == -1)
		return "the password is too long";
	return NULL;
}

/* :port, from here to end; nothing there: the standard one. */
static const char *
parse_port(struct url *u, const char *text, const char *end)
{
	ptrdiff_t n = end - text - 1;

	strlcpy(u->port, "554", sizeof u->port);
	if (text == end)
		return NULL;
	if (*text != ':' || n < 1 || n > 5 || (ptrdiff_t)strspn(text + 1, "0123456789") < n)
		return "the port is not a number from 1 to 65535";
	memcpy(u->port, text + 1, n);
	u->port[n] = '\0';
	return atol(u->port) < 1 || atol(u->port) > 65535 ?
	    "the port is not a number from 1 to 65535" : NULL;
}

/*
 * An IPv6 address may have a zone, [fe80::1%25eth0] (RFC 6874), which only this
 * host can make sense of: resolving wants a bare %, the camera nothing of it.
 */
static void
split_zone(struct url *u)
{
	char *zone = strchr(u->host, '%'), *shown = strchr(u->root, '%'), *after = strchr(u->root, ']');

	if (zone == NULL || shown == NULL || after == NULL)
		return;
	memmove(shown, after, strlen(after) + 1);
	if (strncmp(zone, "%25", 3) == 0)
		memmove(zone + 1, zone + 3, strlen(zone + 3) + 1);
}

/* host[:port], the host in brackets if it is an IPv6 address */
static const char *
parse_host(struct url *u, const char *begin, const char *end)
{
	bool bracket = begin < end && *begin == '[';
	const char *host = begin + bracket, *host_end, *wrong;

	host_end = memchr(host, bracket ? ']' : ':', end - host);
	if (host_end == NULL && bracket)
		return "the ] of the IPv6 address is missing";
	if (host_end == NULL)
		host_end = end;
	if (!bracket && host_end < end && memchr(host_end + 1, ':', end - host_end - 1) != NULL)
		return "an IPv6 address stands in brackets: rtsp://[::1]/";
	if (host == host_end)
		return "there is no host in it";
	if ((size_t)(host_end - host) >= sizeof u->host)
		return "the host is too long";
	memcpy(u->host, host, host_end - host);
	if ((wrong = parse_port(u, host_end + bracket, end)) != NULL)
		return wrong;
	snprintf(u->root, sizeof u->root, SCHEME "%.*s", (int)(end - begin), begin);
	if (bracket)
		split_zone(u);
	return NULL;
}

const char *
url_parse(struct url *u, const char *text)
{
	const char *begin = authority(text), *end, *at, *wrong;

	memset(u, 0, sizeof *u);
	if (strncasecmp(text, "rtsps://", 8) == 0)
		return "rtsps (TLS) is not there yet";
	if (begin == NULL)
		return "it does not begin with rtsp://";
	for (const char *p = text; *p != '\0'; p++) {
		if (iscntrl((unsigned char)*p) || *p == ' ')
			return "it has a blank or a control character in it";
	}
	end = begin + strcspn(begin, "/?");
	at = last_at(begin, end);
	if (at != NULL && (wrong = parse_credentials(u, begin, at)) != NULL)
		return wrong;
	if (at != NULL)
		begin = at + 1;
	if ((size_t)(end - begin) >= sizeof u->root - strlen(SCHEME))
		return "the host is too long";
	if ((wrong = parse_host(u, begin, end)) != NULL)
		return wrong;
	if (strlcpy(u->path, end, sizeof u->path) >= sizeof u->path - sizeof u->root)
		return "it is too long";
	return NULL;
}

void
url_blank(char *text)
{
	const char *begin = authority(text), *end, *colon, *at;

	if (begin == NULL)
		return;
	end = begin + strcspn(begin, "/?");
	at = last_at(begin, end);
	colon = at != NULL ? memchr(begin, ':', at - begin) : NULL;
	if (colon != NULL)
		memset(text + (colon + 1 - text), '*', at - colon - 1);
}

static int
join(char out[URL_MAX], const char *a, const char *b, const char *c)
{
	int n = snprintf(out, URL_MAX, "%s%s%s", a, b, c);

	return n < 0 || n >= URL_MAX ? -1 : 0;
}

int
url_request(char out[URL_MAX], const struct url *u)
{
	return join(out, u->root, u->path, "");
}

/* What follows the scheme, which some write twice, and some not at all. */
static const char *
after_scheme(const char *text)
{
	static const char scheme[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789+-.";
	size_t n;

	while ((n = strspn(text, scheme)) > 0 && strncmp(text + n, "://", 3) == 0)
		text += n + 3;
	return text;
}

static bool
is_empty(const char *value)
{
	return *value == '\0' || strcmp(value, "*") == 0;
}

int
url_base(char out[URL_MAX], const struct url *u, const char *value)
{
	const char *host = after_scheme(value);

	if (is_empty(value))
		return url_request(out, u);
	return join(out, u->root, host + strcspn(host, "/?"), "");
}

int
url_control(char out[URL_MAX], const struct url *u, const char *base, const char *value)
{
	const char *host = after_scheme(value);
	bool slash = *base != '\0' && base[strlen(base) - 1] == '/';

	if (is_empty(value))
		return join(out, base, "", "");
	if (host != value)
		return join(out, u->root, host + strcspn(host, "/?"), "");
	if (*value == '/' && slash)
		value++;
	return join(out, base, slash || *value == '/' || *value == '?' ? "" : "/", value);
}
