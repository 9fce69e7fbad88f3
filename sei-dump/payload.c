/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Timing payloads, sei-timing(5). 89H is a frame's time: of several in one access
 * unit the last counts, for a camera may relay a recording and ours comes after
 * its; so does the last of what more is known of its arrival. o8B is a sender
 * report, and events and clock records are our own: all count, in their order.
 */
#include "payload.h"

#include <sys/types.h>

#include <string.h>

#include "json.h"
#include "sendertime.h"
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

static bool
is_named(const struct json *j, const char *name)
{
	return j->name_len == strlen(name) && memcmp(j->name, name, j->name_len) == 0;
}

/* Two hexadecimal digits; -1: they are none. */
static int
hex_byte(const char *text)
{
	static const char digits[] = "0123456789abcdef";
	const char *high = memchr(digits, text[0], 16), *low = memchr(digits, text[1], 16);

	return high == NULL || low == NULL ? -1 : (int)((high - digits) << 4 | (low - digits));
}

/* The data of an extension. Its length; -1: it is none. */
static ssize_t
extension_data(uint8_t out[SENDERTIME_MAX], const struct json *j)
{
	int byte;

	if (!j->is_string || j->value_len % 2 != 0 || j->value_len / 2 > SENDERTIME_MAX)
		return -1;
	for (size_t i = 0; i < j->value_len; i += 2) {
		byte = hex_byte(j->value + i);
		if (byte == -1)
			return -1;
		out[i / 2] = (uint8_t)byte;
	}
	return (ssize_t)j->value_len / 2;
}

/* {"recv":U64,"track":U8,"rtp":U64,"profile":U16,"data":"hex","id":U8}, the last if it is known. */
static int
sender_time(struct frames *fs, const struct sei_message *m)
{
	struct sender *s = &fs->sender[fs->frame[fs->nframes - 1].decode];
	uint64_t rtp = 0, profile = 0, id = 0;
	bool has_rtp = false, has_profile = false, good = true;
	uint8_t data[SENDERTIME_MAX];
	ssize_t len = -1;
	struct json j;
	int more;

	*s = (struct sender){ 0 };
	json_open(&j, (const char *)m->payload + TIMING_UUID_SIZE, m->len - TIMING_UUID_SIZE);
	while ((more = json_next(&j)) == 1) {
		if (is_named(&j, "rtp"))
			has_rtp = json_integer(&j, UINT64_MAX, &rtp);
		else if (is_named(&j, "profile"))
			has_profile = json_integer(&j, UINT16_MAX, &profile);
		else if (is_named(&j, "id"))
			good = json_integer(&j, UINT8_MAX, &id);
		else if (is_named(&j, "data"))
			len = extension_data(data, &j);
	}
	if (m->cut || more == -1 || !has_rtp || !has_profile || !good || len == -1)
		return MALFORMED;
	s->rtp = (uint32_t)rtp;
	s->known = sendertime_read((uint16_t)profile, data, (size_t)len, (unsigned)id, &s->ntp);
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
	{ TIMING_UUID_SENDER, WANT_SENDER, sender_time, "malformed sender's time in a timing SEI" },
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
