/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The media data of an MP4 file, without an index to say what is where:
 *
 *   length u32, NAL unit; ...        ISO/IEC 14496-15 5.3.4.2
 *
 * Each length leads to the next one. After a slice the frames of another track may
 * follow, or damage, and AAC looks like a length: there only a timing SEI or a few
 * NAL units in a row count, else the next place is looked for that they begin at.
 */
#include "scan.h"

#include <sys/endian.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "timing.h"
#include "units.h"

#define LENGTH		4
#define UNIT_MAX	((uint32_t)16 << 20)	/* bytes of a NAL unit; more is none */
#define RUN		3			/* NAL units in a row that are no accident */
#define PIECE		((size_t)4096)		/* that is looked through at a time */
#define TRIES_MAX	(1 << 22)		/* places in a row that looked right and were not: seconds */

struct scan {
	struct view v;		/* of what is taken */
	struct view bytes;	/* of what is looked through */
	struct view ahead;	/* of what may come next */
	uint64_t end;
	uint64_t barren;	/* no place was found from here on, and none is looked for again */
	struct units units;
};

/* Bytes of the NAL unit whose length stands at offset; 0: there can be none. *head[*have]: its first. */
static uint32_t
unit_at(struct scan *s, struct view *v, uint64_t offset, const uint8_t **head, size_t *have)
{
	size_t want = LENGTH + UNITS_START;
	const uint8_t *p;
	uint32_t len;

	if (want > s->end - offset)
		want = s->end - offset;
	p = view_at(v, offset, want, have);
	if (p == NULL || *have <= LENGTH)
		return 0;
	len = be32dec(p);
	*head = p + LENGTH;
	*have -= LENGTH;
	if (*have > len)
		*have = len;
	return len > 0 && len <= UNIT_MAX && units_plausible(*head, *have) ? len : 0;
}

/* Whether the NAL unit that begins so is one of sei-timing(5). */
static bool
is_timing(const uint8_t *p, size_t len)
{
	static const char owners[][14] = { "strawlab.org/", "nalpipe/" };
	size_t at = 2;		/* behind header and payloadType */

	if (len < 2 || NAL_TYPE(p[0]) != NAL_SEI || p[1] != SEI_USER_DATA_UNREGISTERED)
		return false;
	while (at < len && p[at] == 0xff)
		at++;
	for (size_t i = 0; i < 2; i++)
		if (len > at + 1 + TIMING_UUID_SIZE &&
		    memcmp(p + at + 1, owners[i], strlen(owners[i])) == 0)
			return true;
	return false;
}

/* Whether NAL units begin at offset, by more than chance. */
static bool
begins_run(struct scan *s, uint64_t offset)
{
	const uint8_t *head;
	size_t have;
	uint32_t len;

	for (int n = 0; n < RUN; n++, offset += LENGTH + len) {
		if (n > 0 && offset >= s->end)
			return offset == s->end;
		len = unit_at(s, &s->ahead, offset, &head, &have);
		if (len == 0)
			return false;
		if (n == 0 && len <= s->end - offset && is_timing(head, have))
			return true;
	}
	return true;
}

/* Whether a length of at most 16 MiB may begin with these bytes; a look that is as cheap as can be. */
static bool
may_be_length(const uint8_t p[LENGTH + 1])
{
	return p[0] == 0 && (p[1] | p[2] | p[3]) != 0 && (p[LENGTH] & 0x80) == 0;
}

/* Looks for where NAL units begin, from *offset on, which moves there. False if they do not. */
static bool
look(struct scan *s, uint64_t *offset)
{
	const uint8_t *p;
	uint64_t base = *offset;
	size_t have, i;
	unsigned tries = 0;

	for (; base < s->barren; base += i) {
		p = view_at(&s->bytes, base, PIECE, &have);
		if (p == NULL || have <= LENGTH)
			return false;
		for (i = 0; i + LENGTH < have; i++) {
			if (!may_be_length(p + i))
				continue;
			if (tries++ == TRIES_MAX)
				return false;
			if (!begins_run(s, base + i))
				continue;
			*offset = base + i;
			return true;
		}
	}
	return false;
}

/* The same; each byte is looked at in vain once at most, so that time stays in proportion to the file. */
static bool
resume(struct scan *s, uint64_t *offset)
{
	uint64_t from = *offset;

	if (!s->v.in->seekable)		/* looking ahead is not for pipes */
		return false;
	if (look(s, offset))
		return true;
	if (from < s->barren)
		s->barren = from;
	return false;
}

/* The NAL unit of len bytes at offset, of which head[have] are there. */
static int
take(struct scan *s, uint64_t offset, uint32_t len, const uint8_t *head, size_t have)
{
	if (NAL_TYPE(head[0]) == NAL_SEI) {
		head = view_at(&s->v, offset, len < SEI_NAL_MAX ? len : SEI_NAL_MAX, &have);
		if (head == NULL)
			return -1;
		if (have < len && have < SEI_NAL_MAX)	/* the file was cut in it */
			return 0;
	}
	if (units_nal(&s->units, head, have, offset) == -1) {
		s->v.in->error = errno;
		return -1;
	}
	return 0;
}

/* What stands at offset, and where that ends; 0 if no NAL unit does. */
static uint32_t
step(struct scan *s, uint64_t offset, bool *sure)
{
	const uint8_t *head;
	size_t have;
	uint32_t len;

	if (!*sure && s->v.in->seekable && !begins_run(s, offset))
		return 0;
	len = unit_at(s, &s->v, offset, &head, &have);
	if (len == 0)
		return 0;
	*sure = !nal_is_vcl(NAL_TYPE(head[0]));
	return take(s, offset + LENGTH, len, head, have) == -1 ? 0 : len;
}

static void
scan(struct scan *s, uint64_t offset)
{
	uint64_t last = offset;		/* where the NAL unit before begins, behind its length */
	bool sure = false;		/* nothing but a NAL unit can stand here */
	uint32_t len;

	while (offset < s->end) {
		len = step(s, offset, &sure);
		if (len > 0) {
			last = offset + LENGTH;
			offset = last + len;
			continue;
		}
		if (s->v.in->error)
			break;
		/* Behind it; or in it, if its length was wrong. */
		if (!resume(s, &offset)) {
			offset = last + 1;
			last = s->end;
			if (!resume(s, &offset))
				break;
		}
		sure = true;
	}
	units_finish(&s->units);
}

int
scan_read(struct input *in, uint64_t from, uint64_t end, struct frames *fs,
    struct jsonl *jsonl, struct findings *found)
{
	struct scan *s = calloc(1, sizeof *s);

	if (s == NULL || view_open(&s->v, in) == -1 || view_open(&s->ahead, in) == -1 ||
	    view_open(&s->bytes, in) == -1)
		in->error = errno;
	else {
		s->end = s->barren = end;
		units_open(&s->units, fs, jsonl, found);
		scan(s, from);
	}
	if (s != NULL) {
		view_close(&s->bytes);
		view_close(&s->ahead);
		view_close(&s->v);
	}
	free(s);
	return in->error ? -1 : 0;
}
