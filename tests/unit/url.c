/* units: rtsp-fetch/url.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* URLs of users, and what cameras make of them. */
#include "../../rtsp-fetch/url.h"

#include <string.h>

#include "check.h"

static void
expect(int line, const char *got, const char *want)
{
	if (got == NULL || strcmp(got, want) != 0) {
		printf("%s:%d: this came: %s\n", __FILE__, line, got != NULL ? got : "nothing");
		check_failed = 1;
	}
}

#define EXPECT(...) expect(__LINE__, __VA_ARGS__)

static void
parse(void)
{
	static struct url u;

	CHECK(url_parse(&u, "RTSP://j@e:p@s:s%2f#@cam:8554/a?b=c@d") == NULL);
	EXPECT(u.user, "j@e");
	EXPECT(u.password, "p@s:s/#");
	EXPECT(u.host, "cam");
	EXPECT(u.port, "8554");
	EXPECT(u.root, "rtsp://cam:8554");
	EXPECT(u.path, "/a?b=c@d");
	CHECK(url_parse(&u, "rtsp://u:@h?x") == NULL && u.has_password);
	EXPECT(u.root, "rtsp://h");
	EXPECT(u.port, "554");
	CHECK(url_parse(&u, "rtsp://%00a%:%4@h/") == NULL);
	EXPECT(u.user, "%00a%");
	EXPECT(u.password, "%4");
	CHECK(url_parse(&u, "rtsp://") != NULL);
	CHECK(url_parse(&u, "rtsp://:1/") != NULL);
	CHECK(url_parse(&u, "rtsp://h:/") != NULL);
	CHECK(url_parse(&u, "rtsp://h:65536/") != NULL);
	CHECK(url_parse(&u, "rtsp://h:1x/") != NULL);
	CHECK(url_parse(&u, "http://h/") != NULL);
}

static void
addresses(void)
{
	static struct url u;

	CHECK(url_parse(&u, "rtsp://u:p@[2001:db8::1]:8554/x") == NULL);
	EXPECT(u.host, "2001:db8::1");
	EXPECT(u.port, "8554");
	EXPECT(u.root, "rtsp://[2001:db8::1]:8554");
	/* The zone is for resolving, and not for the camera (RFC 6874). */
	CHECK(url_parse(&u, "rtsp://[fe80::1%25eth0]:8554/x%25") == NULL);
	EXPECT(u.host, "fe80::1%eth0");
	EXPECT(u.root, "rtsp://[fe80::1]:8554");
	EXPECT(u.path, "/x%25");
	CHECK(url_parse(&u, "rtsp://[fe80::1%eth0]/") == NULL);
	EXPECT(u.host, "fe80::1%eth0");
	EXPECT(u.root, "rtsp://[fe80::1]");
	CHECK(url_parse(&u, "rtsp://[fe80::1%]/") == NULL);
	EXPECT(u.root, "rtsp://[fe80::1]");
	EXPECT(url_parse(&u, "rtsp://fe80::1/"), "an IPv6 address stands in brackets: rtsp://[::1]/");
	CHECK(url_parse(&u, "rtsp://[::1/") != NULL);
	CHECK(url_parse(&u, "rtsp://[]/") != NULL);
	CHECK(url_parse(&u, "rtsp://[::1]x/") != NULL);
}

static const char *
base(const struct url *u, const char *value)
{
	static char out[URL_MAX];

	return url_base(out, u, value) == 0 ? out : NULL;
}

static const char *
control(const struct url *u, const char *value)
{
	static char out[URL_MAX];

	return url_control(out, u, "rtsp://cam:1/x?q=1", value) == 0 ? out : NULL;
}

static void
resolve(void)
{
	static char out[URL_MAX], huge[2 * URL_MAX];
	static struct url u;

	CHECK(url_parse(&u, "rtsp://me:pw@cam:1/x") == NULL);
	EXPECT(base(&u, ""), "rtsp://cam:1/x");
	EXPECT(base(&u, "*"), "rtsp://cam:1/x");
	EXPECT(base(&u, "rtsp://10.0.0.1:2/y?z=http://w/"), "rtsp://cam:1/y?z=http://w/");
	EXPECT(base(&u, "rtsp://rtsps://a:b@10.0.0.1/y/"), "rtsp://cam:1/y/");
	EXPECT(base(&u, "10.0.0.1:554/y/"), "rtsp://cam:1/y/");
	EXPECT(base(&u, "rtsp://::ffff:10.0.0.1/y/"), "rtsp://cam:1/y/");
	EXPECT(base(&u, "/y"), "rtsp://cam:1/y");
	EXPECT(base(&u, "rtsp://h"), "rtsp://cam:1");

	EXPECT(control(&u, "track"), "rtsp://cam:1/x?q=1/track");
	EXPECT(control(&u, "/track"), "rtsp://cam:1/x?q=1/track");
	EXPECT(control(&u, "?track"), "rtsp://cam:1/x?q=1?track");
	EXPECT(control(&u, "t=rtsp://x"), "rtsp://cam:1/x?q=1/t=rtsp://x");
	EXPECT(control(&u, "rtspu://10.0.0.1:9/y?track"), "rtsp://cam:1/y?track");
	EXPECT(control(&u, "*"), "rtsp://cam:1/x?q=1");
	CHECK(url_control(out, &u, "rtsp://cam:1/x/", "/track") == 0);
	EXPECT(out, "rtsp://cam:1/x/track");

	memset(huge, 'a', sizeof huge - 1);
	CHECK(base(&u, huge) != NULL);		/* all of it is a host */
	huge[0] = '/';
	CHECK(base(&u, huge) == NULL);
	CHECK(control(&u, huge) == NULL);
}

int
main(void)
{
	parse();
	addresses();
	resolve();
	return check_failed;
}
