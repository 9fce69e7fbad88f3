/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * NAL unit types (ITU-T H.264 table 7-1) and the parts of a sequence parameter
 * set that more than one program needs (7.3.2.1.1, E.1.1).
 */
#ifndef H264_H
#define H264_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum nal_type {
	NAL_SLICE = 1,
	NAL_PARTITION_A = 2,
	NAL_PARTITION_B = 3,
	NAL_PARTITION_C = 4,
	NAL_IDR = 5,
	NAL_SEI = 6,
	NAL_SPS = 7,
	NAL_PPS = 8,
	NAL_AUD = 9,
	NAL_END_SEQUENCE = 10,
	NAL_END_STREAM = 11,
	NAL_FILLER = 12,
	NAL_SPS_EXTENSION = 13,
	NAL_PREFIX = 14,
	NAL_SUBSET_SPS = 15,
	NAL_AUXILIARY = 19,
	NAL_SLICE_EXTENSION = 20,
	NAL_SLICE_3D = 21,
};

#define H264_CLOCK_RATE	90000	/* Hz, of RTP time: RFC 6184 8.1, 8.2.1 */

#define NAL_TYPE(byte)	((byte) & 0x1f)		/* nal_unit_type of a NAL unit's first byte */
#define NAL_REF(byte)	((byte) >> 5 & 3)	/* nal_ref_idc */

/* Whether a NAL unit of this type is a slice or partition of a primary coded picture. */
static inline bool
nal_is_vcl(unsigned type)
{
	return type >= NAL_SLICE && type <= NAL_IDR;
}

/* A sequence parameter set. Names are the standard's; width and height are cropped. */
struct sps {
	uint8_t profile_idc, constraint_flags, level_idc;
	uint8_t seq_parameter_set_id;		/* 0..31 */
	uint8_t chroma_format_idc;		/* 0..3 */
	bool separate_colour_plane_flag;
	uint8_t bit_depth_luma_minus8, bit_depth_chroma_minus8;
	uint8_t log2_max_frame_num;		/* 4..16 */
	uint8_t pic_order_cnt_type;		/* 0..2 */
	uint8_t log2_max_pic_order_cnt_lsb;	/* 4..16, with type 0 */
	bool frame_mbs_only_flag;
	uint32_t max_num_ref_frames;
	uint32_t width, height;			/* luma samples of the cropped picture */
	uint16_t sar_width, sar_height;		/* shape of a sample; 0: not said */
	bool video_signal_type_present_flag;
	bool video_full_range_flag;		/* the next four: valid with it */
	uint8_t colour_primaries, transfer_characteristics, matrix_coefficients; /* 2: not said */
	bool bitstream_restriction_flag;
	uint32_t max_num_reorder_frames;	/* valid with bitstream_restriction_flag */
};

/*
 * Reads an SPS NAL unit (header byte included, emulation prevention in place).
 * Bytes after the syntax are ignored, and so is a VUI that is cut short. 0, or -1
 * if it is none or ends before the VUI.
 */
int sps_parse(struct sps *sps, const uint8_t *nal, size_t len);

/*
 * Reads pic_parameter_set_id and seq_parameter_set_id of a PPS NAL unit
 * (7.3.2.2). 0, or -1 if it is none.
 */
int pps_parse_ids(const uint8_t *nal, size_t len, uint8_t *pps_id, uint8_t *sps_id);

/* How a slice NAL unit begins (types 1, 2, 5; 7.3.3). */
struct slice_start {
	uint32_t first_mb_in_slice;	/* 0 begins a picture */
	bool intra;			/* slice_type is I or SI */
	int pic_parameter_set_id;	/* 0..255; -1: it cannot be read */
};

/* Reads the start of a slice NAL unit; some 10 bytes are enough. 0, or -1 if it is none. */
int slice_parse(struct slice_start *s, const uint8_t *nal, size_t len);

/* What a slice header says of its picture's place among the others. */
struct slice_order {
	uint32_t frame_num;
	bool field_pic_flag, bottom_field_flag;
	uint32_t pic_order_cnt_lsb;	/* 0 but with pic_order_cnt_type 0 */
};

/* Reads it with the SPS in force. 0, or -1 if it cannot be read. */
int slice_parse_order(struct slice_order *s, const uint8_t *nal, size_t len, const struct sps *sps);

/*
 * Whether an SEI NAL unit begins with a recovery point (D.1.8), other messages
 * about the picture's timing before it at most.
 */
bool sei_has_recovery_point(const uint8_t *nal, size_t len);

#endif
