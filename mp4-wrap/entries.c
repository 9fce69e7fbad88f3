/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Parameter sets in band (ISO/IEC 14496-15 5.3.2) to sample entries. */
#include "entries.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "h264.h"
#include "track.h"

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

int
entries_take(struct entries *e, uint8_t *head, size_t len)
{
	struct track t = { 0 };
	int entry = 0;

	if (make_entry(&t, head, len) == -1)
		return -1;
	if (t.entry != NULL) {
		if (t.width > e->width)
			e->width = t.width;
		if (t.height > e->height)
			e->height = t.height;
		entry = find_entry(e, &t) + 1;
	}
	track_close(&t);
	return entry;
}
