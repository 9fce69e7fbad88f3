/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Findings about one file; a million damaged frames are one line, with a count. */
#include "findings.h"

#include <string.h>

int
findings_add(struct findings *f, enum finding kind, uint64_t offset, const char *text)
{
	if (f->of[kind].count++ == 0) {
		f->of[kind].offset = offset;
		strlcpy(f->of[kind].text, text, sizeof f->of[kind].text);
	}
	return -1;
}

bool
findings_damage(const struct findings *f)
{
	for (int kind = 0; kind < NFINDINGS; kind++)
		if (!FINDING_IS_NOTE(kind) && f->of[kind].count > 0)
			return true;
	return false;
}
