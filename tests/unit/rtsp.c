/* units: rtsp-fetch/rtsp.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTSP messages: ends of lines, pieces, caps, and parameters. */
#include "../../rtsp-fetch/rtsp.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

static struct rtsp_message m;

/* Parses a copy that ends where it ends. */
static ssize_t
parse(const char *text, size_t len)
{
	uint8_t *copy = malloc(len > 0 ? len : 1);
	ssize_t n;

	memcpy(copy, text, len);
	n = rtsp_parse(&m, copy, len);
	free(copy);
	return n;
}

/* Whole, it is read; any less of it asks for more; what follows is left alone. */
static void
whole(int line, const char *text, const char *body)
{
	size_t len = strlen(text);
	char more[512];

	for (size_t i = 0; i < len; i++) {
		if (parse(text, i) != 0) {
			printf("%s:%d: %zu bytes were enough\n", __FILE__, line, i);
			check_failed = 1;
		}
	}
	snprintf(more, sizeof more, "%s$RTSP/1.0", text);
	CHECK_EQ(parse(more, strlen(more)), len);
	CHECK_EQ(parse(text, len), len);
	if (m.status != 200 || rtsp_header(&m, "CSEQ") == NULL || strcmp(rtsp_header(&m, "CSEQ"), "7") != 0 ||
	    strcmp(m.body, body) != 0) {
		printf("%s:%d: %d, body %s\n", __FILE__, line, m.status, m.body);
		check_failed = 1;
	}
}

static void
lines(void)
{
	whole(__LINE__, "RTSP/1.0 200 OK\r\nCSeq: 7\r\nContent-Length: 4\r\n\r\nv=0\n", "v=0\n");
	whole(__LINE__, "RTSP/1.0 200 OK\nCSeq: 7\ncontent-length:4 \n\nv=0\n", "v=0\n");
	whole(__LINE__, "RTSP/1.0 200 OK\rCSeq: 7\rContent-Length: 4\r\rv=0\r", "v=0\r");
	whole(__LINE__, "RTSP/1.0 200\r\nno header\r\n:\r\ncseq:\t7 \t\r\nContent-Length:\r\n\r\n", "");
	CHECK_EQ(parse("RTSP/1.0 20 OK\r\n\r\n", 18), -1);
	CHECK_EQ(parse("RTSP/1.0\r\n\r\n", 12), -1);
	CHECK_EQ(parse("RTSP/1.0 99999999999999999999\r\n\r\n", 33), -1);
	CHECK(parse("OPTIONS * RTSP/1.0\r\n\r\n", 22) == 22 && m.status == 0);
	CHECK(strcmp(m.method, "OPTIONS") == 0 && strcmp(m.url, "*") == 0);
}

static void
caps(void)
{
	char *text = malloc(RTSP_HEAD_MAX + 1), length[128];
	size_t n = RTSP_HEAD_MAX;

	memset(text, 'x', n + 1);
	memcpy(text, "RTSP/1.0 200 OK\r\n", 17);
	CHECK_EQ(parse(text, n - 1), 0);
	CHECK_EQ(parse(text, n), -1);
	memcpy(text + n - 4, "\r\n\r\n", 4);
	CHECK_EQ(parse(text, n), n);
	free(text);
	snprintf(length, sizeof length, "RTSP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n", RTSP_BODY_MAX);
	CHECK_EQ(parse(length, strlen(length)), 0);
	snprintf(length, sizeof length, "RTSP/1.0 200 OK\r\nContent-Length: %zu\r\n\r\n", RTSP_BODY_MAX + 1);
	CHECK_EQ(parse(length, strlen(length)), -1);
	CHECK_EQ(parse("RTSP/1.0 200 OK\r\nContent-Length: -1\r\n\r\n", 39), -1);
}

static void
parameters(void)
{
	const char *text = " a ; b = \"c;d=e\" ;;f=g=h;long=123456789";
	char name[5], value[8];

	text = rtsp_parameter(text, ';', name, sizeof name, value, sizeof value);
	CHECK(strcmp(name, "a") == 0 && strcmp(value, "") == 0);
	text = rtsp_parameter(text, ';', name, sizeof name, value, sizeof value);
	CHECK(strcmp(name, "b") == 0 && strcmp(value, "c;d=e") == 0);
	text = rtsp_parameter(text, ';', name, sizeof name, value, sizeof value);
	CHECK(strcmp(name, "") == 0 && strcmp(value, "") == 0);
	text = rtsp_parameter(text, ';', name, sizeof name, value, sizeof value);
	CHECK(strcmp(name, "f") == 0 && strcmp(value, "g=h") == 0);
	text = rtsp_parameter(text, ';', name, sizeof name, value, sizeof value);
	CHECK(strcmp(name, "long") == 0 && strcmp(value, "1234567") == 0);
	CHECK(rtsp_parameter(text, ';', name, sizeof name, value, sizeof value) == NULL);
}

int
main(void)
{
	lines();
	caps();
	parameters();
	return check_failed;
}
