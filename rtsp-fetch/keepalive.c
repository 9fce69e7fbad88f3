/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Cameras differ in what refreshes a session. Some drop the connection at a
 * method that they do not know, some offer methods that they never answer, and
 * for some OPTIONS, or all but OPTIONS, does not count.
 */
#include "keepalive.h"

#include <stdbool.h>
#include <stddef.h>
#include <strings.h>

static const char *const names[] = { "OPTIONS", "GET_PARAMETER", "SET_PARAMETER" };

static bool
has(unsigned set, enum keepalive_method m)
{
	return set >> m & 1;
}

void
keepalive_begin(struct keepalive *k)
{
	k->offered = 1u << KEEPALIVE_OPTIONS;
	k->refused = 0;
	k->sent = 0;
}

void
keepalive_offer(struct keepalive *k, const char *method)
{
	for (size_t i = 0; i < KEEPALIVE_METHODS; i++) {
		if (strcasecmp(method, names[i]) == 0)
			k->offered |= 1u << i;
	}
}

/* The one of a session whose forerunners died: the turn counts through what is offered. */
static enum keepalive_method
in_turn(const struct keepalive *k)
{
	unsigned n = 0, left;

	for (unsigned i = 0; i < KEEPALIVE_METHODS; i++)
		n += has(k->offered, i);
	left = (k->turn - 1) % n;
	for (unsigned i = 0; i < KEEPALIVE_METHODS; i++) {
		if (has(k->offered, i) && left-- == 0)
			return i;
	}
	return KEEPALIVE_OPTIONS;
}

static enum keepalive_method
choose(const struct keepalive *k)
{
	unsigned usable = k->offered & ~k->refused;

	if (k->turn > 0)
		return in_turn(k);
	if (k->sent == 0)
		return KEEPALIVE_OPTIONS;
	if (has(usable, KEEPALIVE_GET_PARAMETER))
		return KEEPALIVE_GET_PARAMETER;
	return has(usable, KEEPALIVE_SET_PARAMETER) ? KEEPALIVE_SET_PARAMETER : KEEPALIVE_OPTIONS;
}

const char *
keepalive_next(struct keepalive *k)
{
	k->last = choose(k);
	k->sent++;
	return names[k->last];
}

void
keepalive_refuse(struct keepalive *k)
{
	k->refused |= 1u << k->last;
}

/* A third: if one is lost, or does not count, the next is still in time. */
int64_t
keepalive_interval_ns(int64_t timeout_ns)
{
	return timeout_ns / 3 < KEEPALIVE_MAX_NS ? timeout_ns / 3 : KEEPALIVE_MAX_NS;
}

void
keepalive_ended(struct keepalive *k, int64_t lived_ns, int64_t timeout_ns)
{
	/* Not before it, and, as servers look only now and then, some time after it. */
	if (lived_ns >= timeout_ns / 4 * 3 && lived_ns <= 2 * timeout_ns)
		k->turn++;
}
