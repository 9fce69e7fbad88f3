/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Writing ISO base media boxes (ISO/IEC 14496-12 4.2) into memory, or through a
 * bounded buffer to the end of a file, with sizes and counts filled in later.
 */
#ifndef BOX_H
#define BOX_H

#include <stddef.h>
#include <stdint.h>

struct box_writer {
	uint8_t *buf;
	size_t len, cap;
	uint64_t base;		/* position of buf[0]: bytes that went to the file already */
	int fd;			/* -1: all stays in memory */
	int error;		/* sticky errno of a failed allocation or write */
};

/* To memory (fd -1; position counts from 0), or to fd from this file offset on. */
void box_open(struct box_writer *w, int fd, uint64_t offset);

/* Writes what is left. Returns 0, or -1 with errno of the first thing that failed. */
int box_close(struct box_writer *w);

/* Where the next byte goes. */
uint64_t box_position(const struct box_writer *w);

/* Leaves out so many bytes of the file; only with one. */
void box_skip(struct box_writer *w, uint64_t len);

void box_bytes(struct box_writer *w, const void *data, size_t len);
void box_zeros(struct box_writer *w, size_t len);
void box_u8(struct box_writer *w, uint8_t v);
void box_u16(struct box_writer *w, uint16_t v);
void box_u32(struct box_writer *w, uint32_t v);
void box_u64(struct box_writer *w, uint64_t v);

/* Overwrites the 32 bits at a position that was written before. */
void box_patch_u32(struct box_writer *w, uint64_t position, uint32_t v);

/* A box from here to the box_end() with its return value. */
uint64_t box_begin(struct box_writer *w, const char type[4]);
void box_end(struct box_writer *w, uint64_t begin);

/* The same for a FullBox. */
uint64_t box_begin_full(struct box_writer *w, const char type[4], uint8_t version, uint32_t flags);

/* All of data[len] to this offset of fd, however many writes it takes. 0, or -1 with errno. */
int box_write_at(int fd, const void *data, size_t len, uint64_t offset);

#endif
