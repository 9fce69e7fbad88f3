/* units: */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* lib/nalstream.c: golden bytes of a head, the reader at every prefix, caps, endings. */
#include <sys/types.h>

#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "check.h"
#include "nalstream.h"

/* Every field is different, and so is each of its bytes. */
static const struct nalrec odd = {
	.type = 'N', .track = 2, .flags = 0x0345, .rtp = 0x1112131415161718, .first_ntp = 0x2122232425262728,
	.last_ntp = 0x3132333435363738, .slack_us = 0x41424344, .seq = 0x5152, .packets = 0x6162, .len = 3,
};
static const uint8_t odd_bytes[] = {
	0, 0, 0, 39,					/* length: 36 + 3 */
	'N', 2, 0x03, 0x45,				/* type, track, flags */
	0x11, 0x12, 0x13, 0x14, 0x15, 0x16, 0x17, 0x18,	/* rtp */
	0x21, 0x22, 0x23, 0x24, 0x25, 0x26, 0x27, 0x28,	/* first */
	0x31, 0x32, 0x33, 0x34, 0x35, 0x36, 0x37, 0x38,	/* last */
	0x41, 0x42, 0x43, 0x44,				/* slack */
	0x51, 0x52, 0x61, 0x62,				/* seq, packets */
	0x65, 0x88, 0x84,				/* the NAL unit */
};

/* A stream in a file of its own. */
static uint8_t bytes[1 << 17];
static size_t nbytes;

static void
put(const struct nalrec *r, const void *payload)
{
	nalstream_head(bytes + nbytes, r);
	nbytes += NALSTREAM_HEAD;
	if (payload != NULL)
		memcpy(bytes + nbytes, payload, r->len);
	else
		memset(bytes + nbytes, 0x77, r->len);
	nbytes += r->len;
}

static void
put_text(uint8_t type, const char *text)
{
	put(&(struct nalrec){ .type = type, .len = (uint32_t)strlen(text) }, text);
}

static int
reader(struct nalstream *in, size_t len)
{
	char path[] = "/tmp/nalstream-test.XXXXXX";
	int fd = mkstemp(path);

	if (fd < 0 || write(fd, bytes, len) != (ssize_t)len || lseek(fd, 0, SEEK_SET) != 0 ||
	    nalstream_open(in, fd) != 0) {
		perror(path);
		exit(1);
	}
	unlink(path);
	nalstream_hold(in, UINT64_MAX);
	return fd;
}

/* Reads to the end: number of records, or -1 if it was told that the stream is bad. */
static int
read_all(struct nalstream *in, struct nalrec *last)
{
	struct nalrec r;
	int n = 0;

	for (;;) {
		switch (nalstream_next(in, &r)) {
		case NALSTREAM_BAD:
			return -1;
		case NALSTREAM_RECORD:
			n++;
			*last = r;
			continue;
		case NALSTREAM_MORE:
			if (nalstream_fill(in) <= 0)
				return n;
		}
	}
}

static void
golden_head(void)
{
	uint8_t head[NALSTREAM_HEAD];

	nalstream_head(head, &odd);
	CHECK(memcmp(head, odd_bytes, NALSTREAM_HEAD) == 0);
}

static void
golden_record(void)
{
	struct nalstream in;
	struct nalrec r;
	int fd;

	nbytes = 0;
	put_text('S', "nalstream 1\n");
	put(&odd, odd_bytes + NALSTREAM_HEAD);
	CHECK(memcmp(bytes + 52, odd_bytes, sizeof(odd_bytes)) == 0);
	fd = reader(&in, nbytes);
	CHECK_EQ(read_all(&in, &r), 2);
	CHECK_EQ(r.type, 'N');
	CHECK_EQ(r.track, 2);
	CHECK_EQ(r.flags, 0x0345);
	CHECK_EQ(r.rtp, odd.rtp);
	CHECK_EQ(r.first_ntp, odd.first_ntp);
	CHECK_EQ(r.last_ntp, odd.last_ntp);
	CHECK_EQ(r.slack_us, odd.slack_us);
	CHECK_EQ(r.seq, odd.seq);
	CHECK_EQ(r.packets, odd.packets);
	CHECK_EQ(r.len, 3);
	CHECK_EQ(r.offset, 40 + 12);
	CHECK_EQ(nalstream_offset(&in), 40 + 12 + 40 + 3);
	nalstream_close(&in);
	close(fd);
}

/* Every proper prefix gives its complete records, asks for more, and is told as cut. */
static void
prefixes(void)
{
	static const size_t ends[] = { 0, 52, 92, 134, 209 };	/* 40+12, +40+0, +40+2, +40+35 */
	struct nalstream in;
	struct nalrec r;
	size_t len, complete;
	char where[32];
	int fd;

	nbytes = 0;
	put_text('S', "nalstream 1\n");
	put(&(struct nalrec){ .type = 'N', .track = 1, .flags = 3 }, "");
	put(&(struct nalrec){ .type = 0x80, .len = 2 }, "zz");
	put_text('E', "status: 0\nreason: twenty-five long\n");
	CHECK_EQ(nbytes, ends[4]);
	for (len = 0; len <= nbytes; len++) {
		for (complete = 0; complete < 4 && ends[complete + 1] <= len; complete++)
			;
		fd = reader(&in, len);
		CHECK_EQ(read_all(&in, &r), complete);
		CHECK_EQ(nalstream_offset(&in), ends[complete]);
		CHECK_EQ(nalstream_verdict(&in), len == nbytes ? 0 : 1);
		CHECK(in.ended == (len == nbytes));
		if (len < nbytes) {
			snprintf(where, sizeof(where), "%zu", ends[complete]);
			if (len > 0)
				CHECK(strstr(in.reason, where) != NULL);
		}
		nalstream_close(&in);
		close(fd);
	}
}

/* What a record of this type and length field does at the head alone. */
static enum nalstream_next
head_of(uint8_t type, uint32_t length)
{
	struct nalstream in;
	struct nalrec r;
	enum nalstream_next next;
	int fd;

	nbytes = 0;
	put_text('S', "nalstream 1\n");
	put(&(struct nalrec){ .type = type }, "");
	bytes[52] = (uint8_t)(length >> 24);
	bytes[53] = (uint8_t)(length >> 16);
	bytes[54] = (uint8_t)(length >> 8);
	bytes[55] = (uint8_t)length;
	fd = reader(&in, nbytes);
	while ((next = nalstream_next(&in, &r)) != NALSTREAM_BAD)
		if (next == NALSTREAM_MORE ? nalstream_fill(&in) <= 0 : r.type != 'S')
			break;
	if (next == NALSTREAM_BAD)
		CHECK(strstr(in.reason, "52") != NULL);
	nalstream_close(&in);
	close(fd);
	return next;
}

static void
caps(void)
{
	static const uint8_t text[] = { 'S', 'T', 'R', 'X', 'G', 'C', 'E', 'Z', 0, 0xff };
	size_t i;

	CHECK_EQ(NALSTREAM_MAX_MEDIA, 16777216);
	CHECK_EQ(NALSTREAM_MAX_TEXT, 65536);
	CHECK_EQ(head_of('N', 36 + NALSTREAM_MAX_MEDIA), NALSTREAM_MORE);
	CHECK_EQ(head_of('A', 36 + NALSTREAM_MAX_MEDIA), NALSTREAM_MORE);
	CHECK_EQ(head_of('N', 36 + NALSTREAM_MAX_MEDIA + 1), NALSTREAM_BAD);
	CHECK_EQ(head_of('A', 36 + NALSTREAM_MAX_MEDIA + 1), NALSTREAM_BAD);
	for (i = 0; i < sizeof(text); i++) {
		CHECK_EQ(head_of(text[i], 36 + NALSTREAM_MAX_TEXT), NALSTREAM_MORE);
		CHECK_EQ(head_of(text[i], 36 + NALSTREAM_MAX_TEXT + 1), NALSTREAM_BAD);
	}
	CHECK_EQ(head_of('N', 36), NALSTREAM_RECORD);
	CHECK_EQ(head_of('N', 35), NALSTREAM_BAD);
	CHECK_EQ(head_of('N', 0), NALSTREAM_BAD);
	CHECK_EQ(head_of('N', UINT32_MAX), NALSTREAM_BAD);
}

static void
magic(void)
{
	static const struct {
		uint8_t type;
		const char *text;
		int records;
	} heads[] = {
		{ 'S', "nalstream 1\n", 1 },
		{ 'S', "nalstream 1\nfuture: x\n", 1 },
		{ 'S', "nalstream 2\n", -1 },
		{ 'S', "nalstream 11\n", -1 },
		{ 'S', "nalstream 1", -1 },
		{ 'S', "", -1 },
		{ 'T', "nalstream 1\n", -1 },
		{ 'E', "status: 0\n", -1 },
	};
	struct nalstream in;
	struct nalrec r;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		nbytes = 0;
		put_text(heads[i].type, heads[i].text);
		fd = reader(&in, nbytes);
		CHECK_EQ(read_all(&in, &r), heads[i].records);
		CHECK_EQ(nalstream_verdict(&in), 1);
		CHECK(in.reason[0] != '\0');
		nalstream_close(&in);
		close(fd);
	}
}

static int
verdict(const char *text)
{
	struct nalstream in;
	struct nalrec r;
	int fd, v;

	nbytes = 0;
	put_text('S', "nalstream 1\n");
	put_text('E', text);
	fd = reader(&in, nbytes);
	CHECK_EQ(read_all(&in, &r), 2);
	v = nalstream_verdict(&in);
	nalstream_close(&in);
	close(fd);
	return v;
}

static void
endings(void)
{
	struct nalstream in;
	struct nalrec r;
	int fd;

	CHECK_EQ(verdict("status: 0\nreason: duration\n"), 0);
	CHECK_EQ(verdict("status: 1\nreason: BYE\n"), 1);
	CHECK_EQ(verdict("reason: duration\nstatus: 0\n"), 0);

	/* The worst of two, and its reason, whichever comes first. */
	nbytes = 0;
	put_text('S', "nalstream 1\n");
	put_text('E', "status: 1\nreason: camera \033said BYE\n");
	put_text('S', "nalstream 1\nstamped: x\n");
	put_text('E', "status: 0\nreason: duration\n");
	fd = reader(&in, nbytes);
	CHECK_EQ(read_all(&in, &r), 4);
	CHECK_EQ(nalstream_verdict(&in), 1);
	CHECK_EQ(in.status, 1);
	CHECK(strstr(in.reason, "said BYE") != NULL);
	CHECK(strchr(in.reason, '\033') == NULL);
	CHECK(in.stamped);
	nalstream_close(&in);
	close(fd);
}

static void
stamped(void)
{
	static const struct {
		const char *text;
		bool is;
	} heads[] = {
		{ "nalstream 1\n", false },
		{ "nalstream 1\nstamped: h264-sei-stamp 0.1.0\n", true },
		{ "nalstream 1\ncamera: stamped: no\n", false },
		{ "nalstream 1\nnot-stamped: x\n", false },
	};
	struct nalstream in;
	struct nalrec r;
	size_t i;
	int fd;

	for (i = 0; i < sizeof(heads) / sizeof(heads[0]); i++) {
		nbytes = 0;
		put_text('S', heads[i].text);
		fd = reader(&in, nbytes);
		CHECK_EQ(read_all(&in, &r), 1);
		CHECK(in.stamped == heads[i].is);
		nalstream_close(&in);
		close(fd);
	}
}

static void
values(void)
{
	char text[] = "nalstream 1\ncamera: cam1\nempty: \nlong: 0123456789\ncolon: a: b\nlast: no newline";
	struct nalrec r = { .type = 'S', .len = sizeof(text) - 1, .payload = (uint8_t *)text };
	char out[32];

	CHECK_EQ(nalstream_value(&r, "camera", out, sizeof(out)), 4);
	CHECK(strcmp(out, "cam1") == 0);
	CHECK_EQ(nalstream_value(&r, "colon", out, sizeof(out)), 4);
	CHECK(strcmp(out, "a: b") == 0);
	CHECK_EQ(nalstream_value(&r, "empty", out, sizeof(out)), 0);
	CHECK(strcmp(out, "") == 0);
	CHECK_EQ(nalstream_value(&r, "amera", out, sizeof(out)), -1);
	CHECK_EQ(nalstream_value(&r, "cam", out, sizeof(out)), -1);
	CHECK_EQ(nalstream_value(&r, "absent", out, sizeof(out)), -1);
	nalstream_value(&r, "long", out, 5);
	CHECK(strcmp(out, "0123") == 0);
	r.len = 0;
	CHECK_EQ(nalstream_value(&r, "camera", out, sizeof(out)), -1);
}

/* Held bytes are found again however much is read after them. */
static void
holding(void)
{
	struct nalstream in;
	struct nalrec r;
	uint64_t held = 0;
	int fd, i, n = 0;

	nbytes = 0;
	put_text('S', "nalstream 1\n");
	for (i = 0; i < 1000; i++)
		put(&(struct nalrec){ .type = 'N', .track = 1, .rtp = (uint64_t)i, .len = 60 }, NULL);
	fd = reader(&in, nbytes);
	for (;;) {
		enum nalstream_next next = nalstream_next(&in, &r);

		if (next == NALSTREAM_BAD || (next == NALSTREAM_MORE && nalstream_fill(&in) <= 0))
			break;
		if (next != NALSTREAM_RECORD)
			continue;
		CHECK(memcmp(nalstream_at(&in, r.offset), bytes + r.offset, NALSTREAM_HEAD + r.len) == 0);
		if (n++ % 300 == 0) {
			held = r.offset;
			nalstream_hold(&in, held);
		}
		CHECK(memcmp(nalstream_at(&in, held), bytes + held, (size_t)(nalstream_offset(&in) - held)) == 0);
	}
	CHECK_EQ(n, 1001);
	nalstream_close(&in);
	close(fd);
}

/* A pipe that gives one byte at a time. */
static void
trickle(void)
{
	struct nalstream in;
	struct nalrec r;
	size_t i;
	int fds[2], n = 0;

	nbytes = 0;
	put_text('S', "nalstream 1\n");
	put(&odd, odd_bytes + NALSTREAM_HEAD);
	put_text('E', "status: 0\n");
	if (pipe(fds) != 0 || nalstream_open(&in, fds[0]) != 0)
		exit(1);
	nalstream_hold(&in, UINT64_MAX);
	for (i = 0; i < nbytes; i++) {
		CHECK_EQ(nalstream_next(&in, &r), NALSTREAM_MORE);
		CHECK_EQ(write(fds[1], bytes + i, 1), 1);
		CHECK_EQ(nalstream_fill(&in), 1);
		if (i + 1 == 52 || i + 1 == 95 || i + 1 == nbytes) {
			CHECK_EQ(nalstream_next(&in, &r), NALSTREAM_RECORD);
			n++;
		}
	}
	close(fds[1]);
	CHECK_EQ(nalstream_fill(&in), 0);
	CHECK_EQ(n, 3);
	CHECK_EQ(nalstream_verdict(&in), 0);
	nalstream_close(&in);
	close(fds[0]);
}

int
main(void)
{
	golden_head();
	golden_record();
	prefixes();
	caps();
	magic();
	endings();
	stamped();
	values();
	holding();
	trickle();
	return check_failed;
}
