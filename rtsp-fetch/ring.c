/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A queue of blocks under one mutex, held for a few instructions at a time. */
#include "ring.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "lock.h"

#define POOL_BLOCKS	8
#define POOL_CAP	((size_t)1 << 20)	/* a larger block is not kept */
#define SHRINK_QUEUE	16			/* from this backlog on memory counts */
#define RESUME(limit)	((limit) / 4 * 3)	/* one long hole is better than many */

int
ring_open(struct ring *r, size_t limit, void (*drained)(void))
{
	memset(r, 0, sizeof *r);
	TAILQ_INIT(&r->queue);
	TAILQ_INIT(&r->pool);
	r->limit = limit;
	r->drained = drained;
	if (lock_init(&r->mutex) == -1)
		return -1;
	errno = pthread_cond_init(&r->filled, NULL);
	return errno == 0 ? 0 : -1;
}

static void
free_all(struct block_list *list)
{
	struct block *b;

	while ((b = TAILQ_FIRST(list)) != NULL) {
		TAILQ_REMOVE(list, b, link);
		block_free(b);
	}
}

void
ring_destroy(struct ring *r)
{
	free_all(&r->queue);
	free_all(&r->pool);
	pthread_cond_destroy(&r->filled);
	pthread_mutex_destroy(&r->mutex);
}

/* Under the mutex. Blocks that the pool does not want come back, to be freed without it. */
static struct block *
keep(struct ring *r, struct block *b)
{
	if (r->npool == POOL_BLOCKS || b->cap > POOL_CAP)
		return b;
	b->len = 0;
	b->unit = b->key = false;
	TAILQ_INSERT_HEAD(&r->pool, b, link);
	r->npool++;
	return NULL;
}

struct block *
ring_block(struct ring *r)
{
	struct block *b;

	pthread_mutex_lock(&r->mutex);
	b = TAILQ_FIRST(&r->pool);
	if (b != NULL) {
		TAILQ_REMOVE(&r->pool, b, link);
		r->npool--;
	}
	pthread_mutex_unlock(&r->mutex);
	return b != NULL ? b : block_new();
}

/* With a backlog, blocks must not hold the memory of the largest picture each. */
static void
shrink(struct block *b)
{
	uint8_t *shrunk;

	if (b->len == 0 || b->cap - b->len < b->len / 4 + 1024)
		return;
	shrunk = realloc(b->data, b->len);
	if (shrunk == NULL)
		return;
	b->data = shrunk;
	b->cap = b->len;
}

static size_t
cost(const struct block *b)
{
	return sizeof *b + b->cap;
}

static void
uncount(struct ring *r, const struct block *b)
{
	r->bytes -= cost(b);
	if (!b->unit)
		r->records -= cost(b);
}

static void
remove_queued(struct ring *r, struct block *b)
{
	TAILQ_REMOVE(&r->queue, b, link);
	r->nqueue--;
}

/* Takes the newest group of pictures out of the queue, down to its key frame. */
static void
shed_newest_group(struct ring *r, struct block_list *out)
{
	struct block *b, *before;
	bool key = false;

	for (b = TAILQ_LAST(&r->queue, block_list); b != NULL && !key; b = before) {
		before = TAILQ_PREV(b, block_list, link);
		if (!b->unit)
			continue;
		key = b->key;
		remove_queued(r, b);
		uncount(r, b);
		TAILQ_INSERT_TAIL(out, b, link);
		r->shed.units++;
		r->taken_back++;
	}
}

/* A block that was never counted goes back to the pool. */
static void
refuse(struct ring *r, struct block *b)
{
	struct block *unwanted;

	pthread_mutex_lock(&r->mutex);
	unwanted = keep(r, b);
	pthread_mutex_unlock(&r->mutex);
	block_free(unwanted);
}

bool
ring_admit(struct ring *r, struct block *b)
{
	struct block_list shed = TAILQ_HEAD_INITIALIZER(shed);
	bool fits;

	if (r->shedding && !b->key) {
		r->shed.units++;
		refuse(r, b);
		return false;
	}
	pthread_mutex_lock(&r->mutex);
	if (r->nqueue >= SHRINK_QUEUE || r->bytes + cost(b) > r->limit)
		shrink(b);
	fits = r->keep_all || TAILQ_EMPTY(&r->queue) ||
	    r->bytes + cost(b) <= (r->shedding ? RESUME(r->limit) : r->limit);
	if (!fits) {
		r->shed.groups++;
		if (!b->key && !r->shedding)
			shed_newest_group(r, &shed);
	}
	pthread_mutex_unlock(&r->mutex);
	free_all(&shed);
	r->shedding = !fits;
	if (!fits) {
		r->shed.units++;
		refuse(r, b);
	}
	return fits;
}

bool
ring_full(struct ring *r)
{
	bool full;

	pthread_mutex_lock(&r->mutex);
	full = r->wanted = r->bytes > r->limit / 2 && r->error == 0;
	pthread_mutex_unlock(&r->mutex);
	return full;
}

struct ring_fill
ring_fill(struct ring *r)
{
	struct ring_fill fill;

	pthread_mutex_lock(&r->mutex);
	fill = (struct ring_fill){ r->bytes, r->peak };
	pthread_mutex_unlock(&r->mutex);
	return fill;
}

struct ring_shed
ring_shed(struct ring *r)
{
	struct ring_shed shed = r->shed;

	r->shed = (struct ring_shed){ 0 };
	return shed;
}

void
ring_put(struct ring *r, struct block *b)
{
	struct block *unwanted = NULL;

	pthread_mutex_lock(&r->mutex);
	if (r->error != 0) {
		unwanted = keep(r, b);
	} else {
		if (!b->unit && r->nqueue >= SHRINK_QUEUE)
			shrink(b);
		TAILQ_INSERT_TAIL(&r->queue, b, link);
		r->nqueue++;
		r->bytes += cost(b);
		if (!b->unit)
			r->records += cost(b);
		if (r->bytes > r->peak)
			r->peak = r->bytes;
		pthread_cond_signal(&r->filled);
	}
	pthread_mutex_unlock(&r->mutex);
	block_free(unwanted);
}

void
ring_close(struct ring *r)
{
	pthread_mutex_lock(&r->mutex);
	r->closed = true;
	pthread_cond_signal(&r->filled);
	pthread_mutex_unlock(&r->mutex);
}

int
ring_error(struct ring *r)
{
	int error;

	pthread_mutex_lock(&r->mutex);
	error = r->error;
	pthread_mutex_unlock(&r->mutex);
	return error;
}

bool
ring_glutted(struct ring *r)
{
	bool glutted;

	pthread_mutex_lock(&r->mutex);
	glutted = r->records > r->limit;
	pthread_mutex_unlock(&r->mutex);
	return glutted;
}

size_t
ring_take(struct ring *r, struct block **blocks, size_t max)
{
	size_t n = 0;

	pthread_mutex_lock(&r->mutex);
	while (TAILQ_EMPTY(&r->queue) && !r->closed)
		pthread_cond_wait(&r->filled, &r->mutex);
	while (n < max && !TAILQ_EMPTY(&r->queue)) {
		blocks[n] = TAILQ_FIRST(&r->queue);
		remove_queued(r, blocks[n]);
		n++;
	}
	pthread_mutex_unlock(&r->mutex);
	return n;
}

void
ring_recycle(struct ring *r, struct block **blocks, size_t n)
{
	struct block_list unwanted = TAILQ_HEAD_INITIALIZER(unwanted);
	bool drained;

	pthread_mutex_lock(&r->mutex);
	for (size_t i = 0; i < n; i++) {
		uncount(r, blocks[i]);
		if (keep(r, blocks[i]) != NULL)
			TAILQ_INSERT_TAIL(&unwanted, blocks[i], link);
	}
	drained = r->wanted && r->bytes <= r->limit / 2;
	r->wanted &= !drained;
	pthread_mutex_unlock(&r->mutex);
	free_all(&unwanted);
	if (drained)
		r->drained();
}

void
ring_fail(struct ring *r, int error)
{
	struct block_list queue = TAILQ_HEAD_INITIALIZER(queue);
	struct block *b;

	pthread_mutex_lock(&r->mutex);
	r->error = error;
	TAILQ_FOREACH(b, &r->queue, link)
		uncount(r, b);
	TAILQ_CONCAT(&queue, &r->queue, link);
	r->nqueue = 0;
	pthread_mutex_unlock(&r->mutex);
	free_all(&queue);
}
