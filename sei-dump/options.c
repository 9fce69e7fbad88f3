/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The options: which there are, what each takes, and which do not go together. */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <vis.h>

#include "seconds.h"
#include "show.h"

enum {
	OPTION_RAW = 256,	/* no letter */
	OPTION_CLOCK,
	OPTION_WITHIN,
	OPTION_GNUPLOT,
};

#define WITHIN_MAX_S	86400

const char options_usage[] =
	"usage: sei-dump [-0HN] [-g | -j | -r | --raw] [-c list] [-T file] [file ...]\n"
	"       sei-dump -s [-0] [--json] [--raw] [-T file] [file ...]\n"
	"       sei-dump -a | -m log [-0N] [--clock name] [--within seconds] [--raw] [-T file] [file ...]\n"
	"       sei-dump --gnuplot [file]\n";

const char options_help[] =
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

bool
options_together(const struct options *o)
{
	return o->output == OUTPUT_ALIGN || o->output == OUTPUT_MATCH;
}

static enum options_result
refuse(char *wrong, const char *why)
{
	strlcpy(wrong, why, OPTIONS_WRONG_MAX);
	return OPTIONS_WRONG;
}

static enum options_result
bad_column(const char *name, size_t len, char *wrong)
{
	char visible[128];

	strnvisx(visible, sizeof visible, name, len, VIS_CSTYLE | VIS_NL | VIS_TAB);
	snprintf(wrong, OPTIONS_WRONG_MAX,
	    "--columns: there is no '%s' in this table (sei-dump --help names those there are)", visible);
	return OPTIONS_WRONG;
}

static enum options_result
choose_columns(struct options *o, char *wrong)
{
	const char *bad;
	size_t bad_len;

	if (o->columns_list == NULL)
		columns_default(&o->columns, o->table, o->raw);
	else if (columns_parse(&o->columns, o->table, o->columns_list, &bad, &bad_len) == -1)
		return bad_column(bad, bad_len, wrong);
	if (o->raw && columns_interpreted(&o->columns) != NULL) {
		snprintf(wrong, OPTIONS_WRONG_MAX, "--raw: %s is no raw column", columns_interpreted(&o->columns));
		return OPTIONS_WRONG;
	}
	if (o->with_filename)
		columns_add_file(&o->columns);
	return OPTIONS_GOOD;
}

static enum options_result
choose_clock(struct options *o, const char *name, char *wrong)
{
	o->clock = 0;
	while (o->clock < SERIES_STEADY && strcmp(series_clock_name(o->clock), name) != 0)
		o->clock++;
	if (o->clock < SERIES_STEADY)
		return OPTIONS_GOOD;
	snprintf(wrong, OPTIONS_WRONG_MAX, "--clock: camera_time, host_time or recv_time is wanted, not '%s'",
	    show(name));
	return OPTIONS_WRONG;
}

static enum options_result
choose_within(struct options *o, const char *seconds, char *wrong)
{
	if (seconds_parse(&o->within_ns, seconds, WITHIN_MAX_S) == 0 && o->within_ns > 0)
		return OPTIONS_GOOD;
	snprintf(wrong, OPTIONS_WRONG_MAX, "--within: seconds are wanted, above 0 and up to %d", WITHIN_MAX_S);
	return OPTIONS_WRONG;
}

/* One of -g and -r at most chooses the table, and one of the others what is made of it. */
static enum options_result
choose_output(struct options *o, int c, char *wrong)
{
	if (c == 'g' || c == 'r') {
		if (o->table != TABLE_FRAMES)
			return refuse(wrong, "--gaps or --reports, once");
		o->table = c == 'r' ? TABLE_REPORTS : TABLE_EVENTS;
		return OPTIONS_GOOD;
	}
	if (o->output != OUTPUT_TABLE)
		return refuse(wrong, "--align, --match, --summary or --gnuplot, once");
	o->output = c == 'a' ? OUTPUT_ALIGN : c == 'm' ? OUTPUT_MATCH : c == 's' ?
	    OUTPUT_SUMMARY : OUTPUT_GNUPLOT;
	if (c == 'm')
		o->log = optarg;
	return OPTIONS_GOOD;
}

static enum options_result
option(struct options *o, int c, char *wrong)
{
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
	case 'N':
		o->no_header = true;
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
	case 'a':
	case 'g':
	case 'm':
	case 'r':
	case 's':
	case OPTION_GNUPLOT:
		return choose_output(o, c, wrong);
	case OPTION_CLOCK:
		return choose_clock(o, optarg, wrong);
	case OPTION_WITHIN:
		return choose_within(o, optarg, wrong);
	case 'h':
		return OPTIONS_HELP;
	case 'V':
		return OPTIONS_VERSION;
	default:
		return OPTIONS_USAGE;
	}
	return OPTIONS_GOOD;
}

/* Why these options do not go together; NULL: they do. */
static const char *
clash(const struct options *o, int nfiles)
{
	bool table = o->output == OUTPUT_TABLE, lines = o->output == OUTPUT_LINES;

	if (o->null && o->files_from == NULL)
		return "--null is about the names that --files-from reads";
	if (!table && o->table != TABLE_FRAMES)
		return o->table == TABLE_REPORTS ? "--reports is a table of its own" : "--gaps is a table of its own";
	if (!table && o->columns_list != NULL)
		return "--columns is about tables of frames, reports and gaps";
	if (o->json && !lines && o->output != OUTPUT_SUMMARY)
		return "--json is all of a file, or with --summary a line of it";
	if (o->with_filename && !table && !lines)
		return "--with-filename is about tables and --json";
	if (o->no_header && (o->output == OUTPUT_SUMMARY || lines))
		return "--no-header: there is none";
	if (!options_together(o) && o->clock != NSERIES)
		return "--clock needs --align or --match";
	if (!options_together(o) && o->within_ns > 0)
		return "--within needs --align or --match";
	if (o->output == OUTPUT_GNUPLOT && (o->raw || o->no_header))
		return "--gnuplot takes no other option";
	if (o->output == OUTPUT_GNUPLOT && (nfiles > 1 || o->files_from != NULL))
		return "--gnuplot draws one file";
	if (o->log != NULL && o->files_from != NULL && strcmp(o->log, "-") == 0 && strcmp(o->files_from, "-") == 0)
		return "--match and --files-from cannot both read standard input";
	return NULL;
}

/* What options mean together. */
static enum options_result
check(struct options *o, int nfiles, char *wrong)
{
	const char *why;

	if (o->json && o->output == OUTPUT_TABLE)
		o->output = OUTPUT_LINES;
	if ((why = clash(o, nfiles)) != NULL)
		return refuse(wrong, why);
	if (options_together(o) && nfiles == 0 && o->files_from == NULL)
		return refuse(wrong, "which files?");
	if (o->raw && o->clock < SERIES_RECV) {
		snprintf(wrong, OPTIONS_WRONG_MAX, "--raw: %s is not raw", series_clock_name(o->clock));
		return OPTIONS_WRONG;
	}
	if (o->raw)
		o->clock = SERIES_RECV;
	o->with_filename = o->with_filename || nfiles > 1 || o->files_from != NULL;
	return choose_columns(o, wrong);
}

enum options_result
options_parse(struct options *o, int argc, char **argv, char wrong[OPTIONS_WRONG_MAX])
{
	enum options_result result;
	int c;

	memset(o, 0, sizeof *o);
	o->table = TABLE_FRAMES;
	o->clock = NSERIES;
	while ((c = getopt_long(argc, argv, "0ac:gHhjm:NrsT:V", long_options, NULL)) != -1) {
		result = option(o, c, wrong);
		if (result != OPTIONS_GOOD)
			return result;
	}
	return check(o, argc - optind, wrong);
}
