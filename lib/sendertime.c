/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RFC 8285 4.2 and 4.3; all of the times begin with 64 bits of NTP. */
#include "sendertime.h"

#include <sys/endian.h>

#define NTP_SIZE	8
#define ID_STOP		15	/* 4.2: in one-byte headers, nothing behind it is read */

/*
 *  one byte   ID (4 bits), length less one (4 bits), data
 *  two bytes  ID, length, data
 *  A byte 0 where an element could begin is padding.
 */
static const uint8_t *
find_element(const uint8_t *p, size_t len, unsigned head, unsigned id)
{
	const uint8_t *end = p + len;
	unsigned found;
	size_t size;

	while ((size_t)(end - p) >= head) {
		if (*p == 0) {
			p++;
			continue;
		}
		found = head == 1 ? *p >> 4 : *p;
		size = head == 1 ? (size_t)(*p & 0x0f) + 1 : p[1];
		p += head;
		if ((head == 1 && found == ID_STOP) || size > (size_t)(end - p))
			return NULL;
		if (found == id)
			return size >= NTP_SIZE ? p : NULL;
		p += size;
	}
	return NULL;
}

/* ONVIF:  0 NTP timestamp   8 C E D T and 4 bits of 0, CSeq, 16 bits of padding */
bool
sendertime_read(uint16_t profile, const uint8_t *data, size_t len, unsigned id, uint64_t *ntp)
{
	const uint8_t *at = NULL;

	if (profile == SENDERTIME_ONVIF)
		at = len >= NTP_SIZE ? data : NULL;
	else if (id != 0 && profile == SENDERTIME_ONE_BYTE)
		at = find_element(data, len, 1, id);
	else if (id != 0 && (profile & 0xfff0) == SENDERTIME_TWO_BYTE)
		at = find_element(data, len, 2, id);
	if (at == NULL)
		return false;
	*ntp = be64dec(at);
	return true;
}
