/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Timing payloads, sei-timing(5). 89H is a frame's time: of several in one access
 * unit the last counts, for a camera may relay a recording and ours comes after
 * its; so does the last of what more is known of its arrival. o8B is a sender
 * report, and events and clock records are our own: all count, in their order.
 */
#include "payload.h"

#include <string.h>

#include "json.h"
#include "timing.h"

#define PAYLOAD_LINES	8192	/* of the text of an event */

static bool
is_payload(const struct sei_message *m, const char *uuid)
{
	return m->type == SEI_USER_DATA_UNREGISTERED && m->len >= TIMING_UUID_SIZE &&
	    memcmp(m->payload, uuid, TIMING_UUID_SIZE) == 0;
}

static int
members(const struct sei_message *m, struct json_member *member, size_t n)
{
	if (m->cut)
		return -1;
	return json_object((const char *)m->payload + TIMING_UUID_SIZE,
	    m->len - TIMING_UUID_SIZE, member, n);
}

/*
 * Each takes a message into the last frame of fs. 0; MALFORMED; or -1 with errno if
 * memory ran out.
 */
enum { MALFORMED = 1 };

/* {"recv":U64,"rtp":U32} */
static int
frame_time(struct frames *fs, const struct sei_message *m)
{
	struct frame *f = &fs->frame[fs->nframes - 1];
	struct json_member of[] = {
		{ .name = "recv", .max = UINT64_MAX },	/* recv */
		{ .name = "rtp", .max = UINT32_MAX },	/* rtp */
	};

	f->flags &= ~FRAME_TIME;
	if (members(m, of, 2) == -1)
		return MALFORMED;
	f->recv_ntp = of[0].value;
	f->rtp = (uint32_t)of[1].value;
	f->flags |= FRAME_TIME;
	return 0;
}

/* {"recv":U64,"ntp":U64,"rtp":U32} */
static int
sender_report(struct frames *fs, const struct sei_message *m)
{
	struct report r = { .frame = fs->frame[fs->nframes - 1].decode };
	struct json_member of[] = {
		{ .name = "recv", .max = UINT64_MAX },	/* recv */
		{ .name = "ntp", .max = UINT64_MAX },	/* ntp */
		{ .name = "rtp", .max = UINT32_MAX },	/* rtp */
	};

	if (members(m, of, 3) == -1)
		return MALFORMED;
	r.recv_ntp = of[0].value;
	r.ntp = of[1].value;
	r.rtp = (uint32_t)of[2].value;
	return frames_report(fs, &r);
}

/* {"last":U64,"slack":U32,"packets":U32,"flags":U16} */
static int
frame_detail(struct frames *fs, const struct sei_message *m)
{
	struct detail *d = &fs->detail[fs->frame[fs->nframes - 1].decode];
	struct json_member of[] = {
		{ .name = "last", .max = UINT64_MAX },		/* last */
		{ .name = "slack", .max = UINT32_MAX },		/* slack */
		{ .name = "packets", .max = UINT32_MAX },	/* packets */
		{ .name = "flags", .max = UINT16_MAX },		/* flags */
	};

	*d = (struct detail){ .slack_us = DETAIL_UNKNOWN };
	if (members(m, of, 4) == -1)
		return MALFORMED;
	d->last_ntp = of[0].value;
	d->slack_us = (uint32_t)of[1].value;
	d->packets = (uint32_t)of[2].value;
	d->flags = (uint16_t)of[3].value;
	return 0;
}

/* Adds `name: value` of the current member to lines[*len], if it fits. */
static void
add_line(char lines[PAYLOAD_LINES], size_t *len, const struct json *j)
{
	struct json name = { .value = j->name, .value_len = j->name_len, .is_string = true };
	size_t room = PAYLOAD_LINES - *len, n;

	/* Behind each text its NUL is overwritten. */
	if (j->name_len + j->value_len + 4 > room)
		return;
	n = *len + json_text(&name, lines + *len, room);
	lines[n++] = ':';
	lines[n++] = ' ';
	n += json_text(j, lines + n, PAYLOAD_LINES - n);
	lines[n++] = '\n';
	*len = n;
}

static bool
is_named(const struct json *j, const char *name)
{
	return j->name_len == strlen(name) && memcmp(j->name, name, j->name_len) == 0;
}

/* {"recv":U64,"track":U8,...}; the lines that are there already are part of it. */
static int
take_lines(struct frames *fs, const struct sei_message *m, char lines[PAYLOAD_LINES],
    const char *only_with)
{
	struct event e = { .frame = fs->frame[fs->nframes - 1].decode };
	size_t len = strlen(lines);
	uint64_t track = 0;
	bool recv = false, wanted = only_with == NULL;
	struct json j;
	int more;

	json_open(&j, (const char *)m->payload + TIMING_UUID_SIZE, m->len - TIMING_UUID_SIZE);
	while ((more = json_next(&j)) == 1) {
		if (is_named(&j, "recv"))
			recv = json_integer(&j, UINT64_MAX, &e.recv_ntp);
		else if (is_named(&j, "track"))
			json_integer(&j, UINT8_MAX, &track);
		else
			add_line(lines, &len, &j);
		wanted |= only_with != NULL && is_named(&j, only_with);
	}
	if (m->cut || more == -1 || !recv)
		return MALFORMED;
	e.track = (uint8_t)track;
	e.len = (uint32_t)len;
	return wanted ? frames_event(fs, &e, lines) : 0;
}

static int
event(struct frames *fs, const struct sei_message *m)
{
	char lines[PAYLOAD_LINES] = "";

	return take_lines(fs, m, lines, NULL);
}

/* A clock record is an event if there is a step in it. */
static int
clock_record(struct frames *fs, const struct sei_message *m)
{
	char lines[PAYLOAD_LINES] = EVENT_CLOCK_STEP;

	return take_lines(fs, m, lines, "step");
}

static const struct {
	const char *uuid;
	unsigned want;		/* enum frames_want; 0: always */
	int (*take)(struct frames *fs, const struct sei_message *m);
	const char *malformed;
} payloads[] = {
	{ TIMING_UUID_FRAME, 0, frame_time, "malformed frame time in a timing SEI" },
	{ TIMING_UUID_REPORT, 0, sender_report, "malformed sender report in a timing SEI" },
	{ TIMING_UUID_DETAIL, WANT_DETAILS, frame_detail, "malformed last, slack or packets in a timing SEI" },
	{ TIMING_UUID_EVENT, WANT_EVENTS, event, "malformed event in a timing SEI" },
	{ TIMING_UUID_CLOCK, WANT_EVENTS, clock_record, "malformed clock record in a timing SEI" },
};

int
payload_take(struct frames *fs, struct sei *sei, const uint8_t *nal, size_t len,
    uint64_t offset, struct findings *found)
{
	struct sei_message m;
	int result;

	sei_open(sei, nal, len);
	while (sei_next(sei, &m)) {
		for (size_t i = 0; i < sizeof payloads / sizeof payloads[0]; i++) {
			if (!is_payload(&m, payloads[i].uuid) ||
			    (payloads[i].want & fs->want) != payloads[i].want)
				continue;
			result = payloads[i].take(fs, &m);
			if (result == -1)
				return -1;
			if (result == MALFORMED)
				findings_add(found, FINDING_PAYLOAD, offset, payloads[i].malformed);
			break;
		}
	}
	return 0;
}
