/* units: */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Times in RTP header extensions (RFC 8285 4.2, 4.3; ONVIF). */
#include "sendertime.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define NTP	"\xee\xae\x5e\x40\x40\x00\x00\x01"

static bool
reads(uint16_t profile, const void *bytes, size_t len, unsigned id)
{
	uint8_t *data = malloc(len + 1);
	uint64_t ntp = 0;
	bool found;

	memcpy(data, bytes, len);
	found = sendertime_read(profile, data, len, id, &ntp);
	free(data);
	if (found)
		CHECK_EQ(ntp, 0xeeae5e4040000001);
	return found;
}
#define READS(profile, bytes, id)	reads(profile, bytes, sizeof(bytes) - 1, id)

int
main(void)
{
	static const char one[] = "\x12\1\2\3" "\0" "\x57" NTP "\0";	/* 1: three bytes, padding, 5: eight */
	static const char two[] = "\1\0" "\0" "\x50\x10" NTP "\0\0\0\0\0\0\0\1";	/* 1: none; 80: sixteen */

	CHECK(READS(0xabac, NTP "\x80\7\0\0", 0));
	CHECK(!READS(0x1234, NTP "\x80\7\0\0", 0));
	CHECK(READS(0xbede, one, 5));
	CHECK(!READS(0xbede, one, 0));
	CHECK(!READS(0xbede, one, 1));		/* too short for a time */
	CHECK(!READS(0xbede, one, 6));
	CHECK(!READS(0xbede, "\xf0\0\x57" NTP, 5));	/* ID 15 ends it */
	CHECK(READS(0x1000, two, 80));
	CHECK(READS(0x100f, two, 80));
	CHECK(!READS(0x1010, two, 80));
	CHECK(!READS(0x1000, two, 1));
	/* every proper prefix of the time has none */
	for (size_t n = 0; n < 8; n++)
		CHECK(!reads(0xabac, NTP, n, 0));
	for (size_t n = 0; n < 14; n++)
		CHECK(!reads(0xbede, one, n, 5));
	for (size_t n = 0; n < sizeof two - 1; n++)
		CHECK(!reads(0x1000, two, n, 80));
	return check_failed;
}
