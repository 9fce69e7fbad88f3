/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Tells the kinds of file apart by how they begin, whatever they are called. */
#include "recording.h"

#include <errno.h>
#include <string.h>

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
read_kind(struct input *in, struct frames *fs, struct findings *found)
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
		findings_add(found, in->seekable ? FINDING_CUT : FINDING_FORMAT, FINDING_NOWHERE,
		    in->seekable ? "there is nothing in it yet" : "empty");
	else if (have == HEAD && mp4_begins(head))
		mp4_read(in, fs, found);
	else if (have == HEAD && nals_begins(head)) {
		nals_read(in, fs, found);
		input_drain(in);
	} else if (have == HEAD && annexb_begins(head)) {
		annexb_read(in, fs, found);
		input_drain(in);
	} else
		findings_add(found, FINDING_FORMAT, FINDING_NOWHERE,
		    "neither an MP4 file, a nalstream nor H.264 in Annex B");
	view_close(&v);
}

void
recording_read(int fd, struct frames *fs, struct findings *found)
{
	struct input in;

	memset(found, 0, sizeof *found);
	if (input_open(&in, fd) == -1) {
		failed(found, errno);
		return;
	}
	read_kind(&in, fs, found);
	if (clocks_find(fs) == -1 || frames_finish(fs) == -1)
		failed(found, errno);
	clocks_renumber(fs);
	input_close(&in);
}
