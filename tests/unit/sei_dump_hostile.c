/* units: sei-dump/recording.c sei-dump/input.c sei-dump/mp4.c sei-dump/scan.c sei-dump/annexb.c sei-dump/units.c sei-dump/presentation.c sei-dump/box.c sei-dump/track.c sei-dump/tables.c sei-dump/fragment.c sei-dump/sample.c sei-dump/nals.c sei-dump/payload.c sei-dump/sei.c sei-dump/jsonl.c sei-dump/csv.c sei-dump/json.c sei-dump/frames.c sei-dump/findings.c sei-dump/clocks.c sei-dump/unwrap.c sei-dump/host.c sei-dump/camera.c sei-dump/pair.c sei-dump/ntptime.c sei-dump/fit.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Hostile recordings: prefixes and random changes of good files, as a file and as
 * a pipe. Nothing may crash (built with sanitizers: nothing at all may be wrong),
 * memory stays in proportion to the file, and nothing that is cut off passes in
 * silence.
 *
 *   sei_dump_hostile [rounds [file ...]]
 */
#include <err.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../../sei-dump/recording.h"

#define ROUNDS	3000
#define DATA	"tests/data/retina-record/"
#define PIPE_BYTES	60000	/* fit into a pipe, so that one process is both ends */

static uint64_t state = 88172645463325252;	/* xorshift64: the same run every time */
static int failed;

static uint64_t
chance(uint64_t below)
{
	state ^= state << 13;
	state ^= state >> 7;
	state ^= state << 17;
	return state % below;
}

static uint8_t *
load(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	uint8_t *data;

	if (f == NULL || fseek(f, 0, SEEK_END) == -1)
		err(1, "%s", path);
	*len = (size_t)ftell(f);
	rewind(f);
	data = malloc(2 * *len + 1);
	if (data == NULL || fread(data, 1, *len, f) != *len)
		err(1, "%s", path);
	fclose(f);
	return data;
}

/* Reads data[len] and checks what must hold whatever it is. Returns its frames. */
static size_t
read_one(const uint8_t *data, size_t len, bool from_pipe, const char *what)
{
	struct frames fs;
	struct findings found;
	FILE *file = NULL;
	int fd[2];
	size_t nframes;

	if (from_pipe && len <= PIPE_BYTES) {
		if (pipe(fd) == -1 || write(fd[1], data, len) != (ssize_t)len)
			err(1, "pipe");
		close(fd[1]);
	} else {
		file = tmpfile();
		if (file == NULL || fwrite(data, 1, len, file) != len || fflush(file) == EOF ||
		    lseek(fileno(file), 0, SEEK_SET) == -1)
			err(1, "tmpfile");
		fd[0] = fileno(file);
	}
	frames_open(&fs, WANT_DETAILS | WANT_EVENTS | WANT_SENDER | WANT_CAMERA | WANT_HOST);
	recording_read(fd[0], &fs, NULL, &found);
	if (fs.nframes > len || (fs.nframes > 0 && fs.timescale == 0)) {
		printf("%s: %zu frames in %zu bytes\n", what, fs.nframes, len);
		failed = 1;
	}
	for (size_t i = 0; i < fs.nreports; i++)
		if (fs.nframes > 0 && fs.report[i].frame >= fs.nframes) {
			printf("%s: a report of frame %u\n", what, fs.report[i].frame);
			failed = 1;
		}
	for (size_t i = 1; i < fs.nframes; i++)
		if (fs.frame[i].pts < fs.frame[i - 1].pts) {
			printf("%s: frame %zu is out of order\n", what, i);
			failed = 1;
			break;
		}
	nframes = fs.nframes;
	frames_close(&fs);
	if (file != NULL)
		fclose(file);
	else
		close(fd[0]);
	return nframes;
}

/* Changes some bytes, most of them where the structure is. Returns the new length. */
static size_t
change(uint8_t *data, size_t len, size_t room)
{
	static const uint32_t words[] = { 0, 1, 2, 8, 0xffffffff, 0x7fffffff, 0x80000000 };
	size_t at, n;
	uint32_t word;

	for (uint64_t times = 1 + chance(4); times > 0 && len > 16; times--) {
		at = chance(len);
		if (chance(3) == 0)
			at = chance(len < 700 ? len : 700);
		else if (chance(2) == 0)
			at = len - 1 - chance(len < 5000 ? len : 5000);
		switch (chance(5)) {
		case 0:
			data[at] ^= 1 << chance(8);
			break;
		case 1:
			data[at] = (uint8_t)chance(256);
			break;
		case 2:
			at = at < len - 4 ? at : len - 4;
			word = chance(2) ? words[chance(7)] : (uint32_t)chance(1 << 20);
			for (int i = 3; i >= 0; i--, word >>= 8)
				data[at + i] = word & 0xff;
			break;
		case 3:
			n = chance(len - at < 64 ? len - at : 64);
			memmove(data + at, data + at + n, len - at - n);
			len -= n;
			break;
		default:
			n = chance(len - at < 64 ? len - at : 64);
			if (len + n > room)
				break;
			memmove(data + at + n, data + at, len - at);
			len += n;
		}
	}
	return len;
}

static void
attack(const char *path, unsigned rounds)
{
	size_t len, n, whole, cut;
	uint8_t *data = load(path, &len), *copy = malloc(2 * len + 1);
	char what[256];

	if (copy == NULL)
		err(1, NULL);
	whole = read_one(data, len, false, path);
	for (unsigned i = 0; i < rounds / 4; i++) {
		cut = i % 2 ? chance(len) : i / 2 % len;
		snprintf(what, sizeof what, "%s cut to %zu", path, cut);
		if (read_one(data, cut, i % 3 == 0, what) > whole) {	/* also where an index is cut off */
			printf("%s: more frames than in all of it\n", what);
			failed = 1;
		}
	}
	for (unsigned i = 0; i < rounds; i++) {
		memcpy(copy, data, len);
		n = change(copy, len, 2 * len);
		snprintf(what, sizeof what, "%s changed, round %u", path, i);
		read_one(copy, n, i % 3 == 0, what);
	}
	free(copy);
	free(data);
}

int
main(int argc, char **argv)
{
	static const char *files[] = { DATA "one-report.mp4", DATA "with-audio.mp4",
	    DATA "killed.mp4.partial", "tests/data/clips/bframes.h264" };
	unsigned rounds = argc > 1 ? (unsigned)strtonum(argv[1], 1, 100000000, NULL) : ROUNDS;

	for (int i = 2; i < argc; i++)
		attack(argv[i], rounds);
	for (size_t i = 0; argc <= 2 && i < sizeof files / sizeof files[0]; i++)
		attack(files[i], rounds / 3);
	return failed;
}
