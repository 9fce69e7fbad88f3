/* units: rtsp-fetch/blank.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What of a line others must not see, and what they must. */
#include "../../rtsp-fetch/blank.h"

#include <string.h>

#include "check.h"

static void
expect(int line, const char *secret, const char *text, const char *want)
{
	static char out[BLANK_MAX];
	size_t n = blank_line(out, text, strlen(text), secret);

	if (n != strlen(want) || memcmp(out, want, n) != 0) {
		printf("%s:%d: %.*s\n", __FILE__, line, (int)n, out);
		check_failed = 1;
	}
}

#define EXPECT(...) expect(__LINE__, __VA_ARGS__)

static void
test_kept(void)
{
	static const char *const lines[] = { "", "CSeq: 3", "Public: OPTIONS, DESCRIBE", "a=control:trackID=1",
		"WWW-Authenticate: Basic realm=\"camera\"", "WWW-Authenticate: Digest realm=\"a\", nonce=\"b\"",
		"DESCRIBE rtsp://192.168.1.2:554/stream?channel=1 RTSP/1.0", "a=fmtp:96 sprop-parameter-sets=Z0IA==,aM4=",
		"o=joe@host 1 1 IN IP4 0.0.0.0", "Server: a superuser=no thing", "://", "rtsp://@h/", "authorization" };

	for (size_t i = 0; i < sizeof lines / sizeof lines[0]; i++)
		expect(__LINE__, "", lines[i], lines[i]);
}

static void
test_blanked(void)
{
	EXPECT("", "Authorization: Digest username=\"joe\", response=\"0\"", "Authorization: Digest ***");
	EXPECT("", "proxy-authorization :Basic am9lOng=", "proxy-authorization :Basic ***");
	EXPECT("", "echo: Authorization: basic am9lOng=", "echo: Authorization: basic ***");
	EXPECT("", "Authorization: am9lOng=", "Authorization: ***");
	EXPECT("", "Authorization:", "Authorization:***");
	EXPECT("", "Authorization: Digest ", "Authorization: Digest ***");
	EXPECT("", "X: Basic am9lOng=", "X: Basic ***");
	EXPECT("", "Location: rtsp://joe:p@ss:w@h/x@y", "Location: rtsp://***@h/x@y");
	EXPECT("", "Content-Base: rtsp://joe@h", "Content-Base: rtsp://***@h");
	EXPECT("", "GET /x?user=admin&password=s3&channel=1", "GET /x?user=***&password=***&channel=1");
	EXPECT("", "/user=admin_password=tlJwpbo6_channel=1", "/user=***");
	EXPECT("", "PWD=a;b", "PWD=***;b");
	EXPECT("", "/cam?authbasic=YWRtaW46&auth=eA&token=b qop=auth, a", "/cam?authbasic=***&auth=***&token=*** qop=auth, a");
	EXPECT("", "username=\"a b\" x", "username=***\" x");
	EXPECT("s3cret", "a s3cret, xs3crets3cret s3cre", "a ***, x****** s3cre");
	EXPECT("a", "banana", "b***n***n***");
	EXPECT("\x80\xff", "a\x80\xff" "b", "a***b");
}

/* Every byte as a secret: the longest that a line becomes has room. */
static void
test_longest(void)
{
	static char line[BLANK_LINE], out[BLANK_MAX];

	memset(line, 'a', sizeof line);
	CHECK_EQ(blank_line(out, line, sizeof line, "a"), BLANK_MAX);
	CHECK_EQ(blank_line(out, line, sizeof line, ""), BLANK_LINE);
	memset(line, 0, sizeof line);
	CHECK_EQ(blank_line(out, line, sizeof line, "a"), BLANK_LINE);
	for (size_t i = 0; i + 3 <= sizeof line; i += 3)
		memcpy(line + i, "://", 3);
	CHECK(blank_line(out, line, sizeof line, "") <= BLANK_MAX);
	for (size_t i = 0; i + 4 <= sizeof line; i += 4)
		memcpy(line + i, "pwd=", 4);
	CHECK(blank_line(out, line, sizeof line, "") <= BLANK_MAX);
}

int
main(void)
{
	test_kept();
	test_blanked();
	test_longest();
	return check_failed;
}
