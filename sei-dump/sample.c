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
};

int
samples_open(struct samples *ss, struct input *in, struct frames *frames, struct findings *found)
{
	ss->in = in;
	ss->frames = frames;
	ss->found = found;
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

/* An SEI NAL unit of len bytes at offset. */
static enum head
take_sei(struct samples *ss, uint64_t offset, uint64_t len)
{
	size_t want = len < SEI_NAL_MAX ? len : SEI_NAL_MAX, have;
	const uint8_t *p = view_at(&ss->heads, offset, want, &have);

	if (p == NULL)
		return HEAD_FAILED;
	if (have < want)
		return HEAD_MISSING;
	if (payload_take(ss->frames, &ss->sei, p, want, offset, ss->found) == -1) {
		ss->in->error = errno;
		return HEAD_FAILED;
	}
	return HEAD_DONE;
}

static enum head
read_head(struct samples *ss, const struct sample *s)
{
	uint64_t offset = s->offset, end = s->offset + s->size, len;
	size_t want = s->nal_length + 1, have;
	const uint8_t *p;
	unsigned type;
	enum head result;

	while (offset < end) {
		if (end - offset < want)
			want = end - offset;
		p = view_at(&ss->heads, offset, want, &have);
		if (p == NULL)
			return HEAD_FAILED;
		if (have < want)
			return HEAD_MISSING;
		if (want <= s->nal_length)	/* padding at the end */
			break;
		len = 0;
		for (unsigned i = 0; i < s->nal_length; i++)
			len = len << 8 | p[i];
		type = NAL_TYPE(p[s->nal_length]);
		offset += s->nal_length;
		if (len == 0)
			continue;
		if (len > end - offset) {
			findings_add(ss->found, FINDING_SAMPLE, offset - s->nal_length,
			    "a NAL unit that is longer than its frame");
			break;
		}
		if (nal_is_vcl(type) || type == NAL_SLICE_EXTENSION || type == NAL_SLICE_3D)
			break;
		if (type == NAL_SEI) {
			result = take_sei(ss, offset, len);
			if (result != HEAD_DONE)
				return result;
		}
		offset += len;
	}
	return HEAD_DONE;
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
