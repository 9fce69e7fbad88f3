/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * user_data_unregistered SEI (ITU-T H.264 7.3.2.3, D.1.6). The payload is plain
 * ASCII, so it needs no emulation prevention.
 */
#include "sei.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "h264.h"
#include "timing.h"

#define USER_DATA_UNREGISTERED	5
#define RBSP_TRAILING		0x80	/* rbsp_trailing_bits on a byte boundary */

/*
 *  06     nal_unit_type 6, nal_ref_idc 0
 *  05     payloadType
 *  SS     payloadSize (below 255 here, so one byte)
 *  16 bytes of UUID, the JSON text
 *  80     rbsp_trailing_bits
 */
static size_t
user_data(uint8_t out[SEI_MAX], const char *uuid, const char *json, size_t len)
{
	uint8_t *p = out;

	*p++ = NAL_SEI;
	*p++ = USER_DATA_UNREGISTERED;
	*p++ = TIMING_UUID_SIZE + len;
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
	char json[SEI_MAX];
	int len = snprintf(json, sizeof json, "{\"recv\":%" PRIu64 ",\"rtp\":%" PRIu32 "}",
	    recv_ntp, rtp);

	return user_data(out, TIMING_UUID_FRAME, json, len);
}

size_t
sei_report(uint8_t out[SEI_MAX], uint64_t recv_ntp, uint64_t ntp, uint32_t rtp)
{
	char json[SEI_MAX];
	int len = snprintf(json, sizeof json,
	    "{\"recv\":%" PRIu64 ",\"ntp\":%" PRIu64 ",\"rtp\":%" PRIu32 "}",
	    recv_ntp, ntp, rtp);

	return user_data(out, TIMING_UUID_REPORT, json, len);
}
