/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Parameter sets and slice headers, as far as recording needs them (ITU-T H.264 7.3). */
#include "h264.h"

#include <string.h>

#include "bits.h"

#define MAX_DIMENSION	65535	/* what an MP4 sample entry can hold */
#define EXTENDED_SAR	255	/* table E-1 */
#define COLOURS_UNSAID	0x020202	/* tables E-3 to E-5: 2 is unspecified */

static void
skip_scaling_list(struct bits *b, unsigned n)
{
	int last = 8, next = 8;

	for (unsigned i = 0; i < n && !b->error; i++) {
		if (next != 0)
			next = (last + (bits_se(b) & 0xff)) & 0xff;
		last = next == 0 ? last : next;
	}
}

/* 7.3.2.1.1, the part that only profiles with chroma_format_idc have. */
static void
parse_high_profile(struct sps *sps, struct bits *b)
{
	sps->chroma_format_idc = bits_ue(b);
	if (sps->chroma_format_idc == 3)
		sps->separate_colour_plane_flag = bits_u(b, 1);
	sps->bit_depth_luma_minus8 = bits_ue(b);
	sps->bit_depth_chroma_minus8 = bits_ue(b);
	bits_u(b, 1);				/* qpprime_y_zero_transform_bypass_flag */
	if (bits_u(b, 1) == 0)			/* seq_scaling_matrix_present_flag */
		return;
	for (unsigned i = 0; i < (sps->chroma_format_idc == 3 ? 12 : 8); i++) {
		if (bits_u(b, 1))
			skip_scaling_list(b, i < 6 ? 16 : 64);
	}
}

static bool
has_chroma_format(uint8_t profile_idc)
{
	static const uint8_t profiles[] = {
		100, 110, 122, 244, 44, 83, 86, 118, 128, 138, 139, 134, 135,
	};

	return memchr(profiles, profile_idc, sizeof profiles) != NULL;
}

/* log2_max_..._minus4, which is 0..12. */
static uint8_t
log2_max(struct bits *b)
{
	uint32_t minus4 = bits_ue(b);

	b->error |= minus4 > 12;
	return 4 + minus4;
}

static void
parse_pic_order_cnt(struct sps *sps, struct bits *b)
{
	uint32_t n;

	sps->pic_order_cnt_type = bits_ue(b);
	if (sps->pic_order_cnt_type == 0) {
		sps->log2_max_pic_order_cnt_lsb = log2_max(b);
	} else if (sps->pic_order_cnt_type == 1) {
		bits_u(b, 1);			/* delta_pic_order_always_zero_flag */
		bits_se(b);			/* offset_for_non_ref_pic */
		bits_se(b);			/* offset_for_top_to_bottom_field */
		n = bits_ue(b);			/* num_ref_frames_in_pic_order_cnt_cycle */
		b->error |= n > 255;
		for (uint32_t i = 0; i < n && !b->error; i++)
			bits_se(b);
	} else {
		b->error |= sps->pic_order_cnt_type > 2;
	}
}

/* Width and height after cropping (7.4.2.1.1, table 6-1 for the crop units). */
static void
parse_dimensions(struct sps *sps, struct bits *b)
{
	uint64_t width = ((uint64_t)bits_ue(b) + 1) * 16;
	uint64_t height = ((uint64_t)bits_ue(b) + 1) * 16;
	uint64_t crop[4] = { 0 };
	unsigned unit_x, unit_y;

	sps->frame_mbs_only_flag = bits_u(b, 1);
	height *= 2 - sps->frame_mbs_only_flag;
	if (!sps->frame_mbs_only_flag)
		bits_u(b, 1);			/* mb_adaptive_frame_field_flag */
	bits_u(b, 1);				/* direct_8x8_inference_flag */
	unit_x = sps->chroma_format_idc == 1 || sps->chroma_format_idc == 2 ? 2 : 1;
	unit_y = (sps->chroma_format_idc == 1 ? 2 : 1) * (2 - sps->frame_mbs_only_flag);
	if (bits_u(b, 1)) {			/* frame_cropping_flag */
		for (unsigned i = 0; i < 4; i++)
			crop[i] = bits_ue(b);	/* left, right, top, bottom */
	}
	crop[0] = (crop[0] + crop[1]) * unit_x;
	crop[2] = (crop[2] + crop[3]) * unit_y;
	if (b->error || width > MAX_DIMENSION || height > MAX_DIMENSION ||
	    crop[0] >= width || crop[2] >= height) {
		b->error = true;
		return;
	}
	sps->width = width - crop[0];
	sps->height = height - crop[2];
}

static void
skip_hrd(struct bits *b)
{
	uint32_t n = bits_ue(b);		/* cpb_cnt_minus1 */

	b->error |= n > 31;
	bits_u(b, 8);				/* bit_rate_scale, cpb_size_scale */
	for (uint32_t i = 0; i <= n && !b->error; i++) {
		bits_ue(b);			/* bit_rate_value_minus1 */
		bits_ue(b);			/* cpb_size_value_minus1 */
		bits_u(b, 1);			/* cbr_flag */
	}
	bits_u(b, 20);				/* four lengths of 5 bits */
}

/* Table E-1 */
static void
parse_aspect_ratio(struct sps *sps, struct bits *b)
{
	static const uint8_t table[][2] = {
		{ 0, 0 }, { 1, 1 }, { 12, 11 }, { 10, 11 }, { 16, 11 }, { 40, 33 }, { 24, 11 }, { 20, 11 }, { 32, 11 },
		{ 80, 33 }, { 18, 11 }, { 15, 11 }, { 64, 33 }, { 160, 99 }, { 4, 3 }, { 3, 2 }, { 2, 1 },
	};
	uint32_t idc = bits_u(b, 8), width = 0, height = 0;

	if (idc == EXTENDED_SAR) {
		width = bits_u(b, 16);
		height = bits_u(b, 16);
	} else if (idc < sizeof table / sizeof table[0]) {
		width = table[idc][0];
		height = table[idc][1];
	}
	if (b->error || width == 0 || height == 0)
		return;
	sps->sar_width = width;
	sps->sar_height = height;
}

static void
parse_video_signal_type(struct sps *sps, struct bits *b)
{
	uint32_t colours = COLOURS_UNSAID;
	bool full_range;

	bits_u(b, 3);				/* video_format */
	full_range = bits_u(b, 1);
	if (bits_u(b, 1))			/* colour_description_present_flag */
		colours = bits_u(b, 24);
	if (b->error)
		return;
	sps->video_signal_type_present_flag = true;
	sps->video_full_range_flag = full_range;
	sps->colour_primaries = colours >> 16;
	sps->transfer_characteristics = colours >> 8;
	sps->matrix_coefficients = colours;
}

/* E.1.1 */
static void
parse_vui(struct sps *sps, struct bits *b)
{
	bool nal_hrd, vcl_hrd;

	if (bits_u(b, 1))			/* aspect_ratio_info_present_flag */
		parse_aspect_ratio(sps, b);
	if (bits_u(b, 1))			/* overscan_info_present_flag */
		bits_u(b, 1);
	if (bits_u(b, 1))			/* video_signal_type_present_flag */
		parse_video_signal_type(sps, b);
	if (bits_u(b, 1)) {			/* chroma_loc_info_present_flag */
		bits_ue(b);
		bits_ue(b);
	}
	if (bits_u(b, 1)) {			/* timing_info_present_flag */
		bits_u(b, 32);			/* num_units_in_tick */
		bits_u(b, 32);			/* time_scale */
		bits_u(b, 1);			/* fixed_frame_rate_flag */
	}
	if ((nal_hrd = bits_u(b, 1)))
		skip_hrd(b);
	if ((vcl_hrd = bits_u(b, 1)))
		skip_hrd(b);
	if (nal_hrd || vcl_hrd)
		bits_u(b, 1);			/* low_delay_hrd_flag */
	bits_u(b, 1);				/* pic_struct_present_flag */
	if (bits_u(b, 1) == 0)			/* bitstream_restriction_flag */
		return;
	bits_u(b, 1);				/* motion_vectors_over_pic_boundaries_flag */
	for (unsigned i = 0; i < 4; i++)
		bits_ue(b);
	sps->max_num_reorder_frames = bits_ue(b);
	bits_ue(b);				/* max_dec_frame_buffering */
	sps->bitstream_restriction_flag = !b->error;
}

int
sps_parse(struct sps *sps, const uint8_t *nal, size_t len)
{
	struct bits b;
	uint32_t id;

	memset(sps, 0, sizeof *sps);
	if (len < 4 || NAL_TYPE(nal[0]) != NAL_SPS)
		return -1;
	bits_open(&b, nal + 1, len - 1);
	sps->profile_idc = bits_u(&b, 8);
	sps->constraint_flags = bits_u(&b, 8);
	sps->level_idc = bits_u(&b, 8);
	id = bits_ue(&b);
	if (id > 31)
		return -1;
	sps->seq_parameter_set_id = id;
	sps->chroma_format_idc = 1;
	if (has_chroma_format(sps->profile_idc))
		parse_high_profile(sps, &b);
	sps->log2_max_frame_num = log2_max(&b);
	parse_pic_order_cnt(sps, &b);
	sps->max_num_ref_frames = bits_ue(&b);
	bits_u(&b, 1);				/* gaps_in_frame_num_value_allowed_flag */
	parse_dimensions(sps, &b);
	if (b.error)
		return -1;
	/* Some cameras cut the VUI short; what comes before it is good. */
	if (bits_u(&b, 1))			/* vui_parameters_present_flag */
		parse_vui(sps, &b);
	return 0;
}

int
pps_parse_ids(const uint8_t *nal, size_t len, uint8_t *pps_id, uint8_t *sps_id)
{
	struct bits b;
	uint32_t pps, sps;

	if (len < 2 || NAL_TYPE(nal[0]) != NAL_PPS)
		return -1;
	bits_open(&b, nal + 1, len - 1);
	pps = bits_ue(&b);
	sps = bits_ue(&b);
	if (b.error || pps > 255 || sps > 31)
		return -1;
	*pps_id = pps;
	*sps_id = sps;
	return 0;
}

static bool
has_slice_header(const uint8_t *nal, size_t len)
{
	return len >= 2 && (NAL_TYPE(nal[0]) == NAL_SLICE ||
	    NAL_TYPE(nal[0]) == NAL_PARTITION_A || NAL_TYPE(nal[0]) == NAL_IDR);
}

int
slice_parse(struct slice_start *s, const uint8_t *nal, size_t len)
{
	struct bits b;
	uint32_t slice_type, pps;
	bool bad;

	if (!has_slice_header(nal, len))
		return -1;
	bits_open(&b, nal + 1, len - 1);
	s->first_mb_in_slice = bits_ue(&b);
	slice_type = bits_ue(&b);
	/* Table 7-6: 2 and 4 are I and SI; 5 to 9 say that all slices are of the kind. */
	s->intra = slice_type % 5 == 2 || slice_type % 5 == 4;
	bad = b.error || slice_type > 9;
	pps = bits_ue(&b);
	s->pic_parameter_set_id = b.error || pps > 255 ? -1 : (int)pps;
	return bad ? -1 : 0;
}

/* 7.3.3 */
int
slice_parse_order(struct slice_order *s, const uint8_t *nal, size_t len, const struct sps *sps)
{
	struct bits b;

	if (!has_slice_header(nal, len))
		return -1;
	*s = (struct slice_order){ 0 };
	bits_open(&b, nal + 1, len - 1);
	bits_ue(&b);				/* first_mb_in_slice */
	bits_ue(&b);				/* slice_type */
	bits_ue(&b);				/* pic_parameter_set_id */
	if (sps->separate_colour_plane_flag)
		bits_u(&b, 2);			/* colour_plane_id */
	s->frame_num = bits_u(&b, sps->log2_max_frame_num);
	if (!sps->frame_mbs_only_flag && (s->field_pic_flag = bits_u(&b, 1)))
		s->bottom_field_flag = bits_u(&b, 1);
	if (NAL_TYPE(nal[0]) == NAL_IDR)
		bits_ue(&b);			/* idr_pic_id */
	if (sps->pic_order_cnt_type == 0)
		s->pic_order_cnt_lsb = bits_u(&b, sps->log2_max_pic_order_cnt_lsb);
	return b.error ? -1 : 0;
}

/* A number of an SEI message's head: bytes of 255 and a last one (7.3.2.3.1). */
static uint32_t
read_sei_number(struct bits *b)
{
	uint32_t sum = 0, byte;

	do {
		byte = bits_u(b, 8);
		sum += byte;
	} while (byte == 255 && sum < 65536 && !b->error);
	return sum;
}

bool
sei_has_recovery_point(const uint8_t *nal, size_t len)
{
	enum { BUFFERING_PERIOD, PIC_TIMING, RECOVERY_POINT = 6 };	/* D.1.1 */
	struct bits b;
	uint32_t type;

	if (len < 2 || NAL_TYPE(nal[0]) != NAL_SEI)
		return false;
	bits_open(&b, nal + 1, len - 1);
	for (;;) {
		type = read_sei_number(&b);
		if (b.error || (type != BUFFERING_PERIOD && type != PIC_TIMING))
			return !b.error && type == RECOVERY_POINT;
		for (uint32_t size = read_sei_number(&b); size > 0 && !b.error; size--)
			bits_u(&b, 8);
	}
}
