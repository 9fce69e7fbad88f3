/* units: mp4-wrap/wrap.c mp4-wrap/fragment.c mp4-wrap/timeline.c mp4-wrap/order.c mp4-wrap/picture.c mp4-wrap/pieces.c mp4-wrap/segment.c mp4-wrap/finish.c mp4-wrap/index.c mp4-wrap/tables.c mp4-wrap/rate.c mp4-wrap/entries.c mp4-wrap/walk.c mp4-wrap/mp4.c mp4-wrap/track.c mp4-wrap/params.c mp4-wrap/box.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Records to files. An input is a byte that says where files end, and whether they
 * are as pipes have them, then records in short: type (1), flags (1), length of the
 * payload (1), RTP time (8), arrival (8), payload. Every frame must be in one fragment
 * of one file, and every file one that can be finished, whatever the times are.
 */
#include "file.h"

#include <sys/endian.h>

#include "../../mp4-wrap/finish.h"
#include "../../mp4-wrap/walk.h"
#include "../../mp4-wrap/wrap.h"
#include "fuzz.h"

#define HEAD	19

struct files {
	struct mp4 mp4;
	int fd;
	bool seekable;
	uint64_t frames;	/* found in files */
};

static void
put(int fd, const struct nalrec *r, const void *payload)
{
	uint8_t head[NALSTREAM_HEAD];

	nalstream_head(head, r);
	if (write(fd, head, sizeof head) != sizeof head || write(fd, payload, r->len) != (ssize_t)r->len)
		abort();
}

/* The nalstream that an input stands for. */
static int
make_stream(const uint8_t *data, size_t size)
{
	static const char magic[] = NALSTREAM_MAGIC "camera: x\n";
	struct nalrec r = { .type = NALSTREAM_STREAM, .len = sizeof magic - 1 };
	int fd = fuzz_file();

	put(fd, &r, magic);
	for (; size >= HEAD; data += r.len, size -= r.len) {
		r = (struct nalrec){ .type = data[0], .track = 1, .flags = data[1], .len = data[2],
		    .rtp = be64dec(data + 3), .first_ntp = be64dec(data + 11) };
		data += HEAD;
		size -= HEAD;
		if (r.len > size)
			r.len = size;
		if (r.type == NALSTREAM_STREAM) {
			r.len = 0;
			put(fd, &(struct nalrec){ .type = r.type, .len = sizeof magic - 1 }, magic);
		} else {
			put(fd, &r, data);
		}
	}
	if (lseek(fd, 0, SEEK_SET) == -1)
		abort();
	return fd;
}

/* Decode times of a file ascend, over all fragments. */
static void
check_fragments(struct files *f)
{
	uint64_t first = MP4_HEADER_SIZE, fragments = 0, dts;
	int64_t last = -1;
	struct walk_run run;
	struct walk w;
	uint8_t moov[4];

	if (walk_read(f->fd, moov, sizeof moov, first) == -1)
		abort();
	first += be32dec(moov);
	if (first % 8 != 0)
		first += 16 - first % 8;
	for (walk_open(&w, f->fd, first, f->mp4.end); walk_next(&w) == 1; fragments++) {
		if (walk_run(&w, FRAGMENT_TRACK_ID, &run) != 1)
			abort();
		dts = run.dts;
		for (uint32_t i = 0; i < run.nsamples; i++, run.samples += WALK_SAMPLE_SIZE) {
			if ((int64_t)dts <= last)
				abort();
			last = dts;
			dts += be32dec(run.samples);
		}
		f->frames += run.nsamples;
	}
	if (fragments != f->mp4.sequence || w.next != f->mp4.end || w.skipped != 0)
		abort();
	walk_close(&w);
}

static void
end_file(struct files *f)
{
	struct finish_found found;

	if (f->fd == -1)
		return;
	if (mp4_commit(&f->mp4) == -1)
		abort();
	check_fragments(f);
	if (f->seekable && (finish_file(f->fd, &found) != FINISH_DONE || found.damaged != 0))
		abort();
	mp4_close(&f->mp4);
	close(f->fd);
	f->fd = -1;
}

static int
next_file(void *arg, int64_t unix_ns)
{
	struct files *f = arg;

	(void)unix_ns;
	end_file(f);
	f->fd = fuzz_file();
	mp4_open(&f->mp4, f->fd, f->seekable, MP4_SYNC_OFF);
	return 0;
}

static void
wrap_all(struct nalstream *in, struct wrap *w)
{
	struct nalrec r;

	do {
		while (nalstream_next(in, &r) == NALSTREAM_RECORD) {
			if (wrap_record(w, &r) == -1)
				abort();
		}
		wrap_hold(w);
	} while (nalstream_fill(in) > 0);
	if (wrap_finish(w) == -1)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct files f = { .fd = -1, .seekable = true };
	struct wrap_files files = { next_file, &f };
	struct segment segment = { 0 };
	struct nalstream in;
	struct wrap w;
	int fd;

	if (size == 0)
		return 0;
	segment.length_ns = data[0] & 1 ? 1000000000 : 0;
	segment.align = data[0] & 2;
	segment.size = data[0] & 4 ? 2000 : 0;
	f.seekable = !(data[0] & 8);
	fd = make_stream(data + 1, size - 1);
	if (nalstream_open(&in, fd) == -1)
		abort();
	wrap_open(&w, &in, &f.mp4, &files, &segment);
	wrap_all(&in, &w);
	end_file(&f);
	if (f.frames != w.frames)
		abort();
	wrap_close(&w);
	nalstream_close(&in);
	close(fd);
	return 0;
}
