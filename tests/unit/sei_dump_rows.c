/* units: sei-dump/csv.c sei-dump/columns.c sei-dump/frames.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The table of frames, the columns and the CSV fields. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../sei-dump/columns.h"
#include "../../sei-dump/csv.h"
#include "../../sei-dump/frames.h"

static int failed;
static struct csv csv;

#define CHECK(what) check((what), #what, __LINE__)

static void
check(bool good, const char *what, int line)
{
	if (good)
		return;
	printf("%s:%d: %s\n", __FILE__, line, what);
	failed = 1;
}

/* What was written since the last time. */
static void
expect(const char *text, int line)
{
	if (csv.len == strlen(text) && memcmp(csv.buf, text, csv.len) == 0)
		csv.len = 0;
	else {
		printf("%s:%d: expected %s got %.*s\n", __FILE__, line, text, (int)csv.len, csv.buf);
		failed = 1;
		csv.len = 0;
	}
}
#define EXPECT(text) expect((text), __LINE__)

static void
test_fields(void)
{
	csv_open(&csv, -1);
	csv_u64(&csv, 0);
	csv_u64(&csv, UINT64_MAX);
	csv_i64(&csv, INT64_MIN);
	csv_empty(&csv);
	csv_empty(&csv);
	csv_end_row(&csv);
	EXPECT("0,18446744073709551615,-9223372036854775808,,\n");
	csv_text(&csv, "plain name.mp4");
	csv_text(&csv, "a,b");
	csv_text(&csv, "say \"x\"");
	csv_text(&csv, "two\nlines");
	csv_text(&csv, "");
	csv_end_row(&csv);
	EXPECT("plain name.mp4,\"a,b\",\"say \"\"x\"\"\",\"two\nlines\",\"\"\n");
	csv_time(&csv, 0);
	csv_time(&csv, 2085978496000000000);		/* the end of NTP era 0 */
	csv_end_row(&csv);
	EXPECT("1970-01-01T00:00:00.000000000Z,2036-02-07T06:28:16.000000000Z\n");
}

static void
test_seconds(void)
{
	csv_seconds(&csv, 18000, 90000);
	csv_seconds(&csv, 1, 90000);		/* 11111.1 ns */
	csv_seconds(&csv, 5, 90000);		/* 55555.6 ns */
	csv_seconds(&csv, -5, 90000);
	csv_end_row(&csv);
	EXPECT("0.200000000,0.000011111,0.000055556,-0.000055556\n");
	csv_seconds(&csv, UINT32_MAX - 1, UINT32_MAX);	/* 0.99999999977: carries */
	csv_seconds(&csv, INT64_MIN, 1);
	csv_seconds(&csv, 1, 1000000000);
	csv_end_row(&csv);
	EXPECT("1.000000000,-9223372036854775808.000000000,0.000000001\n");
}

static void
add(struct frames *fs, int64_t pts, unsigned flags)
{
	struct frame *f = frames_add(fs);

	f->pts = pts;
	f->flags = (uint8_t)flags;
	f->rtp = (uint32_t)fs->nframes;
}

static void
test_order(void)
{
	struct frames fs = { .timescale = 10 };
	struct report r = { 0 };
	struct columns c;
	const char *bad;
	size_t len;

	/* I P B with a report before the P and one after the last. */
	add(&fs, 0, FRAME_PTS | FRAME_KEY | FRAME_TIME);
	r.frame = 1;
	CHECK(frames_report(&fs, &r) == 0);
	add(&fs, 2, FRAME_PTS | FRAME_TIME);
	add(&fs, 1, FRAME_PTS);
	r.frame = 3;
	r.ntp = 1;
	CHECK(frames_report(&fs, &r) == 0);
	CHECK(frames_finish(&fs) == 0);
	CHECK(columns_parse(&c, TABLE_FRAMES, "keyframe,frame,rtp,pts,recv", &bad, &len) == 0);
	columns_add_file(&c);
	columns_rows(&c, &csv, &fs, "x");
	EXPECT("x,1,0,1,0.000000000,0\nx,0,1,,0.100000000,\nx,0,2,2,0.200000000,0\n");
	CHECK(columns_parse(&c, TABLE_REPORTS, "frame,ntp,ntp_time", &bad, &len) == 0);
	columns_rows(&c, &csv, &fs, "x");
	/* The B was last in decode order, so it carries the last report. */
	EXPECT("2,0,\n1,1,2036-02-07T06:28:16.000000000Z\n");
	frames_close(&fs);
}

static void
test_columns(void)
{
	struct columns c;
	const char *bad;
	char many[4 * COLUMNS_MAX + 1];
	size_t len;

	CHECK(columns_parse(&c, TABLE_FRAMES, "frame,ntp", &bad, &len) == -1);
	CHECK(len == 3 && strcmp(bad, "ntp") == 0);
	CHECK(columns_parse(&c, TABLE_REPORTS, "pts", &bad, &len) == -1);
	CHECK(columns_parse(&c, TABLE_FRAMES, "", &bad, &len) == -1);
	CHECK(columns_parse(&c, TABLE_FRAMES, "rtp,", &bad, &len) == -1);
	CHECK(columns_parse(&c, TABLE_FRAMES, "file,rtp", &bad, &len) == 0);
	columns_add_file(&c);
	CHECK(c.n == 2);
	/* One place is the file's, so COLUMNS_MAX are one too many. */
	for (size_t i = 0; i < COLUMNS_MAX; i++)
		memcpy(many + 4 * i, "rtp,", 5);
	many[4 * COLUMNS_MAX - 1] = '\0';
	CHECK(columns_parse(&c, TABLE_FRAMES, many, &bad, &len) == -1);
	CHECK(columns_parse(&c, TABLE_FRAMES, many + 4, &bad, &len) == 0 && c.n == COLUMNS_MAX - 1);
}

/* A long table passes the buffer's end; nothing is lost at the seam. */
static void
test_seam(void)
{
	FILE *file = tmpfile();
	unsigned n = 0;
	char line[64];

	CHECK(file != NULL);
	csv_open(&csv, fileno(file));
	for (unsigned i = 0; i < 30000; i++) {
		csv_u64(&csv, i);
		csv_text(&csv, "text");
		csv_end_row(&csv);
	}
	CHECK(csv_flush(&csv) == 0);
	rewind(file);
	while (fgets(line, sizeof line, file) != NULL && n < 30000) {
		char want[64];

		snprintf(want, sizeof want, "%u,text\n", n++);
		CHECK(strcmp(line, want) == 0);
	}
	CHECK(n == 30000);
	fclose(file);
	csv_open(&csv, -1);
	csv_u64(&csv, 1);
	CHECK(csv_flush(&csv) == -1);
}

/* Text of any length, at any place of the buffer, is whole, and so is what stands behind it. */
static void
test_long(void)
{
	static char text[2 * CSV_BUF_SIZE], got[5 * CSV_BUF_SIZE];
	static const size_t lens[] = { 5000, CSV_BUF_SIZE - 5002, 1, CSV_BUF_SIZE, sizeof text - 1 };
	FILE *file = tmpfile();
	size_t at = 0;

	CHECK(file != NULL);
	csv_open(&csv, fileno(file));
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; i++) {
		memset(text, 'a' + (int)i, lens[i]);
		text[lens[i]] = '\0';
		csv_printf(&csv, "%s\n", text);
	}
	CHECK(csv_flush(&csv) == 0);
	rewind(file);
	CHECK(fread(got, 1, sizeof got, file) == 4 * CSV_BUF_SIZE + 3);
	for (size_t i = 0; i < sizeof lens / sizeof lens[0]; at += lens[i++] + 1) {
		memset(text, 'a' + (int)i, lens[i]);
		CHECK(memcmp(got + at, text, lens[i]) == 0 && got[at + lens[i]] == '\n');
	}
	fclose(file);
}

int
main(void)
{
	test_fields();
	test_seconds();
	test_order();
	test_columns();
	test_seam();
	test_long();
	return failed;
}
