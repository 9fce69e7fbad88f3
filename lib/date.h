/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Times of day and dates as people write them. */
#ifndef DATE_H
#define DATE_H

#include <stdint.h>

/*
 * Reads HH:MM[:SS[.f]], local time on the day that now is in, or (ISO 8601)
 * YYYY-MM-DDTHH:MM[:SS[.f]][Z or +HH:MM or -HH:MM], local time without a zone.
 * Digits past the ninth decimal are dropped. NULL, or what is wrong with it.
 */
const char *date_parse(int64_t *unix_ns, const char *text, int64_t now_unix_ns);

#endif
