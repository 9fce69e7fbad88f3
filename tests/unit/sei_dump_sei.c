/* units: sei-dump/sei.c sei-dump/json.c sei-dump/payload.c sei-dump/frames.c sei-dump/findings.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* SEI messages, the JSON in them, and what becomes of a frame. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "../../sei-dump/json.h"
#include "../../sei-dump/payload.h"
#include "../../sei-dump/sei.h"

static int failed;

#define CHECK(what) check((what), #what, __LINE__)

static void
check(bool good, const char *what, int line)
{
	if (good)
		return;
	printf("%s:%d: %s\n", __FILE__, line, what);
	failed = 1;
}

/* Reads an object with members a (8 bits) and b (64 bits). */
static bool
read_ab(const char *text, size_t len, uint64_t *a, uint64_t *b)
{
	struct json_member m[] = { { .name = "a", .max = 255 }, { .name = "b", .max = UINT64_MAX } };
	char *exact = malloc(len + 1);		/* so that a sanitizer sees a byte too many */
	int result;

	if (exact == NULL)
		abort();
	memcpy(exact, text, len);
	exact = realloc(exact, len > 0 ? len : 1);
	result = json_object(exact, len, m, 2);
	free(exact);
	*a = m[0].value;
	*b = m[1].value;
	return result == 0;
}

static void
test_json(void)
{
	static const char *const good[] = {
		"{\"a\":255,\"b\":18446744073709551615}",
		" {\t\"b\" : 18446744073709551615 ,\r\n\"a\":255 } ",
		"{\"x\":-1.5e+3,\"a\":255,\"y\":[[],{},[1,{\"a\":1}]],\"b\":18446744073709551615}",
		"{\"x\":\"a\\\"\\u00e9}\",\"a\":255,\"y\":null,\"z\":true,\"b\":18446744073709551615,\"q\":0}",
	};
	static const char *const bad[] = {
		"", "{", "{}", "[]", "{\"a\":1}", "{\"a\":1,\"b\":2", "{\"a\":1,\"b\":2,}",
		"{\"a\":1,\"b\":2}x", "{\"a\":1,\"b\":2}{}", "{\"a\":256,\"b\":2}",
		"{\"a\":1,\"b\":18446744073709551616}", "{\"a\":1,\"b\":99999999999999999999}",
		"{\"a\":1,\"b\":-2}", "{\"a\":1,\"b\":+2}", "{\"a\":01,\"b\":2}", "{\"a\":1.0,\"b\":2}",
		"{\"a\":1e1,\"b\":2}", "{\"a\":\"1\",\"b\":2}", "{\"a\":1,\"a\":1,\"b\":2}",
		"{\"a\":,\"b\":2}", "{\"a\" 1,\"b\":2}", "{a:1,\"b\":2}", "{\"a\":1,\"b\":2,\"x\":[1,]}",
		"{\"a\":1,\"b\":2,\"x\":{,}}", "{\"a\":1,\"b\":2,\"x\":[}", "{\"a\":1,\"b\":2,\"x\":nul}",
		"{\"a\":1,\"b\":2,\"x\":\"\\q\"}", "{\"a\":1,\"b\":2,\"x\":\"\\u12g4\"}",
		"{\"a\":1,\"b\":2,\"x\":\"\n\"}", "{\"a\":1,\"b\":2,\"x\":00}", "{\"a\":1,\"b\":2,\"x\":.5}",
	};
	static const char nul[] = "{\"a\":1,\"b\":2,\"x\":\"\\\0\"}";
	char deep[300];
	uint64_t a, b;

	for (size_t i = 0; i < sizeof good / sizeof good[0]; i++) {
		if (!read_ab(good[i], strlen(good[i]), &a, &b) || a != 255 || b != UINT64_MAX) {
			printf("refused: %s\n", good[i]);
			failed = 1;
		}
	}
	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (read_ab(bad[i], strlen(bad[i]), &a, &b)) {
			printf("taken: %s\n", bad[i]);
			failed = 1;
		}
	for (size_t len = 0; len < strlen(good[3]); len++)	/* every proper prefix */
		CHECK(!read_ab(good[3], len, &a, &b));
	CHECK(!read_ab(nul, sizeof nul - 1, &a, &b));
	for (int depth = JSON_DEPTH_MAX; depth <= JSON_DEPTH_MAX + 1; depth++) {
		snprintf(deep, sizeof deep, "{\"a\":1,\"b\":2,\"x\":%.*s%.*s}", depth,
		    "[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[[", depth,
		    "]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]]");
		CHECK(read_ab(deep, strlen(deep), &a, &b) == (depth == JSON_DEPTH_MAX));
	}
}

static void
test_sei(void)
{
	static struct sei sei;
	/* Type 255 + 1 = 256, size 2; type 5, size 3 whose 00 00 01 was protected; stop bit. */
	static const uint8_t nal[] = { 6, 0xff, 1, 2, 'h', 'i', 5, 3, 0, 0, 3, 1, 0x80 };
	/* Size 255 + 0 = 255, and only 3 bytes follow. */
	static const uint8_t cut[] = { 6, 5, 0xff, 0, 'a', 'b', 0x80 };
	struct sei_message m;

	sei_open(&sei, nal, sizeof nal);
	CHECK(sei_next(&sei, &m) && m.type == 256 && m.len == 2 && memcmp(m.payload, "hi", 2) == 0);
	CHECK(sei_next(&sei, &m) && m.type == 5 && m.len == 3 && !m.cut);
	CHECK(memcmp(m.payload, "\0\0\1", 3) == 0);
	CHECK(!sei_next(&sei, &m));
	sei_open(&sei, cut, sizeof cut);
	CHECK(sei_next(&sei, &m) && m.cut && m.len == 3);
	CHECK(!sei_next(&sei, &m));
	for (size_t len = 0; len < sizeof nal; len++) {
		sei_open(&sei, nal, len);
		while (sei_next(&sei, &m))
			CHECK(m.payload + m.len <= sei.rbsp + sei.len);
	}
}

/* An SEI NAL unit of one payload: 06 05, its size in SEI coding, the text, 80. */
static size_t
make_nal(uint8_t *nal, const char *text)
{
	size_t size = strlen(text), n = 2;

	memcpy(nal, "\6\5", 2);
	for (; size >= 255; size -= 255)
		nal[n++] = 0xff;
	nal[n++] = (uint8_t)size;
	memcpy(nal + n, text, strlen(text));
	n += strlen(text);
	nal[n++] = 0x80;
	return n;
}

static int
take(struct frames *fs, const char *text, struct findings *found)
{
	static struct sei sei;
	uint8_t nal[1024];

	return payload_take(fs, &sei, nal, make_nal(nal, text), 7, found);
}

static void
test_payload(void)
{
	struct frames fs = { 0 };
	struct findings found = { 0 };
	struct frame *f = frames_add(&fs);
	char wide[700];

	CHECK(take(&fs, "strawlab.org/89H{\"recv\":1,\"rtp\":2}", &found) == 0);
	CHECK(f->flags == FRAME_TIME && f->recv_ntp == 1 && f->rtp == 2);
	/* The last of an access unit counts; a payload over 255 bytes has its size in two. */
	snprintf(wide, sizeof wide, "strawlab.org/89H{%300s\"recv\":18446744073709551615,"
	    "\"rtp\":4294967295}", "");
	CHECK(take(&fs, wide, &found) == 0);
	CHECK(f->recv_ntp == UINT64_MAX && f->rtp == UINT32_MAX && !findings_damage(&found));
	/* All reports count. */
	take(&fs, "strawlab.org/o8B{\"recv\":3,\"ntp\":4,\"rtp\":5}", &found);
	take(&fs, "strawlab.org/o8B{\"recv\":6,\"ntp\":7,\"rtp\":8}", &found);
	CHECK(fs.nreports == 2 && fs.report[1].recv_ntp == 6 && fs.report[1].ntp == 7 &&
	    fs.report[1].rtp == 8 && fs.report[1].frame == 0);
	/* Another owner's, and one too short for a UUID: not ours to judge. */
	take(&fs, "strawlab.org/xxx{\"recv\":", &found);
	take(&fs, "strawlab.org/89", &found);
	CHECK(!findings_damage(&found) && f->flags == FRAME_TIME);
	/* Malformed: said with its offset, and the frame has no time. */
	take(&fs, "strawlab.org/89H{\"recv\":1,\"rtp\":4294967296}", &found);
	CHECK(found.of[FINDING_PAYLOAD].count == 1 && found.of[FINDING_PAYLOAD].offset == 7);
	CHECK(f->flags == 0);
	take(&fs, "strawlab.org/o8B{\"recv\":1,\"rtp\":2}", &found);
	CHECK(found.of[FINDING_PAYLOAD].count == 2 && fs.nreports == 2);
	frames_close(&fs);
}

/* Whether text is written as want. */
static bool
escapes(const char *text, const char *want)
{
	char c[JSON_ESCAPED_MAX], got[64] = "";
	size_t n;

	while ((n = json_escape(c, &text)) > 0)
		strncat(got, c, n);
	return strcmp(got, want) == 0;
}

/* The borders of RFC 3629 4: surrogates, what is longer than it must be, and what is beyond U+10FFFF are no UTF-8. */
static void
test_escape(void)
{
	CHECK(escapes("a\"\\\n\x7f", "a\\\"\\\\\\u000a\\u007f"));
	CHECK(escapes("\xc2\x80\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf",
	    "\xc2\x80\xe0\xa0\x80\xed\x9f\xbf\xf0\x90\x80\x80\xf4\x8f\xbf\xbf"));
	CHECK(escapes("\xc1\xbf", "\\udcc1\\udcbf"));
	CHECK(escapes("\xe0\x9f\xbf", "\\udce0\\udc9f\\udcbf"));
	CHECK(escapes("\xed\xa0\x80", "\\udced\\udca0\\udc80"));
	CHECK(escapes("\xf0\x8f\xbf\xbf", "\\udcf0\\udc8f\\udcbf\\udcbf"));
	CHECK(escapes("\xf4\x90\x80\x80", "\\udcf4\\udc90\\udc80\\udc80"));
	CHECK(escapes("\xff\xe2\x82", "\\udcff\\udce2\\udc82"));
}

int
main(void)
{
	test_json();
	test_escape();
	test_sei();
	test_payload();
	return failed;
}
