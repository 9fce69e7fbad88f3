/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The bounds are those of retina-record, but for the second that pictures may go back. */
#include "strict.h"

#include <inttypes.h>
#include <stdio.h>

#include "clock.h"

#define FORWARD_S	10
#define BACK_S		1

bool
strict_breach(const struct rtp_source *before, const struct rtp_source *now, char *why, size_t size)
{
	int64_t step = clock_rtp_diff(now->rtp, before->rtp);

	if (!before->begun)
		return false;
	if (now->ssrc != before->ssrc)
		snprintf(why, size, "the camera's stream began anew (--strict)");
	else if (now->lost != before->lost)
		snprintf(why, size, "%" PRIu64 " packets were lost (--strict)", now->lost - before->lost);
	else if (now->base_seq != before->base_seq)
		snprintf(why, size, "the sequence numbers began anew (--strict)");
	else if (now->jumps != before->jumps)
		snprintf(why, size, "RTP time jumped by over %d s (--strict)", FORWARD_S);
	else if (step > FORWARD_S * (int64_t)now->clock_rate || step < -BACK_S * (int64_t)now->clock_rate)
		snprintf(why, size, "RTP time jumped by %+.3f s (--strict)", (double)step / now->clock_rate);
	else
		return false;
	return true;
}
