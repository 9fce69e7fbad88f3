/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Timing payloads, sei-timing(5). 89H is a frame's time: of several in one access
 * unit the last counts, for a camera may relay a recording and ours comes after
 * its. o8B is a sender report: all of them count, in their order.
 */
#include "payload.h"

#include <string.h>

#include "json.h"
#include "timing.h"

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

/* {"recv":U64,"rtp":U32}; -1 if it is malformed. */
static int
frame_time(const struct sei_message *m, struct frame *f)
{
	struct json_member of[] = {
		{ .name = "recv", .max = UINT64_MAX },	/* recv */
		{ .name = "rtp", .max = UINT32_MAX },	/* rtp */
	};

	f->flags &= ~FRAME_TIME;
	if (members(m, of, 2) == -1)
		return -1;
	f->recv_ntp = of[0].value;
	f->rtp = (uint32_t)of[1].value;
	f->flags |= FRAME_TIME;
	return 0;
}

/* {"recv":U64,"ntp":U64,"rtp":U32}; -1 if it is malformed. */
static int
sender_report(const struct sei_message *m, struct report *r)
{
	struct json_member of[] = {
		{ .name = "recv", .max = UINT64_MAX },	/* recv */
		{ .name = "ntp", .max = UINT64_MAX },	/* ntp */
		{ .name = "rtp", .max = UINT32_MAX },	/* rtp */
	};

	if (members(m, of, 3) == -1)
		return -1;
	r->recv_ntp = of[0].value;
	r->ntp = of[1].value;
	r->rtp = (uint32_t)of[2].value;
	return 0;
}

int
payload_take(struct frames *fs, struct sei *sei, const uint8_t *nal, size_t len,
    uint64_t offset, struct findings *found)
{
	struct frame *f = &fs->frame[fs->nframes - 1];
	struct report r = { .frame = f->decode };
	struct sei_message m;

	sei_open(sei, nal, len);
	while (sei_next(sei, &m)) {
		if (is_payload(&m, TIMING_UUID_FRAME)) {
			if (frame_time(&m, f) == -1)
				findings_add(found, FINDING_PAYLOAD, offset,
				    "malformed frame time in a timing SEI");
		} else if (is_payload(&m, TIMING_UUID_REPORT)) {
			if (sender_report(&m, &r) == -1)
				findings_add(found, FINDING_PAYLOAD, offset,
				    "malformed sender report in a timing SEI");
			else if (frames_report(fs, &r) == -1)
				return -1;
		}
	}
	return 0;
}
