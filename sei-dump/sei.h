/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The SEI messages of a NAL unit (ITU-T H.264 7.3.2.3, D.1). */
#ifndef SEI_H
#define SEI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SEI_NAL_MAX	((size_t)64 << 10)	/* of a longer NAL unit the rest is not read */

enum sei_type {
	SEI_USER_DATA_UNREGISTERED = 5,		/* D.1.7: a UUID, then what its owner likes */
};

/* A NAL unit's messages, emulation prevention taken out. */
struct sei {
	uint8_t rbsp[SEI_NAL_MAX];
	size_t len, pos;
};

struct sei_message {
	uint64_t type;		/* payloadType */
	const uint8_t *payload;	/* in struct sei */
	uint64_t size;		/* payloadSize */
	size_t len;		/* bytes of it that are there */
	bool cut;		/* they are fewer */
};

/* Takes in an SEI NAL unit, header byte included; at most SEI_NAL_MAX bytes of it. */
void sei_open(struct sei *sei, const uint8_t *nal, size_t len);

/* The next message. False at the end, or where nothing further makes sense. */
bool sei_next(struct sei *sei, struct sei_message *m);

#endif
