/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Writes the truth log that log.h describes. */
#include "log.h"

#include <inttypes.h>
#include <stddef.h>

#include "clock.h"

int
log_open(struct log *log, const char *path)
{
	log->file = NULL;
	log->flushed_ns = clock_monotonic_ns();
	if (path == NULL)
		return 0;
	if ((log->file = fopen(path, "we")) == NULL)
		return -1;
	fputs("# P start_ns\n"
	    "# F index rtp capture_ns camera_ntp before_ns after_ns key packets\n"
	    "# R ntp rtp sent_ns\n"
	    "# D fault what\n"
	    "# Q reason\n", log->file);
	return fflush(log->file);
}

int
log_close(struct log *log)
{
	FILE *file = log->file;
	int bad;

	log->file = NULL;
	if (file == NULL)
		return 0;
	bad = ferror(file);
	return fclose(file) != 0 || bad ? -1 : 0;
}

void
log_frame(struct log *log, const struct log_frame *f)
{
	if (log->file == NULL)
		return;
	fprintf(log->file, "F %" PRIu64 " %" PRIu32 " %" PRId64 " %" PRIu64 " %" PRId64
	    " %" PRId64 " %d %u\n", f->index, f->rtp, f->capture_unix_ns, f->camera_ntp,
	    f->before_unix_ns, f->after_unix_ns, f->key, f->packets);
}

void
log_report(struct log *log, uint64_t ntp, uint32_t rtp, int64_t sent_unix_ns)
{
	if (log->file != NULL)
		fprintf(log->file, "R %" PRIu64 " %" PRIu32 " %" PRId64 "\n", ntp, rtp, sent_unix_ns);
}

void
log_start(struct log *log, int64_t start_unix_ns)
{
	if (log->file != NULL)
		fprintf(log->file, "P %" PRId64 "\n", start_unix_ns);
}

void
log_quit(struct log *log, const char *reason)
{
	if (log->file == NULL)
		return;
	fprintf(log->file, "Q %s\n", reason);
	fflush(log->file);
}

void
log_fault(struct log *log, const char *name, const char *what)
{
	if (log->file != NULL)
		fprintf(log->file, "D %s%s%s\n", name, *what ? " " : "", what);
}

void
log_tick(struct log *log)
{
	int64_t now = clock_monotonic_ns();

	if (log->file == NULL || now - log->flushed_ns < CLOCK_NS_PER_S)
		return;
	fflush(log->file);
	log->flushed_ns = now;
}
