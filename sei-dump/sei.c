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

void
sei_open(struct sei *sei, const uint8_t *nal, size_t len)
{
	unsigned zeros = 0;

	sei->len = sei->pos = 0;
	if (len > SEI_NAL_MAX)
		len = SEI_NAL_MAX;
	while (len > 1 && nal[len - 1] == 0)	/* 7.4.1: a NAL unit's last byte is not 0 */
		len--;
	for (size_t i = 1; i < len; i++) {
		if (zeros >= 2 && nal[i] == 3) {	/* 7.4.1: emulation_prevention_three_byte */
			zeros = 0;
			continue;
		}
		zeros = nal[i] == 0 ? zeros + 1 : 0;
		sei->rbsp[sei->len++] = nal[i];
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
