/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Steps show in the difference of two clocks, whoever made them; how far the
 * clock may be off is what ntp_adjtime(2) says, which Linux and some BSDs have.
 */
#include "hostclock.h"

#if defined(__linux__) && !defined(PORTABLE)
#include <sys/timex.h>
#define HAVE_ADJTIME
#endif

#include <inttypes.h>
#include <stdio.h>

#define STEP_NS	(CLOCK_NS_PER_S / 1000)

int64_t
hostclock_step(struct hostclock *h, const struct clock_pair *now)
{
	int64_t passed = now->monotonic_ns - h->last.monotonic_ns;
	int64_t step = now->realtime_ns - h->last.realtime_ns - passed;
	int64_t limit = STEP_NS + passed / 10 + h->last.blur_ns + now->blur_ns;
	bool stepped = h->begun && (step > limit || step < -limit);

	h->begun = true;
	h->last = *now;
	return stepped ? step : 0;
}

/* status, state, maxerror, esterror, frequency and tai, each as the kernel has it. */
static void
adjtime_text(char *out, size_t size)
{
	out[0] = '\0';
#ifdef HAVE_ADJTIME
	struct timex t = { 0 };
	int state = ntp_adjtime(&t);

	if (state != -1)
		snprintf(out, size, "state: %d\nstatus: %d\nmaxerror: %ld\nesterror: %ld\n"
		    "frequency: %ld\ntai: %d\n", state, t.status, t.maxerror, t.esterror, t.freq, t.tai);
#else
	(void)size;
#endif
}

const char *
hostclock_text(char out[HOSTCLOCK_MAX], const struct clock_pair *now, int64_t step_ns)
{
	char adjtime[HOSTCLOCK_MAX / 2], step[32] = "";

	adjtime_text(adjtime, sizeof adjtime);
	if (step_ns != 0)
		snprintf(step, sizeof step, "step: %" PRId64 "\n", step_ns);
	snprintf(out, HOSTCLOCK_MAX, "realtime: %" PRId64 "\nmonotonic: %" PRId64 "\n%s%s",
	    now->realtime_ns, now->monotonic_ns, adjtime, step);
	return out;
}
