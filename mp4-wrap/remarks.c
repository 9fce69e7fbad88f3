/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Each is said once in a recording, with all its files. */
#include "remarks.h"

#define MISPLACED_MIN	32	/* fewer may come of what pictures_take() does not know */

const char *
remarks_next(struct remarks *r, const struct wrap *w)
{
	const struct timeline *t = &w->fragment.timeline;
	const struct {
		bool holds;
		const char *text;
	} all[] = {
		{ w->frames > 0 && !w->in->stamped,
		    "there is no timing in this stream: h264-sei-stamp is not in the pipe" },
		{ t->steps_back > 0,
		    "the camera's RTP time does not go on, or goes back: such frames come 1 tick after others" },
		{ t->misplaced >= MISPLACED_MIN,
		    "the camera's RTP times contradict the order of its pictures: the times are kept, "
		    "and players may stutter" },
		{ w->fragment.order.deepened > 0,
		    "pictures come further out of order than was to be seen at the start: "
		    "their times are exact, but a player may start late until the file is finished" },
		{ t->jumps > 0,
		    "the camera's RTP time jumped: times in the file follow arrival over the jump" },
		{ w->late,
		    "no key frame comes where a file should end: it goes on until one does" },
	};

	for (unsigned i = 0; i < sizeof all / sizeof all[0]; i++) {
		if (all[i].holds && !(r->said & 1U << i)) {
			r->said |= 1U << i;
			return all[i].text;
		}
	}
	return NULL;
}
