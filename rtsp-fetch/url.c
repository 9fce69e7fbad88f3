/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * RTSP URLs. Cameras expect a control to be appended to the base as text, also
 * behind a query: RFC 3986 joining gives URLs that they do not know.
 */
#include "url.h"

#include <ctype.h>
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

/* Percent-decodes [p, end) into out[size]; a % that codes nothing stands for itself. */
static int
decode(char *out, size_t size, const char *p, const char *end)
{
	size_t n = 0;

	for (; p < end; p++) {
		if (n + 1 >= size)
			return -1;
		if (*p == '%' && end - p > 2 && hex(p[1]) >= 0 && hex(p[2]) >= 0) {
			out[n++] = hex(p[1]) << 4 | hex(p[2]);
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

/* host[:port], the host in brackets if it is an IPv6 address */
static const char *
parse_host(struct url *u, const char *begin, const char *end)
{
	const char *host = begin, *host_end, *port = NULL;
	long n;

	if (begin < end && *begin == '[') {
		host++;
		host_end = memchr(begin, ']', end - begin);
		if (host_end == NULL)
			return "the ] of the IPv6 address is missing";
		if (host_end + 1 < end)
			port = host_end + 1;
	} else {
		host_end = memchr(begin, ':', end - begin);
		port = host_end;
		if (host_end == NULL)
			host_end = end;
	}
	if (host == host_end)
		return "there is no host in it";
	if ((size_t)(host_end - host) >= sizeof u->host)
		return "the host is too long";
	memcpy(u->host, host, host_end - host);
	strlcpy(u->port, "554", sizeof u->port);
	if (port != NULL) {
		n = end - port - 1;
		if (*port != ':' || n < 1 || n > 5 || (int)strspn(port + 1, "0123456789") < n)
			return "the port is not a number from 1 to 65535";
		memcpy(u->port, port + 1, n);
		u->port[n] = '\0';
		if (atol(u->port) < 1 || atol(u->port) > 65535)
			return "the port is not a number from 1 to 65535";
	}
	snprintf(u->root, sizeof u->root, SCHEME "%.*s", (int)(end - begin), begin);
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

int
url_resolve(char out[URL_MAX], const struct url *u, const char *base, const char *value)
{
	const char *host = authority(value);
	size_t len = strlen(base);

	if (*value == '\0' || strcmp(value, "*") == 0)
		return join(out, base, "", "");
	if (host != NULL)
		return join(out, u->root, host + strcspn(host, "/?"), "");
	if (*value == '?' || *value == '/' || (len > 0 && base[len - 1] == '/'))
		return join(out, base, value + (*value == '/' && len > 0 && base[len - 1] == '/'), "");
	return join(out, base, "/", value);
}
