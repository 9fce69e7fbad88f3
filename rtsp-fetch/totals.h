/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The figures of all connections together. */
#ifndef TOTALS_H
#define TOTALS_H

#include "session.h"

/* Brings what others may look at up to date. */
void totals_update(struct session *s);

/*
 * The connection is over: says what was left out of it, and adds it to those that
 * were. Its track is to be forgotten at once, or it would count twice.
 */
void totals_close(struct session *s);

#endif
