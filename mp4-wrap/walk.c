/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Fragments as mp4.c lays them out, see there: prft, moof { mfhd, traf { tfhd tfdt trun } each }, mdat. */
#ifdef __linux__
#define _GNU_SOURCE	/* SEEK_DATA */
#endif
#include "walk.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mp4.h"

#define HEAD		8		/* size and type of a box */
#define MFHD_SIZE	16
#define TRAF_FIXED	64		/* a traf without its samples: 8 + 16 + 20 + 20 */
#define FRAGMENT_MIN	(HEAD + MFHD_SIZE + TRAF_FIXED + HEAD)	/* with mdat's head */
#define MOOF_MAX	(64 << 20)	/* a fragment of 16 MiB, of frames of 5 bytes, has one of 54 MB */
#define SEEK_MIN	16		/* size, type, size, mfhd */
#define SEEK_WINDOW	(64 << 10)
#define FIRST_READ	8192		/* most fragments' moof and the parameter sets behind it, in one read */
#define WASTE_MAX	(1 << 30)	/* enough for any accident; a file made to cost more is given up */
#define SECTOR		512		/* what a disk writes, or does not, at least */

void
walk_open(struct walk *w, int fd, uint64_t first, uint64_t end)
{
	*w = (struct walk){ .fd = fd, .next = first, .end = end };
}

void
walk_close(struct walk *w)
{
	free(w->buf);
	w->buf = w->moof = NULL;
}

int
walk_read(int fd, void *buf, size_t len, uint64_t offset)
{
	uint8_t *p = buf;
	ssize_t n;

	for (; len > 0; p += n, len -= n, offset += n) {
		n = pread(fd, p, len, offset);
		if (n == 0)
			errno = ENODATA;
		if (n == 0 || (n == -1 && errno != EINTR))
			return -1;
		if (n == -1)
			n = 0;
	}
	return 0;
}

static int
room(struct walk *w, size_t len)
{
	uint8_t *grown;

	if (len <= w->cap)
		return 0;
	grown = realloc(w->buf, len);
	if (grown == NULL)
		return -1;
	w->buf = grown;
	w->cap = len;
	return 0;
}

static bool
is_box(const uint8_t *p, uint64_t size, const char *type)
{
	return be32dec(p) == size && memcmp(p + 4, type, 4) == 0;
}

/*
 *  0 traf   8 tfhd, 20 track_ID   24 tfdt, 36 time   44 trun, 56 sample_count,
 *  60 data_offset   64 samples
 */
static bool
traf_is_sound(const uint8_t *p, size_t left)
{
	uint32_t n;

	if (left < TRAF_FIXED || be32dec(p) > left || be32dec(p) < TRAF_FIXED)
		return false;
	n = be32dec(p + 56);
	return n > 0 && n <= (left - TRAF_FIXED) / WALK_SAMPLE_SIZE &&
	    is_box(p, TRAF_FIXED + (uint64_t)n * WALK_SAMPLE_SIZE, "traf") &&
	    is_box(p + 8, 16, "tfhd") && be32dec(p + 16) == 0x20000 &&
	    is_box(p + 24, 20, "tfdt") && be32dec(p + 32) == 0x1000000 &&
	    is_box(p + 44, 20 + (uint64_t)n * WALK_SAMPLE_SIZE, "trun") &&
	    (be32dec(p + 52) & ~0x1000000U) == 0xf01;	/* version 1: offsets have a sign */
}

/* Whether the buffer holds a moof of ours whose samples fill the mdat but for its padding. */
static bool
moof_is_sound(const struct walk *w, uint64_t mdat_size)
{
	size_t at = HEAD + MFHD_SIZE;
	uint64_t data = w->len + HEAD, end = w->len + mdat_size;
	uint32_t size;

	for (; at < w->len; at += be32dec(w->moof + at)) {
		const uint8_t *traf = w->moof + at;

		if (!traf_is_sound(traf, w->len - at) || be32dec(traf + 60) != data)
			return false;
		for (uint32_t i = 0; i < be32dec(traf + 56); i++) {
			size = be32dec(traf + TRAF_FIXED + i * WALK_SAMPLE_SIZE + 4);
			if (size == 0)
				return false;
			data += size;
		}
	}
	return at > HEAD + MFHD_SIZE && data <= end && end - data < MP4_ALIGNMENT;
}

static bool
is_zero(const uint8_t *p, size_t len)
{
	while (len > 0 && *p == 0) {
		p++;
		len--;
	}
	return len == 0;
}

/*
 * Whether all of the mdat was written: what a power cut took of it reads as
 * zeros, from one sector's edge to another's. NAL units have no such run (H.264
 * 7.4.1). The last sector has one byte of the last NAL unit at least, the padding
 * being less than what fragments are aligned to, and none ends in a zero. 1; 0; -1.
 */
static int
data_is_there(const struct walk *w, uint64_t begin, uint64_t end)
{
	uint8_t window[SEEK_WINDOW];
	uint64_t at = (begin + SECTOR - 1) / SECTOR * SECTOR;
	size_t have, n;

	for (; at < end; at += have) {
		have = end - at < sizeof window ? end - at : sizeof window;
		if (walk_read(w->fd, window, have, at) == -1)
			return -1;
		for (size_t i = 0; i < have; i += n) {
			n = have - i < SECTOR ? have - i : SECTOR;
			if (is_zero(window + i, n))
				return 0;
		}
	}
	return 1;
}

/* What can be told before all of the moof was read: its first boxes, and how long it is. */
static bool
looks_sound(const struct walk *w, uint64_t left)
{
	const uint8_t *p = w->moof;

	return (memcmp(p + 4, "moof", 4) == 0 || memcmp(p + 4, "free", 4) == 0) &&
	    w->len >= HEAD + MFHD_SIZE + TRAF_FIXED && w->len <= MOOF_MAX &&
	    w->len + HEAD <= left && is_box(p + HEAD, MFHD_SIZE, "mfhd") &&
	    traf_is_sound(p + HEAD + MFHD_SIZE, w->len - HEAD - MFHD_SIZE);
}

/* What is at w->next goes into the buffer: 1; 0: too little is left for a fragment; -1 with errno. */
static int
read_first(struct walk *w, uint64_t left)
{
	size_t len = left < FIRST_READ ? left : FIRST_READ, prft = 0;

	w->have = 0;
	if (left < FRAGMENT_MIN)
		return 0;
	if (room(w, FIRST_READ) == -1 || walk_read(w->fd, w->buf, len, w->next) == -1)
		return -1;
	if (is_box(w->buf, MP4_PRFT_SIZE, "prft"))
		prft = MP4_PRFT_SIZE;
	w->offset = w->next + prft;
	w->moof = w->buf + prft;
	w->have = len - prft;
	return left - prft < FRAGMENT_MIN ? 0 : 1;
}

/* Reads the rest of the moof and the head of the mdat. */
static int
read_rest(struct walk *w)
{
	size_t want = w->len + HEAD, prft = w->offset - w->next;

	if (want <= w->have)
		return 0;
	if (room(w, prft + want) == -1)
		return -1;
	w->moof = w->buf + prft;
	if (walk_read(w->fd, w->moof + w->have, want - w->have, w->offset + w->have) == -1)
		return -1;
	w->have = want;
	return 0;
}

/* The fragment at w->next. 1; 0: there is no sound one; -1 with errno. */
static int
take_here(struct walk *w)
{
	uint64_t left = w->next < w->end ? w->end - w->next : 0, mdat_size, data;
	int rc = read_first(w, left);

	if (rc != 1)
		return rc;
	left = w->end - w->offset;
	w->len = be32dec(w->moof);
	w->committed = memcmp(w->moof + 4, "moof", 4) == 0;
	if (!looks_sound(w, left))
		return 0;
	if (read_rest(w) == -1)
		return -1;
	mdat_size = be32dec(w->moof + w->len);
	if (memcmp(w->moof + w->len + 4, "mdat", 4) != 0 || mdat_size < HEAD ||
	    mdat_size > left - w->len || !moof_is_sound(w, mdat_size))
		return 0;
	data = w->offset + w->len + HEAD;
	if (!w->committed && (rc = data_is_there(w, data, data + mdat_size - HEAD)) != 1) {
		w->wasted += mdat_size;
		return rc;
	}
	w->begin = w->next;
	w->next = data + mdat_size - HEAD;
	return 1;
}

/* Where data begins again at or after offset, as far as the file system tells. */
static uint64_t
skip_hole(const struct walk *w, uint64_t offset)
{
#ifdef SEEK_DATA
	off_t data = lseek(w->fd, offset, SEEK_DATA);

	if (data == -1 && errno == ENXIO)
		return w->end;
	if (data > 0 && (uint64_t)data > offset)
		return (uint64_t)data / MP4_ALIGNMENT * MP4_ALIGNMENT;
#else
	(void)w;
#endif
	return offset;
}

/* Moves w->next to the next place where a fragment could begin. 1; 0: there is none; -1. */
static int
seek_candidate(struct walk *w)
{
	uint8_t window[SEEK_WINDOW];
	size_t have, at;

	for (w->next += MP4_ALIGNMENT; w->next + SEEK_MIN <= w->end; w->next += at) {
		w->next = skip_hole(w, w->next);
		if (w->next + SEEK_MIN > w->end)
			break;
		have = w->end - w->next < sizeof window ? w->end - w->next : sizeof window;
		if (walk_read(w->fd, window, have, w->next) == -1)
			return -1;
		for (at = 0; at + SEEK_MIN <= have; at += MP4_ALIGNMENT) {
			if (memcmp(window + at + 12, "mfhd", 4) != 0)
				continue;
			w->next += at;
			return 1;
		}
	}
	return 0;
}

/*
 * A free box in the place of a moof that is none is passed over as a whole: so
 * finishing closes what was cut, and nothing in there counts, for its end may lie
 * in an index that was cut itself. 1; 0: there is no such box.
 */
static int
skip_free(struct walk *w)
{
	uint64_t size, left = w->end - w->offset;

	if (w->have < HEAD || memcmp(w->moof + 4, "free", 4) != 0)
		return 0;
	size = be32dec(w->moof);
	if (size == 0)		/* 4.2: to the end of the file */
		size = left;
	if (size < HEAD || size > left)
		return 0;
	w->next = w->offset + size;
	return 1;
}

/* One that is damaged must not cost those behind it: they are looked for. */
int
walk_next(struct walk *w)
{
	uint64_t whole = w->next;
	int rc;

	while ((rc = take_here(w)) == 0) {
		w->wasted += w->have;
		if (w->wasted > WASTE_MAX || (skip_free(w) == 0 && (rc = seek_candidate(w)) != 1))
			break;
	}
	if (rc == 0)
		w->next = whole;
	w->skipped += rc == 1 ? w->begin - whole : 0;
	return rc;
}

int
walk_data(const struct walk *w, void *buf, size_t len, uint64_t offset)
{
	if (offset < w->offset || offset - w->offset > w->have || len > w->have - (offset - w->offset))
		return walk_read(w->fd, buf, len, offset);
	memcpy(buf, w->moof + (offset - w->offset), len);
	return 0;
}

int
walk_run(const struct walk *w, uint32_t track_id, struct walk_run *run)
{
	const uint8_t *p = w->moof + HEAD + MFHD_SIZE;

	for (; p < w->moof + w->len; p += be32dec(p)) {
		if (be32dec(p + 20) != track_id)
			continue;
		run->track_id = track_id;
		run->dts = be64dec(p + 36);
		run->nsamples = be32dec(p + 56);
		run->data_offset = w->offset + be32dec(p + 60);
		run->samples = p + TRAF_FIXED;
		return 1;
	}
	return 0;
}
