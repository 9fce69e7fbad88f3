/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Tells the kinds of file apart by how they begin, whatever they are called. */
#include "recording.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "annexb.h"
#include "clocks.h"
#include "input.h"
#include "mp4.h"
#include "nals.h"

#define HEAD	8

static void
failed(struct findings *found, int error)
{
	findings_add(found, FINDING_SYSTEM, FINDING_NOWHERE, strerror(error));
}

static void
read_kind(struct input *in, struct frames *fs, struct jsonl *jsonl, struct findings *found)
{
	struct view v;
	const uint8_t *head;
	size_t have = 0;

	if (view_open(&v, in) == -1) {
		failed(found, errno);
		return;
	}
	head = view_at(&v, 0, HEAD, &have);
	if (head == NULL)
		failed(found, in->error);
	else if (have == 0)
		/* A recording's file is empty until its first fragment. */
		findings_add(found, FINDING_CUT, FINDING_NOWHERE,
		    in->seekable ? "there is nothing in it yet" : "there is nothing in it");
	else if (have == HEAD && mp4_begins(head))
		mp4_read(in, fs, jsonl, found);
	else if (have == HEAD && nals_begins(head)) {
		nals_read(in, fs, jsonl, found);
		input_drain(in);
	} else if (have == HEAD && annexb_begins(head)) {
		annexb_read(in, fs, jsonl, found);
		input_drain(in);
	} else
		findings_add(found, FINDING_FORMAT, FINDING_NOWHERE,
		    "neither an MP4 file, a nalstream nor H.264 in Annex B");
	view_close(&v);
}

/* Once more, for JSON, up to where the first time ended, which said what is wrong. 0, or -1 with errno. */
static int
read_again(int fd, uint64_t size, struct jsonl *jsonl)
{
	struct findings ignored = { 0 };
	struct frames fs;
	struct input in;

	if (lseek(fd, 0, SEEK_SET) == -1 || input_open(&in, fd) == -1)
		return -1;
	/* What a recorder has appended meanwhile has no numbers. */
	if (in.size > size)
		in.size = size;
	frames_open(&fs, 0);
	read_kind(&in, &fs, jsonl, &ignored);
	frames_close(&fs);
	input_close(&in);
	return 0;
}

void
recording_read(int fd, struct frames *fs, struct jsonl *jsonl, struct findings *found)
{
	struct input in;

	memset(found, 0, sizeof *found);
	if (input_open(&in, fd) == -1) {
		failed(found, errno);
		return;
	}
	read_kind(&in, fs, in.seekable ? NULL : jsonl, found);
	if (clocks_find(fs) == -1 || frames_finish(fs) == -1 ||
	    (jsonl != NULL && jsonl_number(jsonl, fs) == -1) ||
	    (jsonl != NULL && in.seekable && read_again(fd, in.size, jsonl) == -1))
		failed(found, errno);
	clocks_renumber(fs);
	input_close(&in);
}
