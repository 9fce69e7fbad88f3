/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* mp4-wrap(1): writes the H.264 of a nalstream(5) into MP4 files that survive a crash. */
#include <sys/wait.h>

#include <err.h>
#include <errno.h>
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
#include "job.h"
#include "mp4.h"
#include "nalstream.h"
#include "name.h"
#include "output.h"
#include "remarks.h"
#include "rights.h"
#include "seconds.h"
#include "segment.h"
#include "show.h"
#include "stop.h"
#include "wrap.h"

static const char usage_text[] =
    "usage: mp4-wrap [-alPq] [-b bytes] [-c command] [-s seconds | -S] [-t seconds] [name] < in.nals\n"
    "       mp4-wrap [-fPq] [-c command] [-s seconds | -S] out.mp4 < in.nals\n"
    "       mp4-wrap --finish [-P] file ...\n"
    "Writes the H.264 of a nalstream into MP4 files without transcoding; \"-\" is stdout.\n"
    "They can be played at any time, also after kill -9 or a power cut.\n"
    "In a name, %Y %m %d %H %M %S and others of strftime(3) are the time at which the file's\n"
    "first frame came, %{camera} is the camera; without a name it is " NAME_AUTOMATIC ".\n"
    "\n"
    "  -t, --segment SECONDS     begin another file at the first key frame after this time\n"
    "  -b, --segment-size BYTES  or after so many bytes (1024-based k, M, G)\n"
    "  -a, --align               at full multiples of --segment on the clock\n"
    "  -l, --local               names and --align by local time instead of UTC\n"
    "  -c, --on-close COMMAND    run it in a shell for each finished file, whose name is its $1\n"
    "  -P, --print               print each finished file's name on stdout\n"
    "  -f, --force               overwrite a file that exists\n"
    "  -F, --finish              turn files of killed recordings into ordinary MP4s, in place\n"
    "  -s, --sync SECONDS        make sure of what is on the disk once in so many seconds,\n"
    "                            at most (0 to 3600, decimals; default 0.5)\n"
    "  -S, --no-sync             leave that to the system: a power cut may cost more\n"
    "  -q, --quiet               no remarks, errors only\n"
    "  -h, --help                this text\n"
    "  -V, --version             the version\n"
    "\n"
    "Example: rtsp-fetch URL | h264-sei-stamp | mp4-wrap out.mp4\n"
    "         rtsp-fetch --reconnect URL | h264-sei-stamp | mp4-wrap -t 3600 -a '%Y-%m-%d/%H%M%S.mp4'\n";

#define DEFAULT_SYNC_NS	(CLOCK_NS_PER_S / 2)
#define MAX_SYNC_S	3600
#define MAX_SEGMENT_S	(366 * 86400)
#define JOBS_POLL_NS	(CLOCK_NS_PER_S / 5)	/* how soon a process that ended is noticed */

static bool force, finish_only, print_name, quiet;
static int64_t sync_ns = DEFAULT_SYNC_NS;
static struct segment segment;
static const char *on_close;

static void
option(int c)
{
	switch (c) {
	case 'a':
		segment.align = true;
		break;
	case 'b':
		if (segment_size_parse(&segment.size, optarg) == -1)
			errx(2, "--segment-size %s: bytes are wanted, as in 500M or 4G", show(optarg));
		break;
	case 'c':
		if (*optarg == '\0')
			errx(2, "--on-close: a command is wanted");
		on_close = optarg;
		break;
	case 'f':
		force = true;
		break;
	case 'F':
		finish_only = true;
		break;
	case 'l':
		segment.local = true;
		break;
	case 'P':
		print_name = true;
		break;
	case 's':
		if (seconds_parse(&sync_ns, optarg, MAX_SYNC_S) == -1)
			errx(2, "--sync %s: seconds from 0 to %d are wanted", show(optarg), MAX_SYNC_S);
		break;
	case 'S':
		sync_ns = MP4_SYNC_OFF;
		break;
	case 't':
		if (seconds_parse(&segment.length_ns, optarg, MAX_SEGMENT_S) == -1 ||
		    segment.length_ns == 0)
			errx(2, "--segment %s: seconds are wanted, over 0 and at most %d",
			    show(optarg), MAX_SEGMENT_S);
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

static void
options(int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "align", no_argument, NULL, 'a' },
		{ "segment-size", required_argument, NULL, 'b' },
		{ "on-close", required_argument, NULL, 'c' },
		{ "force", no_argument, NULL, 'f' },
		{ "finish", no_argument, NULL, 'F' },
		{ "local", no_argument, NULL, 'l' },
		{ "print", no_argument, NULL, 'P' },
		{ "sync", required_argument, NULL, 's' },
		{ "no-sync", no_argument, NULL, 'S' },
		{ "segment", required_argument, NULL, 't' },
		{ "quiet", no_argument, NULL, 'q' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "ab:c:fFlPs:St:qhV", longs, NULL)) != -1)
		option(c);
	if (finish_only && optind == argc)
		errx(2, "which file is to be finished? (mp4-wrap --help)");
	if (finish_only && (segment_limited(&segment) || on_close != NULL))
		errx(2, "--finish is for files that are there: --segment and --on-close are not");
}

/* How the output is called and whether that name is made for each file; wrong command lines end here. */
static const char *
output_name(char *const args[], bool *generated)
{
	const char *name = args[0] != NULL ? args[0] : NAME_AUTOMATIC, *bad;

	*generated = segment_limited(&segment) || strchr(name, '%') != NULL;
	segment.local |= args[0] == NULL;
	if (args[0] != NULL && args[1] != NULL)
		errx(2, "%s: one output only", show(args[1]));
	if (segment.align && segment.length_ns == 0)
		errx(2, "--align needs --segment");
	if (strcmp(name, "-") == 0 && segment_limited(&segment))
		errx(2, "stdout cannot be several files: give a name to --segment and --segment-size");
	if (strcmp(name, "-") == 0 && (print_name || on_close != NULL))
		errx(2, "--print and --on-close need a file");
	if ((bad = name_bad(name)) != NULL)
		errx(2, "%s: not known in a name (mp4-wrap(1) has a list; %%%% is a %%)", show(bad));
	if (*generated && (*name == '\0' || name[strlen(name) - 1] == '/'))
		errx(2, "%s: a name for files is wanted, not of a folder", show(name));
	if (*generated && force)
		errx(2, "--force is for one file: names that are made never overwrite");
	if (segment_limited(&segment) && output_is_special(name))
		errx(2, "%s: not an ordinary file, cannot be several", show(name));
	if (isatty(STDIN_FILENO))
		errx(2, "stdin is a terminal: feed it a nalstream from rtsp-fetch or h264-sei-stamp");
	return name;
}

static void
explain_open(enum output_open rc, const char *name)
{
	if (rc == OUTPUT_FAILED)
		warn("%s", show(name));
	else if (rc == OUTPUT_EXISTS)
		warnx("%s: the file exists (-f overwrites it)", show(name));
	else if (rc == OUTPUT_EMPTY)
		warnx("%s: there is no whole fragment in it; it was not touched", show(name));
	else if (rc == OUTPUT_BUSY)
		warnx("%s: another mp4-wrap is writing to it", show(name));
	else if (rc == OUTPUT_IRREGULAR)
		warnx("%s: not an ordinary file", show(name));
	else
		warnx("stdout is a terminal: redirect it, or give a file name");
}

/* The name of a finished file, if that is wanted. Returns the exit status. */
static int
print(const char *name)
{
	if (!print_name || (puts(name) != EOF && fflush(stdout) != EOF))
		return 0;
	warn("stdout: names of files");
	print_name = false;
	return 1;
}

/* Finishes a file and says what became of it. Returns the exit status. */
static int
finish_one(const struct output *out)
{
	struct finish_found found;
	int status = 0;

	switch (finish_file(out->fd, &found)) {
	case FINISH_DONE:
	case FINISH_ALREADY:
		if (finish_only)
			status = print(out->name);
		if (found.damaged == 0)
			return status;
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
	signal(SIGPIPE, SIG_IGN);	/* the other files are finished all the same */
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

/* What is recorded, into one file after the other. */
struct recording {
	struct nalstream in;
	struct wrap wrap;
	struct remarks remarks;
	struct output out;	/* fd -1: none is open */
	struct mp4 mp4;
	bool generated;		/* name is in use */
	struct name name;
	char camera[NAME_CAMERA_SIZE];	/* as the last S record has it */
	struct jobs jobs;
	bool no_file;		/* the next one could not be opened, which was said */
	int status;		/* of files behind the present one */
};

/* Everything of a file is written: makes it whole. Returns the exit status. */
static int
finish_work(void *arg)
{
	struct recording *r = arg;

	if (mp4_commit(&r->mp4) == -1) {
		warn("%s: writing failed; what was written is playable", show(r->out.name));
		return 1;
	}
	return finish_one(&r->out);
}

static void
file_finished(struct recording *r, const char *name)
{
	r->status |= print(name);
	if (on_close != NULL && jobs_command(&r->jobs, name) == -1)
		warn("%s: --on-close", show(name));
}

static void
explain_job(struct recording *r, const struct job *job)
{
	int status = job->status;
	const char *what = job->is_command ? "the command of --on-close" : "finishing it";

	if (!job->is_command && status == 0)
		file_finished(r, job->file);
	if (!job->is_command && status != 0)
		r->status = 1;
	if (WIFSIGNALED(status))
		warnx("%s: %s was ended by signal %d", show(job->file), what, WTERMSIG(status));
	else if (job->is_command && status != 0)
		warnx("%s: %s failed, exit status %d", show(job->file), what, WEXITSTATUS(status));
}

/* Looks after the processes beside the recording; wait: until all files are finished. */
static void
settle(struct recording *r, bool wait)
{
	static bool queued;
	struct job *job;

	while ((job = jobs_ended(&r->jobs, wait && r->jobs.finishing > 0)) != NULL) {
		explain_job(r, job);
		job_free(job);
	}
	if (on_close != NULL && jobs_start(&r->jobs, on_close, JOBS_COMMANDS_MAX) > 0 && !queued) {
		warnx("%zu commands of --on-close run: others wait for one to end", r->jobs.commands);
		queued = true;
	}
}

/* Starts what has waited; from here on commands are on their own. */
static void
leave_commands(struct recording *r)
{
	size_t waiting;

	settle(r, true);
	waiting = on_close == NULL ? 0 : jobs_start(&r->jobs, on_close, SIZE_MAX);
	if (waiting > 0)
		warn("the command of --on-close was not started for %zu files", waiting);
	jobs_close(&r->jobs);
}

/* Finishes the present file, if it can be, which is told after those before it. Returns the exit status. */
static int
finish_here(struct recording *r)
{
	int status = r->out.seekable ? finish_work(r) : 0;

	settle(r, true);
	if (status == 0 && r->out.fd != STDOUT_FILENO)
		file_finished(r, r->out.name);
	return status;
}

/* Finishes the present file while the recording goes on. */
static void
hand_over(struct recording *r)
{
	if (jobs_finish(&r->jobs, r->out.name, finish_work, r) == -1)
		r->status |= finish_here(r);
	mp4_close(&r->mp4);
	mp4_open(&r->mp4, -1, false, MP4_SYNC_OFF);
	close(r->out.fd);
	r->out.fd = -1;
}

static int
open_generated(struct recording *r, int64_t unix_ns)
{
	enum output_open rc = OUTPUT_FAILED;
	int named = name_make(&r->name, r->camera, unix_ns);

	while (named == 0) {
		rc = output_create(&r->out, r->name.text, r->name.fixed);
		if (rc != OUTPUT_EXISTS)
			break;
		named = name_another(&r->name);
	}
	if (rc != OUTPUT_OK) {
		explain_open(rc, named == 0 ? r->name.text : r->name.pattern);
		r->no_file = true;
		return -1;
	}
	if (!quiet && !print_name && !segment_limited(&segment))
		warnx("recording to %s", show(r->name.text));
	return 0;
}

/* struct wrap_files: a file that has its name from the command line is open already, and the only one. */
static int
next_file(void *arg, int64_t unix_ns)
{
	struct recording *r = arg;

	if (r->generated) {
		if (r->out.fd != -1)
			hand_over(r);
		if (open_generated(r, unix_ns) == -1)
			return -1;
	}
	mp4_open(&r->mp4, r->out.fd, r->out.seekable, sync_ns);
	return 0;
}

static void
remark(struct recording *r)
{
	const char *text;

	while (!quiet && (text = remarks_next(&r->remarks, &r->wrap)) != NULL)
		warnx("%s", text);
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

static void
take(struct recording *r, const struct nalrec *rec)
{
	if (rec->type == NALSTREAM_STREAM &&
	    nalstream_value(rec, "camera", r->camera, sizeof r->camera) < 0)
		r->camera[0] = '\0';
}

/* From the input to the files, until the input ends or is to be left. */
static enum ending
loop(struct recording *r)
{
	enum nalstream_next next;
	struct nalrec rec;
	int64_t due, now;
	ssize_t n;

	for (;;) {
		while ((next = nalstream_next(&r->in, &rec)) == NALSTREAM_RECORD) {
			take(r, &rec);
			if (wrap_record(&r->wrap, &rec) == -1)
				return END_WRITE_FAILED;
		}
		remark(r);
		if (next == NALSTREAM_BAD) {
			warnx("stdin: %s", r->in.reason);
			return END_EARLY;
		}
		now = clock_monotonic_ns();
		if ((due = wrap_tick(&r->wrap, now)) == -1)
			return END_WRITE_FAILED;
		if (!TAILQ_EMPTY(&r->jobs.list)) {
			settle(r, false);
			if (due > now + JOBS_POLL_NS)
				due = now + JOBS_POLL_NS;
		}
		wrap_hold(&r->wrap);
		switch (stop_wait(STDIN_FILENO, clock_poll_ms(due))) {
		case STOP_NOW:
			if (!quiet)
				warnx("stopped before the end of the input");
			return END_EARLY;
		case STOP_TIMEOUT:
			continue;
		case STOP_READY:
			break;
		}
		if ((n = nalstream_fill(&r->in)) == -1)
			warn("stdin");
		if (n <= 0)
			return n == 0 ? END_OF_INPUT : END_EARLY;
	}
}

/* Ends the last file in good order. Returns the exit status. */
static int
end_file(struct recording *r, enum ending ending)
{
	if (r->no_file)
		return 1;
	if (ending == END_WRITE_FAILED || wrap_finish(&r->wrap) == -1) {
		warn("%s: %s", r->out.fd == STDOUT_FILENO ? "stdout" : show(r->out.name),
		    r->mp4.end == 0 ? "nothing could be written" :
		    "writing failed; what was written is playable");
		output_discard(&r->out);
		return 1;
	}
	if (r->wrap.frames == 0) {
		output_discard(&r->out);
		return 1;
	}
	return finish_here(r);
}

/* Opens what can be opened before the first frame. Returns the exit status. */
static int
open_output(struct recording *r, const char *name)
{
	enum output_open rc;

	r->out = (struct output){ .name = name, .fd = -1 };
	if (r->generated) {
		name_open(&r->name, name, segment.local);
		if (output_folder(name, r->name.fixed) == 0)
			return 0;
		warn("the folder of %s", show(name));
		return 1;
	}
	rc = output_open(&r->out, name, force);
	if (rc == OUTPUT_OK)
		return 0;
	explain_open(rc, name);
	return rc == OUTPUT_TERMINAL ? 2 : 1;
}

static const char *
rights(const struct recording *r)
{
	if (on_close != NULL)
		return "stdio rpath wpath cpath flock proc exec";
	return r->generated ? "stdio rpath wpath cpath flock proc" : "stdio cpath";
}

int
main(int argc, char *argv[])
{
	static struct recording r;
	const struct wrap_files files = { next_file, &r };
	const char *name;
	enum ending ending;
	int status;

	if (output_reserve() == -1)
		return 1;
	setvbuf(stderr, NULL, _IOLBF, 0);	/* messages of a pipeline come line by line */
	options(argc, argv);
	if (finish_only)
		return finish_files(argv + optind);

	name = output_name(argv + optind, &r.generated);
	if (nalstream_open(&r.in, STDIN_FILENO) == -1 || stop_open(STOP_GRACE_S) == -1)
		err(1, "start");
	status = open_output(&r, name);
	if (status != 0)
		return status;
	jobs_open(&r.jobs);
	mp4_open(&r.mp4, -1, false, MP4_SYNC_OFF);
	wrap_open(&r.wrap, &r.in, &r.mp4, &files, &segment);

	if (rights_drop(rights(&r)) == -1)
		err(1, "rights");

	ending = loop(&r);

	status = end_file(&r, ending);
	leave_commands(&r);
	remark_end(&r.wrap);
	if (ending == END_OF_INPUT)
		status |= explain_end(&r.in, &r.wrap);
	wrap_close(&r.wrap);
	mp4_close(&r.mp4);
	nalstream_close(&r.in);
	if (ending == END_EARLY)
		status = 1;
	if (r.out.fd != -1 && close(r.out.fd) == -1)
		err(1, "%s", show(r.out.name));
	return status | r.status;
}
