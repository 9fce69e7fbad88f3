/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A second, doubling to a minute, and from a second again once frames have come.
 * A camera that closes in good order is asked again at once, but not again and
 * again: one that closes after each frame would be asked as fast as it answers.
 */
#include "retry.h"

int64_t
retry_wait_ns(struct retry *r, const struct retry_loss *loss)
{
	int64_t wait = RETRY_FIRST_NS;

	if (loss->media)
		r->failures = 0;
	if (loss->media && loss->lived_ns >= RETRY_STEADY_NS)
		r->at_once = false;
	if (loss->media && loss->clean && !r->at_once) {
		r->at_once = true;
		return 0;
	}
	for (unsigned i = 0; i < r->failures && wait < RETRY_MAX_NS; i++)
		wait *= 2;
	if (wait > RETRY_MAX_NS)
		wait = RETRY_MAX_NS;
	r->failures++;
	if (loss->busy_ns > wait)
		wait = loss->busy_ns < RETRY_BUSY_NS ? loss->busy_ns : RETRY_BUSY_NS;
	return wait;
}
