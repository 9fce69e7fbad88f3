/* units: rtsp-fetch/annexb.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Start codes inside NAL units: which are some, and what is between them. */
#include "../../rtsp-fetch/annexb.h"

#include <stdlib.h>
#include <string.h>

#include "check.h"

#define SPS	"\x67\x42\xc0\x1e\xf4\x0c\x12\x64"	/* as in au.c */
#define PPS	"\x68\xce\x38\x80"
#define IDR	"\x65\x88\x22\x11"
#define THREE	"\0\0\1"
#define FOUR	"\0\0\0\1"

/* The NAL units as "HEADER:LENGTH ". The copy is exact, so that a sanitizer sees what reads past its end. */
static void
expect(int line, const void *bytes, size_t len, const char *want)
{
	uint8_t *data = malloc(len);
	const uint8_t *nal;
	struct annexb a;
	char got[128] = "";
	size_t n = 0, nal_len;

	memcpy(data, bytes, len);
	annexb_open(&a, data, len);
	while (annexb_next(&a, &nal, &nal_len))
		n += snprintf(got + n, sizeof got - n, "%02x:%zu ", nal[0], nal_len);
	if (strcmp(got, want) != 0) {
		printf("%s:%d: %s, not %s\n", __FILE__, line, got, want);
		check_failed = 1;
	}
	free(data);
}
#define EXPECT(bytes, want)	expect(__LINE__, bytes, sizeof(bytes) - 1, want)

static bool
found(const void *bytes, size_t len)
{
	return annexb_find(bytes, len) != NULL;
}
#define FOUND(bytes)	found(bytes, sizeof(bytes) - 1)

int
main(void)
{
	EXPECT(IDR, "65:4 ");
	EXPECT(SPS FOUR PPS THREE IDR, "67:8 68:4 65:4 ");
	EXPECT(FOUR SPS "\0\0\0" FOUR PPS FOUR IDR, "67:8 68:4 65:4 ");
	/* a fragmented unit's header byte before the start code */
	EXPECT("\x65" FOUR SPS FOUR PPS, "67:8 68:4 ");
	/* an SPS under the type of a slice, but not a slice before an SPS */
	EXPECT("\x65\x42\xc0\x1e\xf4\x0c\x12\x64" FOUR PPS FOUR IDR, "67:8 68:4 65:4 ");
	EXPECT("\x41\x9a\x22\x11" FOUR SPS FOUR PPS, "41:4 67:8 68:4 ");
	EXPECT("\x41\x9a\x22\x11" FOUR PPS, "41:4 68:4 ");
	/* the ends of sequence and stream are one byte long; zeros at the very end stay */
	EXPECT(IDR THREE "\x0a" THREE "\x0b", "65:4 0a:1 0b:1 ");
	EXPECT(IDR THREE IDR "\0\0", "65:4 65:6 ");
	/* nothing behind it, and what can be no NAL unit: IDR, SPS and PPS that nobody refers to, SEI that is, types 0 and 24 */
	CHECK(!FOUND(IDR THREE));
	CHECK(!FOUND(IDR THREE "\x05\x88\x22"));
	CHECK(!FOUND(IDR THREE "\x07\x42\xc0\x1e\xf4\x0c\x12\x64"));
	CHECK(!FOUND(IDR THREE "\x08\xce\x38\x80"));
	CHECK(!FOUND(IDR THREE "\x66\x05\x01"));
	CHECK(!FOUND(IDR THREE "\x60\x88"));
	CHECK(!FOUND(IDR THREE "\x78\x88"));
	CHECK(!FOUND(IDR THREE "\xe5\x88\x22"));
	CHECK(FOUND(IDR "\1\0\1" THREE IDR));
	for (size_t n = 0; n < 8; n++)
		CHECK(!found(IDR THREE IDR, n));
	CHECK(found(IDR THREE IDR, 11));
	return check_failed;
}
