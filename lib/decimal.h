/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef DECIMAL_H
#define DECIMAL_H

#include <stdint.h>

#define DECIMAL_MAX	20	/* digits of an unsigned 64-bit integer */

/*
 * Writes value in decimal, with at least min digits, without a NUL. Returns its
 * end. For what is written for every frame: printf(3) takes several times as long.
 */
char *decimal(char *out, uint64_t value, unsigned min);

#endif
