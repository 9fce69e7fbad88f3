/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The file that is written to: opened so that nothing recorded is ever lost. */
#ifndef OUTPUT_H
#define OUTPUT_H

#include <stdbool.h>
#include <stddef.h>

struct output {
	const char *name;	/* the caller's; "-" is stdout */
	int fd;
	bool seekable;		/* can be finished; else fragments for ever */
	bool created;		/* by us, and so ours to remove while empty */
};

enum output_open {
	OUTPUT_FAILED = -1,	/* errno says why */
	OUTPUT_OK,
	OUTPUT_EXISTS,		/* it has something in it, and force is not set */
	OUTPUT_EMPTY,		/* it has nothing in it, and so nothing to finish */
	OUTPUT_BUSY,		/* another mp4-wrap writes to it */
	OUTPUT_TERMINAL,
	OUTPUT_IRREGULAR,	/* a FIFO, a folder, ... */
};

/*
 * Closed standard descriptors become ones that fail, to be called first: or a file
 * that is opened gets what is printed. 0, or -1 with errno.
 */
int output_reserve(void);

/*
 * Opens and locks name. An existing file is not changed yet; the name of a new one
 * is on the disk, so that a power cut does not take it. What cannot be seeked in,
 * cannot be read back or is opened for appending is not seekable.
 */
enum output_open output_open(struct output *out, const char *name, bool force);

/*
 * Creates and locks a file of this name, and the folders that its path needs,
 * but for those in its first fixed bytes. OUTPUT_EXISTS: the name is taken.
 */
enum output_open output_create(struct output *out, const char *name, size_t fixed);

/* Whether files can be created: the folder in the first fixed bytes is there. 0, or -1 with errno. */
int output_folder(const char *name, size_t fixed);

/* Whether a name is taken by something that is no ordinary file. */
bool output_is_special(const char *name);

/*
 * Opens and locks a file to finish it. An empty one is not locked, as that would stop
 * a recorder that has just created it, and so must not be touched: OUTPUT_EMPTY.
 */
enum output_open output_reopen(struct output *out, const char *name);

/* Removes the file if it was created here and nothing was written to it. */
void output_discard(const struct output *out);

#endif
