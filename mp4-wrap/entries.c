/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Parameter sets in band (ISO/IEC 14496-15 5.3.2) to sample entries. */
#include "entries.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "h264.h"
#include "params.h"
#include "track.h"

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

/* The sets of p[len], the start of a key frame. The PPS of its first slice, -1: not known; -2 with errno. */
static int
take_sets(struct params *sets, const uint8_t *p, size_t len)
{
	struct slice_start start;
	size_t size;

	for (; len > 4; p += 4 + size, len -= 4 + size) {
		size = be32dec(p);
		if (nal_is_vcl(NAL_TYPE(p[4])))
			return slice_parse(&start, p + 4, size < len - 4 ? size : len - 4) == 0 ?
			    start.pic_parameter_set_id : -1;
		if (size == 0 || size > len - 4)
			break;
		if (params_take(sets, p + 4, size) == -1)
			return -2;
	}
	return -1;
}

/* The entry for what p[len], the start of a key frame, carries. 0: none, with entry NULL. */
static int
make_entry(struct track *t, const uint8_t *p, size_t len)
{
	struct params sets = { 0 };
	struct params_group group;
	int pps_id = take_sets(&sets, p, len), rc = -1;

	if (pps_id != -2) {
		params_group(&sets, pps_id, &group);
		rc = track_set_avc(t, group.sps, group.nsps, group.pps, group.npps);
		if (rc == -1 && errno == EINVAL)
			rc = 0;
	}
	params_close(&sets);
	return rc;
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
entries_take(struct entries *e, const uint8_t *head, size_t len)
{
	struct track t = { 0 };
	int entry = 0;

	if (make_entry(&t, head, len) == -1)
		return -1;
	if (t.entry != NULL) {
		if (t.shown_width > e->shown_width)
			e->shown_width = t.shown_width;
		if (t.shown_height > e->shown_height)
			e->shown_height = t.shown_height;
		entry = find_entry(e, &t) + 1;
	}
	track_close(&t);
	return entry;
}
