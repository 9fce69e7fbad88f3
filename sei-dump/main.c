/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * sei-dump: every frame's exact timing out of a recording, as CSV. Files and messages;
 * the options are in options.c, the reading is in recording.c, the rows are in columns.c.
 */
#include <err.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "align.h"
#include "archive.h"
#include "csv.h"
#include "figures.h"
#include "gnuplot.h"
#include "jsonl.h"
#include "match.h"
#include "options.h"
#include "recording.h"
#include "remarks.h"
#include "rights.h"
#include "show.h"
#include "summary.h"

enum { EXIT_USAGE = 2 };

static struct csv csv;		/* large, so not on the stack */
static struct align align;
static struct jsonl jsonl;	/* so is this */

/* Prints to standard output and ends the program. */
static void __attribute__((noreturn))
print_exit(const char *line, const char *text)
{
	if (fputs(line, stdout) == EOF || fputs(text, stdout) == EOF || fflush(stdout) == EOF)
		err(1, "standard output");
	exit(0);
}

/* Goes on only if options are good. */
static void
take_options(struct options *o, int argc, char **argv)
{
	char wrong[OPTIONS_WRONG_MAX];

	switch (options_parse(o, argc, argv, wrong)) {
	case OPTIONS_HELP:
		print_exit(options_usage, options_help);
	case OPTIONS_VERSION:
		print_exit("sei-dump (nalpipe) " NALPIPE_VERSION "\n", "");
	case OPTIONS_USAGE:
		fputs(options_usage, stderr);
		exit(EXIT_USAGE);
	case OPTIONS_WRONG:
		errx(EXIT_USAGE, "%s", wrong);
	case OPTIONS_GOOD:
		break;
	}
	if (optind == argc && o->files_from == NULL && isatty(STDIN_FILENO))
		errx(EXIT_USAGE, "which file? (sei-dump --help)");
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
complain_clocks(const char *file, const struct frames *fs)
{
	const struct clocks_found *clocks = fs->clocks;
	enum remark_level level;
	char text[REMARK_MAX];

	if (clocks != NULL && clocks->frames == 0 && fs->nframes > 0)
		complain(file, FINDING_NOWHERE, "there is no timing in it (was h264-sei-stamp in the pipe?)", 0);
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
	complain_clocks(name, fs);
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
		if (options_together(o))
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
	if (o->output == OUTPUT_MATCH || align.n == 0)
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
	if (ferror(events))
		warn("%s", show(o->log));
	else if (m.events == 0)
		warnx("%s: there are no events in it", show(o->log));
	else if (m.matched == 0)
		warnx("%s: none of %" PRIu64 " event%s is near a frame", show(o->log), m.events,
		    m.events == 1 ? "" : "s");
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
	take_options(&o, argc, argv);

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
	if (options_together(&o))
		status |= tell_together(&o, events);
	align_close(&align);

	/* Finish. */
	if (csv_flush(&csv) == -1 || close(STDOUT_FILENO) == -1)
		err(1, "standard output");
	return status;
}
