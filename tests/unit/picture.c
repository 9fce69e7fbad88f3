/* units: mp4-wrap/picture.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Places of pictures from slice headers made by hand: every count that a stream can have. */
#include "../../mp4-wrap/picture.h"

#include <string.h>

#include "check.h"

#define LSB_BITS	6
#define IDR		0x65
#define REF		0x41
#define DISPOSABLE	0x01

static struct pictures pictures;
static struct sps sps;

/* A slice header: macroblock 0, slice type 7, PPS 0, frame_num of 4 bits, then as the SPS says. */
static struct picture
take(uint8_t header, uint32_t frame_num, int field, int poc)
{
	uint64_t bits = 0;
	unsigned n = 0;
	uint8_t nal[9] = { header };

#define PUT(width, value) (bits = bits << (width) | ((uint64_t)(value) & ((1U << (width)) - 1)), n += (width))
	PUT(1, 1);
	PUT(7, 8);			/* ue(7) */
	PUT(1, 1);
	PUT(4, frame_num);
	if (!sps.frame_mbs_only_flag) {
		PUT(1, field >= 0);
		if (field >= 0)
			PUT(1, field);
	}
	if (header == IDR)
		PUT(1, 1);		/* idr_pic_id 0 */
	if (sps.pic_order_cnt_type == 0)
		PUT(LSB_BITS, poc);
	bits = bits << 8 | 0xff;	/* no byte here is 0, so there is no emulation prevention */
	bits <<= 56 - n;
	for (size_t i = 0; i < 8; i++)
		nal[1 + i] = (uint8_t)(bits >> (56 - 8 * i));
	return pictures_take(&pictures, nal, sizeof nal, &sps);
}

static void
begin(unsigned type, bool frames_only)
{
	memset(&pictures, 0, sizeof pictures);
	sps = (struct sps){ .log2_max_frame_num = 4, .log2_max_pic_order_cnt_lsb = LSB_BITS,
		.pic_order_cnt_type = type, .frame_mbs_only_flag = frames_only };
}

/* Each picture's place and which one it is shown after, against a plain count. */
static void
check_places(const int *pocs, const char *headers, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t header = headers[i] == 'i' ? IDR : headers[i] == 'p' ? REF : DISPOSABLE;
		struct picture p = take(header, 1, -1, pocs[i]);
		bool behind = false;
		unsigned after = 0;

		for (size_t k = i; k-- > 0 && header != IDR && i - k <= PICTURES_BACK; ) {
			behind |= pocs[k] > pocs[i];
			if (pocs[k] <= pocs[i] && (after == 0 || pocs[k] > pocs[i - after]))
				after = (unsigned)(i - k);
			if (headers[k] == 'i')
				break;
		}
		CHECK_EQ(p.place, behind ? PLACE_BEHIND : PLACE_NEXT);
		CHECK_EQ(p.after, after);
		CHECK(!p.field && !p.second);
	}
}

static void
places(void)
{
	static const int none[] = { 0, 2, 4, 6, 8 };
	static const int ibbp[] = { 0, 6, 2, 4, 12, 8, 10, 18, 14, 16 };
	static const int pyramid[] = { 0, 8, 4, 2, 6, 16, 12, 10, 14 };
	static const int high[] = { 40, 46, 42, 44, 52, 48, 50 };		/* the IDR picture's is not 0: 40 - 64 */
	static const int low[] = { -6, 0, -4, -2, 6, 2, 4 };
	static const int far[] = { 0, 30, 2, 60, 32 };	/* 60 is too far from 2, which is no reference */
	int wraps[60];

	begin(0, true);
	check_places(none, "ipppp", 5);
	check_places(ibbp, "ipbbpbbpbb", 10);
	check_places(pyramid, "ippbbppbb", 9);
	check_places(high, "ipbbpbb", 7);
	check_places(low, "ipbbpbb", 7);
	check_places(far, "ipbpb", 5);
	/* 60 pictures of IBP: the six bits wrap twice */
	for (int i = 0; i < 60; i++)
		wraps[i] = i == 0 ? 0 : i % 2 ? 2 * (i + 1) : 2 * (i - 1);
	check_places(wraps, "ipbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbpbp", 60);
}

/* A frame's fields are neighbours of one number and different parity; the second is no IDR picture. */
static void
fields(void)
{
	begin(0, false);
	CHECK(!take(IDR, 0, 0, 0).second);
	CHECK(take(REF, 0, 1, 1).second);
	CHECK(!take(REF, 1, 0, 2).second);
	CHECK(!take(REF, 2, 1, 4).second);		/* the other one is missing: its number is not this */
	CHECK(!take(REF, 2, 1, 6).second);		/* the same parity */
	CHECK(take(REF, 2, 0, 7).second);
	CHECK(!take(REF, 2, 1, 8).second);		/* that one has its second already */
	CHECK(!take(REF, 3, -1, 10).second);		/* a frame */
	CHECK(!take(REF, 3, 1, 12).second);
	CHECK(!take(IDR, 3, 0, 0).second);
	CHECK_EQ(take(REF, 3, 1, 1).place, PLACE_NEXT);
	CHECK_EQ(take(REF, 4, 0, 12).place, PLACE_NEXT);
	CHECK_EQ(take(REF, 4, 1, 13).place, PLACE_NEXT);
	CHECK_EQ(take(DISPOSABLE, 5, 0, 4).place, PLACE_BEHIND);
	CHECK(take(DISPOSABLE, 5, 1, 5).second);
	pictures_forget(&pictures);
	CHECK_EQ(take(DISPOSABLE, 5, 0, 8).place, PLACE_NEXT);
}

static void
other_types(void)
{
	begin(2, true);
	CHECK_EQ(take(IDR, 0, -1, 0).place, PLACE_NEXT);
	CHECK_EQ(take(REF, 1, -1, 0).place, PLACE_NEXT);
	begin(1, true);
	CHECK_EQ(take(IDR, 0, -1, 0).place, PLACE_NEXT);
	CHECK_EQ(take(REF, 1, -1, 0).place, PLACE_UNKNOWN);
	CHECK_EQ(pictures_take(&pictures, (const uint8_t *)"\x41", 1, &sps).place, PLACE_UNKNOWN);
	CHECK_EQ(pictures_take(&pictures, (const uint8_t *)"\x41\xff\xff", 3, NULL).place, PLACE_UNKNOWN);
}

static void
depths(void)
{
	struct sps s = { .profile_idc = 77 };

	CHECK_EQ(pictures_depth(&s), -1);
	s.bitstream_restriction_flag = true;
	for (s.max_num_reorder_frames = 0; s.max_num_reorder_frames < 20; s.max_num_reorder_frames++)
		CHECK_EQ(pictures_depth(&s), s.max_num_reorder_frames <= 16 ? (int)s.max_num_reorder_frames : -1);
	s.max_num_reorder_frames = 2;
	s.pic_order_cnt_type = 2;
	CHECK_EQ(pictures_depth(&s), 0);
	s = (struct sps){ .profile_idc = 100, .constraint_flags = 0x10 };	/* High Intra */
	CHECK_EQ(pictures_depth(&s), 0);
	s.constraint_flags = 0;
	CHECK_EQ(pictures_depth(&s), -1);
}

int
main(void)
{
	places();
	fields();
	other_types();
	depths();
	return check_failed;
}
