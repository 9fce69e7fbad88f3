/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a command line asks for. */
#ifndef OPTIONS_H
#define OPTIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "columns.h"
#include "series.h"

#define OPTIONS_WRONG_MAX	512

enum output {
	OUTPUT_TABLE,
	OUTPUT_SUMMARY,
	OUTPUT_ALIGN,
	OUTPUT_MATCH,
	OUTPUT_GNUPLOT,
	OUTPUT_LINES,		/* JSON, of everything */
};

/* Texts are argv's. */
struct options {
	enum output output;
	enum table table;
	struct columns columns;
	const char *columns_list;	/* NULL: the default */
	const char *files_from;		/* a file of file names; NULL: none, "-": standard input */
	const char *log;		/* of events */
	enum series_clock clock;	/* NSERIES: none was chosen */
	int64_t within_ns;		/* 0: none was given */
	bool with_filename, no_header, null, raw, json;
};

enum options_result {
	OPTIONS_GOOD,
	OPTIONS_USAGE,		/* one is unknown, which getopt_long(3) has said */
	OPTIONS_WRONG,		/* a value makes no sense, or they do not go together */
	OPTIONS_HELP,		/* is asked for, and nothing else counts */
	OPTIONS_VERSION,
};

/* Both end with a newline. */
extern const char options_usage[];
extern const char options_help[];	/* what comes behind options_usage */

/*
 * Reads the options. If they are good, argv[optind] is the first file afterwards; of
 * OPTIONS_WRONG wrong says what: printable, no newline, cut to fit.
 */
enum options_result options_parse(struct options *o, int argc, char **argv, char wrong[OPTIONS_WRONG_MAX]);

/* Whether the files are told together, when all have been read. */
bool options_together(const struct options *o);

#endif
