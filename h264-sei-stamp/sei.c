/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * user_data_unregistered SEI (ITU-T H.264 7.3.2.3, D.1.6). The payload is plain
 * ASCII, so it needs no emulation prevention.
 */
#include "sei.h"

#include <string.h>

#include "decimal.h"
#include "h264.h"
#include "json.h"
#include "timing.h"

#define USER_DATA_UNREGISTERED	5
#define RBSP_TRAILING		0x80	/* rbsp_trailing_bits on a byte boundary */
#define OVERHEAD_MAX		(2 + SEI_MAX / 255 + 1 + TIMING_UUID_SIZE + 1)
#define JSON_MAX		128	/* of a few integers with their names */

/* Adds text, or a number behind text. */
static char *
add(char *p, const char *text)
{
	size_t len = strlen(text);

	memcpy(p, text, len);
	return p + len;
}

static char *
add_u64(char *p, const char *text, uint64_t value)
{
	return decimal(add(p, text), value, 1);
}

/*
 *  06     nal_unit_type 6, nal_ref_idc 0
 *  05     payloadType
 *  ff..SS payloadSize: 255 for each ff, and SS
 *  16 bytes of UUID, the JSON text
 *  80     rbsp_trailing_bits
 */
static size_t
user_data(uint8_t out[SEI_MAX], const char *uuid, const char *json, size_t len)
{
	size_t size = TIMING_UUID_SIZE + len;
	uint8_t *p = out;

	*p++ = NAL_SEI;
	*p++ = USER_DATA_UNREGISTERED;
	for (; size >= 255; size -= 255)
		*p++ = 255;
	*p++ = size;
	memcpy(p, uuid, TIMING_UUID_SIZE);
	p += TIMING_UUID_SIZE;
	memcpy(p, json, len);
	p += len;
	*p++ = RBSP_TRAILING;
	return p - out;
}

size_t
sei_frame(uint8_t out[SEI_MAX], uint64_t recv_ntp, uint32_t rtp)
{
	char json[JSON_MAX], *p = json;

	p = add_u64(p, "{\"recv\":", recv_ntp);
	p = add_u64(p, ",\"rtp\":", rtp);
	return user_data(out, TIMING_UUID_FRAME, json, add(p, "}") - json);
}

size_t
sei_report(uint8_t out[SEI_MAX], uint64_t recv_ntp, uint64_t ntp, uint32_t rtp)
{
	char json[JSON_MAX], *p = json;

	p = add_u64(p, "{\"recv\":", recv_ntp);
	p = add_u64(p, ",\"ntp\":", ntp);
	p = add_u64(p, ",\"rtp\":", rtp);
	return user_data(out, TIMING_UUID_REPORT, json, add(p, "}") - json);
}

size_t
sei_detail(uint8_t out[SEI_MAX], const struct nalstream_span *span, uint32_t slack_us)
{
	char json[JSON_MAX], *p = json;

	p = add_u64(p, "{\"last\":", span->last_ntp);
	p = add_u64(p, ",\"slack\":", slack_us);
	p = add_u64(p, ",\"packets\":", span->packets);
	p = add_u64(p, ",\"flags\":", span->flags & NALSTREAM_FRAME_FLAGS);
	return user_data(out, TIMING_UUID_DETAIL, json, add(p, "}") - json);
}

ssize_t
sei_record(uint8_t out[SEI_MAX], const struct nalrec *r)
{
	char json[SEI_MAX - OVERHEAD_MAX];
	ssize_t len = json_record(json, sizeof json, r);

	if (len == -1)
		return -1;
	return user_data(out, r->type == NALSTREAM_CLOCK ? TIMING_UUID_CLOCK : TIMING_UUID_EVENT, json, len);
}

ssize_t
sei_sender_time(uint8_t out[SEI_MAX], const struct nalrec *r, uint8_t id)
{
	char json[SEI_MAX - OVERHEAD_MAX];
	ssize_t len = json_sender_time(json, sizeof json, r, id);

	return len == -1 ? -1 : (ssize_t)user_data(out, TIMING_UUID_SENDER, json, len);
}
