/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* moof boxes as mp4.c lays them out, see there: mfhd, then traf { tfhd tfdt trun } each. */
#include "walk.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define HEAD		8		/* size and type of a box */
#define MFHD_SIZE	16
#define TRAF_FIXED	64		/* a traf without its samples: 8 + 16 + 20 + 20 */
#define MOOF_MAX	(16 << 20)
#define ALIGNMENT	8		/* of fragments */
#define SEEK_MIN	16		/* size, type, size, mfhd */
#define SEEK_WINDOW	(64 << 10)
#define FIRST_READ	4096		/* most fragments' moof, in one read */

void
walk_open(struct walk *w, int fd, uint64_t first, uint64_t end)
{
	*w = (struct walk){ .fd = fd, .next = first, .end = end };
}

void
walk_close(struct walk *w)
{
	free(w->moof);
	w->moof = NULL;
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
	grown = realloc(w->moof, len);
	if (grown == NULL)
		return -1;
	w->moof = grown;
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
	    be32dec(p + 52) == 0xf01;
}

/* Whether the buffer holds a moof of ours, whose samples all lie inside mdat. */
static bool
moof_is_sound(const struct walk *w, uint64_t mdat_size)
{
	size_t at = HEAD + MFHD_SIZE;
	uint64_t data = w->len + HEAD;

	if (w->len < at || !is_box(w->moof + HEAD, MFHD_SIZE, "mfhd"))
		return false;
	for (; at < w->len; at += be32dec(w->moof + at)) {
		const uint8_t *traf = w->moof + at;

		if (!traf_is_sound(traf, w->len - at) || be32dec(traf + 60) != data)
			return false;
		for (uint32_t i = 0; i < be32dec(traf + 56); i++)
			data += be32dec(traf + TRAF_FIXED + i * WALK_SAMPLE_SIZE + 4);
	}
	return at > HEAD + MFHD_SIZE && data <= w->len + mdat_size;
}

/* The fragment at w->next. 1; 0: there is no sound one; -1 with errno. */
static int
take_here(struct walk *w)
{
	uint64_t left = w->end - w->next, mdat_size;
	size_t have = left < FIRST_READ ? left : FIRST_READ;

	if (w->next > w->end || left < HEAD + MFHD_SIZE + TRAF_FIXED + HEAD)
		return 0;
	if (room(w, FIRST_READ) == -1 || walk_read(w->fd, w->moof, have, w->next) == -1)
		return -1;
	w->len = be32dec(w->moof);
	w->committed = memcmp(w->moof + 4, "moof", 4) == 0;
	if ((!w->committed && memcmp(w->moof + 4, "free", 4) != 0) ||
	    w->len < HEAD + MFHD_SIZE || w->len > MOOF_MAX || w->len + HEAD > left)
		return 0;
	if (room(w, w->len + HEAD) == -1)
		return -1;
	if (w->len + HEAD > have &&
	    walk_read(w->fd, w->moof + have, w->len + HEAD - have, w->next + have) == -1)
		return -1;
	mdat_size = be32dec(w->moof + w->len);
	if (memcmp(w->moof + w->len + 4, "mdat", 4) != 0 || mdat_size < HEAD ||
	    mdat_size > left - w->len || !moof_is_sound(w, mdat_size))
		return 0;
	w->offset = w->next;
	w->next += w->len + mdat_size;
	return 1;
}

/* Moves w->next to the next place where a fragment could begin. 1; 0: there is none; -1. */
static int
seek_candidate(struct walk *w)
{
	uint8_t window[SEEK_WINDOW];
	size_t have, at;

	for (w->next += ALIGNMENT; w->next + SEEK_MIN <= w->end; w->next += at) {
		have = w->end - w->next < sizeof window ? w->end - w->next : sizeof window;
		if (walk_read(w->fd, window, have, w->next) == -1)
			return -1;
		for (at = 0; at + SEEK_MIN <= have; at += ALIGNMENT) {
			if (memcmp(window + at + 12, "mfhd", 4) != 0)
				continue;
			w->next += at;
			return 1;
		}
	}
	return 0;
}

/* One that is damaged must not cost those behind it: they are looked for. */
int
walk_next(struct walk *w)
{
	uint64_t whole = w->next;
	int rc;

	while ((rc = take_here(w)) == 0 && (rc = seek_candidate(w)) == 1)
		;
	if (rc == 0)
		w->next = whole;
	w->skipped += rc == 1 ? w->offset - whole : 0;
	return rc;
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
