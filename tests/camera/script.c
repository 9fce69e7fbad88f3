/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The camera's scripted clock, in integers. */
#include "script.h"

#include "clock.h"
#include "number.h"

/* A tick's time on the camera's clock since the start. */
static int64_t
camera_ns(const struct script *s, int64_t ticks)
{
	return number_scale(ticks, CLOCK_NS_PER_S, s->clock_rate);
}

int64_t
script_elapsed(const struct script *s, int64_t ticks)
{
	return number_scale(camera_ns(s, ticks), CLOCK_NS_PER_S, CLOCK_NS_PER_S + s->drift_ppb);
}

int64_t
script_ticks(const struct script *s, int64_t elapsed_ns)
{
	int64_t ns = number_scale(elapsed_ns, CLOCK_NS_PER_S + s->drift_ppb, CLOCK_NS_PER_S);

	return number_scale(ns, s->clock_rate, CLOCK_NS_PER_S);
}

uint64_t
script_ntp(const struct script *s, int64_t ticks)
{
	int64_t unix_ns = s->start_unix_ns + s->offset_ns + camera_ns(s, ticks);

	if (s->step_ns != 0 && script_elapsed(s, ticks) >= s->step_at_ns)
		unix_ns += s->step_ns;
	return clock_ntp_from_unix(unix_ns);
}

int64_t
script_capture(const struct script *s, int64_t ticks)
{
	return s->start_unix_ns + script_elapsed(s, ticks);
}

int64_t
script_real(const struct script *s, int64_t elapsed_ns)
{
	return s->start_unix_ns + number_scale(elapsed_ns, s->speed_den, s->speed_num);
}

int64_t
script_elapsed_at(const struct script *s, int64_t real_unix_ns)
{
	return number_scale(real_unix_ns - s->start_unix_ns, s->speed_num, s->speed_den);
}
