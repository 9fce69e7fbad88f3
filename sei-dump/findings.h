/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What is to be said about a file besides its rows: notes (it ended early) and
 * errors (it is damaged inside). The readers find, main prints.
 */
#ifndef FINDINGS_H
#define FINDINGS_H

#include <stdbool.h>
#include <stdint.h>

enum finding {
	/* Notes: the file merely ended early. */
	FINDING_CUT,		/* bytes are missing at the very end */
	FINDING_UNCOMMITTED,	/* a fragment that its writer never completed */
	FINDING_ENDED,		/* a stream whose end was not asked for */
	/* Errors: something is damaged, or cannot be read. */
	FINDING_FORMAT,		/* not a file of a kind that is read here */
	FINDING_BOX,		/* the structure: boxes, tables, records */
	FINDING_SAMPLE,		/* a frame's bytes */
	FINDING_PAYLOAD,	/* a timing payload */
	FINDING_SYSTEM,		/* reading failed, or memory ran out */
	NFINDINGS,
};

#define FINDING_IS_NOTE(kind)	((kind) <= FINDING_ENDED)
#define FINDING_NOWHERE		UINT64_MAX	/* no byte offset belongs to it */

/* The first finding of each kind, and how many there were. */
struct findings {
	struct {
		uint64_t count;
		uint64_t offset;	/* in the file; FINDING_NOWHERE */
		char text[160];		/* safe to print, no newline */
	} of[NFINDINGS];
};

/*
 * Adds one. text is safe to print, without a newline; it is kept for the first of
 * its kind only, cut to fit. Returns -1, for callers that give up.
 */
int findings_add(struct findings *f, enum finding kind, uint64_t offset, const char *text);

/* Whether there is an error among them. */
bool findings_damage(const struct findings *f);

#endif
