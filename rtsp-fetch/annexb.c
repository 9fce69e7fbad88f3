/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Looks for the one of 00 00 01: memchr(3) is nearly free, and a one is as rare as any byte. */
#include "annexb.h"

#include <string.h>

#include "h264.h"

#define START_CODE	3
#define SLICE_START	16	/* bytes that slice_parse() may need */

/* Whether a NAL unit can begin so, by what nal_ref_idc may be (7.4.1) and what is inside. */
static bool
can_begin(const uint8_t *nal, size_t len)
{
	bool reference = NAL_REF(nal[0]) != 0;
	struct slice_start slice;
	struct sps sps;
	uint8_t pps_id, sps_id;

	if (nal[0] & 0x80)
		return false;
	switch (NAL_TYPE(nal[0])) {
	case NAL_SPS:
		return reference && sps_parse(&sps, nal, len) == 0;
	case NAL_PPS:
		return reference && pps_parse_ids(nal, len, &pps_id, &sps_id) == 0;
	case NAL_SLICE:
	case NAL_IDR:
		return (reference || NAL_TYPE(nal[0]) == NAL_SLICE) &&
		    slice_parse(&slice, nal, len < SLICE_START ? len : SLICE_START) == 0;
	case NAL_SEI:
	case NAL_AUD:
	case NAL_END_SEQUENCE:
	case NAL_END_STREAM:
	case NAL_FILLER:
		return !reference;
	default:
		return false;
	}
}

const uint8_t *
annexb_find(const uint8_t *data, size_t len)
{
	const uint8_t *p = data + START_CODE - 1, *last = data + len - 1;

	if (len <= START_CODE)
		return NULL;
	for (; p < last && (p = memchr(p, 1, last - p)) != NULL; p++) {
		if (p[-1] == 0 && p[-2] == 0 && can_begin(p + 1, last - p))
			return p - 2;
	}
	return NULL;
}

/* What stands before a start code and a PPS may be an SPS with a slice's type: then it gets its own. */
static void
correct_type(uint8_t *data, size_t len)
{
	const uint8_t *code = annexb_find(data, len);
	uint8_t header = data[0], profile = data[1];
	struct sps sps;

	if (code == NULL || code - data < 4 || NAL_TYPE(code[START_CODE]) != NAL_PPS)
		return;
	if (NAL_TYPE(header) != NAL_IDR && NAL_TYPE(header) != NAL_SLICE)
		return;
	data[0] = 3 << 5 | NAL_SPS;
	if ((profile != 66 && profile != 77 && profile != 88 && profile != 100 && profile != 110) ||
	    sps_parse(&sps, data, code - data) == -1)
		data[0] = header;
}

void
annexb_open(struct annexb *a, uint8_t *data, size_t len)
{
	if (len > START_CODE)
		correct_type(data, len);
	a->p = data;
	a->end = data + len;
}

/* A byte alone is the rest of a header whose NAL unit begins behind the start code, but for the ends. */
static bool
is_nal(const uint8_t *nal, size_t len)
{
	unsigned type = len > 0 ? NAL_TYPE(nal[0]) : 0;

	return len > 1 || type == NAL_END_SEQUENCE || type == NAL_END_STREAM;
}

bool
annexb_next(struct annexb *a, const uint8_t **nal, size_t *len)
{
	const uint8_t *code;
	size_t n;

	while (a->p < a->end) {
		code = annexb_find(a->p, a->end - a->p);
		*nal = a->p;
		n = (code != NULL ? code : a->end) - a->p;
		a->p = code != NULL ? a->p + n + START_CODE : a->end;
		/* trailing_zero_8bits, and the first of a start code of four bytes */
		while (code != NULL && n > 0 && (*nal)[n - 1] == 0)
			n--;
		*len = n;
		if (is_nal(*nal, n))
			return true;
	}
	return false;
}
