/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* mp4-wrap(1): writes the H.264 of a nalstream(5) into an MP4 that survives a crash. */
#include <err.h>
#include <getopt.h>
#include <inttypes.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "finish.h"
#include "mp4.h"
#include "nalstream.h"
#include "output.h"
#include "rights.h"
#include "seconds.h"
#include "show.h"
#include "stop.h"
#include "wrap.h"

static const char usage_text[] =
    "usage: mp4-wrap [-fPq] [-s seconds | -S] out.mp4 < in.nals\n"
    "       mp4-wrap --finish file ...\n"
    "Writes the H.264 of a nalstream into an MP4 without transcoding; \"-\" is stdout.\n"
    "The file can be played at any time, also after kill -9 or a power cut.\n"
    "\n"
    "  -f, --force         overwrite a file that exists\n"
    "  -F, --finish        turn files of killed recordings into ordinary MP4s, in place\n"
    "  -P, --print         print the finished file's name on stdout\n"
    "  -s, --sync SECONDS  make sure of what is on the disk once in so many seconds,\n"
    "                      at most (0 to 3600, decimals; default 0.5)\n"
    "  -S, --no-sync       leave that to the system: a power cut may cost more\n"
    "  -q, --quiet         no remarks, errors only\n"
    "  -h, --help          this text\n"
    "  -V, --version       the version\n"
    "\n"
    "Example: rtsp-fetch URL | h264-sei-stamp | mp4-wrap out.mp4\n";

#define DEFAULT_SYNC_NS	(CLOCK_NS_PER_S / 2)
#define MAX_SYNC_S	3600
#define MISPLACED_MIN	32	/* fewer may come of what pictures_take() does not know */

static bool force, finish_only, print_name, quiet;
static int64_t sync_ns = DEFAULT_SYNC_NS;

static void
options(int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "force", no_argument, NULL, 'f' },
		{ "finish", no_argument, NULL, 'F' },
		{ "print", no_argument, NULL, 'P' },
		{ "sync", required_argument, NULL, 's' },
		{ "no-sync", no_argument, NULL, 'S' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "fFPs:SqhV", longs, NULL)) != -1) {
		switch (c) {
		case 'f':
			force = true;
			break;
		case 'F':
			finish_only = true;
			break;
		case 'P':
			print_name = true;
			break;
		case 's':
			if (seconds_parse(&sync_ns, optarg, MAX_SYNC_S) == -1)
				errx(2, "--sync %s: seconds from 0 to %d are wanted", show(optarg),
				    MAX_SYNC_S);
			break;
		case 'S':
			sync_ns = MP4_SYNC_OFF;
			break;
		case 'q':
			quiet = true;
			break;
		case 'h':
			fputs(usage_text, stdout);
			exit(0);
		case 'V':
			puts("mp4-wrap (nalpipe) " NALPIPE_VERSION);
			exit(0);
		default:
			exit(2);
		}
	}
	if (optind == argc)
		errx(2, "which file is to be %s? (mp4-wrap --help)", finish_only ? "finished" : "written");
	if (!finish_only && argc - optind > 1)
		errx(2, "%s: one output file only", show(argv[optind + 1]));
	if (!finish_only && strcmp(argv[optind], "-") == 0 && print_name)
		errx(2, "--print needs stdout for the name: give a file");
	if (!finish_only && isatty(STDIN_FILENO))
		errx(2, "stdin is a terminal: feed it a nalstream from rtsp-fetch or h264-sei-stamp");
}

static void
explain_open(enum output_open rc, const char *name)
{
	if (rc == OUTPUT_FAILED)
		warn("%s", show(name));
	else if (rc == OUTPUT_EXISTS)
		warnx("%s: the file exists (-f overwrites it)", show(name));
	else if (rc == OUTPUT_BUSY)
		warnx("%s: another mp4-wrap is writing to it", show(name));
	else if (rc == OUTPUT_IRREGULAR)
		warnx("%s: not an ordinary file", show(name));
	else
		warnx("stdout is a terminal: redirect it, or give a file name");
}

/* Finishes a file and says what became of it. Returns the exit status. */
static int
finish_one(const struct output *out)
{
	struct finish_found found;

	switch (finish_file(out->fd, &found)) {
	case FINISH_DONE:
	case FINISH_ALREADY:
		if (print_name)
			puts(out->name);
		if (found.damaged == 0)
			return 0;
		warnx("%s: %" PRIu64 " bytes between the fragments are damaged, and cannot be played",
		    show(out->name), found.damaged);
		return 1;
	case FINISH_FAILED:
		warn("%s: cannot be finished, but is playable as it is", show(out->name));
		return 1;
	case FINISH_FOREIGN:
		warnx("%s: not a recording of mp4-wrap, from byte %" PRIu64 " on; it was not touched",
		    show(out->name), found.at);
		return 1;
	case FINISH_EMPTY:
		warnx("%s: there is no whole fragment in it; it was not touched", show(out->name));
		return 1;
	}
	return 1;
}

static int
finish_files(char *const names[])
{
	struct output out;
	enum output_open rc;
	int status = 0;

	signal(SIGXFSZ, SIG_IGN);	/* EFBIG says it, and the file is cut back */
	for (; *names != NULL; names++) {
		rc = output_reopen(&out, *names);
		if (rc != OUTPUT_OK) {
			explain_open(rc, *names);
			status = 1;
		} else {
			status |= finish_one(&out);
		}
		if (out.fd != -1)
			close(out.fd);
	}
	return status;
}

/* What a user should know at once, said once. */
static void
remark(const struct wrap *w)
{
	static bool steps_back, jumps, misplaced, deepened, no_timing;

	if (quiet)
		return;
	if (w->frames > 0 && !w->in->stamped && !no_timing) {
		warnx("there is no timing in this stream: h264-sei-stamp is not in the pipe");
		no_timing = true;
	}
	if (w->fragment.timeline.steps_back > 0 && !steps_back) {
		warnx("the camera's RTP time does not go on, or goes back: such frames come 1 tick after others");
		steps_back = true;
	}
	if (w->fragment.timeline.misplaced >= MISPLACED_MIN && !misplaced) {
		warnx("the camera's RTP times contradict the order of its pictures: the times are kept, "
		    "and players may stutter");
		misplaced = true;
	}
	if (w->fragment.order.deepened > 0 && !deepened) {
		warnx("pictures come further out of order than was to be seen at the start: "
		    "their times are exact, but a player may start late until the file is finished");
		deepened = true;
	}
	if (w->fragment.timeline.jumps > 0 && !jumps) {
		warnx("the camera's RTP time jumped: times in the file follow arrival over the jump");
		jumps = true;
	}
}

static void
remark_end(const struct wrap *w)
{
	if (w->oversized > 0)
		warnx("%" PRIu64 " frames of more than 64 MiB were left out", w->oversized);
	if (quiet)
		return;
	if (w->cut > 0)
		warnx("%" PRIu64 " frames were cut short and left out", w->cut);
	if (w->skipped > 0)
		warnx("%" PRIu64 " frames before the first parameter sets were left out", w->skipped);
}

static int
timeout_ms(int64_t due_ns, int64_t now_ns)
{
	if (due_ns == INT64_MAX)
		return -1;
	return due_ns <= now_ns ? 0 : (int)((due_ns - now_ns) / 1000000 + 1);
}

/*
 * What the stream says of its end. The program that wrote it may have done so
 * on another host, so its reason is repeated. Returns the exit status.
 */
static int
explain_end(struct nalstream *in, const struct wrap *w)
{
	int status = nalstream_verdict(in);
	const char *nothing = w->frames == 0 ? "nothing to record: " : "";

	if (status != 0 && in->ended)
		warnx("%sthe stream ended early: %s", nothing, in->reason);
	else if (status != 0)
		warnx("%sstdin: %s", nothing, in->reason);
	else if (w->frames == 0)
		warnx("nothing to record: there was no frame in the input");
	return status;
}

enum ending {
	END_WRITE_FAILED = -1,
	END_OF_INPUT,
	END_EARLY,		/* said why */
};

/* From the input to the file, until the input ends or is to be left. */
static enum ending
loop(struct nalstream *in, struct wrap *w)
{
	enum nalstream_next next;
	struct nalrec r;
	int64_t due, now;
	ssize_t n;

	for (;;) {
		while ((next = nalstream_next(in, &r)) == NALSTREAM_RECORD) {
			if (wrap_record(w, &r) == -1)
				return END_WRITE_FAILED;
		}
		remark(w);
		if (next == NALSTREAM_BAD) {
			warnx("stdin: %s", in->reason);
			return END_EARLY;
		}
		now = clock_monotonic_ns();
		if ((due = wrap_tick(w, now)) == -1)
			return END_WRITE_FAILED;
		wrap_hold(w);
		switch (stop_wait(STDIN_FILENO, timeout_ms(due, now))) {
		case STOP_NOW:
			if (!quiet)
				warnx("stopped before the end of the input");
			return END_EARLY;
		case STOP_TIMEOUT:
			continue;
		case STOP_READY:
			break;
		}
		if ((n = nalstream_fill(in)) == -1)
			warn("stdin");
		if (n <= 0)
			return n == 0 ? END_OF_INPUT : END_EARLY;
	}
}

/* Ends the file in good order. Returns the exit status. */
static int
end_file(struct output *out, struct mp4 *mp4, struct wrap *w, enum ending ending)
{
	bool written = ending != END_WRITE_FAILED && wrap_finish(w) == 0 && mp4_commit(mp4) == 0;

	if (!written) {
		warn("%s: %s", out->fd == STDOUT_FILENO ? "stdout" : show(out->name),
		    mp4->end == 0 ? "nothing could be written" :
		    "writing failed; what was written is playable");
		output_discard(out);
		return 1;
	}
	if (w->frames == 0) {
		output_discard(out);
		return 1;
	}
	if (!out->seekable) {
		if (out->fd != STDOUT_FILENO && print_name)
			puts(out->name);
		return 0;
	}
	return finish_one(out);
}

int
main(int argc, char *argv[])
{
	struct nalstream in;
	struct output out;
	struct mp4 mp4;
	struct wrap w;
	enum output_open rc;
	enum ending ending;
	int status;

	setvbuf(stderr, NULL, _IOLBF, 0);	/* messages of a pipeline come line by line */
	options(argc, argv);
	if (finish_only)
		return finish_files(argv + optind);

	if (nalstream_open(&in, STDIN_FILENO) == -1 || stop_open(STOP_GRACE_S) == -1)
		err(1, "start");
	rc = output_open(&out, argv[optind], force);
	if (rc != OUTPUT_OK) {
		explain_open(rc, argv[optind]);
		return rc == OUTPUT_TERMINAL ? 2 : 1;
	}
	mp4_open(&mp4, out.fd, out.seekable, sync_ns);
	wrap_open(&w, &in, &mp4);

	if (rights_drop("stdio cpath") == -1)
		err(1, "rights");

	ending = loop(&in, &w);

	status = end_file(&out, &mp4, &w, ending);
	remark_end(&w);
	if (ending == END_OF_INPUT)
		status |= explain_end(&in, &w);
	wrap_close(&w);
	mp4_close(&mp4);
	nalstream_close(&in);
	if (ending == END_EARLY)
		status = 1;
	if (fflush(stdout) == EOF || close(out.fd) == -1)
		err(1, "%s", show(out.name));
	return status;
}
