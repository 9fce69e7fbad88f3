/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a user should know of a stream while it is recorded. */
#ifndef REMARKS_H
#define REMARKS_H

#include "wrap.h"

struct remarks {
	unsigned said;		/* a bit for each */
};

/* The next thing that is true by now and was not said yet; NULL: there is none. */
const char *remarks_next(struct remarks *r, const struct wrap *w);

#endif
