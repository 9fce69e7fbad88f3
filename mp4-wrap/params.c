/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Parameter sets by id; a new one of the same id takes the place of the old. */
#include "params.h"

#include <sys/endian.h>

#include <stdlib.h>
#include <string.h>

#define ALL_MAX	UINT16_MAX	/* real sets have some 100 bytes together; an avcC can hold one of these */

/* Whether a set of this size, in the place of this one, is not too much: a key frame may get them all. */
static bool
fits(const struct params *p, const struct param_set *set, size_t len)
{
	return len <= ALL_MAX && p->bytes - set->len + len <= ALL_MAX;
}

static int
replace(struct params *p, struct param_set *set, unsigned *count, const uint8_t *nal, size_t len)
{
	uint8_t *copy;

	if (set->len == len && memcmp(set->data, nal, len) == 0)
		return 0;
	copy = malloc(len);
	if (copy == NULL)
		return -1;
	memcpy(copy, nal, len);
	*count += set->len == 0;
	p->bytes += len - set->len;
	free(set->data);
	*set = (struct param_set){ copy, len };
	return 0;
}

int
params_take(struct params *p, const uint8_t *nal, size_t len)
{
	struct sps sps;
	uint8_t pps_id, sps_id;

	if (sps_parse(&sps, nal, len) == 0) {
		sps_id = sps.seq_parameter_set_id;
		if (!fits(p, &p->sps[sps_id], len))
			return 0;
		p->sps_unit[sps_id] = p->unit;
		p->parsed[sps_id] = sps;
		return replace(p, &p->sps[sps_id], &p->nsps, nal, len);
	}
	if (pps_parse_ids(nal, len, &pps_id, &sps_id) == 0 && fits(p, &p->pps[pps_id], len)) {
		p->pps_unit[pps_id] = p->unit;
		p->pps_sps[pps_id] = sps_id;
		return replace(p, &p->pps[pps_id], &p->npps, nal, len);
	}
	return 0;
}

const struct sps *
params_sps(const struct params *p, int pps_id)
{
	if (pps_id < 0 || pps_id >= PARAMS_PPS || p->pps[pps_id].len == 0 ||
	    p->sps[p->pps_sps[pps_id]].len == 0)
		return NULL;
	return &p->parsed[p->pps_sps[pps_id]];
}

bool
params_complete(const struct params *p)
{
	return p->nsps > 0 && p->npps > 0;
}

void
params_group(const struct params *p, int pps_id, struct params_group *g)
{
	bool known = params_sps(p, pps_id) != NULL;

	g->nsps = g->npps = 0;
	g->own = true;
	for (size_t i = 0; i < PARAMS_SPS; i++) {
		if (p->sps[i].len == 0 || (known && i != p->pps_sps[pps_id]))
			continue;
		g->sps[g->nsps++] = p->sps[i];
		g->own &= p->sps_unit[i] == p->unit;
	}
	for (size_t i = 0; i < PARAMS_PPS; i++) {
		if (p->pps[i].len == 0 || (known && p->pps_sps[i] != p->pps_sps[pps_id]))
			continue;
		g->pps[g->npps++] = p->pps[i];
		g->own &= p->pps_unit[i] == p->unit;
	}
}

static size_t
packed_size(const struct param_set *sets, size_t n)
{
	size_t size = 0;

	for (size_t i = 0; i < n; i++)
		size += 4 + sets[i].len;
	return size;
}

static uint8_t *
pack(uint8_t *out, const struct param_set *sets, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		be32enc(out, sets[i].len);
		memcpy(out + 4, sets[i].data, sets[i].len);
		out += 4 + sets[i].len;
	}
	return out;
}

uint8_t *
params_pack(const struct params_group *g, size_t *len)
{
	uint8_t *out;

	*len = packed_size(g->sps, g->nsps) + packed_size(g->pps, g->npps);
	out = malloc(*len);
	if (out != NULL)
		pack(pack(out, g->sps, g->nsps), g->pps, g->npps);
	return out;
}

void
params_close(struct params *p)
{
	for (size_t i = 0; i < PARAMS_SPS; i++)
		free(p->sps[i].data);
	for (size_t i = 0; i < PARAMS_PPS; i++)
		free(p->pps[i].data);
}
