/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* moov, trak and avc1 boxes for a file whose samples follow in fragments. */
#include "track.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "h264.h"

#define UNIX_TO_1904_S	2082844800LL	/* 14496-12 8.2.2.3: seconds since 1904-01-01 */
#define LANGUAGE_UND	0x55c4
#define MAX_SPS		31		/* 14496-15 5.3.3.1.2: five bits */
#define MAX_PPS		255		/* eight bits */
#define SHOWN_MAX	0xffff0000	/* 65535 pixels as 16.16 bits */

static const uint32_t identity_matrix[9] = { 0x10000, 0, 0, 0, 0x10000, 0, 0, 0, 0x40000000 };

static void
write_matrix(struct box_writer *w)
{
	for (size_t i = 0; i < 9; i++)
		box_u32(w, identity_matrix[i]);
}

/* How many there are, max at most: the others are only in band. */
static size_t
count_sets(const struct param_set *sets, size_t n, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < n && count < max; i++)
		count += sets[i].len > 0;
	return count;
}

static void
write_sets(struct box_writer *w, const struct param_set *sets, size_t n, size_t max)
{
	for (size_t i = 0, left = count_sets(sets, n, max); left > 0; i++) {
		if (sets[i].len == 0)
			continue;
		box_u16(w, sets[i].len);
		box_bytes(w, sets[i].data, sets[i].len);
		left--;
	}
}

/* AVCDecoderConfigurationRecord, 14496-15 5.3.3.1.2. */
static void
write_avcc(struct box_writer *w, const struct sps *first, const struct param_set *sps, size_t nsps,
    const struct param_set *pps, size_t npps)
{
	uint64_t avcc = box_begin(w, "avcC");

	box_u8(w, 1);					/* configurationVersion */
	box_u8(w, first->profile_idc);			/* AVCProfileIndication */
	box_u8(w, first->constraint_flags);		/* profile_compatibility */
	box_u8(w, first->level_idc);			/* AVCLevelIndication */
	box_u8(w, 0xfc | 3);				/* lengthSizeMinusOne */
	box_u8(w, 0xe0 | count_sets(sps, nsps, MAX_SPS));/* numOfSequenceParameterSets */
	write_sets(w, sps, nsps, MAX_SPS);
	box_u8(w, count_sets(pps, npps, MAX_PPS));	/* numOfPictureParameterSets */
	write_sets(w, pps, npps, MAX_PPS);
	if (first->profile_idc == 100 || first->profile_idc == 110 ||
	    first->profile_idc == 122 || first->profile_idc == 144) {
		box_u8(w, 0xfc | first->chroma_format_idc);
		box_u8(w, 0xf8 | first->bit_depth_luma_minus8);
		box_u8(w, 0xf8 | first->bit_depth_chroma_minus8);
		box_u8(w, 0);				/* numOfSequenceParameterSetExt */
	}
	box_end(w, avcc);
}

/* 14496-12 12.1.4 and 12.1.5: what the VUI tells of the samples' shape and of colours. */
static void
write_pasp_colr(struct box_writer *w, const struct sps *sps)
{
	uint64_t box;

	if (sps->sar_width != 0) {
		box = box_begin(w, "pasp");
		box_u32(w, sps->sar_width);		/* hSpacing */
		box_u32(w, sps->sar_height);		/* vSpacing */
		box_end(w, box);
	}
	if (sps->video_signal_type_present_flag) {
		box = box_begin(w, "colr");		/* 12.1.5 */
		box_bytes(w, "nclx", 4);
		box_u16(w, sps->colour_primaries);
		box_u16(w, sps->transfer_characteristics);
		box_u16(w, sps->matrix_coefficients);
		box_u8(w, sps->video_full_range_flag << 7);
		box_end(w, box);
	}
}

/* 8.3.2: the width follows from the samples' shape, as players and ffmpeg have it. */
static void
set_shown(struct track *t, const struct sps *sps)
{
	uint64_t width = (uint64_t)sps->width << 16;

	if (sps->sar_width != 0)
		width = width * sps->sar_width / sps->sar_height;
	t->shown_width = width < SHOWN_MAX ? width : SHOWN_MAX;
	t->shown_height = sps->height << 16;
}

/* VisualSampleEntry, 14496-12 12.1.3. */
static void
write_avc1(struct box_writer *w, const struct sps *first, const struct param_set *sps, size_t nsps,
    const struct param_set *pps, size_t npps)
{
	uint64_t avc1 = box_begin(w, "avc1");

	box_zeros(w, 6);
	box_u16(w, 1);					/* data_reference_index */
	box_zeros(w, 16);
	box_u16(w, first->width);
	box_u16(w, first->height);
	box_u32(w, 72 << 16);				/* horizresolution, dpi */
	box_u32(w, 72 << 16);				/* vertresolution */
	box_u32(w, 0);
	box_u16(w, 1);					/* frame_count */
	box_zeros(w, 32);				/* compressorname */
	box_u16(w, 0x18);				/* depth */
	box_u16(w, 0xffff);				/* pre_defined = -1 */
	write_avcc(w, first, sps, nsps, pps, npps);
	write_pasp_colr(w, first);
	box_end(w, avc1);
}

int
track_set_avc(struct track *t, const struct param_set *sps, size_t nsps,
    const struct param_set *pps, size_t npps)
{
	struct box_writer w;
	struct sps first;
	size_t i = 0;

	while (i < nsps && sps_parse(&first, sps[i].data, sps[i].len) == -1)
		i++;
	if (i == nsps || count_sets(pps, npps, MAX_PPS) == 0) {
		errno = EINVAL;
		return -1;
	}
	set_shown(t, &first);
	box_open(&w, -1, 0);
	write_avc1(&w, &first, sps, nsps, pps, npps);
	if (w.error != 0)
		return box_close(&w);
	t->entry = w.buf;
	t->entry_len = w.len;
	return 0;
}

void
track_close(struct track *t)
{
	free(t->entry);
	t->entry = NULL;
}

static void
write_mvhd(struct box_writer *w, uint32_t timescale, uint32_t next_track, uint64_t created)
{
	uint64_t mvhd = box_begin_full(w, "mvhd", 1, 0);	/* 8.2.2 */

	box_u64(w, created);
	box_u64(w, created);				/* modification_time */
	box_u32(w, timescale);
	box_u64(w, 0);					/* duration */
	box_u32(w, 0x10000);				/* rate */
	box_u16(w, 0x100);				/* volume */
	box_zeros(w, 10);
	write_matrix(w);
	box_zeros(w, 24);
	box_u32(w, next_track);				/* next_track_ID */
	box_end(w, mvhd);
}

static void
write_tkhd(struct box_writer *w, const struct track *t, uint64_t created)
{
	uint64_t tkhd = box_begin_full(w, "tkhd", 1, 3);	/* 8.3.2; enabled, in movie */

	box_u64(w, created);
	box_u64(w, created);
	box_u32(w, t->id);
	box_u32(w, 0);
	box_u64(w, 0);					/* duration */
	box_zeros(w, 16);				/* reserved, layer, group, volume */
	write_matrix(w);
	box_u32(w, t->shown_width);
	box_u32(w, t->shown_height);
	box_end(w, tkhd);
}

static void
write_mdhd(struct box_writer *w, const struct track *t, uint64_t created)
{
	uint64_t mdhd = box_begin_full(w, "mdhd", 1, 0);	/* 8.4.2 */

	box_u64(w, created);
	box_u64(w, created);
	box_u32(w, t->timescale);
	box_u64(w, 0);					/* duration */
	box_u16(w, LANGUAGE_UND);
	box_u16(w, 0);
	box_end(w, mdhd);
}

static void
write_hdlr(struct box_writer *w)
{
	static const char name[] = "VideoHandler";
	uint64_t hdlr = box_begin_full(w, "hdlr", 0, 0);	/* 8.4.3 */

	box_u32(w, 0);
	box_bytes(w, "vide", 4);
	box_zeros(w, 12);
	box_bytes(w, name, sizeof name);
	box_end(w, hdlr);
}

/* 8.7.2: the media are in this file. */
static void
write_dinf(struct box_writer *w)
{
	uint64_t dinf = box_begin(w, "dinf");
	uint64_t dref = box_begin_full(w, "dref", 0, 0);

	box_u32(w, 1);
	box_end(w, box_begin_full(w, "url ", 0, 1));
	box_end(w, dref);
	box_end(w, dinf);
}

/* The sample tables (8.5.1), all empty but stsd. */
static void
write_stbl(struct box_writer *w, const struct track *t)
{
	uint64_t stbl = box_begin(w, "stbl"), box;

	box = box_begin_full(w, "stsd", 0, 0);
	box_u32(w, 1);
	box_bytes(w, t->entry, t->entry_len);
	box_end(w, box);
	box = box_begin_full(w, "stts", 0, 0);
	box_u32(w, 0);
	box_end(w, box);
	box = box_begin_full(w, "stsc", 0, 0);
	box_u32(w, 0);
	box_end(w, box);
	box = box_begin_full(w, "stsz", 0, 0);
	box_u64(w, 0);
	box_end(w, box);
	box = box_begin_full(w, "stco", 0, 0);
	box_u32(w, 0);
	box_end(w, box);
	box_end(w, stbl);
}

void
track_write_edts(struct box_writer *w, uint64_t movie_duration, uint64_t media_time)
{
	uint64_t edts = box_begin(w, "edts"), elst = box_begin_full(w, "elst", 1, 0);

	box_u32(w, 1);
	box_u64(w, movie_duration);			/* segment_duration */
	box_u64(w, media_time);
	box_u32(w, 0x10000);				/* media_rate */
	box_end(w, elst);
	box_end(w, edts);
}

static void
write_trak(struct box_writer *w, const struct track *t, uint64_t created)
{
	uint64_t trak = box_begin(w, "trak"), mdia, minf, vmhd;

	write_tkhd(w, t, created);
	if (t->delay > 0)
		track_write_edts(w, 0, t->delay);
	mdia = box_begin(w, "mdia");
	write_mdhd(w, t, created);
	write_hdlr(w);
	minf = box_begin(w, "minf");
	vmhd = box_begin_full(w, "vmhd", 0, 1);		/* 12.1.2 */
	box_zeros(w, 8);
	box_end(w, vmhd);
	write_dinf(w);
	write_stbl(w, t);
	box_end(w, minf);
	box_end(w, mdia);
	box_end(w, trak);
}

static void
write_trex(struct box_writer *w, uint32_t track_id)
{
	uint64_t trex = box_begin_full(w, "trex", 0, 0);	/* 8.8.3 */

	box_u32(w, track_id);
	box_u32(w, 1);					/* default_sample_description_index */
	box_zeros(w, 12);				/* every run has its own values */
	box_end(w, trex);
}

void
tracks_write_moov(struct box_writer *w, const struct track *tracks, size_t n,
    int64_t creation_unix_ns)
{
	uint64_t created = creation_unix_ns / CLOCK_NS_PER_S + UNIX_TO_1904_S;
	uint64_t moov = box_begin(w, "moov"), mvex;

	write_mvhd(w, tracks[0].timescale, n + 1, created);
	for (size_t i = 0; i < n; i++)
		write_trak(w, &tracks[i], created);
	mvex = box_begin(w, "mvex");
	for (size_t i = 0; i < n; i++)
		write_trex(w, tracks[i].id);
	box_end(w, mvex);
	box_end(w, moov);
}
