/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTSP URLs (RFC 2326 3.2): taken apart, made safe to show, and joined with controls. */
#ifndef URL_H
#define URL_H

#include <stdbool.h>
#include <stddef.h>

#define URL_MAX		2048

struct url {
	char user[256], password[256];	/* percent-decoded; empty: none */
	bool has_user, has_password;
	char host[256];			/* without brackets; an IPv6 zone as resolving wants it */
	char port[6];			/* decimal, always set */
	char root[300];			/* rtsp://host:port as the user wrote it, no credentials, no zone */
	char path[URL_MAX];		/* from the first / on, byte for byte; may be empty */
};

/*
 * Takes an rtsp URL apart. NULL, or what is wrong with it. User and password end
 * at the last @ before the path, so they may have any
 * character but / and ?, which have to be percent-encoded.
 */
const char *url_parse(struct url *u, const char *text);

/* Blanks the password of a URL in place with *, keeping its length. */
void url_blank(char *text);

/* root and path: what requests carry and messages show. 0, or -1: it does not fit. */
int url_request(char out[URL_MAX], const struct url *u);

/*
 * URLs from the camera. Scheme, host and port always stay those of u, whatever
 * the camera thinks its address is, and however it writes that. 0, or -1: too long.
 */

/* The base that a Content-Base header names, of which only the path counts; empty or "*": the request's. */
int url_base(char out[URL_MAX], const struct url *u, const char *value);

/* What an a=control names: a relative one is appended to base. Empty or "*": base. */
int url_control(char out[URL_MAX], const struct url *u, const char *base, const char *value);

#endif
