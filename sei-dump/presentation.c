/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Presentation time of streams, which have RTP time and arrivals. */
#include "presentation.h"

#include "clock.h"

int64_t
presentation_gap(uint32_t rate, uint64_t before_ntp, uint64_t after_ntp)
{
	int64_t ns = clock_ntp_diff_ns(after_ntp, before_ntp);
	int64_t ticks = ns / CLOCK_NS_PER_S * rate + ns % CLOCK_NS_PER_S * rate / CLOCK_NS_PER_S;

	return ticks < 1 ? 1 : ticks;
}

void
presentation_from_zero(struct frames *fs)
{
	int64_t start = 0;
	bool known = false;

	for (size_t i = 0; i < fs->nframes; i++)
		if (fs->frame[i].flags & FRAME_PTS && (!known || fs->frame[i].pts < start)) {
			start = fs->frame[i].pts;
			known = true;
		}
	for (size_t i = 0; i < fs->nframes; i++)
		fs->frame[i].pts = PRESENTATION_SUM(fs->frame[i].pts, -(uint64_t)start);
}
