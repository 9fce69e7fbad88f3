/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* nalstream(5) records on their way to the writer. */
#include "stream.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "clock.h"
#include "msg.h"

struct block *
stream_block(struct stream *s)
{
	return ring_block(s->ring);
}

/*
 * Sends a record that is never shed: its payload is in place behind room for the
 * head. A reader that has stopped for days, or a camera that floods, is no reason
 * to take all memory: -1 with ENOBUFS.
 */
static int
put_record(struct stream *s, struct block *b, struct nalrec *head)
{
	if (!s->ending && ring_glutted(s->ring)) {
		block_free(b);
		errno = ENOBUFS;
		return -1;
	}
	head->len = b->len - NALSTREAM_HEAD;
	nalstream_head(b->data, head);
	ring_put(s->ring, b);
	return 0;
}

/* A block with room for a head and a payload. */
static struct block *
record_block(struct stream *s, size_t len)
{
	struct block *b = ring_block(s->ring);

	if (b != NULL && block_add(b, NALSTREAM_HEAD + len) == NULL) {
		block_free(b);
		b = NULL;
	}
	return b;
}

int
stream_text(struct stream *s, enum nalstream_type type, uint8_t track, const char *format, ...)
{
	struct nalrec head = { .type = type, .track = track };
	struct block *b;
	va_list ap;
	int len;

	va_start(ap, format);
	len = vsnprintf(NULL, 0, format, ap);
	va_end(ap);
	if (len < 0 || len > NALSTREAM_MAX_TEXT) {
		errno = EMSGSIZE;
		return -1;
	}
	b = record_block(s, len + 1);
	if (b == NULL)
		return -1;
	va_start(ap, format);
	vsnprintf((char *)b->data + NALSTREAM_HEAD, len + 1, format, ap);
	va_end(ap);
	b->len--;			/* the NUL */
	head.first_ntp = head.last_ntp = clock_ntp_from_unix(clock_realtime_ns());
	return put_record(s, b, &head);
}

const char *
stream_line(char *out, size_t size, const char *value)
{
	size_t i;

	for (i = 0; i + 1 < size && value[i] != '\0'; i++)
		out[i] = (unsigned char)value[i] < ' ' || value[i] == 0x7f ? ' ' : value[i];
	out[i] = '\0';
	return out;
}

static int
tell_shed(struct stream *s)
{
	struct ring_shed shed = ring_shed(s->ring);

	if (shed.units == 0)
		return 0;
	s->shed += shed.units;
	return stream_text(s, NALSTREAM_GAP, 0, "what: shed\ngroups: %" PRIu64 "\nframes: %" PRIu64
	    "\nreason: the reader of the stream was too slow\n", shed.groups, shed.units);
}

int
stream_unit(struct stream *s, struct block *b)
{
	bool shedding = s->ring->shedding;

	b->unit = true;
	if (!ring_admit(s->ring, b)) {
		if (!shedding)
			msg(MSG_REMARK, "the reader of the stream is too slow: frames are left out");
		return 0;
	}
	if (b->key && tell_shed(s) == -1) {
		block_free(b);
		return -1;
	}
	ring_put(s->ring, b);
	return 1;
}

int
stream_report(struct stream *s, uint8_t track, const uint8_t *report,
    const struct nalrec *arrival)
{
	struct nalrec head = *arrival;
	struct block *b = record_block(s, NALSTREAM_REPORT_SIZE);

	if (b == NULL)
		return -1;
	memcpy(b->data + NALSTREAM_HEAD, report, NALSTREAM_REPORT_SIZE);
	head.type = NALSTREAM_REPORT;
	head.track = track;
	if (put_record(s, b, &head) == -1)
		return -1;
	s->reports++;
	return 0;
}

int
stream_end(struct stream *s, int status, const char *reason)
{
	char line[256];

	s->ending = true;
	if (tell_shed(s) == -1)
		return -1;
	return stream_text(s, NALSTREAM_END, 0, "status: %d\nreason: %s\n", status,
	    stream_line(line, sizeof line, reason));
}
