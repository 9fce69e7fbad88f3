/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The least a unit test needs: say what failed, go on, fail at the end. */
#ifndef CHECK_H
#define CHECK_H

#include <inttypes.h>
#include <stdio.h>

static int check_failed;

#define CHECK(what) do {						\
	if (!(what)) {							\
		printf("%s:%d: %s\n", __FILE__, __LINE__, #what);	\
		check_failed = 1;					\
	}								\
} while (0)

/* Both numbers are shown, in decimal and hex. */
#define CHECK_EQ(a, b) do {						\
	uint64_t a_ = (uint64_t)(a), b_ = (uint64_t)(b);		\
	if (a_ != b_) {							\
		printf("%s:%d: %s is %" PRId64 " (0x%" PRIx64 "), not %" PRId64 " (0x%" PRIx64 ")\n", __FILE__,	\
		    __LINE__, #a, (int64_t)a_, a_, (int64_t)b_, b_);	\
		check_failed = 1;					\
	}								\
} while (0)

#endif
