/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * Access units under construction. The NAL units are written as nalstream
 * records into one block, which goes to the writer as it is.
 */
#include "au.h"

#include <sys/endian.h>

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "annexb.h"
#include "clock.h"
#include "h264.h"
#include "msg.h"

#define NONE		SIZE_MAX
#define TRUST_MARKER	8
#define GATE_NS		(10 * CLOCK_NS_PER_S)	/* how long an IDR picture is waited for */
#define RECOVERY_POINT	6			/* SEI payload type, D.1.8 */
#define CLEAN		64	/* slices in a row without a start code: from then on only */
#define GLUED_HEAD	1024	/* so many bytes of one are searched: parameter sets come first */

void
au_open(struct au *au, struct stream *out, uint8_t track)
{
	memset(au, 0, sizeof *au);
	au->out = out;
	au->track = track;
	au->record = NONE;
	au->unit.only_intra = true;
}

void
au_close(struct au *au)
{
	block_free(au->block);
	free(au->glued);
	au->block = NULL;
	for (size_t i = 0; i < au->nsets; i++)
		free(au->sets[i].data);
	au->nsets = 0;
}

/* Throws the unit under way out; its block is used again for the next. */
static void
discard(struct au *au)
{
	if (au->block != NULL)
		au->block->len = 0;
	au->record = NONE;
	au->time_head.len = 0;
	au->unit = (struct au_unit){ .only_intra = true, .lost_before = au->lost_pending };
	au->sent_by_marker = au->lost_pending = false;
}

/* Sets FIRST, LAST, KEY and LOST in the heads of a whole unit's records. */
static void
flag_records(struct au *au)
{
	uint8_t *p = au->block->data, *end = p + au->block->len, *next;
	uint16_t flags = NALSTREAM_FIRST;

	if (au->unit.lost_before)
		flags |= NALSTREAM_LOST;
	for (; p < end; p = next) {
		next = p + 4 + be32dec(p);
		if (au->unit.key)
			flags |= NALSTREAM_KEY;
		if (next == end)
			flags |= NALSTREAM_LAST;
		be16enc(p + 6, be16dec(p + 6) | flags);
		flags = 0;
	}
}

/* Type and id of a parameter set. false: it is none, or cannot be read. */
static bool
identify_set(struct au_set *set, const uint8_t *nal, size_t len)
{
	struct sps sps;
	uint8_t sps_id;

	set->type = NAL_TYPE(nal[0]);
	if (set->type == NAL_PPS)
		return pps_parse_ids(nal, len, &set->id, &sps_id) == 0;
	if (sps_parse(&sps, nal, len) == -1)
		return false;
	set->id = sps.seq_parameter_set_id;
	return true;
}

int
au_take_set(struct au *au, const uint8_t *nal, size_t len, bool sdp)
{
	struct au_set new = { .sdp = sdp, .len = len }, *set = au->sets;

	if (!identify_set(&new, nal, len))
		return 0;
	while (set < au->sets + au->nsets && (set->type != new.type || set->id != new.id))
		set++;
	if (set == au->sets + AU_SETS)
		return 0;
	if (set < au->sets + au->nsets && set->len == len && memcmp(set->data, nal, len) == 0) {
		set->sdp &= sdp;
		return 0;
	}
	new.data = malloc(len);
	if (new.data == NULL)
		return -1;
	memcpy(new.data, nal, len);
	if (set == au->sets + au->nsets)
		au->nsets++;
	free(set->data);
	*set = new;
	return 0;
}

/* Writes all sets of a type as records at p. Returns where they end. */
static uint8_t *
write_sets(const struct au *au, unsigned type, uint8_t *p)
{
	struct nalrec head = { .type = NALSTREAM_NAL, .track = au->track, .rtp = au->rtp,
		.first_ntp = au->first_ntp, .last_ntp = au->first_ntp,
		.slack_us = NALSTREAM_SLACK_UNKNOWN };

	for (const struct au_set *set = au->sets; set < au->sets + au->nsets; set++) {
		if (set->type != type)
			continue;
		head.flags = set->sdp ? NALSTREAM_SDP : 0;
		head.len = set->len;
		nalstream_head(p, &head);
		memcpy(p + NALSTREAM_HEAD, set->data, set->len);
		p += NALSTREAM_HEAD + set->len;
	}
	return p;
}

/* Puts the parameter sets in force into the first unit, after a delimiter. */
static int
insert_sets(struct au *au)
{
	struct block *b = au->block;
	size_t at = 0, old = b->len, size = 0;

	for (size_t i = 0; i < au->nsets; i++)
		size += NALSTREAM_HEAD + au->sets[i].len;
	if (block_add(b, size) == NULL)
		return -1;
	if (NAL_TYPE(b->data[NALSTREAM_HEAD]) == NAL_AUD)
		at = 4 + be32dec(b->data);
	memmove(b->data + at + size, b->data + at, old - at);
	write_sets(au, NAL_PPS, write_sets(au, NAL_SPS, b->data + at));
	return 0;
}

/* Whether decoding can start at the unit under way. */
static bool
can_start(const struct au *au)
{
	bool sps = false, pps = false;

	for (size_t i = 0; i < au->nsets; i++) {
		sps |= au->sets[i].type == NAL_SPS;
		pps |= au->sets[i].type == NAL_PPS;
	}
	if (!sps || !pps || au->unit.damage)
		return false;
	return au->unit.key || ((au->unit.only_intra || au->unit.recovery_point) &&
	    clock_ntp_diff_ns(au->first_ntp, au->gate_ntp) >= GATE_NS);
}

static int
tell_skipped(struct au *au)
{
	uint64_t skipped = au->skipped;

	au->skipped = 0;
	if (skipped == 0)
		return 0;
	return stream_text(au->out, NALSTREAM_GAP, au->track,
	    "what: skipped\nframes: %" PRIu64 "\nreason: before the first key frame\n", skipped);
}

static int
tell_start(struct au *au)
{
	if (tell_skipped(au) == -1)
		return -1;
	if (au->unit.key)
		return 0;
	return stream_text(au->out, NALSTREAM_GAP, au->track,
	    "what: start\nreason: no IDR picture in 10 s; began at %s\n",
	    au->unit.recovery_point ? "a recovery point" : "an I picture");
}

/* Lets the unit under way through the gate, once. */
static int
pass_gate(struct au *au)
{
	if (au->started)
		return 1;
	if (au->gate_ntp == 0)
		au->gate_ntp = au->first_ntp;
	if (!can_start(au)) {
		au->skipped++;
		return 0;
	}
	if (tell_start(au) == -1)
		return -1;
	au->started = true;
	/* They may have come in the SDP, or with pictures that were skipped. */
	if (!(au->unit.has_sps && au->unit.has_pps) && insert_sets(au) == -1)
		return -1;
	return 1;
}

/* A picture is left out because packets of it are missing: the next one says LOST. */
static int
tell_damaged(struct au *au, uint64_t rtp)
{
	au->damaged++;
	au->lost_pending = true;
	return stream_text(au->out, NALSTREAM_GAP, au->track,
	    "what: damaged\nframes: 1\nrtp: %" PRIu32 "\n", (uint32_t)rtp);
}

/*
 * Of the picture at orphan_rtp no slice has its start: what came before it, its
 * parameter sets and SEI, goes with it.
 */
static int
drop_orphan(struct au *au)
{
	int rc = 0;

	au->orphan = false;
	if (au->started)
		rc = tell_damaged(au, au->orphan_rtp);
	else
		au->skipped++;
	discard(au);
	return rc;
}

/* Puts X before the unit, whose RTP time it has; it is shed with it. 0, or -1 with errno. */
static int
put_sender_time(struct au *au)
{
	struct block *b = au->block;
	size_t len = b->len, size = NALSTREAM_HEAD + au->time_head.len;

	if (au->time_head.len == 0)
		return 0;
	if (block_add(b, size) == NULL)
		return errno == EFBIG ? 0 : -1;
	memmove(b->data + size, b->data, len);
	au->time_head.rtp = au->rtp;
	nalstream_head(b->data, &au->time_head);
	memcpy(b->data + NALSTREAM_HEAD, au->time, au->time_head.len);
	return 0;
}

/* The first packet of the unit that has the sender's time. */
static void
take_sender_time(struct au *au, const struct rtp_packet *p)
{
	au->time_head = (struct nalrec){
		.type = NALSTREAM_SENDER_TIME, .track = au->track, .len = p->extension_len,
		.first_ntp = p->first_ntp, .last_ntp = p->last_ntp, .slack_us = p->slack_us,
		.flags = p->user ? NALSTREAM_USER : 0, .seq = p->seq, .packets = 1,
	};
	memcpy(au->time, p->extension, p->extension_len);
}

/* The unit under way is whole: sends it, or drops it and says so. */
static int
end_unit(struct au *au)
{
	struct block *b = au->block;
	int pass;

	if (b == NULL || b->len == 0 || !au->unit.has_vcl) {
		discard(au);
		return 0;
	}
	au->whole += !au->unit.damage;
	pass = pass_gate(au);
	if (pass == 1 && au->unit.damage) {
		if (au->keep_damaged)
			au->damaged++;
		else
			pass = tell_damaged(au, au->rtp);
	}
	if (pass == 1) {
		flag_records(au);
		if (put_sender_time(au) == -1)
			return -1;
		/* For shedding: whether decoding can start here, IDR picture or not. */
		b->key = au->unit.key || au->unit.recovery_point || au->unit.only_intra;
		au->block = NULL;
		pass = stream_unit(au->out, b);
	}
	discard(au);
	if (pass == 1)
		au->frames++;
	return pass == -1 ? -1 : 0;
}

/*
 * 7.4.1.2.3: whether a NAL unit of this type cannot belong to the unit under
 * way; slice: its slice header, NULL if it has none that can be read. Some send
 * parameter sets between the slices of a picture (GStreamer's rtph264pay with
 * config-interval=-1), so these and SEI begin a unit only with another RTP time
 * or behind the marker.
 */
static bool
begins_unit(const struct au *au, const struct rtp_packet *p, unsigned type,
    const struct slice_start *slice)
{
	if (!au->unit.has_vcl)
		return false;
	if (type == NAL_AUD)
		return true;
	if ((type >= NAL_SEI && type < NAL_AUD) || (type >= NAL_PREFIX && type <= 18))
		return p->rtp != au->rtp || au->unit.ended_by_marker;
	if (!nal_is_vcl(type))
		return false;
	return p->rtp != au->rtp || (slice != NULL && slice->first_mb_in_slice == 0);
}

/* The next NAL unit says what the marker was worth. */
static void
judge_marker(struct au *au, bool boundary)
{
	if (au->unit.ended_by_marker != boundary)
		au->marker_trust = 0;
	else if (boundary && au->marker_trust < TRUST_MARKER)
		au->marker_trust++;
}

/* The first VCL NAL unit of a unit: it tells what the marker and losses did. */
static void
note_first_vcl(struct au *au, const struct rtp_packet *p, const struct slice_start *slice)
{
	bool continues = slice != NULL && slice->first_mb_in_slice != 0;

	/* The unit that the marker ended goes on: never mind the marker. */
	if (continues && au->sent_by_marker && p->rtp == au->rtp)
		au->marker_trust = 0;
	au->unit.damage |= (continues && au->unit.lost_before) || (au->orphan && au->orphan_rtp == p->rtp);
	au->orphan = false;
	au->rtp = p->rtp;
	au->unit.has_vcl = true;
}

/* Notes what this NAL unit makes of its access unit. */
static void
note_nal(struct au *au, const struct rtp_packet *p, unsigned type, const struct slice_start *slice,
    const uint8_t *data, size_t len)
{
	if (au->block->len == 0)
		au->first_ntp = p->first_ntp;
	au->unit.has_sps |= type == NAL_SPS;
	au->unit.has_pps |= type == NAL_PPS;
	au->unit.recovery_point |= type == NAL_SEI && len > 0 && data[0] == RECOVERY_POINT;
	if (!nal_is_vcl(type))
		return;
	if (!au->unit.has_vcl)
		note_first_vcl(au, p, slice);
	au->unit.only_intra &= slice != NULL && slice->intra;
	au->unit.key |= type == NAL_IDR;
}

/* Reads the slice header of a NAL unit of which len bytes after the first are there. */
static bool
read_slice(struct slice_start *slice, uint8_t header, const uint8_t *data, size_t len)
{
	uint8_t start[16] = { header };

	if (len > sizeof start - 1)
		len = sizeof start - 1;
	memcpy(start + 1, data, len);
	return slice_parse(slice, start, len + 1) == 0;
}

/* Begins the record of a NAL unit that begins in packet p; none if the unit is too large. */
static int
open_record(struct au *au, const struct rtp_packet *p, uint8_t header)
{
	uint8_t *out;

	au->record = au->block->len;
	au->head = (struct nalrec){
		.type = NALSTREAM_NAL, .track = au->track, .rtp = p->rtp,
		.first_ntp = p->first_ntp, .slack_us = p->slack_us, .seq = p->seq,
	};
	out = block_add(au->block, NALSTREAM_HEAD + 1);
	if (out != NULL) {
		out[NALSTREAM_HEAD] = header;
		return 0;
	}
	au->record = NONE;
	au->unit.damage = true;
	return errno == EFBIG ? 0 : -1;
}

int
au_nal_begin(struct au *au, const struct rtp_packet *p, uint8_t header,
    const uint8_t *data, size_t len)
{
	unsigned type = NAL_TYPE(header);
	struct slice_start parsed, *slice = NULL;
	bool boundary;

	if (read_slice(&parsed, header, data, len))
		slice = &parsed;
	if (au->orphan && !au->unit.has_vcl && p->rtp != au->orphan_rtp && drop_orphan(au) == -1)
		return -1;
	boundary = begins_unit(au, p, type, slice);
	if (au->unit.has_vcl)
		judge_marker(au, boundary);
	au->unit.ended_by_marker = false;
	if (boundary && end_unit(au) == -1)
		return -1;
	if (au->block == NULL && (au->block = stream_block(au->out)) == NULL)
		return -1;
	au->before = au->unit;
	note_nal(au, p, type, slice, data, len);
	if (open_record(au, p, header) == -1)
		return -1;
	return au_nal_append(au, p, data, len);
}

int
au_nal_append(struct au *au, const struct rtp_packet *p, const uint8_t *data, size_t len)
{
	uint8_t *out;

	if (au->record == NONE)
		return 0;
	if (p->extension != NULL && au->time_head.len == 0)
		take_sender_time(au, p);
	if (au->block->len - au->record - NALSTREAM_HEAD + len > NALSTREAM_MAX_MEDIA) {
		au->unit.damage = true;
		return 0;
	}
	out = block_add(au->block, len);
	if (out == NULL && errno == EFBIG) {
		au->unit.damage = true;
		return 0;
	}
	if (out == NULL)
		return -1;
	memcpy(out, data, len);
	au->head.last_ntp = p->last_ntp;
	if (p->user)
		au->head.flags |= NALSTREAM_USER;
	if (au->head.packets < UINT16_MAX)
		au->head.packets++;
	return 0;
}

/* Takes the open NAL unit back, as if it had not come; that bytes were missing in it stays true. */
static void
undo_nal(struct au *au)
{
	au->before.damage |= au->unit.damage;
	au->unit = au->before;
	au->block->len = au->record;
	au->record = NONE;
}

static bool
is_set(unsigned type)
{
	return type == NAL_SPS || type == NAL_PPS || type == NAL_SPS_EXTENSION || type == NAL_SUBSET_SPS;
}

/* Ends the open NAL unit, in which there are no start codes. */
static int
close_nal(struct au *au)
{
	size_t len = au->block->len - au->record - NALSTREAM_HEAD;
	const uint8_t *nal = au->block->data + au->record + NALSTREAM_HEAD;
	unsigned type = NAL_TYPE(nal[0]);

	/* RFC 6184 5.2: those are kinds of packets, or nothing. */
	if (type == 0 || type > 23) {
		undo_nal(au);
		au->unknown++;
		return 0;
	}
	/* 7.4.1: no NAL unit ends in a zero byte. In slices it does no harm, and they stay as they came. */
	while (is_set(type) && len > 2 && nal[len - 1] == 0)
		len--;
	au->block->len = au->record + NALSTREAM_HEAD + len;
	au->head.len = len;
	if (au->unit.damage)
		au->head.flags |= NALSTREAM_DAMAGED;
	nalstream_head(au->block->data + au->record, &au->head);
	au->record = NONE;
	if ((type != NAL_SPS && type != NAL_PPS) || au->unit.damage)
		return 0;
	return au_take_set(au, nal, len, false);
}

/*
 * Whether there are NAL units of Annex B inside this one. All of a slice is
 * searched only until that is known not to be this camera's way. SEI may have
 * start codes that are data (ONVIF Media Signing), so it is whole unless the
 * camera has glued others.
 */
static bool
is_glued(struct au *au, const uint8_t *nal, size_t len)
{
	unsigned type = NAL_TYPE(nal[0]);

	if (type == NAL_SEI && !au->glues)
		return false;
	if (nal_is_vcl(type) && au->nclean == CLEAN && len > GLUED_HEAD)
		len = GLUED_HEAD;
	if (annexb_find(nal, len) == NULL) {
		if (nal_is_vcl(type) && au->nclean < CLEAN)
			au->nclean++;
		return false;
	}
	if (!au->glues)
		msg(MSG_REMARK, "the camera sends start codes inside packets; NAL units are split there");
	au->glues = true;
	au->nclean = 0;
	return true;
}

static int
copy_glued(struct au *au, const uint8_t *nal, size_t len)
{
	if (au->glued_cap < len) {
		free(au->glued);
		au->glued_cap = 0;
		au->glued = malloc(len);
		if (au->glued == NULL)
			return -1;
		au->glued_cap = len;
	}
	memcpy(au->glued, nal, len);
	return 0;
}

/* The open NAL unit is several: each of them has come in all of its packets. */
static int
split_nal(struct au *au, const uint8_t *whole, size_t len)
{
	struct nalrec head = au->head;
	struct rtp_packet p = { .rtp = head.rtp, .first_ntp = head.first_ntp, .last_ntp = head.last_ntp,
		.slack_us = head.slack_us, .seq = head.seq, .user = head.flags & NALSTREAM_USER };
	struct annexb a;
	const uint8_t *nal;

	if (copy_glued(au, whole, len) == -1)
		return -1;
	undo_nal(au);
	annexb_open(&a, au->glued, len);
	while (annexb_next(&a, &nal, &len)) {
		if (au_nal_begin(au, &p, nal[0], nal + 1, len - 1) == -1)
			return -1;
		if (au->record == NONE)
			continue;
		au->head.packets = head.packets;
		if (close_nal(au) == -1)
			return -1;
	}
	return 0;
}

int
au_nal_end(struct au *au)
{
	const uint8_t *nal;
	size_t len;

	if (au->record == NONE)
		return 0;
	nal = au->block->data + au->record + NALSTREAM_HEAD;
	len = au->block->len - au->record - NALSTREAM_HEAD;
	return is_glued(au, nal, len) ? split_nal(au, nal, len) : close_nal(au);
}

void
au_damage(struct au *au)
{
	au->unit.damage = true;
}

void
au_orphan(struct au *au, const struct rtp_packet *p)
{
	if (au->unit.has_vcl && p->rtp == au->rtp) {
		au->unit.damage = true;
		return;
	}
	au->orphan = true;
	au->orphan_rtp = p->rtp;
}

/* Packets are missing here, perhaps. */
static void
note_hole(struct au *au)
{
	/* Behind a marker that can be trusted the unit was whole already. */
	if (au->unit.has_vcl && !au->unit.ended_by_marker)
		au->unit.damage = true;
	if (au->unit.has_vcl)
		au->lost_pending = true;
	else
		au->unit.lost_before = true;
}

int
au_lost(struct au *au, uint32_t npackets)
{
	note_hole(au);
	return stream_text(au->out, NALSTREAM_GAP, au->track,
	    "what: loss\npackets: %" PRIu32 "\n", npackets);
}

int
au_renumbered(struct au *au)
{
	note_hole(au);
	return stream_text(au->out, NALSTREAM_GAP, au->track, "what: renumbered\n");
}

int
au_marker(struct au *au)
{
	au->unit.ended_by_marker = au->unit.has_vcl;
	if (!au->unit.has_vcl || au->marker_trust < TRUST_MARKER)
		return 0;
	if (end_unit(au) == -1)
		return -1;
	au->sent_by_marker = true;
	return 0;
}

/* Nothing more of the unit under way comes: sends it if it is whole. */
static int
flush(struct au *au)
{
	/* Where markers come, a unit without one is cut short. */
	if (au->record != NONE || (au->marker_trust > 0 && !au->unit.ended_by_marker))
		discard(au);
	if (au->orphan && !au->unit.has_vcl && drop_orphan(au) == -1)
		return -1;
	return end_unit(au);
}

int
au_restart(struct au *au)
{
	if (flush(au) == -1)
		return -1;
	au->unit.lost_before = au->lost_pending = au->orphan = false;
	au->started = false;
	au->gate_ntp = 0;
	au->marker_trust = 0;
	return 0;
}

int
au_finish(struct au *au)
{
	if (flush(au) == -1)
		return -1;
	if (au->skipped > 0)
		msg(MSG_REMARK, "%" PRIu64 " frames came before one that decoding can start at",
		    au->skipped);
	return tell_skipped(au);
}
