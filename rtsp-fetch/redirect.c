/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* 301, 302, 305 and their like; every step is a connection of its own. */
#include "redirect.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "msg.h"

#define REDIRECT_MAX	3

/* Location, made absolute if it is a path only. */
static const char *
parse_location(struct url *url, const struct session *s, const struct rtsp_message *m)
{
	const char *location = rtsp_header(m, "Location");
	char text[URL_MAX];

	if (location == NULL)
		return "it does not say where to";
	if (snprintf(text, sizeof text, "%s%s", location[0] == '/' ? s->url.root : "", location) >=
	    (int)sizeof text)
		return "it is too long";
	return url_parse(url, text);
}

void
redirect_follow(struct session *s, const struct rtsp_message *m)
{
	struct url url;
	const char *wrong = parse_location(&url, s, m);

	if (wrong != NULL) {
		session_refuse(s, "%s: %d %s: the camera sends us to a URL that cannot be used: %s",
		    s->open_method, m->status, m->reason, wrong);
		return;
	}
	explicit_bzero(url.password, sizeof url.password);
	if (s->nredirects++ == REDIRECT_MAX) {
		session_refuse(s, "%s: %d %s: the camera sends us on and on, now to %s%s", s->open_method,
		    m->status, m->reason, url.root, url.path);
		return;
	}
	msg(MSG_REMARK, "the camera sends us to %s%s", url.root, url.path);
	s->url = url;
	s->withheld = strcasecmp(url.host, s->home.host) != 0;
	s->auth.offer.scheme = AUTH_NONE;
	s->auth.refused = 0;
	s->address = NULL;
	session_connect_again(s);
}
