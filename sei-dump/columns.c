/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which columns there are, and what stands in each. Values are never altered, only told. */
#include "columns.h"

#include <string.h>

#include "clock.h"

static const struct {
	const char *name;
	bool of_frames, of_reports;
} known[] = {
	[COLUMN_FILE] = { "file", true, true },
	[COLUMN_FRAME] = { "frame", true, true },
	[COLUMN_PTS] = { "pts", true, false },
	[COLUMN_KEYFRAME] = { "keyframe", true, false },
	[COLUMN_RTP] = { "rtp", true, true },
	[COLUMN_RECV] = { "recv", true, true },
	[COLUMN_RECV_NS] = { "recv_ns", true, true },
	[COLUMN_RECV_TIME] = { "recv_time", true, true },
	[COLUMN_NTP] = { "ntp", false, true },
	[COLUMN_NTP_TIME] = { "ntp_time", false, true },
};
#define NKNOWN	(sizeof known / sizeof known[0])

void
columns_default(struct columns *c, bool reports)
{
	static const char frames[] = "frame,pts,keyframe,rtp,recv,recv_ns,recv_time";
	static const char others[] = "frame,recv,recv_ns,recv_time,ntp,ntp_time,rtp";
	const char *bad;
	size_t len;

	columns_parse(c, reports, reports ? others : frames, &bad, &len);
}

static bool
find(const char *name, size_t len, bool reports, enum column *column)
{
	for (size_t i = 0; i < NKNOWN; i++) {
		if (strlen(known[i].name) != len || memcmp(known[i].name, name, len) != 0)
			continue;
		*column = (enum column)i;
		return reports ? known[i].of_reports : known[i].of_frames;
	}
	return false;
}

int
columns_parse(struct columns *c, bool reports, const char *list, const char **bad,
    size_t *bad_len)
{
	size_t len;

	c->reports = reports;
	for (c->n = 0;; list += len + 1) {
		len = strcspn(list, ",");
		/* One place is left for the file's name. */
		if (c->n == COLUMNS_MAX - 1 || !find(list, len, reports, &c->column[c->n])) {
			*bad = list;
			*bad_len = len;
			return -1;
		}
		c->n++;
		if (list[len] == '\0')
			return 0;
	}
}

void
columns_add_file(struct columns *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->column[i] == COLUMN_FILE)
			return;
	memmove(c->column + 1, c->column, c->n * sizeof c->column[0]);
	c->column[0] = COLUMN_FILE;
	c->n++;
}

void
columns_header(const struct columns *c, struct csv *csv)
{
	for (size_t i = 0; i < c->n; i++)
		csv_text(csv, known[c->column[i]].name);
	csv_end_row(csv);
}

/* A column that is an NTP time: as it is, as Unix time, as text. */
static void
ntp_field(enum column column, struct csv *csv, uint64_t ntp)
{
	if (column == COLUMN_RECV || column == COLUMN_NTP)
		csv_u64(csv, ntp);
	else if (column == COLUMN_RECV_NS)
		csv_i64(csv, clock_unix_from_ntp(ntp));
	else
		csv_time(csv, clock_unix_from_ntp(ntp));
}

static void
frame_field(enum column column, struct csv *csv, const struct frames *fs, size_t i)
{
	const struct frame *f = &fs->frame[i];

	if (column == COLUMN_FRAME)
		csv_u64(csv, i);
	else if (column == COLUMN_KEYFRAME)
		csv_u64(csv, f->flags & FRAME_KEY ? 1 : 0);
	else if (column == COLUMN_PTS && f->flags & FRAME_PTS)
		csv_seconds(csv, f->pts, fs->timescale);
	else if (column == COLUMN_PTS || !(f->flags & FRAME_TIME))
		csv_empty(csv);
	else if (column == COLUMN_RTP)
		csv_u64(csv, f->rtp);
	else
		ntp_field(column, csv, f->recv_ntp);
}

static void
report_field(enum column column, struct csv *csv, const struct frames *fs, size_t i)
{
	const struct report *r = &fs->report[i];

	if (column == COLUMN_FRAME && fs->nframes == 0)
		csv_empty(csv);
	else if (column == COLUMN_FRAME)
		csv_u64(csv, r->frame);
	else if (column == COLUMN_RTP)
		csv_u64(csv, r->rtp);
	else if (column == COLUMN_NTP_TIME && r->ntp == 0)
		csv_empty(csv);		/* RFC 3550 6.4.1: no wall clock */
	else
		ntp_field(column, csv, column == COLUMN_NTP || column == COLUMN_NTP_TIME ?
		    r->ntp : r->recv_ntp);
}

void
columns_rows(const struct columns *c, struct csv *csv, const struct frames *fs,
    const char *file)
{
	size_t rows = c->reports ? fs->nreports : fs->nframes;

	for (size_t i = 0; i < rows && csv->error == 0; i++) {
		for (size_t k = 0; k < c->n; k++) {
			if (c->column[k] == COLUMN_FILE)
				csv_text(csv, file);
			else if (c->reports)
				report_field(c->column[k], csv, fs, i);
			else
				frame_field(c->column[k], csv, fs, i);
		}
		csv_end_row(csv);
	}
}
