/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * One moof: for each track a traf, with
 *
 *   tfhd  track u32, then as its flags say: base u64, description u32,
 *         duration u32, size u32, flags u32     (8.8.7)
 *   tfdt  decode time u32 or u64                (8.8.12)
 *   trun  count u32, then as its flags say: data offset i32, first flags u32,
 *         and for each sample duration u32, size u32, flags u32, composition
 *         offset i32                            (8.8.8)
 */
#include "fragment.h"

#define DTS_MAX	((uint64_t)1 << 61)

enum tfhd_flag {
	TFHD_BASE_DATA_OFFSET = 0x1,
	TFHD_DESCRIPTION = 0x2,
	TFHD_DURATION = 0x8,
	TFHD_SIZE = 0x10,
	TFHD_FLAGS = 0x20,
	TFHD_DEFAULT_BASE_IS_MOOF = 0x20000,
};

enum trun_flag {
	TRUN_DATA_OFFSET = 0x1,
	TRUN_FIRST_FLAGS = 0x4,
	TRUN_DURATION = 0x100,
	TRUN_SIZE = 0x200,
	TRUN_FLAGS = 0x400,
	TRUN_COMPOSITION = 0x800,
};

#define SAMPLE_IS_NON_SYNC	0x10000		/* of sample flags, 8.8.3.1 */

struct traf {
	struct track *t;
	bool wanted;		/* it is our track's */
	uint64_t base;		/* data offsets count from here */
	uint64_t offset;	/* of the next sample */
	uint32_t description, duration, size, flags;
};

static int
damaged(struct samples *ss, const struct box *b, const char *what)
{
	return findings_add(ss->found, FINDING_BOX, b->offset, what);
}

static bool
read_tfhd(struct view *v, const struct box *tfhd, uint64_t moof, struct traf *tf)
{
	struct fields f;
	uint32_t flags;

	fields_open(&f, v, tfhd);
	flags = (uint32_t)fields_u(&f, 4) & 0xffffff;
	tf->wanted = fields_u(&f, 4) == tf->t->id;
	if (flags & TFHD_DEFAULT_BASE_IS_MOOF)
		tf->base = moof;
	if (flags & TFHD_BASE_DATA_OFFSET)
		tf->base = fields_u(&f, 8);
	tf->description = tf->t->default_description;
	if (flags & TFHD_DESCRIPTION)
		tf->description = (uint32_t)fields_u(&f, 4);
	tf->duration = flags & TFHD_DURATION ? (uint32_t)fields_u(&f, 4) :
	    tf->t->default_duration;
	tf->size = flags & TFHD_SIZE ? (uint32_t)fields_u(&f, 4) : tf->t->default_size;
	tf->flags = flags & TFHD_FLAGS ? (uint32_t)fields_u(&f, 4) : tf->t->default_flags;
	tf->offset = tf->base;
	return !f.error && tf->base <= INPUT_OFFSET_MAX;
}

static bool
read_tfdt(struct view *v, const struct box *tfdt, uint64_t *dts)
{
	struct fields f;
	unsigned version;

	fields_open(&f, v, tfdt);
	version = (unsigned)fields_u(&f, 1);
	fields_skip(&f, 3);
	*dts = fields_u(&f, version == 1 ? 8 : 4);
	return !f.error && *dts <= DTS_MAX;
}

/* One entry of a trun. -1 if nothing more can be read. */
static int
read_sample(struct fields *f, uint32_t flags, const uint32_t *first_flags, struct traf *tf,
    struct samples *ss)
{
	uint32_t duration, size, sample_flags;
	int32_t composition;
	struct sample s;

	duration = flags & TRUN_DURATION ? (uint32_t)fields_u(f, 4) : tf->duration;
	size = flags & TRUN_SIZE ? (uint32_t)fields_u(f, 4) : tf->size;
	sample_flags = flags & TRUN_FLAGS ? (uint32_t)fields_u(f, 4) : tf->flags;
	if (first_flags != NULL)
		sample_flags = *first_flags;
	composition = flags & TRUN_COMPOSITION ? (int32_t)(uint32_t)fields_u(f, 4) : 0;
	if (f->error)
		return -1;
	s.offset = tf->offset;
	s.size = size;
	s.has_pts = tf->t->next_dts <= DTS_MAX;
	s.pts = s.has_pts ? track_present(tf->t, (int64_t)tf->t->next_dts + composition) : 0;
	s.key = !(sample_flags & SAMPLE_IS_NON_SYNC);
	s.nal_length = track_nal_length(tf->t, tf->description);
	tf->offset += size;
	if (!tf->wanted)
		return 0;
	tf->t->next_dts += duration;
	return samples_take(ss, &s);
}

static int
read_trun(struct view *v, const struct box *trun, struct traf *tf, struct samples *ss)
{
	struct fields f;
	uint32_t flags, count, first_flags;
	unsigned entry;

	fields_open(&f, v, trun);
	flags = (uint32_t)fields_u(&f, 4) & 0xffffff;
	count = (uint32_t)fields_u(&f, 4);
	if (flags & TRUN_DATA_OFFSET)
		tf->offset = tf->base + (uint64_t)(int64_t)(int32_t)(uint32_t)fields_u(&f, 4);
	first_flags = flags & TRUN_FIRST_FLAGS ? (uint32_t)fields_u(&f, 4) : 0;
	entry = (!!(flags & TRUN_DURATION) + !!(flags & TRUN_SIZE) + !!(flags & TRUN_FLAGS) +
	    !!(flags & TRUN_COMPOSITION)) * 4;
	if (f.error || (entry != 0 && count > (f.end - f.offset) / entry))
		return damaged(ss, trun, "a trun box that is shorter than it says");
	if (entry == 0 && tf->size == 0 && count > 1)
		return damaged(ss, trun, "a trun box whose frames have no size");
	if (entry == 0 && !tf->wanted) {
		tf->offset += (uint64_t)count * tf->size;
		return 0;
	}
	for (uint32_t i = 0; i < count; i++) {
		if (read_sample(&f, flags, i == 0 && flags & TRUN_FIRST_FLAGS ? &first_flags : NULL,
		    tf, ss) == -1)
			return -1;
		/* Without entries nothing bounds how many more are missing. */
		if (entry == 0 && ss->missing > 0)
			break;
	}
	return 0;
}

/* *data_end: where the data of the traf before ended, and of this one ends. */
static int
read_traf(struct track *t, struct view *v, const struct box *moof, const struct box *traf,
    uint64_t *data_end, struct samples *ss)
{
	struct traf tf = { .t = t, .base = *data_end };
	struct box b;
	uint64_t offset = traf->body, dts;
	enum box_next next;

	if (box_find(v, traf, &offset, BOX_TYPE("tfhd"), &b) != BOX_OK ||
	    !read_tfhd(v, &b, moof->offset, &tf))
		return damaged(ss, traf, "a track fragment whose header cannot be read");
	offset = traf->body;
	if (tf.wanted && box_find(v, traf, &offset, BOX_TYPE("tfdt"), &b) == BOX_OK) {
		if (!read_tfdt(v, &b, &dts))
			return damaged(ss, &b, "a tfdt box that cannot be read");
		t->next_dts = dts;
	}
	offset = traf->body;
	while ((next = box_find(v, traf, &offset, BOX_TYPE("trun"), &b)) == BOX_OK)
		if (read_trun(v, &b, &tf, ss) == -1)
			return -1;
	*data_end = tf.offset;
	return next == BOX_BAD ? damaged(ss, traf, "a box that reaches past the one around it") : 0;
}

int
fragment_read(struct track *t, struct view *v, const struct box *moof, struct samples *ss)
{
	uint64_t offset = moof->body, data_end = moof->offset;
	struct box traf;
	enum box_next next;

	while ((next = box_find(v, moof, &offset, BOX_TYPE("traf"), &traf)) == BOX_OK)
		if (read_traf(t, v, moof, &traf, &data_end, ss) == -1)
			break;
	if (next == BOX_BAD && ss->in->error == 0)
		damaged(ss, moof, "a box that reaches past the one around it");
	return ss->in->error ? -1 : 0;
}
