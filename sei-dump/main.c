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

#include "archive.h"
#include "columns.h"
#include "csv.h"
#include "figures.h"
#include "recording.h"
#include "remarks.h"
#include "rights.h"
#include "show.h"
#include "summary.h"

enum {
	EXIT_USAGE = 2,
	OPTION_RAW = 256,	/* no letter */
	OPTION_JSON,
};

enum output {
	OUTPUT_TABLE,
	OUTPUT_SUMMARY,
};

struct options {
	struct columns columns;
	const char *columns_list;	/* NULL: the default */
	const char *files_from;		/* a file of file names; NULL: none, "-": standard input */
	enum output output;
	enum table table;
	bool with_filename, no_header, null, raw, json;
};

static const char usage_line[] =
	"usage: sei-dump [-0HN] [-g | -r | --raw] [-c list] [-T file] [file ...]\n"
	"       sei-dump -s [-0] [--json] [--raw] [-T file] [file ...]\n";

static const char help[] =
	"Writes the timing of every frame of a recording to standard output, as CSV.\n"
	"Reads MP4 files and nalstreams; standard input if no file is named.\n"
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
	"  -s, --summary          a few lines a file instead of a table: what is wrong, then figures\n"
	"      --json             with -s: a line of JSON a file\n"
	"  -H, --with-filename    a first column file, also for one file\n"
	"  -N, --no-header        no line with the names of the columns\n"
	"  -T, --files-from FILE  read file names from FILE, one a line (-: standard input)\n"
	"  -0, --null             the names in FILE end with a NUL byte\n"
	"  -h, --help\n"
	"  -V, --version\n";

static const struct option long_options[] = {
	{ "columns", required_argument, NULL, 'c' },
	{ "gaps", no_argument, NULL, 'g' },
	{ "json", no_argument, NULL, OPTION_JSON },
	{ "raw", no_argument, NULL, OPTION_RAW },
	{ "reports", no_argument, NULL, 'r' },
	{ "summary", no_argument, NULL, 's' },
	{ "with-filename", no_argument, NULL, 'H' },
	{ "no-header", no_argument, NULL, 'N' },
	{ "files-from", required_argument, NULL, 'T' },
	{ "null", no_argument, NULL, '0' },
	{ "help", no_argument, NULL, 'h' },
	{ "version", no_argument, NULL, 'V' },
	{ NULL, 0, NULL, 0 },
};

static struct csv csv;		/* large, so not on the stack */

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

/* Parses the options; argv[optind] is the first file afterwards. */
static void
options_parse(struct options *o, int argc, char **argv)
{
	int c;

	memset(o, 0, sizeof *o);
	o->table = TABLE_FRAMES;
	while ((c = getopt_long(argc, argv, "0c:gHhNrsT:V", long_options, NULL)) != -1)
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
		case 'g':
		case 'r':
			if (o->table != TABLE_FRAMES)
				usage();
			o->table = c == 'r' ? TABLE_REPORTS : TABLE_EVENTS;
			break;
		case 's':
			o->output = OUTPUT_SUMMARY;
			break;
		case OPTION_JSON:
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
	if (o->null && o->files_from == NULL)
		usage();
	if (o->output != OUTPUT_TABLE && (o->table != TABLE_FRAMES || o->columns_list != NULL || o->no_header ||
	    o->with_filename))
		usage();
	if (o->json && o->output != OUTPUT_SUMMARY)
		usage();
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

/* What has to be gathered of a file. */
static unsigned
wanted(const struct options *o)
{
	if (o->output == OUTPUT_TABLE)
		return columns_want(&o->columns);
	return o->raw ? FIGURES_WANT_RAW : FIGURES_WANT;
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
	columns_rows(&o->columns, &csv, fs, file);
	complain_all(name, found);
	complain_clocks(name, fs->clocks);
}

/* Dumps one file. 0, or 1 if there is something wrong with it. */
static int
dump(const struct options *o, const char *file)
{
	struct frames fs;
	struct findings found;
	bool is_stdin = strcmp(file, "-") == 0;
	int fd = is_stdin ? STDIN_FILENO : open(file, O_RDONLY | O_CLOEXEC);

	if (fd == -1) {
		complain(file, FINDING_NOWHERE, strerror(errno), 0);
		return 1;
	}
	frames_open(&fs, wanted(o));
	recording_read(fd, &fs, &found);
	if (!is_stdin)
		close(fd);
	tell(o, file, &fs, &found);
	frames_close(&fs);
	return findings_damage(&found);
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
	int status = 0;

	/* Options. */
	setvbuf(stderr, NULL, _IOLBF, 0);	/* messages of a pipeline come line by line */
	options_parse(&o, argc, argv);
	if (optind == argc && o.files_from == NULL && isatty(STDIN_FILENO))
		errx(EXIT_USAGE, "which file? (sei-dump --help)");

	/* Open. */
	csv_open(&csv, STDOUT_FILENO);
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

	/* Finish. */
	if (csv_flush(&csv) == -1 || close(STDOUT_FILENO) == -1)
		err(1, "standard output");
	return status;
}
