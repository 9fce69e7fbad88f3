/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Parameter sets in band (ISO/IEC 14496-15 5.3.2) to sample entries. */
#include "entries.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "h264.h"
#include "track.h"
#include "walk.h"

#define WINDOW	4096	/* parameter sets come first, and are some 50 bytes */
#define SETS	32

int
entries_open(struct entries *e, const uint8_t *box, size_t len)
{
	memset(e, 0, sizeof *e);
	e->boxes[0] = malloc(len);
	if (e->boxes[0] == NULL)
		return -1;
	memcpy(e->boxes[0], box, len);
	e->len[0] = len;
	e->n = 1;
	return 0;
}

void
entries_close(struct entries *e)
{
	for (size_t i = 0; i < e->n; i++)
		free(e->boxes[i]);
	free(e->changes);
}

/* The entry for what p[len], the start of a key frame, carries. 0: none, with entry NULL. */
static int
make_entry(struct track *t, uint8_t *p, size_t len)
{
	struct param_set sps[SETS], pps[SETS];
	size_t nsps = 0, npps = 0, size;

	for (; len > 4; p += 4 + size, len -= 4 + size) {
		size = be32dec(p);
		if (size == 0 || size > len - 4 || nal_is_vcl(NAL_TYPE(p[4])))
			break;
		if (NAL_TYPE(p[4]) == NAL_SPS && nsps < SETS)
			sps[nsps++] = (struct param_set){ p + 4, size };
		if (NAL_TYPE(p[4]) == NAL_PPS && npps < SETS)
			pps[npps++] = (struct param_set){ p + 4, size };
	}
	if (track_set_avc(t, sps, nsps, pps, npps) == -1 && errno != EINVAL)
		return -1;
	return 0;
}

/* Index of the entry with these bytes, which it takes over; 0 if there are too many. */
static size_t
find_entry(struct entries *e, struct track *t)
{
	for (size_t i = 0; i < e->n; i++) {
		if (e->len[i] == t->entry_len && memcmp(e->boxes[i], t->entry, e->len[i]) == 0)
			return i;
	}
	if (e->n == ENTRIES_MAX)
		return 0;
	e->boxes[e->n] = t->entry;
	e->len[e->n] = t->entry_len;
	t->entry = NULL;
	return e->n++;
}

static int
note_change(struct entries *e, uint32_t sample, uint32_t entry)
{
	uint32_t current = e->nchanges > 0 ? e->changes[e->nchanges - 1].entry : 1;
	struct entries_change *grown;

	if (entry == current)
		return 0;
	if (e->nchanges == e->cap) {
		grown = reallocarray(e->changes, 2 * e->cap + 16, sizeof *grown);
		if (grown == NULL)
			return -1;
		e->changes = grown;
		e->cap = 2 * e->cap + 16;
	}
	e->changes[e->nchanges++] = (struct entries_change){ sample, entry };
	return 0;
}

int
entries_take(struct entries *e, int fd, uint64_t offset, uint32_t size, uint32_t sample)
{
	uint8_t head[WINDOW];
	struct track t = { 0 };
	size_t len = size < WINDOW ? size : WINDOW;
	int rc = 0;

	if (walk_read(fd, head, len, offset) == -1 || make_entry(&t, head, len) == -1)
		return -1;
	if (t.entry != NULL) {
		if (t.width > e->width)
			e->width = t.width;
		if (t.height > e->height)
			e->height = t.height;
		rc = note_change(e, sample, find_entry(e, &t) + 1);
	}
	track_close(&t);
	return rc;
}
