/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* 301, 302, 305 and their like; every step is a connection of its own. */
#include "redirect.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "blank.h"
#include "ending.h"
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

/* The URL as it may stand in the stream and in logs: its query may be the user's, with a password in it. */
static const char *
presentable(char out[BLANK_MAX + 1], const struct url *url)
{
	char text[URL_MAX];

	if (url_request(text, url) == -1)
		text[0] = '\0';
	out[blank_line(out, text, strlen(text), "")] = '\0';
	return out;
}

void
redirect_follow(struct session *s, const struct rtsp_message *m)
{
	struct url url;
	char shown[BLANK_MAX + 1];
	const char *wrong = parse_location(&url, s, m);

	if (wrong != NULL) {
		ending_refuse(s, "%s: %d %s: the camera sends us to a URL that cannot be used: %s",
		    s->open_method, m->status, m->reason, wrong);
		return;
	}
	explicit_bzero(url.password, sizeof url.password);
	if (s->nredirects++ == REDIRECT_MAX) {
		ending_refuse(s, "%s: %d %s: the camera sends us on and on, now to %s", s->open_method,
		    m->status, m->reason, presentable(shown, &url));
		return;
	}
	msg(MSG_REMARK, "the camera sends us to %s", presentable(shown, &url));
	s->url = url;
	s->withheld = strcasecmp(url.host, s->home.host) != 0;
	s->auth.offer.scheme = AUTH_NONE;
	s->auth.refused = 0;
	s->address = NULL;
	ending_again(s);
}
