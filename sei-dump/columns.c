/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Which columns there are, and what stands in each. Values are never altered, only told. */
#include "columns.h"

#include <string.h>

#include "clock.h"
#include "nalstream.h"

#define EVENT_MAX	4096	/* bytes of a field of an event */

#define ALL	(TABLE_FRAMES | TABLE_REPORTS | TABLE_EVENTS)

static const struct {
	const char *name;
	unsigned tables;	/* enum table */
	unsigned want;		/* enum frames_want: what it needs in a table of frames */
} known[] = {
	[COLUMN_FILE] = { "file", ALL, 0 },
	[COLUMN_FRAME] = { "frame", ALL, 0 },
	[COLUMN_PTS] = { "pts", TABLE_FRAMES, 0 },
	[COLUMN_KEYFRAME] = { "keyframe", TABLE_FRAMES, 0 },
	[COLUMN_RTP] = { "rtp", TABLE_FRAMES | TABLE_REPORTS, 0 },
	[COLUMN_RECV] = { "recv", ALL, 0 },
	[COLUMN_RECV_NS] = { "recv_ns", ALL, 0 },
	[COLUMN_RECV_TIME] = { "recv_time", ALL, 0 },
	[COLUMN_LAST_NS] = { "last_ns", TABLE_FRAMES, WANT_DETAILS },
	[COLUMN_SLACK_US] = { "slack_us", TABLE_FRAMES, WANT_DETAILS },
	[COLUMN_PACKETS] = { "packets", TABLE_FRAMES | TABLE_EVENTS, WANT_DETAILS },
	[COLUMN_FLAGS] = { "flags", TABLE_FRAMES, WANT_DETAILS },
	[COLUMN_SENDER_TIME] = { "sender_time", TABLE_FRAMES, WANT_SENDER },
	[COLUMN_CAMERA_TIME] = { "camera_time", TABLE_FRAMES, WANT_CAMERA | WANT_SENDER | WANT_EVENTS },
	[COLUMN_HOST_TIME] = { "host_time", TABLE_FRAMES, WANT_HOST | WANT_DETAILS | WANT_EVENTS },
	[COLUMN_NTP] = { "ntp", TABLE_REPORTS, 0 },
	[COLUMN_NTP_TIME] = { "ntp_time", TABLE_REPORTS, 0 },
	[COLUMN_TRACK] = { "track", TABLE_EVENTS, 0 },
	[COLUMN_WHAT] = { "what", TABLE_EVENTS, 0 },
	[COLUMN_FRAMES] = { "frames", TABLE_EVENTS, 0 },
	[COLUMN_DETAIL] = { "detail", TABLE_EVENTS, 0 },
};
#define NKNOWN	(sizeof known / sizeof known[0])

void
columns_default(struct columns *c, enum table table, bool raw)
{
	const char *list = "frame,pts,keyframe,rtp,recv,recv_ns,recv_time,camera_time,host_time", *bad;
	size_t len;

	if (raw)
		list = "frame,pts,keyframe,rtp,recv,recv_ns,recv_time";
	if (table == TABLE_REPORTS)
		list = "frame,recv,recv_ns,recv_time,ntp,ntp_time,rtp";
	else if (table == TABLE_EVENTS)
		list = "frame,recv,recv_ns,recv_time,track,what,packets,frames,detail";
	columns_parse(c, table, list, &bad, &len);
}

static bool
find(const char *name, size_t len, enum table table, enum column *column)
{
	for (size_t i = 0; i < NKNOWN; i++) {
		if (strlen(known[i].name) != len || memcmp(known[i].name, name, len) != 0)
			continue;
		*column = (enum column)i;
		return known[i].tables & table;
	}
	return false;
}

int
columns_parse(struct columns *c, enum table table, const char *list, const char **bad,
    size_t *bad_len)
{
	size_t len;

	c->table = table;
	for (c->n = 0;; list += len + 1) {
		len = strcspn(list, ",");
		/* One place is left for the file's name. */
		if (c->n == COLUMNS_MAX - 1 || !find(list, len, table, &c->column[c->n])) {
			*bad = list;
			*bad_len = len;
			return -1;
		}
		c->n++;
		if (list[len] == '\0')
			return 0;
	}
}

const char *
columns_interpreted(const struct columns *c)
{
	for (size_t i = 0; i < c->n; i++)
		if (known[c->column[i]].want & (WANT_CAMERA | WANT_HOST))
			return known[c->column[i]].name;
	return NULL;
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

unsigned
columns_want(const struct columns *c)
{
	unsigned want = c->table == TABLE_EVENTS ? WANT_EVENTS : 0;

	for (size_t i = 0; i < c->n && c->table == TABLE_FRAMES; i++)
		want |= known[c->column[i]].want;
	return want;
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
	else if (column == COLUMN_RECV_NS || column == COLUMN_LAST_NS)
		csv_i64(csv, clock_unix_from_ntp(ntp));
	else
		csv_time(csv, clock_unix_from_ntp(ntp));
}

static void
detail_field(enum column column, struct csv *csv, const struct detail *d)
{
	if (d->packets == 0 || (column == COLUMN_SLACK_US && d->slack_us == DETAIL_UNKNOWN))
		csv_empty(csv);
	else if (column == COLUMN_LAST_NS)
		ntp_field(column, csv, d->last_ntp);
	else if (column == COLUMN_SLACK_US)
		csv_u64(csv, d->slack_us);
	else
		csv_u64(csv, column == COLUMN_PACKETS ? d->packets : d->flags);
}

/* A time that came for a frame that is not there any more is not the next one's. */
static void
sender_field(struct csv *csv, const struct frame *f, const struct sender *s)
{
	if (s->known && f->flags & FRAME_TIME && s->rtp == f->rtp)
		csv_time(csv, clock_unix_from_ntp(s->ntp));
	else
		csv_empty(csv);
}

/* A time that was computed; times is NULL if reading failed. */
static void
computed_field(struct csv *csv, const int64_t *times, const struct frame *f)
{
	if (times == NULL || times[f->decode] == FRAMES_NO_TIME)
		csv_empty(csv);
	else
		csv_time(csv, times[f->decode]);
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
	else if (known[column].want == WANT_DETAILS)
		detail_field(column, csv, &fs->detail[f->decode]);
	else if (column == COLUMN_SENDER_TIME)
		sender_field(csv, f, &fs->sender[f->decode]);
	else if (column == COLUMN_CAMERA_TIME)
		computed_field(csv, fs->camera_ns, f);
	else if (column == COLUMN_HOST_TIME)
		computed_field(csv, fs->host_ns, f);
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

/* Appends part of an event's text to out[EVENT_MAX], made safe to print, as far as it fits. */
static void
append(char *out, size_t *n, const char *text, size_t len)
{
	for (size_t i = 0; i < len && *n < EVENT_MAX - 1; i++)
		out[(*n)++] = text[i] >= ' ' && text[i] < 0x7f ? text[i] : '?';
	out[*n] = '\0';
}

/*
 * The value of the event's line with this key; NULL: all lines that have no column of
 * their own, as key=value; empty.
 */
static void
event_text(char out[EVENT_MAX], const struct frames *fs, const struct event *e, const char *key)
{
	struct nalrec r = { .payload = (uint8_t *)fs->text + e->text, .len = e->len };
	struct nalstream_line line;
	size_t at = 0, n = 0;

	out[0] = '\0';
	if (key != NULL) {
		if (nalstream_value(&r, key, out, EVENT_MAX) > 0)
			append(out, &n, out, strlen(out));
		return;
	}
	while (nalstream_line(&r, &at, &line)) {
		if (nalstream_line_is(&line, "what") || nalstream_line_is(&line, "packets") ||
		    nalstream_line_is(&line, "frames"))
			continue;
		append(out, &n, "; ", n > 0 ? 2 : 0);
		append(out, &n, line.key, line.key_len);
		append(out, &n, "=", 1);
		append(out, &n, line.value, line.len);
	}
}

static void
event_field(enum column column, struct csv *csv, const struct frames *fs, size_t i)
{
	const struct event *e = &fs->event[i];
	char text[EVENT_MAX];

	if (column == COLUMN_FRAME && fs->nframes == 0) {
		csv_empty(csv);
	} else if (column == COLUMN_FRAME || column == COLUMN_TRACK) {
		csv_u64(csv, column == COLUMN_FRAME ? e->frame : e->track);
	} else if (column == COLUMN_RECV || column == COLUMN_RECV_NS || column == COLUMN_RECV_TIME) {
		if (e->recv_ntp == 0)
			csv_empty(csv);		/* nalstream(5): it was not noted */
		else
			ntp_field(column, csv, e->recv_ntp);
	} else {
		event_text(text, fs, e, column == COLUMN_DETAIL ? NULL : known[column].name);
		text[0] == '\0' ? csv_empty(csv) : csv_text(csv, text);
	}
}

void
columns_rows(const struct columns *c, struct csv *csv, const struct frames *fs,
    const char *file)
{
	size_t rows = fs->nframes;
	void (*field)(enum column, struct csv *, const struct frames *, size_t) = frame_field;

	if (c->table == TABLE_REPORTS) {
		rows = fs->nreports;
		field = report_field;
	} else if (c->table == TABLE_EVENTS) {
		rows = fs->nevents;
		field = event_field;
	}
	for (size_t i = 0; i < rows && csv->error == 0; i++) {
		for (size_t k = 0; k < c->n; k++) {
			if (c->column[k] == COLUMN_FILE)
				csv_text(csv, file);
			else
				field(c->column[k], csv, fs, i);
		}
		csv_end_row(csv);
	}
}
