/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A session description as text. Profile and level are those of the SPS: what
 * cameras write into profile-level-id is often another.
 */
#include "list.h"

#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "h264.h"
#include "show.h"

#define NAME_SHOWN	40	/* bytes of a name that are shown */

/* A name from outside. */
static void
put_name(FILE *out, const char *name)
{
	char cut[NAME_SHOWN + 1];

	strlcpy(cut, name[0] != '\0' ? name : "unknown", sizeof cut);
	fputs(show(cut), out);
}

/* The first SPS that can be read. */
static bool
find_sps(struct sps *sps, const struct sdp_media *m)
{
	struct sdp_sets sets;
	size_t len;

	sdp_sets_open(&sets, m->fmtp);
	while ((len = sdp_sets_next(&sets)) > 0) {
		if (sps_parse(sps, sets.nal, len) == 0)
			return true;
	}
	return false;
}

/* ITU-T H.264 A.2; constraint_set1_flag is bit 6. */
static void
put_profile(FILE *out, const struct sps *sps)
{
	static const struct {
		uint8_t idc;
		const char *name;
	} profiles[] = {
		{ 44, "CAVLC 4:4:4 Intra" }, { 66, "Baseline" }, { 77, "Main" }, { 88, "Extended" },
		{ 100, "High" }, { 110, "High 10" }, { 122, "High 4:2:2" },
		{ 244, "High 4:4:4 Predictive" },
	};

	for (size_t i = 0; i < sizeof profiles / sizeof profiles[0]; i++) {
		if (profiles[i].idc == sps->profile_idc) {
			fprintf(out, "%s%s", sps->profile_idc == 66 && sps->constraint_flags & 0x40 ?
			    "Constrained " : "", profiles[i].name);
			return;
		}
	}
	fprintf(out, "profile %u", sps->profile_idc);
}

/* A.3.1: level_idc is ten times the level; 1b is 9, or in the older profiles 11 with constraint_set3_flag. */
static void
put_level(FILE *out, const struct sps *sps)
{
	bool older = sps->profile_idc == 66 || sps->profile_idc == 77 || sps->profile_idc == 88;

	if (sps->level_idc == 9 || (older && sps->level_idc == 11 && sps->constraint_flags & 0x10))
		fputs("level 1b", out);
	else
		fprintf(out, "level %u.%u", sps->level_idc / 10, sps->level_idc % 10);
}

static void
put_h264(FILE *out, const struct sdp_media *m)
{
	struct sps sps;

	if (!find_sps(&sps, m)) {
		fputs(", resolution not announced", out);
		return;
	}
	fputs(", ", out);
	put_profile(out, &sps);
	fputs(", ", out);
	put_level(out, &sps);
	fprintf(out, ", %" PRIu32 "x%" PRIu32, sps.width, sps.height);
}

/* H264/90000, as rtpmap has it; without one the payload type says what it is. */
static void
put_codec(FILE *out, const struct sdp_media *m)
{
	if (m->codec[0] == '\0') {
		if (m->payload_type >= 0)
			fprintf(out, " payload type %d", m->payload_type);
		return;
	}
	fputc(' ', out);
	put_name(out, m->codec);
	if (m->clock_rate != 0)
		fprintf(out, "/%" PRIu32, m->clock_rate);
	if (strcasecmp(m->codec, "H264") == 0)
		put_h264(out, m);
}

static void
put_track(FILE *out, size_t number, const struct sdp_media *m, bool chosen)
{
	const char *refusal = sdp_refusal(m);

	fprintf(out, "%zu ", number);
	put_name(out, m->type);
	put_codec(out, m);
	if (chosen)
		fputs(": recorded\n", out);
	else if (refusal == NULL)
		fprintf(out, ": not recorded, unless with --track %zu\n", number);
	else
		fprintf(out, ": not recorded, %s\n", refusal);
}

char *
list_text(const struct sdp *sdp, const struct sdp_media *chosen)
{
	char *text = NULL;
	size_t size;
	FILE *out = open_memstream(&text, &size);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < sdp->nmedia; i++)
		put_track(out, i + 1, &sdp->media[i], &sdp->media[i] == chosen);
	if (sdp->nmore > 0)
		fprintf(out, "and %zu more, which are not looked at\n", sdp->nmore);
	if (fclose(out) == EOF) {
		free(text);
		return NULL;
	}
	return text;
}
