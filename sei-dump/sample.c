/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The head of a sample: NAL units, each behind its length (ISO/IEC 14496-15
 * 5.3.4.2), up to the first slice. What follows is picture and is not read.
 */
#include "sample.h"

#include <errno.h>
#include <string.h>

#include "h264.h"
#include "payload.h"

enum head {
	HEAD_FAILED = -1,	/* in->error */
	HEAD_DONE,
	HEAD_MISSING,		/* the input ended first */
	HEAD_MORE,
};

int
samples_open(struct samples *ss, struct input *in, struct frames *frames,
    struct jsonl *jsonl, struct findings *found)
{
	ss->in = in;
	ss->frames = frames;
	ss->found = found;
	ss->jsonl = jsonl;
	samples_again(ss);
	return view_open(&ss->heads, in);
}

void
samples_again(struct samples *ss)
{
	ss->bytes = ss->end = ss->missing = 0;
}

void
samples_close(struct samples *ss)
{
	view_close(&ss->heads);
}

/* An SEI NAL unit of len bytes at offset, the one with this number in its sample. */
static enum head
take_sei(struct samples *ss, uint64_t offset, uint64_t len, unsigned position, bool in_head)
{
	size_t want = len < SEI_NAL_MAX ? len : SEI_NAL_MAX, have;
	const uint8_t *p = view_at(&ss->heads, offset, want, &have);

	if (p == NULL)
		return HEAD_FAILED;
	if (have < want)
		return HEAD_MISSING;
	if ((in_head && payload_take(ss->frames, &ss->sei, p, want, offset, ss->found) == -1) ||
	    jsonl_sei(ss->jsonl, (uint32_t)ss->frames->nframes - 1, position, offset, p, want) == -1) {
		ss->in->error = errno;
		return HEAD_FAILED;
	}
	return HEAD_DONE;
}

/*
 * The NAL unit at *offset of s, which moves to the next. HEAD_DONE: nothing more is
 * to be read; HEAD_MORE. *picture: the picture has begun.
 */
static enum head
take_unit(struct samples *ss, const struct sample *s, uint64_t *offset, unsigned position,
    bool *picture)
{
	uint64_t end = s->offset + s->size, len = 0;
	size_t want = s->nal_length + 1, have;
	const uint8_t *p;
	unsigned type;

	if (end - *offset < want)	/* padding at the end */
		return HEAD_DONE;
	p = view_at(&ss->heads, *offset, want, &have);
	if (p == NULL)
		return HEAD_FAILED;
	if (have < want)
		return HEAD_MISSING;
	for (unsigned i = 0; i < s->nal_length; i++)
		len = len << 8 | p[i];
	type = NAL_TYPE(p[s->nal_length]);
	*offset += s->nal_length + len;
	if (len == 0)
		return HEAD_MORE;
	if (*offset > end) {
		findings_add(ss->found, FINDING_SAMPLE, *offset - len - s->nal_length,
		    "a NAL unit that is longer than its frame");
		return HEAD_DONE;
	}
	if (nal_is_vcl(type) || type == NAL_SLICE_EXTENSION || type == NAL_SLICE_3D)
		*picture = true;
	if (type == NAL_SEI)
		return take_sei(ss, *offset - len, len, position, !*picture) == HEAD_DONE ? HEAD_MORE :
		    ss->in->error ? HEAD_FAILED : HEAD_MISSING;
	/* Only JSON has a use for what stands behind a slice, such as the SEI of a second field. */
	return *picture && ss->jsonl == NULL ? HEAD_DONE : HEAD_MORE;
}

static enum head
read_head(struct samples *ss, const struct sample *s)
{
	uint64_t offset = s->offset;
	bool picture = false;
	enum head result = HEAD_MORE;

	for (unsigned n = 0; result == HEAD_MORE && offset < s->offset + s->size; n++)
		result = take_unit(ss, s, &offset, n, &picture);
	return result == HEAD_FAILED || (result == HEAD_MISSING && !picture) ? result : HEAD_DONE;
}

/*
 * Whether this sample can be. Samples do not overlap, so their sizes add up to no
 * more than the file's: what a small file can claim stays small.
 */
static bool
plausible(struct samples *ss, const struct sample *s)
{
	uint64_t size = s->size;

	if (!ss->in->seekable && s->offset < ss->end)
		return false;
	if (size > ss->in->size - s->offset)	/* the file was cut in here */
		size = ss->in->size - s->offset;
	if (ss->bytes > ss->in->size - size)
		return false;
	ss->bytes += size;
	ss->end = s->offset + s->size;
	return true;
}

int
samples_take(struct samples *ss, const struct sample *s)
{
	struct frame *f;
	enum head result;

	if (s->offset > INPUT_OFFSET_MAX || (ss->in->size != UINT64_MAX && s->offset >= ss->in->size)) {
		if (ss->missing++ == 0)
			ss->missing_offset = s->offset;
		return 0;
	}
	if (!plausible(ss, s))
		return findings_add(ss->found, FINDING_BOX, s->offset,
		    "frames that overlap, or are larger than the file");
	f = frames_add(ss->frames);
	if (f == NULL) {
		ss->in->error = errno;
		return -1;
	}
	f->pts = s->pts;
	f->flags = (s->key ? FRAME_KEY : 0) | (s->has_pts ? FRAME_PTS : 0);
	result = read_head(ss, s);
	if (result == HEAD_DONE)
		return 0;
	frames_drop(ss->frames);
	if (result == HEAD_MISSING && ss->missing++ == 0)
		ss->missing_offset = s->offset;
	return result == HEAD_FAILED ? -1 : 0;
}
