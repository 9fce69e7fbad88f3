/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What a file is, and the order of the writes that finish it. Up to the last of
 * them it is a file of fragments to every reader: the moov is written into a
 * `free` box, and the header then makes all before it, the head of that box
 * included, one mdat.
 */
#include "finish.h"

#include <sys/endian.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "box.h"
#include "index.h"
#include "mp4.h"
#include "walk.h"

#define HEAD		8
#define MOOV_MAX	(16 << 20)

struct file {
	int fd;
	uint64_t size;		/* of the file */
	uint64_t first;		/* fragment */
	uint8_t *moov;		/* the one before them */
	size_t moov_len;
	uint64_t at;		/* a byte that is wrong */
	struct index index;
};

/* Whether a whole moov stands where the 16 bytes after ftyp say. */
static bool
is_finished(const struct file *f, const uint8_t *mdat)
{
	uint64_t moov = be64dec(mdat + 8) + MP4_FTYP_SIZE;
	uint8_t head[HEAD];

	return moov >= MP4_HEADER_SIZE && moov < f->size && f->size - moov >= HEAD &&
	    walk_read(f->fd, head, HEAD, moov) == 0 && memcmp(head + 4, "moov", 4) == 0 &&
	    be32dec(head) >= HEAD && be32dec(head) <= f->size - moov;
}

/* The first byte of head[len] that is not like the header's, from offset at on. */
static size_t
differs(const uint8_t *head, size_t at, size_t len)
{
	while (at < len && head[at] == mp4_header[at])
		at++;
	return at;
}

/* What the first bytes say: FINISH_DONE is one that can be finished. */
static enum finish
read_header(struct file *f)
{
	uint8_t head[MP4_HEADER_SIZE];
	size_t len = f->size < sizeof head ? f->size : sizeof head;
	const uint8_t *mdat = head + MP4_FTYP_SIZE;

	if (walk_read(f->fd, head, len, 0) == -1)
		return FINISH_FAILED;
	/* One that was finished and then lost its end is like one that was not. */
	if (len == sizeof head && differs(head, 0, len) == MP4_FTYP_SIZE + 3 &&
	    memcmp(mdat, "\0\0\0\1mdat", HEAD) == 0)
		return is_finished(f, mdat) ? FINISH_ALREADY : FINISH_DONE;
	f->at = differs(head, 0, len);
	if (f->at < len)
		return FINISH_FOREIGN;
	return len < sizeof head ? FINISH_EMPTY : FINISH_DONE;
}

/* The moov before the fragments. */
static enum finish
read_moov(struct file *f)
{
	uint8_t head[HEAD];
	uint64_t left = f->size - MP4_HEADER_SIZE;
	size_t wrong;

	f->at = MP4_HEADER_SIZE;
	if (left < HEAD)
		return FINISH_EMPTY;
	if (walk_read(f->fd, head, HEAD, MP4_HEADER_SIZE) == -1)
		return FINISH_FAILED;
	f->moov_len = be32dec(head);
	if (memcmp(head + 4, "moov", 4) != 0 || f->moov_len < HEAD || f->moov_len > MOOV_MAX)
		return FINISH_FOREIGN;
	if (f->moov_len > left)
		return FINISH_EMPTY;
	f->moov = malloc(f->moov_len);
	if (f->moov == NULL || walk_read(f->fd, f->moov, f->moov_len, MP4_HEADER_SIZE) == -1)
		return FINISH_FAILED;
	if (index_open(&f->index, f->moov, f->moov_len, &wrong) == -1) {
		f->at += wrong;
		return errno == EINVAL ? FINISH_FOREIGN : FINISH_FAILED;
	}
	f->first = MP4_HEADER_SIZE + f->moov_len;
	if (f->first % MP4_ALIGNMENT != 0)
		f->first += 2 * MP4_ALIGNMENT - f->first % MP4_ALIGNMENT;	/* the padding of mp4_begin() */
	return FINISH_DONE;
}

static enum finish
inspect(struct file *f)
{
	enum finish rc;
	struct stat st;

	if (fstat(f->fd, &st) == -1)
		return FINISH_FAILED;
	f->size = st.st_size;
	if (f->size == 0)
		return FINISH_EMPTY;
	rc = read_header(f);
	return rc == FINISH_DONE ? read_moov(f) : rc;
}

/* Where the head of the moof is, or would be, of a fragment that was cut. */
static int
find_cut(const struct file *f, uint64_t *at)
{
	uint8_t head[HEAD];

	*at = f->index.end;
	if (f->size - *at < MP4_PRFT_SIZE)
		return 0;
	if (walk_read(f->fd, head, HEAD, *at) == -1)
		return -1;
	if (be32dec(head) == MP4_PRFT_SIZE && memcmp(head + 4, "prft", 4) == 0)
		*at += MP4_PRFT_SIZE;
	return 0;
}

/*
 * A fragment that was cut says that it goes on behind the end of the file. What is
 * appended would be inside of it for readers, so its head now says where it ends:
 * on the disk before anything follows.
 */
static int
close_cut(struct file *f)
{
	uint64_t at, len;
	uint8_t head[HEAD];

	if (find_cut(f, &at) == -1)
		return -1;
	len = f->size - at;
	if (len == 0)
		return 0;
	if (len < HEAD)
		len = HEAD;
	be32enc(head, len <= UINT32_MAX ? len : 0);	/* 4.2: 0 is up to the end of the file */
	memcpy(head + 4, "free", 4);
	if (box_write_at(f->fd, head, HEAD, at) == -1)
		return -1;
	f->size = at + len;
	return fdatasync(f->fd);
}

/* The moov, inside of a free box, at the end of the file and on the disk. */
static int
append_moov(struct file *f)
{
	struct box_writer w;
	uint64_t box;
	int rc, saved;

	box_open(&w, f->fd, f->size);
	box = box_begin(&w, "free");
	rc = index_write(&f->index, &w);
	saved = errno;
	box_end(&w, box);
	if (box_close(&w) == -1) {
		rc = -1;
		saved = errno;
	}
	errno = saved;
	return rc == 0 ? fdatasync(f->fd) : -1;
}

/* From here on the file is an ordinary MP4: all before the moov is one mdat. */
static int
switch_over(struct file *f)
{
	uint8_t mdat[MP4_HEADER_SIZE - MP4_FTYP_SIZE];

	be32enc(mdat, 1);
	memcpy(mdat + 4, "mdat", 4);
	be64enc(mdat + 8, f->size + HEAD - MP4_FTYP_SIZE);
	if (box_write_at(f->fd, mdat, sizeof mdat, MP4_FTYP_SIZE) == -1)
		return -1;
	return fdatasync(f->fd);
}

static enum finish
finish(struct file *f)
{
	enum finish rc = inspect(f);

	if (rc != FINISH_DONE)
		return rc;
	if (index_survey(&f->index, f->fd, f->first, f->size) == -1)
		return FINISH_FAILED;
	if (f->index.end == f->first)
		return FINISH_EMPTY;
	if (close_cut(f) == -1)
		return FINISH_FAILED;
	if (append_moov(f) == -1) {
		int saved = errno;

		(void)!ftruncate(f->fd, f->size);
		errno = saved;
		return FINISH_FAILED;
	}
	return switch_over(f) == -1 ? FINISH_FAILED : FINISH_DONE;
}

enum finish
finish_file(int fd, struct finish_found *found)
{
	struct file f = { .fd = fd };
	enum finish rc = finish(&f);
	int saved = errno;

	*found = (struct finish_found){ .damaged = f.index.damaged, .at = f.at };
	index_close(&f.index);
	free(f.moov);
	errno = saved;
	return rc;
}
