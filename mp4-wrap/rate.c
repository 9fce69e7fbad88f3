/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* maxBitrate is that of any window of one second, so the samples of the last second are kept. */
#include "rate.h"

static void
forget_first(struct rate *r)
{
	r->window -= r->ring[r->first].size;
	r->first = (r->first + 1) % RATE_WINDOW;
	r->n--;
}

void
rate_take(struct rate *r, uint64_t dts, uint32_t size, uint32_t timescale)
{
	uint32_t last;

	while (r->n > 0 && (r->n == RATE_WINDOW || dts - r->ring[r->first].dts >= timescale))
		forget_first(r);
	last = (r->first + r->n++) % RATE_WINDOW;
	r->ring[last].dts = dts;
	r->ring[last].size = size;
	r->bytes += size;
	r->window += size;
	if (r->window > r->highest)
		r->highest = r->window;
}

/* Bytes in some ticks as bits a second, as many as 32 bits can tell. */
static uint32_t
bits_per_second(uint64_t bytes, uint64_t ticks, uint32_t timescale)
{
	for (; bytes > UINT64_MAX / 8 / timescale; bytes >>= 1)
		ticks >>= 1;
	if (ticks == 0)
		return 0;
	bytes = 8 * bytes * timescale / ticks;
	return bytes > UINT32_MAX ? UINT32_MAX : bytes;
}

void
rate_write(const struct rate *r, struct box_writer *w, uint64_t duration, uint32_t timescale)
{
	uint64_t btrt = box_begin(w, "btrt");

	box_u32(w, 0);					/* bufferSizeDB */
	box_u32(w, bits_per_second(r->highest, timescale, timescale));	/* maxBitrate */
	box_u32(w, bits_per_second(r->bytes, duration, timescale));	/* avgBitrate */
	box_end(w, btrt);
}
