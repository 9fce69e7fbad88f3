/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Reads a whole file into NAL units and access units: Annex B byte streams, divided
 * by ITU-T H.264 7.4.1.2.3, or nalstreams, as their heads say. Presentation order
 * is order.c's.
 */
#include "clip.h"

#include <sys/mman.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "h264.h"
#include "order.h"

/* Room for one more of n elements in what *array points to. 0, or -1 with errno. */
static int
grow(void *array, size_t n, size_t *cap, size_t size)
{
	void *p;

	if (n < *cap)
		return 0;
	memcpy(&p, array, sizeof p);
	if ((p = reallocarray(p, *cap ? *cap * 2 : 256, size)) == NULL)
		return -1;
	memcpy(array, &p, sizeof p);
	*cap = *cap ? *cap * 2 : 256;
	return 0;
}

/* Appends a NAL unit, to a new access unit if begin is set. */
static int
add_nal(struct clip *clip, const uint8_t *data, size_t len, bool begin)
{
	struct clip_unit *unit;

	if (grow(&clip->nals, clip->nnals, &clip->nals_cap, sizeof *clip->nals) == -1 ||
	    grow(&clip->units, clip->nunits, &clip->units_cap, sizeof *clip->units) == -1)
		return -1;
	if (begin || clip->nunits == 0) {
		unit = &clip->units[clip->nunits++];
		memset(unit, 0, sizeof *unit);
		unit->first = clip->nnals;
	}
	unit = &clip->units[clip->nunits - 1];
	unit->nnals++;
	unit->key |= NAL_TYPE(data[0]) == NAL_IDR;
	clip->nals[clip->nnals++] = (struct clip_nal){ .data = data, .len = len };
	return 0;
}

/* Whether a NAL unit after a picture's slices begins the next access unit. */
static bool
begins_unit(const uint8_t *nal, size_t len)
{
	unsigned type = NAL_TYPE(nal[0]);

	if (nal_is_vcl(type))		/* first_mb_in_slice, ue(v), is 0: one bit, set */
		return len > 1 && nal[1] & 0x80 && type != NAL_PARTITION_B &&
		    type != NAL_PARTITION_C;
	return (type >= NAL_SEI && type <= NAL_AUD) || (type >= NAL_PREFIX && type <= 18);
}

/* The first 00 00 01 in [p, end), or end. */
static const uint8_t *
start_code(const uint8_t *p, const uint8_t *end)
{
	for (p += 2; p < end; p++) {
		if ((p = memchr(p, 1, end - p)) == NULL)
			return end;
		if (p[-1] == 0 && p[-2] == 0)
			return p - 2;
	}
	return end;
}

static int
read_annexb(struct clip *clip)
{
	const uint8_t *end = clip->map + clip->map_len, *p = clip->map, *next;
	bool picture = false;

	for (p = start_code(p, end); p < end; p = next) {
		const uint8_t *tail;
		bool begin;

		p += 3;
		next = tail = start_code(p, end);
		while (tail > p && tail[-1] == 0)	/* trailing_zero_8bits, zero_byte */
			tail--;
		if (tail == p)
			continue;
		begin = picture && begins_unit(p, tail - p);
		picture = (picture && !begin) || nal_is_vcl(NAL_TYPE(p[0]));
		if (add_nal(clip, p, tail - p, begin) == -1)
			return -1;
	}
	return 0;
}

/* Of the file's first stream, the first track that has NAL units. */
static int
read_nalstream(struct clip *clip)
{
	struct nalrec r;
	enum nalstream_next next;
	unsigned streams = 0;
	int track = -1;
	uint64_t rtp = 0;

	nalstream_hold(&clip->in, 0);
	for (;;) {
		next = nalstream_next(&clip->in, &r);
		if (next == NALSTREAM_MORE && nalstream_fill(&clip->in) > 0)
			continue;
		if (next != NALSTREAM_RECORD ||
		    (r.type == NALSTREAM_STREAM && streams++ > 0))
			break;
		if (r.type != NALSTREAM_NAL || r.len == 0 || (track != -1 && track != r.track))
			continue;
		if (track == -1)
			rtp = r.rtp;
		track = r.track;
		/* The buffer moves while it grows: offsets now, addresses afterwards. */
		if (add_nal(clip, r.payload, r.len, r.flags & NALSTREAM_FIRST) == -1)
			return -1;
		clip->nals[clip->nnals - 1].data = NULL;
		clip->nals[clip->nnals - 1].offset = r.offset + NALSTREAM_HEAD;
		if (r.flags & NALSTREAM_FIRST)
			clip->units[clip->nunits - 1].position = (int64_t)(r.rtp - rtp);
	}
	for (size_t i = 0; i < clip->nnals; i++)
		clip->nals[i].data = nalstream_at(&clip->in, clip->nals[i].offset);
	clip->in_ticks = true;
	return 0;
}

/* Every pass of the file begins at an IDR picture. */
static void
drop_leading(struct clip *clip)
{
	size_t n = 0;

	while (n < clip->nunits && !clip->units[n].key)
		n++;
	if (n == clip->nunits)
		return;
	clip->nunits -= n;
	memmove(clip->units, clip->units + n, clip->nunits * sizeof *clip->units);
}

static int
compare(const void *a, const void *b)
{
	int64_t x = *(const int64_t *)a, y = *(const int64_t *)b;

	return x < y ? -1 : x > y;
}

/*
 * When units are sent: at the times at which pictures are presented, in order,
 * late enough for none to be sent before it was taken.
 */
static int
schedule(struct clip *clip)
{
	int64_t *sorted = reallocarray(NULL, clip->nunits, sizeof *sorted);
	int64_t delay = 0, zero;
	size_t n = clip->nunits;

	if (sorted == NULL)
		return -1;
	for (size_t i = 0; i < n; i++)
		sorted[i] = clip->units[i].position;
	qsort(sorted, n, sizeof *sorted, compare);
	zero = sorted[0];
	for (size_t i = 0; i < n; i++) {
		clip->units[i].position -= zero;
		clip->units[i].send = sorted[i] - zero;
		if (clip->units[i].position - clip->units[i].send > delay)
			delay = clip->units[i].position - clip->units[i].send;
	}
	for (size_t i = 0; i < n; i++)
		clip->units[i].send += delay;
	/* A recording does not say how long its last picture lasts: as long as the one before. */
	clip->period = sorted[n - 1] - zero + (n > 1 ? sorted[n - 1] - sorted[n - 2] : 1);
	free(sorted);
	return 0;
}

static int
read_clip(struct clip *clip, int fd, const char **why)
{
	struct stat st;

	if (fstat(fd, &st) == -1)
		return -1;
	if (st.st_size < 4) {
		*why = "too short";
		errno = EINVAL;
		return -1;
	}
	clip->map_len = st.st_size;
	clip->map = mmap(NULL, clip->map_len, PROT_READ, MAP_PRIVATE, fd, 0);
	if (clip->map == MAP_FAILED) {
		clip->map = NULL;
		return -1;
	}
	if (clip->map_len > NALSTREAM_HEAD + strlen(NALSTREAM_MAGIC) &&
	    memcmp(clip->map + NALSTREAM_HEAD, NALSTREAM_MAGIC, strlen(NALSTREAM_MAGIC)) == 0) {
		clip->in_open = nalstream_open(&clip->in, fd) == 0;
		return clip->in_open ? read_nalstream(clip) : -1;
	}
	return read_annexb(clip);
}

int
clip_open(struct clip *clip, const char *path, const char **why)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC), saved;

	memset(clip, 0, sizeof *clip);
	*why = NULL;
	if (fd == -1)
		return -1;
	if (read_clip(clip, fd, why) == -1)
		goto fail;
	if (clip->nunits == 0) {
		*why = "neither an Annex B H.264 stream nor a nalstream with NAL units";
		errno = EINVAL;
		goto fail;
	}
	drop_leading(clip);
	if ((!clip->in_ticks && order_pictures(clip) == -1) || schedule(clip) == -1)
		goto fail;
	close(fd);
	return 0;
fail:
	saved = errno;
	close(fd);
	clip_close(clip);
	errno = saved;
	return -1;
}

void
clip_close(struct clip *clip)
{
	if (clip->map != NULL)
		munmap(clip->map, clip->map_len);
	if (clip->in_open)
		nalstream_close(&clip->in);
	free(clip->nals);
	free(clip->units);
	memset(clip, 0, sizeof *clip);
}
