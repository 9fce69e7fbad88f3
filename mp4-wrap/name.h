/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Names of files, made from a pattern: mp4-wrap(1), "Names". */
#ifndef NAME_H
#define NAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define NAME_SIZE		4096	/* of a name with its NUL: PATH_MAX on Linux */
#define NAME_CAMERA_SIZE	128

/* What retina-record calls its files, in local time. */
#define NAME_AUTOMATIC		"movie%Y%m%d_%H%M%S_%{camera}.mp4"

struct name {
	const char *pattern;	/* the caller's */
	bool local;		/* times are those of the local time zone, not UTC */
	size_t fixed;		/* bytes at the pattern's begin: folders without a conversion */
	char text[NAME_SIZE];	/* the name */

	/* The rest is name.c's own. */
	char base[NAME_SIZE];	/* without its number */
	unsigned number;
};

/* The first % of a pattern that is not understood; NULL: there is none. */
const char *name_bad(const char *pattern);

/* The pattern is one without such a %. */
void name_open(struct name *n, const char *pattern, bool local);

/*
 * Makes n->text the name for this camera and Unix time. Of the camera, any text
 * from outside, only letters, digits, '_', '-' and inner dots stay, 127 at most.
 * A name like the one before gets the next number. 0, or -1 with errno
 * (ENAMETOOLONG).
 */
int name_make(struct name *n, const char *camera, int64_t unix_ns);

/* That name is taken: puts the next number before its suffix, from -1 on. 0, or -1 with errno. */
int name_another(struct name *n);

#endif
