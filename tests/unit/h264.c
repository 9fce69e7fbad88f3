/* units: */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* lib/h264.c and lib/bits.c: parameter sets of real encoders and made by hand, cut at every byte. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "bits.h"
#include "check.h"
#include "h264.h"

/* ---- a bit writer, to make NAL units by hand ---- */

static uint8_t made[256];
static size_t nbits;
static size_t vui_at;	/* bits of the last SPS before its VUI */
static unsigned sar_idc = 255;	/* of the next one */

static void
u(unsigned n, uint32_t value)
{
	while (n-- > 0) {
		if (nbits % 8 == 0)
			made[nbits / 8] = 0;
		if (value >> n & 1)
			made[nbits / 8] |= (uint8_t)(0x80 >> nbits % 8);
		nbits++;
	}
}

static void
ue(uint32_t value)
{
	unsigned n = 0;

	while ((value + 1) >> n > 1)
		n++;
	u(n, 0);
	u(n + 1, value + 1);
}

static void
se(int32_t value)
{
	ue(value > 0 ? 2 * (uint32_t)value - 1 : 2 * (uint32_t)-value);
}

/* Closes the RBSP and puts emulation prevention in; a copy of its own size, so that a read past it is seen. */
static uint8_t *
nal(size_t *len)
{
	static uint8_t out[2 * sizeof(made)];
	uint8_t *exact;
	size_t i, n = 0, zeros = 0;

	u(1, 1);
	u((8 - nbits % 8) % 8, 0);
	for (i = 0; i < nbits / 8; i++) {
		if (zeros >= 2 && made[i] <= 3) {
			out[n++] = 3;
			zeros = 0;
		}
		out[n++] = made[i];
		zeros = made[i] == 0 ? zeros + 1 : 0;
	}
	nbits = 0;
	exact = malloc(n);
	memcpy(exact, out, n);
	*len = n;
	return exact;
}

struct shape {
	unsigned profile, chroma, depth, scaling, poc_type, cycle, refs, mbs_w, map_h, frame_mbs, crop[4], vui, reorder;
	unsigned width, height;
};

static uint8_t *
make_sps(const struct shape *s, size_t *len)
{
	unsigned i, k;

	u(8, 0x67), u(8, s->profile), u(8, 0x40), u(8, 40);
	ue(31);
	if (s->profile >= 100) {
		ue(s->chroma);
		if (s->chroma == 3)
			u(1, 0);
		ue(s->depth), ue(s->depth), u(1, 0);
		u(1, s->scaling);
		if (s->scaling) {
			/* 8 or 12 lists; the first of each size is present: 16 or 64 deltas of 1, or one that ends it */
			for (i = 0; i < (s->chroma == 3 ? 12 : 8); i++) {
				u(1, i == 0 || i == 6 || i == 7);
				if (i == 0)
					for (k = 0; k < 16; k++)
						se(1);
				else if (i == 6)
					for (k = 0; k < 64; k++)
						se(k % 2 ? -1 : 1);
				else if (i == 7)
					se(-8);		/* 8 - 8 = 0: the default list */
			}
		}
	}
	ue(12);					/* log2_max_frame_num_minus4 */
	ue(s->poc_type);
	if (s->poc_type == 0)
		ue(12);
	if (s->poc_type == 1) {
		u(1, 1), se(-1000000), se(2147483647), ue(s->cycle);
		for (i = 0; i < s->cycle; i++)
			se(i % 2 ? -(int)i : (int)i);
	}
	ue(s->refs), u(1, 0);
	ue(s->mbs_w - 1), ue(s->map_h - 1);
	u(1, s->frame_mbs);
	if (!s->frame_mbs)
		u(1, 1);
	u(1, 1);				/* direct_8x8_inference_flag */
	u(1, s->crop[0] + s->crop[1] + s->crop[2] + s->crop[3] > 0);
	if (s->crop[0] + s->crop[1] + s->crop[2] + s->crop[3] > 0)
		for (i = 0; i < 4; i++)
			ue(s->crop[i]);
	u(1, s->vui > 0);
	vui_at = nbits;
	if (s->vui > 0) {
		u(1, 1), u(8, sar_idc);
		if (sar_idc == 255)
			u(16, 4), u(16, 3);				/* Extended_SAR */
		u(1, 1), u(1, 1);					/* overscan */
		u(1, 1), u(3, 5), u(1, 1), u(1, 1), u(24, 0x010d06);	/* video_signal_type, colours */
		u(1, 1), ue(2), ue(2);					/* chroma_loc */
		u(1, 1), u(32, 1), u(32, 60), u(1, 1);			/* timing: zeros, so emulation prevention */
		for (i = 0; i < 2; i++) {				/* NAL and VCL HRD of two CPBs */
			u(1, s->vui > 1);
			if (s->vui > 1) {
				ue(1), u(4, 0), u(4, 0);
				for (k = 0; k < 2; k++)
					ue(65535), ue(1000000), u(1, 0);
				u(5, 23), u(5, 23), u(5, 23), u(5, 24);
			}
		}
		if (s->vui > 1)
			u(1, 0);					/* low_delay_hrd_flag */
		u(1, 0);						/* pic_struct_present_flag */
		u(1, s->vui > 2);					/* bitstream_restriction_flag */
		if (s->vui > 2)
			u(1, 1), ue(0), ue(0), ue(11), ue(11), ue(s->reorder), ue(16);
	}
	return nal(len);
}

static void
made_sps(void)
{
	static const struct shape shapes[] = {
		/* Baseline 1920x1088, no cropping; the same cropped by 2 * 4 lines */
		{ 66, 1, 0, 0, 2, 0, 1, 120, 68, 1, { 0, 0, 0, 0 }, 0, 0, 1920, 1088 },
		{ 66, 1, 0, 0, 0, 0, 1, 120, 68, 1, { 0, 0, 0, 4 }, 0, 0, 1920, 1080 },
		/* Main, interlaced: 34 map units of two macroblocks, a crop unit is 4 lines */
		{ 77, 1, 0, 0, 0, 0, 4, 120, 34, 0, { 0, 0, 0, 2 }, 1, 0, 1920, 1080 },
		/* poc type 1 with the longest cycle but 200, cropped on all sides: 2 * (1 + 2), 2 * (3 + 4) */
		{ 77, 1, 0, 0, 1, 55, 2, 45, 36, 1, { 1, 2, 3, 4 }, 2, 0, 714, 562 },
		/* High with scaling lists and all of the VUI */
		{ 100, 1, 0, 1, 0, 0, 4, 80, 45, 1, { 0, 0, 0, 0 }, 3, 2, 1280, 720 },
		/* High 4:2:2, 10 bit: a crop unit is 2 columns, 1 line */
		{ 122, 2, 2, 0, 0, 0, 16, 20, 15, 1, { 1, 0, 0, 3 }, 3, 0, 318, 237 },
		/* High 4:4:4 with twelve scaling lists: a crop unit is 1 by 1 */
		{ 244, 3, 6, 1, 0, 0, 1, 20, 15, 1, { 0, 1, 1, 0 }, 0, 0, 319, 239 },
		/* monochrome: 1 by 1, interlaced 1 by 2 */
		{ 100, 0, 0, 0, 0, 0, 1, 20, 15, 1, { 0, 1, 0, 1 }, 0, 0, 319, 239 },
		{ 100, 0, 0, 0, 0, 0, 1, 20, 15, 0, { 0, 1, 0, 1 }, 3, 16, 319, 478 },
	};
	struct sps sps;
	size_t i, k, len;
	uint8_t *made_nal, *cut;
	bool ok;

	for (i = 0; i < sizeof(shapes) / sizeof(shapes[0]); i++) {
		const struct shape *s = &shapes[i];

		made_nal = make_sps(s, &len);
		memset(&sps, 0x55, sizeof(sps));
		CHECK_EQ(sps_parse(&sps, made_nal, len), 0);
		CHECK_EQ(sps.profile_idc, s->profile);
		CHECK_EQ(sps.constraint_flags, 0x40);
		CHECK_EQ(sps.level_idc, 40);
		CHECK_EQ(sps.seq_parameter_set_id, 31);
		CHECK_EQ(sps.chroma_format_idc, s->chroma);
		CHECK_EQ(sps.bit_depth_luma_minus8, s->depth);
		CHECK_EQ(sps.bit_depth_chroma_minus8, s->depth);
		CHECK_EQ(sps.pic_order_cnt_type, s->poc_type);
		CHECK_EQ(sps.frame_mbs_only_flag, s->frame_mbs);
		CHECK_EQ(sps.max_num_ref_frames, s->refs);
		CHECK_EQ(sps.width, s->width);
		CHECK_EQ(sps.height, s->height);
		CHECK_EQ(sps.sar_width, s->vui > 0 ? 4 : 0);
		CHECK_EQ(sps.sar_height, s->vui > 0 ? 3 : 0);
		CHECK_EQ(sps.video_signal_type_present_flag, s->vui > 0);
		if (s->vui > 0)
			CHECK(sps.video_full_range_flag && sps.colour_primaries == 1 && sps.transfer_characteristics == 13 &&
			    sps.matrix_coefficients == 6);
		CHECK_EQ(sps.bitstream_restriction_flag, s->vui > 2);
		if (s->vui > 2)
			CHECK_EQ(sps.max_num_reorder_frames, s->reorder);
		/* Cut before the VUI it is no SPS. What a VUI cut short still tells is true; encoders do write such. */
		for (k = 0; k + 1 < len; k++) {
			cut = malloc(k + 1);
			memcpy(cut, made_nal, k);
			if (sps_parse(&sps, cut, k) == 0) {
				ok = k * 8 >= vui_at && sps.width == s->width && sps.height == s->height &&
				    (sps.sar_width == 0 || (sps.sar_width == 4 && sps.sar_height == 3)) &&
				    (!sps.video_signal_type_present_flag || sps.matrix_coefficients == 6) &&
				    (!sps.bitstream_restriction_flag || sps.max_num_reorder_frames == s->reorder);
				if (!ok)
					printf("shape %zu cut to %zu of %zu bytes\n", i, k, len);
				CHECK(ok);
			}
			free(cut);
		}
		free(made_nal);
	}
}

/* Table E-1: 0 is unspecified, 17 to 254 are reserved, 255 says it itself. */
static void
sample_aspect_ratios(void)
{
	static const uint8_t ratio[][2] = { { 0, 0 }, { 1, 1 }, { 12, 11 }, { 10, 11 }, { 16, 11 }, { 40, 33 }, { 24, 11 },
	    { 20, 11 }, { 32, 11 }, { 80, 33 }, { 18, 11 }, { 15, 11 }, { 64, 33 }, { 160, 99 }, { 4, 3 }, { 3, 2 }, { 2, 1 } };
	struct shape s = { 66, 1, 0, 0, 2, 0, 1, 20, 15, 1, { 0 }, 1, 0, 320, 240 };
	struct sps sps;
	uint8_t *p;
	size_t len;

	for (sar_idc = 0; sar_idc < 256; sar_idc++) {
		p = make_sps(&s, &len);
		CHECK_EQ(sps_parse(&sps, p, len), 0);
		CHECK_EQ(sps.sar_width, sar_idc < 17 ? ratio[sar_idc][0] : sar_idc == 255 ? 4 : 0);
		CHECK_EQ(sps.sar_height, sar_idc < 17 ? ratio[sar_idc][1] : sar_idc == 255 ? 3 : 0);
		CHECK_EQ(sps.matrix_coefficients, 6);
		free(p);
	}
	sar_idc = 255;
}

static void
real_sps(void)
{
	/* tests/data/clips, by x264 */
	static const uint8_t clock[] = { 0x67, 0x64, 0x00, 0x0d, 0xac, 0xb3, 0x02, 0x83, 0xf6, 0x02, 0x20, 0x00, 0x00, 0x03, 0x00, 0x20,
	    0x00, 0x00, 0x07, 0x81, 0xe2, 0x85, 0x4d };
	static const uint8_t baseline[] = { 0x67, 0x42, 0xc0, 0x0b, 0xd9, 0x83, 0x04, 0xec, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40, 0x00,
	    0x00, 0x0c, 0x83, 0xc5, 0x0a, 0x9a };
	static const uint8_t bframes[] = { 0x67, 0x64, 0x00, 0x0b, 0xac, 0xd1, 0x83, 0x04, 0xec, 0x04, 0x40, 0x00, 0x00, 0x03, 0x00, 0x40,
	    0x00, 0x00, 0x0c, 0x83, 0xc5, 0x0a, 0x46, 0x80 };
	/* retina-record's plain.mp4: gst-rtsp-server with x264enc */
	static const uint8_t plain[] = { 0x67, 0x64, 0x00, 0x0b, 0xac, 0xb4, 0x0a, 0x0f, 0xd8, 0x08, 0x80, 0x00, 0x00, 0x03, 0x00, 0x80,
	    0x00, 0x00, 0x05, 0x07, 0x8a, 0x15, 0x50 };
	struct sps sps;

	CHECK_EQ(sps_parse(&sps, clock, sizeof(clock)), 0);
	CHECK_EQ(sps.profile_idc, 100);
	CHECK_EQ(sps.width, 320);
	CHECK_EQ(sps.height, 240);
	CHECK(sps.bitstream_restriction_flag);
	CHECK_EQ(sps.max_num_reorder_frames, 0);
	CHECK_EQ(sps.sar_width, 1);
	CHECK(!sps.video_signal_type_present_flag);
	CHECK_EQ(sps_parse(&sps, baseline, sizeof(baseline)), 0);
	CHECK_EQ(sps.profile_idc, 66);
	CHECK_EQ(sps.constraint_flags, 0xc0);
	CHECK_EQ(sps.width, 192);
	CHECK_EQ(sps.height, 144);
	CHECK_EQ(sps.chroma_format_idc, 1);
	CHECK_EQ(sps_parse(&sps, bframes, sizeof(bframes)), 0);
	CHECK_EQ(sps.width, 192);
	CHECK_EQ(sps.height, 144);
	CHECK(sps.bitstream_restriction_flag);
	CHECK_EQ(sps.max_num_reorder_frames, 1);
	CHECK_EQ(sps_parse(&sps, plain, sizeof(plain)), 0);
	CHECK_EQ(sps.width, 320);
	CHECK_EQ(sps.height, 240);
	CHECK_EQ(sps.level_idc, 11);
}

static void
no_sps(void)
{
	static const uint8_t pps[] = { 0x68, 0xe9, 0x70, 0x54, 0xb2, 0x2c };
	static const uint8_t ones[64] = { 0x67, 0x64, 0, 0x0b, 0xff };
	/* cropped to nothing and past it: 320 columns, 2 * 160 and 2 * 161 taken away */
	struct shape s = { 66, 1, 0, 0, 2, 0, 1, 20, 15, 1, { 160, 0, 0, 0 }, 0, 0, 0, 0 };
	struct sps sps;
	uint8_t *p;
	size_t len;

	CHECK_EQ(sps_parse(&sps, pps, 0), -1);
	CHECK_EQ(sps_parse(&sps, pps, sizeof(pps)), -1);
	CHECK_EQ(sps_parse(&sps, ones, sizeof(ones)), -1);	/* more than 32 zeros in an Exp-Golomb code */
	for (; s.crop[0] <= 161; s.crop[0]++) {
		p = make_sps(&s, &len);
		CHECK_EQ(sps_parse(&sps, p, len), -1);
		free(p);
	}
	/* Bytes after the syntax are ignored. */
	s.crop[0] = 0;
	p = make_sps(&s, &len);
	p = realloc(p, len + 8);
	memset(p + len, 0xff, 8);
	CHECK_EQ(sps_parse(&sps, p, len + 8), 0);
	CHECK_EQ(sps.width, 320);
	free(p);
}

static void
pps_ids(void)
{
	static const uint8_t real[] = { 0x68, 0xe9, 0x70, 0x54, 0xb2, 0x2c };
	uint8_t pps = 9, sps = 9, *p;
	size_t len;

	CHECK_EQ(pps_parse_ids(real, sizeof(real), &pps, &sps), 0);
	CHECK_EQ(pps, 0);
	CHECK_EQ(sps, 0);
	u(8, 0x68), ue(255), ue(31), u(8, 0xaa);
	p = nal(&len);
	CHECK_EQ(pps_parse_ids(p, len, &pps, &sps), 0);
	CHECK_EQ(pps, 255);
	CHECK_EQ(sps, 31);
	CHECK_EQ(pps_parse_ids(p, 0, &pps, &sps), -1);
	CHECK_EQ(pps_parse_ids(p, 1, &pps, &sps), -1);
	CHECK_EQ(pps_parse_ids(p, 2, &pps, &sps), -1);
	free(p);
	u(8, 0x68), ue(256), ue(0), u(8, 0xaa);
	p = nal(&len);
	CHECK_EQ(pps_parse_ids(p, len, &pps, &sps), -1);
	free(p);
	u(8, 0x68), ue(0), ue(32), u(8, 0xaa);
	p = nal(&len);
	CHECK_EQ(pps_parse_ids(p, len, &pps, &sps), -1);
	free(p);
	u(8, 0x67), ue(0), ue(0), u(8, 0xaa);
	p = nal(&len);
	CHECK_EQ(pps_parse_ids(p, len, &pps, &sps), -1);
	free(p);
}

static void
slices(void)
{
	/* the four slices of slices-aud's first picture: macroblocks 0, 24, 60 and 84 of 108, then slice_type 7 */
	static const uint8_t real[4][4] = {
		{ 0x65, 0x88, 0x84 },		/* 1              1 - 1,   0001000      8 - 1 */
		{ 0x65, 0x0c, 0x88, 0x84 },	/* 0000 11001    25 - 1,   0001000 */
		{ 0x65, 0x07, 0xa2, 0x21 },	/* 00000 111101  61 - 1,   0001000 */
		{ 0x65, 0x02, 0xa8, 0x88 },	/* 000000 1010101, 85 - 1, 0001000 */
	};
	static const uint32_t first_mb[] = { 0, 24, 60, 84 };
	static const uint8_t not_slices[] = { 0, 3, 4, 6, 7, 8, 9, 14, 19, 20, 24, 28 };
	struct slice_start start;
	uint8_t copy[4], *p;
	uint32_t type;
	size_t i, len;

	for (i = 0; i < 4; i++) {
		memcpy(copy, real[i], 4);
		for (type = 0; type < 3; type++) {
			copy[0] = "\x65\x41\x42"[type];
			CHECK_EQ(slice_parse(&start, copy, 4), 0);
			CHECK_EQ(start.first_mb_in_slice, first_mb[i]);
			CHECK(start.intra);
		}
		CHECK_EQ(slice_parse(&start, real[i], 1), -1);
		CHECK_EQ(slice_parse(&start, real[i], 0), -1);
	}
	CHECK_EQ(slice_parse(&start, real[1], 2), -1);
	for (i = 0; i < sizeof(not_slices); i++) {
		copy[0] = not_slices[i] | 0x60;
		CHECK_EQ(slice_parse(&start, copy, 4), -1);
	}
	/* P, B, I, SP, SI, and the same again: table 7-6 */
	for (type = 0; type < 10; type++) {
		u(8, 0x41), ue(139263), ue(type), ue(0), u(16, 0);
		p = nal(&len);
		CHECK_EQ(slice_parse(&start, p, len), 0);
		CHECK_EQ(start.first_mb_in_slice, 139263);
		CHECK(start.intra == (type % 5 == 2 || type % 5 == 4));
		CHECK_EQ(start.pic_parameter_set_id, 0);
		free(p);
	}
	/* the PPS: 255 at most, and not told where the slice is cut before it */
	for (i = 254; i < 258; i++) {
		u(8, 0x41), ue(0), ue(5), ue(i);
		p = nal(&len);
		CHECK_EQ(slice_parse(&start, p, len), 0);
		CHECK_EQ(start.pic_parameter_set_id, i < 256 ? (int)i : -1);
		CHECK_EQ(slice_parse(&start, p, 2), 0);
		CHECK_EQ(start.pic_parameter_set_id, -1);
		free(p);
	}
}

/* frame_num, fields and counts, of all shapes of SPS; a slice cut before them has none. */
static void
slice_orders(void)
{
	struct sps sps = { .log2_max_frame_num = 5, .log2_max_pic_order_cnt_lsb = 7 };
	struct slice_order s;
	uint8_t *p;
	size_t len, k, whole;
	unsigned bits;

	for (bits = 0; bits < 16; bits++) {
		bool idr = bits & 1, field = bits & 2, bottom = bits & 4, planes = bits & 8;

		u(8, idr ? 0x65 : 0x41), ue(0), ue(7), ue(200);
		if (planes)
			u(2, 2);
		u(5, 19), u(1, field);
		if (field)
			u(1, bottom);
		if (idr)
			ue(65535);
		u(7, 101);
		whole = (nbits + 7) / 8;
		u(16, 0xffff);
		p = nal(&len);
		sps.separate_colour_plane_flag = planes;
		sps.frame_mbs_only_flag = false;
		CHECK_EQ(slice_parse_order(&s, p, len, &sps), 0);
		CHECK_EQ(s.frame_num, 19);
		CHECK(s.field_pic_flag == field && s.bottom_field_flag == (field && bottom));
		CHECK_EQ(s.pic_order_cnt_lsb, 101);
		for (k = 0; k < whole; k++)
			CHECK_EQ(slice_parse_order(&s, p, k, &sps), -1);
		/* without fields the flag is the count's first bit, and with other types there is none */
		sps.frame_mbs_only_flag = true;
		sps.pic_order_cnt_type = 2;
		CHECK_EQ(slice_parse_order(&s, p, len, &sps), 0);
		CHECK(!s.field_pic_flag && s.pic_order_cnt_lsb == 0);
		sps.pic_order_cnt_type = 0;
		free(p);
	}
	CHECK_EQ(slice_parse_order(&s, (const uint8_t *)"\x68\xff\xff", 3, &sps), -1);
}

/* log2_max_frame_num and log2_max_pic_order_cnt_lsb are 16 at most (7.4.2.1.1). */
static void
count_lengths(void)
{
	struct sps sps;
	uint8_t *p;
	size_t len;

	for (unsigned n = 0; n < 15; n++) {
		u(8, 0x67), u(8, 77), u(8, 0), u(8, 30), ue(0);
		ue(n), ue(0), ue(12 - n % 13), ue(1), u(1, 0), ue(9), ue(9), u(1, 1), u(1, 1), u(1, 0), u(1, 0);
		p = nal(&len);
		CHECK_EQ(sps_parse(&sps, p, len), n <= 12 ? 0 : -1);
		if (n <= 12) {
			CHECK_EQ(sps.log2_max_frame_num, n + 4);
			CHECK_EQ(sps.log2_max_pic_order_cnt_lsb, 16 - n);
		}
		free(p);
	}
}

static void
recovery_points(void)
{
	/* buffering period and picture timing before it; a long one whose size has two bytes; emulation prevention */
	static const struct {
		const char *nal;
		size_t len;
		bool is;
	} sei[] = {
		{ "\x06\x06\x01\xc4\x80", 5, true },
		{ "\x06\x00\x02\xaa\xaa\x01\x01\x55\x06\x01\xc4\x80", 12, true },
		{ "\x06\x00\x04\x00\x00\x03\x01\x00\x06\x01\xc4\x80", 12, true },
		{ "\x06\x05\x02\x06\x06\x06\x01\xc4\x80", 9, false },	/* behind text: not looked for */
		{ "\x06\x00\x7f\x06\x01\xc4\x80", 7, false },
		{ "\x06\xff\xff\xff\xff", 5, false },
		{ "\x06\x06\x06", 1, false },
		{ "\x41\x06\x01\xc4\x80", 5, false },
	};

	for (size_t i = 0; i < sizeof sei / sizeof sei[0]; i++) {
		uint8_t *copy = malloc(sei[i].len);

		memcpy(copy, sei[i].nal, sei[i].len);
		CHECK(sei_has_recovery_point(copy, sei[i].len) == sei[i].is);
		free(copy);
	}
}

static void
types(void)
{
	unsigned t;

	for (t = 0; t < 32; t++)
		CHECK(nal_is_vcl(t) == (t >= 1 && t <= 5));
	CHECK_EQ(NAL_TYPE(0x65), 5);
	CHECK_EQ(NAL_REF(0x65), 3);
	CHECK_EQ(NAL_TYPE(0x01), 1);
	CHECK_EQ(NAL_REF(0x01), 0);
	CHECK_EQ(NAL_TYPE(0xff), 31);
}

static void
reading(void)
{
	/* 00 00 03 01: the 3 is emulation prevention; 00 00 03 00 00 03 00: two of them */
	static const uint8_t one[] = { 0, 0, 3, 1 }, two[] = { 0, 0, 3, 0, 0, 3, 0 }, kept[] = { 0, 3, 0, 3, 1 };
	static const int32_t values[] = { 0, 1, -1, 2, -2, 3, -3, 1000000, -1000000, 2147483647, -2147483647 };
	static const uint32_t large[] = { 0, 1, 2, 3, 6, 7, 254, 255, 65535, 1 << 30, 0xfffffffe };
	struct bits b;
	size_t i, len;
	uint8_t *p;

	bits_open(&b, one, sizeof(one));
	CHECK_EQ(bits_u(&b, 24), 1);
	CHECK(!b.error);
	CHECK_EQ(bits_u(&b, 1), 0);
	CHECK(b.error);
	bits_open(&b, two, sizeof(two));
	CHECK_EQ(bits_u(&b, 32), 0);
	CHECK_EQ(bits_u(&b, 8), 0);
	CHECK(!b.error);
	CHECK_EQ(bits_u(&b, 8), 0);
	CHECK(b.error);
	bits_open(&b, kept, sizeof(kept));
	CHECK_EQ(bits_u(&b, 32), 0x00030003);
	CHECK_EQ(bits_u(&b, 8), 1);
	CHECK(!b.error);
	/* the error stays */
	bits_open(&b, one, 1);
	CHECK_EQ(bits_u(&b, 9), 0);
	CHECK_EQ(bits_u(&b, 1), 0);
	CHECK_EQ(bits_ue(&b), 0);
	CHECK_EQ(bits_se(&b), 0);
	CHECK(b.error);
	bits_open(&b, one, 0);
	CHECK_EQ(bits_u(&b, 0), 0);
	CHECK(!b.error);
	CHECK_EQ(bits_u(&b, 1), 0);
	CHECK(b.error);
	/* bits across bytes */
	bits_open(&b, (const uint8_t *)"\xa5\x5a\xff", 3);
	CHECK_EQ(bits_u(&b, 3), 5);
	CHECK_EQ(bits_u(&b, 7), 0x15);
	CHECK_EQ(bits_u(&b, 14), 0x1aff);
	CHECK(!b.error);

	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		se(values[i]);
	for (i = 0; i < sizeof(large) / sizeof(large[0]); i++)
		ue(large[i]);
	p = nal(&len);
	bits_open(&b, p, len);
	for (i = 0; i < sizeof(values) / sizeof(values[0]); i++)
		CHECK_EQ(bits_se(&b), values[i]);
	for (i = 0; i < sizeof(large) / sizeof(large[0]); i++)
		CHECK_EQ(bits_ue(&b), large[i]);
	CHECK(!b.error);
	free(p);
}

int
main(void)
{
	made_sps();
	sample_aspect_ratios();
	real_sps();
	no_sps();
	pps_ids();
	slices();
	slice_orders();
	count_lengths();
	recovery_points();
	types();
	reading();
	return check_failed;
}
