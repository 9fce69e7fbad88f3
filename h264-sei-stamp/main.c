/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* h264-sei-stamp(1): adds timing SEI to the H.264 of a nalstream(5). */
#include <err.h>
#include <getopt.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "nalstream.h"
#include "rights.h"
#include "stamp.h"
#include "stop.h"

static const char usage_text[] =
    "usage: h264-sei-stamp [-q] < in.nals > out.nals\n"
    "Puts the arrival time and the RTP time of every frame, and every sender\n"
    "report, into the H.264 stream as SEI.\n"
    "\n"
    "  -q, --quiet    no remarks, errors only\n"
    "  -h, --help     this text\n"
    "  -V, --version  the version\n"
    "\n"
    "Example: rtsp-fetch URL | h264-sei-stamp | mp4-wrap out.mp4\n";

static bool quiet;

static void
options(int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "qhV", longs, NULL)) != -1) {
		switch (c) {
		case 'q':
			quiet = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		case 'V':
			puts("h264-sei-stamp (nalpipe) " NALPIPE_VERSION);
			exit(0);
		default:
			exit(2);
		}
	}
	if (optind != argc)
		errx(2, "%s: no file arguments: it reads stdin and writes stdout", argv[optind]);
	if (isatty(STDOUT_FILENO))
		errx(2, "stdout is a terminal: pipe it into mp4-wrap, or redirect it to a file");
	if (isatty(STDIN_FILENO))
		errx(2, "stdin is a terminal: feed it a nalstream from rtsp-fetch");
}

/* Reads to the end of the input. Returns whether all of it could be read. */
static bool
loop(struct nalstream *in, struct stamp *s)
{
	enum nalstream_next next;
	struct nalrec r;
	ssize_t n;

	for (;;) {
		while ((next = nalstream_next(in, &r)) == NALSTREAM_RECORD) {
			if (stamp_record(s, &r) == -1)
				err(1, "stdout");
		}
		if (stamp_flush(s) == -1)
			err(1, "stdout");
		if (next == NALSTREAM_BAD) {
			warnx("stdin: %s", in->reason);
			return false;
		}
		switch (stop_wait(STDIN_FILENO, -1)) {
		case STOP_NOW:
			warnx("stopped before the end of the input");
			return false;
		case STOP_TIMEOUT:
			continue;
		case STOP_READY:
			break;
		}
		if ((n = nalstream_fill(in)) == -1)
			warn("stdin");
		if (n <= 0)
			return n == 0;
	}
}

int
main(int argc, char *argv[])
{
	static struct stamp s;
	struct nalstream in;
	bool whole;
	int status;

	setvbuf(stderr, NULL, _IOLBF, 0);	/* messages of a pipeline come line by line */
	options(argc, argv);

	if (nalstream_open(&in, STDIN_FILENO) == -1 || stop_open(STOP_GRACE_S) == -1)
		err(1, "start");
	stamp_open(&s, &in, STDOUT_FILENO);

	if (rights_drop("stdio") == -1)
		err(1, "rights");

	whole = loop(&in, &s);

	if (stamp_finish(&s) == -1 || close(STDOUT_FILENO) == -1)
		err(1, "stdout");
	status = nalstream_verdict(&in);
	/* An E with status 1 was explained by the program that wrote it. */
	if (whole && status != 0 && !in.ended)
		warnx("stdin: %s", in.reason);
	if (s.lost > 0 && s.frames > 0)
		warnx("%ju reports, events and clock records are not in the SEI: too many before a frame, "
		    "too long, or of a stream without one", (uintmax_t)s.lost);
	if (!quiet && s.frames == 0 && status == 0 && !in.stamped)
		warnx("there was no frame in the input");
	nalstream_close(&in);
	return whole ? status : 1;
}
