/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * sei-dump: every frame's exact timing out of a recording, as CSV. Options, files
 * and messages; the reading is in recording.c, the rows are in columns.c.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <vis.h>

#include "align.h"
#include "archive.h"
#include "columns.h"
#include "csv.h"
#include "figures.h"
#include "gnuplot.h"
#include "jsonl.h"
#include "match.h"
#include "recording.h"
#include "remarks.h"
#include "rights.h"
#include "seconds.h"
#include "show.h"
#include "summary.h"

enum {
	EXIT_USAGE = 2,
	OPTION_RAW = 256,	/* no letter */
	OPTION_CLOCK,
	OPTION_WITHIN,
	OPTION_GNUPLOT,
};

#define WITHIN_MAX_S	86400

enum output {
	OUTPUT_TABLE,
	OUTPUT_SUMMARY,
	OUTPUT_ALIGN,
	OUTPUT_MATCH,
	OUTPUT_GNUPLOT,
	OUTPUT_LINES,		/* JSON, of everything */
};

struct options {
	struct columns columns;
	const char *columns_list;	/* NULL: the default */
	const char *files_from;		/* a file of file names; NULL: none, "-": standard input */
	const char *log;		/* of events */
	enum output output;
	enum table table;
	enum series_clock clock;	/* NSERIES: none was chosen */
	int64_t within_ns;		/* 0: none was given */
	bool with_filename, no_header, null, raw, json;
};

static const char usage_line[] =
	"usage: sei-dump [-0HN] [-g | -j | -r | --raw] [-c list] [-T file] [file ...]\n"
	"       sei-dump -s [-0] [--json] [--raw] [-T file] [file ...]\n"
	"       sei-dump -a | -m log [-0N] [--clock name] [--within seconds] [--raw] [-T file] [file ...]\n"
	"       sei-dump --gnuplot [file]\n";

static const char help[] =
	"Writes the timing of every frame of a recording to standard output, as CSV.\n"
	"Reads MP4 files, nalstreams and H.264 in Annex B; standard input if no file is named.\n"
	"\n"
	"  -c, --columns LIST     these columns, in this order, of:\n"
	"                         file,frame,pts,keyframe,rtp,recv,recv_ns,recv_time,\n"
	"                         camera_time,host_time,\n"
	"                         last_ns,slack_us,packets,flags,sender_time\n"
	"      --raw              only what stands in the recording: no camera_time, no host_time,\n"
	"                         no word about clocks\n"
	"  -r, --reports          the camera's sender reports instead of frames; columns:\n"
	"                         file,frame,recv,recv_ns,recv_time,ntp,ntp_time,rtp\n"
	"  -g, --gaps             what is missing and what happened, instead of frames; columns:\n"
	"                         file,frame,recv,recv_ns,recv_time,track,what,packets,\n"
	"                         frames,detail\n"
	"  -j, --json             everything raw, in the order of the file: a JSON object a line for\n"
	"                         each SEI message and each record of a nalstream\n"
	"  -s, --summary          a few lines a file instead of a table: what is wrong, then figures\n"
	"                         (with --json: a line of JSON a file)\n"
	"  -a, --align            the frames of the first file, and of each other file the nearest\n"
	"  -m, --match LOG        the events of LOG, which begin with a time, and the nearest frame of\n"
	"                         each file\n"
	"      --gnuplot          a program for gnuplot that draws the timing of one file\n"
	"      --clock NAME       with -a or -m: camera_time, host_time or recv_time\n"
	"      --within SECONDS   with -a or -m: how near is nearest\n"
	"  -H, --with-filename    a first column file, also for one file\n"
	"  -N, --no-header        no line with the names of the columns\n"
	"  -T, --files-from FILE  read file names from FILE, one a line (-: standard input)\n"
	"  -0, --null             the names in FILE end with a NUL byte\n"
	"  -h, --help\n"
	"  -V, --version\n";

static const struct option long_options[] = {
	{ "align", no_argument, NULL, 'a' },
	{ "clock", required_argument, NULL, OPTION_CLOCK },
	{ "columns", required_argument, NULL, 'c' },
	{ "gaps", no_argument, NULL, 'g' },
	{ "json", no_argument, NULL, 'j' },
	{ "gnuplot", no_argument, NULL, OPTION_GNUPLOT },
	{ "match", required_argument, NULL, 'm' },
	{ "raw", no_argument, NULL, OPTION_RAW },
	{ "reports", no_argument, NULL, 'r' },
	{ "summary", no_argument, NULL, 's' },
	{ "with-filename", no_argument, NULL, 'H' },
	{ "no-header", no_argument, NULL, 'N' },
	{ "files-from", required_argument, NULL, 'T' },
	{ "within", required_argument, NULL, OPTION_WITHIN },
	{ "null", no_argument, NULL, '0' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static struct csv csv;		/* large, so not on the stack */
static struct align align;
static struct jsonl jsonl;	/* so is this */

static void
usage(void)
{
	fputs(usage_line, stderr);
	exit(EXIT_USAGE);
}

/* Prints to standard output and ends the program. */
static void
print_exit(const char *line, const char *text)
{
	if (fputs(line, stdout) == EOF || fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		err(1, "standard output");
	exit(0);
}

static void
bad_column(const char *name, size_t len)
{
	char visible[128];

	strnvisx(visible, sizeof visible, name, len, VIS_CSTYLE | VIS_NL | VIS_TAB);
	warnx("--columns: no such column: '%s'", visible);
	exit(EXIT_USAGE);
}

static void
choose_columns(struct options *o)
{
	const char *bad;
	size_t bad_len;

	if (o->columns_list == NULL)
		columns_default(&o->columns, o->table, o->raw);
	else if (columns_parse(&o->columns, o->table, o->columns_list, &bad, &bad_len) == -1)
		bad_column(bad, bad_len);
	if (o->raw && columns_interpreted(&o->columns) != NULL)
		errx(EXIT_USAGE, "--raw: %s is no raw column", columns_interpreted(&o->columns));
	if (o->with_filename)
		columns_add_file(&o->columns);
}

static enum series_clock
clock_named(const char *name)
{
	enum series_clock clock = 0;

	while (clock < SERIES_STEADY && strcmp(series_clock_name(clock), name) != 0)
		clock++;
	if (clock == SERIES_STEADY)
		errx(EXIT_USAGE, "--clock: camera_time, host_time or recv_time is wanted, not '%s'", show(name));
	return clock;
}

static bool
is_together(const struct options *o)
{
	return o->output == OUTPUT_ALIGN || o->output == OUTPUT_MATCH;
}

/* Options that do not go together. */
static void
options_check(struct options *o, int nfiles)
{
	bool table, together = is_together(o);

	if (o->json && o->output == OUTPUT_TABLE)
		o->output = OUTPUT_LINES;
	table = o->output == OUTPUT_TABLE;
	if (o->null && o->files_from == NULL)
		usage();
	if (!table && (o->table != TABLE_FRAMES || o->columns_list != NULL))
		usage();
	if (o->json && o->output != OUTPUT_LINES && o->output != OUTPUT_SUMMARY)
		usage();
	if (o->with_filename && !table && o->output != OUTPUT_LINES)
		usage();
	if (o->no_header && (o->output == OUTPUT_SUMMARY || o->output == OUTPUT_LINES))
		usage();
	if (!together && (o->clock != NSERIES || o->within_ns > 0))
		usage();
	if (o->output == OUTPUT_GNUPLOT && (o->raw || o->no_header || nfiles > 1 || o->files_from != NULL))
		usage();
	if (o->log != NULL && o->files_from != NULL && strcmp(o->log, "-") == 0 && strcmp(o->files_from, "-") == 0)
		usage();
	if (together && nfiles == 0 && o->files_from == NULL)
		errx(EXIT_USAGE, "which files?");
	if (o->raw && o->clock < SERIES_RECV)
		errx(EXIT_USAGE, "--raw: %s is not raw", series_clock_name(o->clock));
	if (o->raw)
		o->clock = SERIES_RECV;
}

/* One of -g and -r at most chooses the table, and one of the others what is made of it. */
static void
choose_output(struct options *o, int c)
{
	if (c == 'g' || c == 'r') {
		if (o->table != TABLE_FRAMES)
			usage();
		o->table = c == 'r' ? TABLE_REPORTS : TABLE_EVENTS;
		return;
	}
	if (o->output != OUTPUT_TABLE)
		usage();
	o->output = c == 'a' ? OUTPUT_ALIGN : c == 'm' ? OUTPUT_MATCH : c == 's' ?
	    OUTPUT_SUMMARY : OUTPUT_GNUPLOT;
	if (c == 'm')
		o->log = optarg;
}

/* Parses the options; argv[optind] is the first file afterwards. */
static void
options_parse(struct options *o, int argc, char **argv)
{
	int c;

	memset(o, 0, sizeof *o);
	o->table = TABLE_FRAMES;
	o->clock = NSERIES;
	while ((c = getopt_long(argc, argv, "0ac:gHhjm:NrsT:V", long_options, NULL)) != -1)
		switch (c) {
		case '0':
			o->null = true;
			break;
		case 'c':
			o->columns_list = optarg;
			break;
		case 'H':
			o->with_filename = true;
			break;
		case 'h':
			print_exit(usage_line, help);
			break;
		case 'N':
			o->no_header = true;
			break;
		case 'a':
		case 'g':
		case 'm':
		case 'r':
		case 's':
		case OPTION_GNUPLOT:
			choose_output(o, c);
			break;
		case OPTION_CLOCK:
			o->clock = clock_named(optarg);
			break;
		case OPTION_WITHIN:
			if (seconds_parse(&o->within_ns, optarg, WITHIN_MAX_S) == -1 || o->within_ns == 0)
				errx(EXIT_USAGE, "--within: seconds are wanted, above 0 and up to %d", WITHIN_MAX_S);
			break;
		case 'j':
			o->json = true;
			break;
		case OPTION_RAW:
			o->raw = true;
			break;
		case 'T':
			o->files_from = optarg;
			break;
		case 'V':
			print_exit("sei-dump (nalpipe) " NALPIPE_VERSION "\n", "");
			break;
		default:
			usage();
		}
	options_check(o, argc - optind);
	o->with_filename = o->with_filename || argc - optind > 1 || o->files_from != NULL;
	choose_columns(o);
}

/* One message about a file, whose name may hold anything. */
static void
complain(const char *file, uint64_t offset, const char *text, uint64_t more)
{
	char where[48] = "", count[48] = "";

	if (offset != FINDING_NOWHERE)
		snprintf(where, sizeof where, "byte %" PRIu64 ": ", offset);
	if (more > 0)
		snprintf(count, sizeof count, " (and %" PRIu64 " more)", more);
	warnx("%s: %s%s%s", show(file), where, text, count);
}

static void
complain_all(const char *file, const struct findings *found)
{
	for (int kind = 0; kind < NFINDINGS; kind++)
		if (found->of[kind].count > 0)
			complain(file, found->of[kind].offset, found->of[kind].text,
			    FINDING_IS_NOTE(kind) ? 0 : found->of[kind].count - 1);
}

/* What was found out about its clocks. */
static void
complain_clocks(const char *file, const struct clocks_found *clocks)
{
	enum remark_level level;
	char text[REMARK_MAX];

	for (size_t i = 0; clocks != NULL && remark(clocks, i, text, &level); i++)
		complain(file, FINDING_NOWHERE, text, 0);
}

static void
summarize(const struct options *o, const char *file, const struct frames *fs, struct findings *found)
{
	struct figures f;

	if (figures_find(&f, fs) == -1)
		findings_add(found, FINDING_SYSTEM, FINDING_NOWHERE, strerror(errno));
	if (o->json)
		archive_line(&csv, file, &f, fs, found);
	else
		summary_text(&csv, show(file), &f, fs, found);
}

static void
add(const char *file, const struct frames *fs)
{
	struct figures f;

	if (figures_find(&f, fs) == -1 || align_add(&align, file, fs, &f) == -1)
		err(1, "%s", show(file));
}

static void
draw(const char *file, const struct frames *fs)
{
	struct figures f;

	if (figures_find(&f, fs) == -1 || gnuplot_write(&csv, show(file), &f, fs) == -1)
		err(1, "%s", show(file));
}

/* What has to be gathered of a file. */
static unsigned
wanted(const struct options *o)
{
	if (o->output == OUTPUT_TABLE)
		return columns_want(&o->columns);
	if (o->output == OUTPUT_LINES)
		return 0;
	if (o->raw || o->clock == SERIES_RECV)
		return FIGURES_WANT_RAW;
	return FIGURES_WANT | (o->output == OUTPUT_ALIGN ? WANT_STEADY : 0);
}

/* Writes what is told of one file when it is read; the rest is told on standard error. */
static void
tell(const struct options *o, const char *file, const struct frames *fs, struct findings *found)
{
	bool is_stdin = strcmp(file, "-") == 0;
	const char *name = is_stdin ? "standard input" : file;

	if (o->output == OUTPUT_SUMMARY) {
		summarize(o, is_stdin && !o->json ? name : file, fs, found);
		return;
	}
	if (o->output == OUTPUT_TABLE)
		columns_rows(&o->columns, &csv, fs, file);
	else if (o->output == OUTPUT_GNUPLOT)
		draw(name, fs);
	else if (o->output != OUTPUT_LINES)
		add(name, fs);
	complain_all(name, found);
	complain_clocks(name, fs->clocks);
}

/* Dumps one file. 0, or 1 if there is something wrong with it. */
static int
dump(const struct options *o, const char *file)
{
	static const struct frames nothing;
	struct frames fs;
	struct findings found;
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);

	if (fd == -1) {
		complain(file, FINDING_NOWHERE, strerror(errno), 0);
		if (is_together(o))
			add(file, &nothing);	/* recordings keep their numbers */
		return 1;
	}
	frames_open(&fs, wanted(o));
	jsonl_open(&jsonl, &csv, o->with_filename ? file : NULL);
	recording_read(fd, &fs, o->output == OUTPUT_LINES ? &jsonl : NULL, &found);
	jsonl_close(&jsonl);
	if (!is_stdin)
		close(fd);
	tell(o, file, &fs, &found);
	frames_close(&fs);
	return findings_damage(&found);
}

/* Which clock is taken when none was chosen: events are on this host's. */
static enum series_clock
choose_clock(const struct options *o)
{
	const char *fault;
	size_t which;

	if (o->clock != NSERIES)
		return o->clock;
	if (o->output == OUTPUT_MATCH)
		return SERIES_HOST;
	fault = align_fault(&align, &which);
	if (fault == NULL)
		warnx("aligned by camera_time: the cameras' clocks are good and go together");
	else
		warnx("aligned by host_time: %s: %s", show(align.series[which].file), fault);
	return fault == NULL ? SERIES_CAMERA : SERIES_HOST;
}

/* What is told of all files together. 0, or 1 if the log is bad. */
static int
tell_together(const struct options *o, FILE *events)
{
	struct match m;

	align.within_ns = o->within_ns;
	if (align_choose(&align, choose_clock(o)) == -1)
		err(1, "memory");
	for (size_t i = 0; i < align.n; i++)
		if (align.series[i].twice > 0)
			warnx("%s: %s went back: %zu frames whose time it shows twice are not looked up",
			    show(align.series[i].file), series_clock_name(align.clock), align.series[i].twice);
	if (o->output == OUTPUT_ALIGN) {
		if (!o->no_header)
			align_header(&align, &csv);
		if (align_rows(&align, &csv) == -1)
			err(1, "memory");
		return 0;
	}
	if (!o->no_header)
		match_header(&align, &csv);
	match_rows(&align, events, &csv, &m);
	if (m.bad > 0)
		warnx("%s: line %" PRIu64 ": no time (RFC 3339 with a zone, Unix ns, or Unix s with a point)%s",
		    show(o->log), m.bad_line, m.bad > 1 ? ", and others" : "");
	if (m.matched == 0)
		warnx("%s: none of %" PRIu64 " events is near a frame", show(o->log), m.events);
	if (ferror(events))
		warn("%s", show(o->log));
	return m.bad > 0 || ferror(events);
}

/* Dumps the files that a list names. 0, or 1 if one of them or the list is bad. */
static int
dump_list(const struct options *o)
{
	bool is_stdin = strcmp(o->files_from, "-") == 0;
	FILE *list = is_stdin ? stdin : fopen(o->files_from, "re");
	int end = o->null ? '\0' : '\n', status = 0;
	char *name = NULL;
	size_t size = 0;
	ssize_t len;

	if (list == NULL) {
		complain(o->files_from, FINDING_NOWHERE, strerror(errno), 0);
		return 1;
	}
	while (csv.error == 0 && (len = getdelim(&name, &size, end, list)) > 0) {
		if (name[len - 1] == end)
			name[len - 1] = '\0';
		if (name[0] != '\0')
			status |= dump(o, name);
	}
	if (ferror(list)) {
		complain(is_stdin ? "standard input" : o->files_from, FINDING_NOWHERE,
		    strerror(errno), 0);
		status = 1;
	}
	if (!is_stdin)
		fclose(list);
	free(name);
	return status;
}

int
main(int argc, char **argv)
{
	struct options o;
	FILE *events = NULL;
	int status = 0;

	/* Options. */
	setvbuf(stderr, NULL, _IOLBF, 0);	/* messages of a pipeline come line by line */
	options_parse(&o, argc, argv);
	if (optind == argc && o.files_from == NULL && isatty(STDIN_FILENO))
		errx(EXIT_USAGE, "which file? (sei-dump --help)");

	/* Open. */
	csv_open(&csv, STDOUT_FILENO);
	if (o.log != NULL)
		events = strcmp(o.log, "-") == 0 ? stdin : fopen(o.log, "re");
	if (o.log != NULL && events == NULL)
		err(1, "%s", show(o.log));
	if (o.output == OUTPUT_TABLE && !o.no_header)
		columns_header(&o.columns, &csv);

	/* Drop rights. Files are opened one after the other. */
	if (rights_drop("stdio rpath") == -1)
		err(1, "rights");

	/* Loop. */
	if (optind == argc && o.files_from == NULL)
		status |= dump(&o, "-");
	for (int i = optind; i < argc && csv.error == 0; i++)
		status |= dump(&o, argv[i]);
	if (o.files_from != NULL)
		status |= dump_list(&o);
	if (is_together(&o))
		status |= tell_together(&o, events);
	align_close(&align);

	/* Finish. */
	if (csv_flush(&csv) == -1 || close(STDOUT_FILENO) == -1)
		err(1, "standard output");
	return status;
}
