/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * SEI messages. Wire layout (7.3.2.3.1), after the NAL unit's header byte:
 *
 *   ff.. tt   payloadType, 255 for each ff and then tt
 *   ff.. ss   payloadSize, coded alike
 *   payload   and so on; an RBSP stop bit (80) ends the NAL unit
 */
#include "sei.h"

#include <string.h>

/* The 03 of the first 00 00 03 in [p, end), or end. */
static const uint8_t *
find_three(const uint8_t *p, const uint8_t *end)
{
	while (p < end && (p = memchr(p, 0, (size_t)(end - p))) != NULL) {
		if (end - p > 2 && p[1] == 0 && p[2] == 3)
			return p + 2;
		p++;
	}
	return end;
}

void
sei_open(struct sei *sei, const uint8_t *nal, size_t len)
{
	const uint8_t *p = nal + 1, *end, *three;

	if (len > SEI_NAL_MAX)
		len = SEI_NAL_MAX;
	while (len > 1 && nal[len - 1] == 0)	/* 7.4.1: a NAL unit's last byte is not 0 */
		len--;
	sei->len = sei->pos = 0;
	for (end = nal + len; p < end; p = three + 1) {
		/* 7.4.1: emulation_prevention_three_byte. Text has no zeros, so that this is one copy. */
		three = find_three(p, end);
		memcpy(sei->rbsp + sei->len, p, (size_t)(three - p));
		sei->len += (size_t)(three - p);
	}
}

/* A number in runs of ff. False if it does not end. */
static bool
coded(struct sei *sei, uint64_t *value)
{
	*value = 0;
	while (sei->pos < sei->len && sei->rbsp[sei->pos] == 0xff) {
		*value += 0xff;
		sei->pos++;
	}
	if (sei->pos == sei->len)
		return false;
	*value += sei->rbsp[sei->pos++];
	return true;
}

bool
sei_next(struct sei *sei, struct sei_message *m)
{
	/* One byte alone can only be the stop bit: a message has two at least. */
	if (sei->len - sei->pos < 2 || !coded(sei, &m->type) || !coded(sei, &m->size)) {
		sei->pos = sei->len;
		return false;
	}
	m->payload = sei->rbsp + sei->pos;
	m->cut = m->size > sei->len - sei->pos;
	m->len = m->cut ? sei->len - sei->pos : (size_t)m->size;
	sei->pos += m->len;
	return true;
}
