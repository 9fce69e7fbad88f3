/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Fragments (ISO/IEC 14496-12 8.8) and their commit: a fragment is written with
 * `free` in place of `moof`; when it is whole, one 4-byte write makes it count.
 */
#include "mp4.h"

#include <sys/endian.h>
#include <sys/stat.h>

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "iov.h"

#define MDAT_HEAD	8
#define PRFT_ARBITRARY	8
#define SAMPLE_SYNC	0x02000000	/* 8.8.3.1: depends on no other */
#define SAMPLE_DELTA	0x01010000	/* depends on others, is not a sync sample */

const uint8_t mp4_header[MP4_HEADER_SIZE] =
    "\0\0\0\40ftypisom\0\0\2\0isomiso6avc1mp41"
    "\0\0\0\20free\0\0\0\0\0\0\0";	/* and the literal's own NUL */

void
mp4_open(struct mp4 *m, int fd, bool seekable, int64_t sync_ns)
{
	memset(m, 0, sizeof *m);
	m->fd = fd;
	m->seekable = seekable;
	m->sync_ns = sync_ns;
}

void
mp4_close(struct mp4 *m)
{
	box_close(&m->head);
	free(m->uncommitted);
}

int
mp4_begin(struct mp4 *m, const struct track *tracks, size_t n, int64_t creation_unix_ns)
{
	struct box_writer *w = &m->head;
	size_t odd;

	box_open(w, -1, 0);
	box_bytes(w, mp4_header, sizeof mp4_header);
	tracks_write_moov(w, tracks, n, creation_unix_ns);
	odd = w->len % MP4_ALIGNMENT;
	if (odd != 0) {
		uint64_t pad = box_begin(w, "free");

		box_zeros(w, MP4_ALIGNMENT - odd);
		box_end(w, pad);
	}
	errno = w->error;
	return w->error == 0 ? 0 : -1;
}

/*
 * 8.16.5: when the first sample arrived. It is neither the time of encoding nor
 * that of writing, and so "arbitrary but consistent".
 */
static void
write_prft(struct box_writer *w, const struct mp4_run *run)
{
	uint64_t prft = box_begin_full(w, "prft", 1, PRFT_ARBITRARY);

	box_u32(w, run->track_id);			/* reference_track_ID */
	box_u64(w, run->arrival_ntp);			/* ntp_timestamp */
	box_u64(w, run->samples[0].dts + run->samples[0].cts);	/* media_time */
	box_end(w, prft);
}

/* 8.8.8. Returns where its data_offset is. */
static uint64_t
write_trun(struct box_writer *w, const struct mp4_run *run)
{
	uint64_t trun, data_offset;
	uint8_t version = 0;

	for (size_t i = 0; i < run->nsamples; i++)
		version |= run->samples[i].cts < 0;
	/* data offset; duration, size, flags and composition offset of each sample */
	trun = box_begin_full(w, "trun", version, 0xf01);
	box_u32(w, run->nsamples);
	data_offset = box_position(w);
	box_u32(w, 0);
	for (size_t i = 0; i < run->nsamples; i++) {
		box_u32(w, run->samples[i].duration);
		box_u32(w, run->samples[i].size);
		box_u32(w, run->samples[i].sync ? SAMPLE_SYNC : SAMPLE_DELTA);
		box_u32(w, run->samples[i].cts);
	}
	box_end(w, trun);
	return data_offset;
}

static uint64_t
write_traf(struct box_writer *w, const struct mp4_run *run)
{
	uint64_t traf = box_begin(w, "traf"), box, data_offset;

	box = box_begin_full(w, "tfhd", 0, 0x20000);	/* 8.8.7: default-base-is-moof */
	box_u32(w, run->track_id);
	box_end(w, box);
	box = box_begin_full(w, "tfdt", 1, 0);		/* 8.8.12 */
	box_u64(w, run->samples[0].dts);
	box_end(w, box);
	data_offset = write_trun(w, run);
	box_end(w, traf);
	return data_offset;
}

static uint64_t
run_size(const struct mp4_run *run)
{
	uint64_t size = 0;

	for (size_t i = 0; i < run->nsamples; i++)
		size += run->samples[i].size;
	return size;
}

/* prft, moof and the head of mdat, to which *padding bytes after the samples belong. */
static int
write_moof(struct mp4 *m, struct box_writer *w, const struct mp4_run *runs, size_t n,
    size_t *padding)
{
	uint64_t data_offset[MP4_MAX_TRACKS], moof, mfhd, data = 0, end;

	write_prft(w, &runs[0]);
	moof = box_begin(w, m->seekable ? "free" : "moof");
	mfhd = box_begin_full(w, "mfhd", 0, 0);		/* 8.8.5 */
	box_u32(w, ++m->sequence);
	box_end(w, mfhd);
	for (size_t i = 0; i < n; i++)
		data_offset[i] = write_traf(w, &runs[i]);
	box_end(w, moof);
	end = box_position(w) - moof + MDAT_HEAD;
	for (size_t i = 0; i < n; i++) {
		box_patch_u32(w, data_offset[i], end + data);
		data += run_size(&runs[i]);
	}
	*padding = -(end + data) % MP4_ALIGNMENT;
	if (data > UINT32_MAX - MDAT_HEAD - MP4_ALIGNMENT - end) {
		errno = EFBIG;
		return -1;
	}
	box_u32(w, MDAT_HEAD + data + *padding);
	box_bytes(w, "mdat", 4);
	errno = w->error;
	return w->error == 0 ? 0 : -1;
}

/* Writes head, fragment and padding in one go. */
static int
write_fragment(struct mp4 *m, struct box_writer *moof, struct mp4_run *runs, size_t n,
    size_t padding)
{
	static char zeros[MP4_ALIGNMENT];
	struct iovec *iov, *v;
	size_t niov = 3;
	int rc;

	for (size_t i = 0; i < n; i++)
		niov += runs[i].niov;
	v = iov = reallocarray(NULL, niov, sizeof *iov);
	if (iov == NULL)
		return -1;
	*v++ = (struct iovec){ m->head.buf, m->head.len };
	*v++ = (struct iovec){ moof->buf, moof->len };
	for (size_t i = 0; i < n; i++) {
		memcpy(v, runs[i].iov, runs[i].niov * sizeof *v);
		v += runs[i].niov;
	}
	*v++ = (struct iovec){ zeros, padding };
	rc = iov_write(m->fd, iov, niov);
	free(iov);
	return rc;
}

/* After a failed write: the file ends where its last whole fragment does. */
static int
give_up(struct mp4 *m)
{
	int saved = errno;

	if (m->seekable) {
		(void)!ftruncate(m->fd, m->end);
		(void)mp4_commit(m);
	}
	errno = saved;
	return -1;
}

static int
note_uncommitted(struct mp4 *m, uint64_t offset)
{
	uint64_t *grown;

	if (m->nuncommitted == m->cap_uncommitted) {
		m->cap_uncommitted = m->cap_uncommitted * 2 + 16;
		grown = reallocarray(m->uncommitted, m->cap_uncommitted, sizeof *grown);
		if (grown == NULL)
			return -1;
		m->uncommitted = grown;
	}
	m->uncommitted[m->nuncommitted++] = offset;
	return 0;
}

/*
 * A file that was there and is overwritten: on the disk as well it is empty before
 * anything new comes, or a power cut might leave the old one's end behind the new
 * one's beginning.
 */
static int
make_empty(struct mp4 *m)
{
	struct stat st;

	if (fstat(m->fd, &st) == -1)
		return -1;
	if (st.st_size == 0)
		return 0;
	return ftruncate(m->fd, 0) == -1 ? -1 : fsync(m->fd);
}

int
mp4_fragment(struct mp4 *m, struct mp4_run *runs, size_t n)
{
	struct box_writer moof;
	uint64_t begin = m->end + m->head.len, size = 0;
	size_t padding;
	int rc;

	if (m->end == 0 && m->seekable && make_empty(m) == -1)
		return -1;
	box_open(&moof, -1, 0);
	rc = write_moof(m, &moof, runs, n, &padding);
	if (rc == 0)
		rc = write_fragment(m, &moof, runs, n, padding);
	for (size_t i = 0; i < n; i++)
		size += run_size(&runs[i]);
	size += moof.len + padding;
	free(moof.buf);
	if (rc == -1 || (m->seekable && note_uncommitted(m, begin + MP4_PRFT_SIZE) == -1))
		return give_up(m);
	m->end = begin + size;
	box_close(&m->head);
	m->head.len = 0;
	return mp4_tick(m, clock_monotonic_ns()) == -1 ? -1 : 0;
}

static int
sync_data(struct mp4 *m)
{
	int rc = m->sync_ns == MP4_SYNC_OFF ? 0 : fdatasync(m->fd);

	m->synced_ns = clock_monotonic_ns();
	return rc;
}

/*
 * What a sync that failed did not write, the kernel takes for written, and the
 * next sync succeeds: so there is no second try, and --finish has to look at the
 * data. The second sync is for readers after a power cut: without it they would
 * not see a fragment until the next one is synced, a second later.
 */
int
mp4_commit(struct mp4 *m)
{
	size_t n = m->nuncommitted;

	m->nuncommitted = 0;
	if (n == 0)
		return 0;
	if (sync_data(m) == -1)
		return -1;
	for (size_t i = 0; i < n; i++) {
		if (box_write_at(m->fd, "moof", 4, m->uncommitted[i] + 4) == -1)
			return -1;
	}
	return sync_data(m);
}

int64_t
mp4_tick(struct mp4 *m, int64_t now_ns)
{
	if (m->nuncommitted == 0)
		return INT64_MAX;
	if (m->sync_ns != MP4_SYNC_OFF && m->synced_ns != 0 && now_ns - m->synced_ns < m->sync_ns)
		return m->synced_ns + m->sync_ns;
	return mp4_commit(m) == -1 ? -1 : INT64_MAX;
}
