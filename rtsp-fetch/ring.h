/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The bounded store between the receiver, which must never wait, and the
 * writer, which may. One thread puts, one takes.
 */
#ifndef RING_H
#define RING_H

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "block.h"

struct ring_shed {
	uint64_t units, groups;	/* access units and (parts of) groups of pictures left out */
};

struct ring_fill {
	size_t bytes, peak;	/* of memory that holds what is not written yet: now, and at most so far */
};

struct ring {
	pthread_mutex_t mutex;
	pthread_cond_t filled;
	struct block_list queue, pool;
	size_t limit;			/* bytes of memory that the queue may have */
	size_t bytes, peak;		/* and has, what is being written included, and had at most */
	size_t records;			/* of them, what is never shed */
	size_t nqueue, npool;
	bool closed;
	bool wanted;			/* the receiver waits for room */
	void (*drained)(void);		/* called by the writer when there is room again */
	int error;			/* errno of the writer's failure */
	bool shedding;			/* until the next key frame; the receiver's own */
	struct ring_shed shed;		/* since the last ring_shed(); the receiver's own */
	uint64_t taken_back;		/* units that were put and then shed; the receiver's own */
	bool keep_all;			/* the receiver asks ring_full(), so nothing is shed */
};

/* drained is called by the writer's thread after ring_full(). 0, or -1 with errno. */
int ring_open(struct ring *r, size_t limit, void (*drained)(void));
void ring_destroy(struct ring *r);

/* An empty block to fill, from what was written before. NULL with errno. */
struct block *ring_block(struct ring *r);

/*
 * Whether an access unit may be put. When the ring is full the newest group of
 * pictures is taken out of it, and all units up to the next key frame that comes
 * when it is no more than three quarters full are refused; a refused block goes
 * back to the pool.
 */
bool ring_admit(struct ring *r, struct block *b);

/*
 * Whether the ring is more than half full: for a receiver that would rather let
 * the camera wait than shed. If so, r->drained is called once it is not any more.
 */
bool ring_full(struct ring *r);

/* Whether what is never shed alone is more than the ring may have. */
bool ring_glutted(struct ring *r);

/* How full it is. Safe from any thread. */
struct ring_fill ring_fill(struct ring *r);

/* What was shed since the last call. */
struct ring_shed ring_shed(struct ring *r);

/* Hands a block to the writer. */
void ring_put(struct ring *r, struct block *b);

/* No more will be put: the writer drains what is there and ends. */
void ring_close(struct ring *r);

/* errno of the writer, 0 while it works. */
int ring_error(struct ring *r);

/*
 * For the writer: waits for blocks and takes up to max of them, which it gives
 * back with ring_recycle(). 0: closed and empty.
 */
size_t ring_take(struct ring *r, struct block **blocks, size_t max);
void ring_recycle(struct ring *r, struct block **blocks, size_t n);

/* The writer cannot go on: all that is queued or put is thrown away. */
void ring_fail(struct ring *r, int error);

#endif
