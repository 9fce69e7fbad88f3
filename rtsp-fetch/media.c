/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTP and RTCP of a track, whichever channel they come on (RFC 5761 4). */
#include "media.h"

#include <sys/endian.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "clock.h"
#include "msg.h"
#include "rtcp.h"

static int
take_sprop(struct media *m)
{
	struct sdp_sets sets;
	size_t len;

	sdp_sets_open(&sets, m->sdp->fmtp);
	while ((len = sdp_sets_next(&sets)) > 0) {
		if (au_take_set(&m->au, sets.nal, len, true) == -1)
			return -1;
	}
	return 0;
}

int
media_open(struct media *m, struct stream *out, uint8_t number, const struct sdp_media *sdp,
    bool keep_damaged)
{
	memset(m, 0, sizeof *m);
	m->out = out;
	m->number = number;
	m->sdp = sdp;
	m->rtcp_channel = 1;
	m->source.clock_rate = sdp->clock_rate;
	au_open(&m->au, out, number);
	m->au.keep_damaged = keep_damaged;
	m->depay.au = &m->au;
	return take_sprop(m);
}

void
media_close(struct media *m)
{
	au_close(&m->au);
	for (size_t i = 0; i < RTP_HELD_MAX; i++)
		free(m->held[i].data);
}

int
media_describe(struct media *m)
{
	char fmtp[8192], sprop[SDP_SPROP_MAX], ssrc[24] = "", time[32] = "";

	if (m->source.begun)
		snprintf(ssrc, sizeof ssrc, "ssrc: %08" PRIx32 "\n", m->source.ssrc);
	if (m->sdp->sender_time != 0)
		snprintf(time, sizeof time, "sender-time: %u\n", m->sdp->sender_time);
	if (!sdp_fmtp(m->sdp->fmtp, "sprop-parameter-sets", sprop, sizeof sprop))
		sprop[0] = '\0';
	return stream_text(m->out, NALSTREAM_TRACK, m->number,
	    "codec: h264\nclock-rate: %" PRIu32 "\npayload-type: %d\n%s%sparameter-sets: %s\nfmtp: %s\n",
	    m->sdp->clock_rate, m->sdp->payload_type, ssrc, time, stream_line(sprop, sizeof sprop, sprop),
	    stream_line(fmtp, sizeof fmtp, m->sdp->fmtp));
}

/* The source began anew: what is whole goes out, the rest goes with nothing that comes. */
static int
restart(struct media *m)
{
	msg(MSG_REMARK, "the camera's stream began anew (SSRC %08" PRIx32 ")", m->source.ssrc);
	if (depay_restart(&m->depay) == -1 || stream_text(m->out, NALSTREAM_GAP, m->number,
	    "what: restart\nssrc: %08" PRIx32 "\n", m->source.ssrc) == -1)
		return -1;
	return media_describe(m);
}

/* Keeps a packet, behind the others that are held or instead of them. */
static int
hold(struct media *m, const struct conn_packet *c, bool first)
{
	struct media_held *h;

	if (first)
		m->nheld = 0;
	if (m->nheld == RTP_HELD_MAX)
		return 0;
	h = &m->held[m->nheld];
	if (h->cap < c->len) {
		free(h->data);
		h->cap = 0;
		h->data = malloc(c->len);
		if (h->data == NULL)
			return -1;
		h->cap = c->len;
	}
	memcpy(h->data, c->data, c->len);
	h->packet = *c;
	h->packet.data = h->data;
	m->nheld++;
	return 0;
}

/* Only an extension that has the sender's time is of use. */
static bool
has_sender_time(const struct media *m, const struct rtp_packet *p)
{
	uint64_t ntp;

	return p->extension_len <= sizeof m->au.time &&
	    sendertime_read(be16dec(p->extension), p->extension + 4, p->extension_len - 4,
		m->sdp->sender_time, &ntp);
}

/* Its header and arrival. 0; -1: it is none of this track's. */
static int
parse_rtp(struct media *m, struct rtp_packet *p, const struct conn_packet *c)
{
	if (rtp_parse(p, c->data, c->len) == -1) {
		m->malformed++;
		return -1;
	}
	/* Before its sequence number counts: it may be that of another stream. */
	if (!sdp_has_payload_type(m->sdp, p->payload_type)) {
		m->foreign++;
		return -1;
	}
	if (p->extension != NULL && !has_sender_time(m, p))
		p->extension = NULL;
	p->first_ntp = c->first_ntp;
	p->last_ntp = c->last_ntp;
	p->slack_us = c->slack_us;
	p->user = c->user;
	return 0;
}

static int
take_held(struct media *m)
{
	struct rtp_packet p;

	for (size_t i = 0; i < m->nheld; i++) {
		if (parse_rtp(m, &p, &m->held[i].packet) == -1)
			continue;
		rtp_account_held(&m->source, &p);
		if (depay_packet(&m->depay, &p, 0) == -1)
			return -1;
	}
	return 0;
}

/* What goes before a packet of this order. 1: the packet may go; 0: it may not; -1 with errno. */
static int
prepare(struct media *m, const struct conn_packet *c, enum rtp_order order)
{
	int rc = 1;

	if (order == RTP_DROP)
		return 0;
	if (order == RTP_HOLD || order == RTP_HOLD_FIRST)
		return hold(m, c, order == RTP_HOLD_FIRST);
	if (order == RTP_RESTART)
		rc = restart(m) == -1 || take_held(m) == -1 ? -1 : 1;
	else if (order == RTP_RENUMBERED)
		rc = depay_renumbered(&m->depay) == -1 || take_held(m) == -1 ? -1 : 1;
	m->nheld = 0;
	return rc;
}

static void
tell_jump(struct media *m, const struct rtp_packet *p)
{
	m->jump_told = true;
	msg(MSG_REMARK, "the RTP time jumps, to %" PRIu32 " in packet %u; it is recorded as it comes",
	    p->timestamp, p->seq);
}

static int
take_rtp(struct media *m, const struct conn_packet *c)
{
	struct rtp_packet p;
	bool first = !m->source.begun;
	enum rtp_order order;
	uint32_t nlost;
	int go;

	if (parse_rtp(m, &p, c) == -1)
		return 0;
	order = rtp_account(&m->source, &p, &nlost);
	if (first && media_describe(m) == -1)
		return -1;
	go = prepare(m, c, order);
	if (go <= 0)
		return go;
	if (m->source.jumps > 0 && !m->jump_told)
		tell_jump(m, &p);
	return depay_packet(&m->depay, &p, nlost);
}

static int
take_report(struct media *m, const struct rtcp_packet *r, const struct conn_packet *c)
{
	struct nalrec arrival = {
		.first_ntp = c->first_ntp, .last_ntp = c->last_ntp, .slack_us = c->slack_us,
		.flags = c->user ? NALSTREAM_USER : 0, .packets = 1,
	};

	rtcp_note_report(&m->source, r->body, c->last_ntp);
	/* The report's RTP time, extended like those of the packets around it. */
	arrival.rtp = be32dec(r->body + 12);
	if (m->source.begun)
		arrival.rtp = clock_rtp_extend(m->source.rtp, (uint32_t)arrival.rtp);
	return stream_report(m->out, m->number, r->body, &arrival);
}

/* RFC 3550 6.6: the SSRCs of those who leave. Others than ours may: relays, old sessions. */
static bool
is_ours(const struct media *m, const struct rtcp_packet *bye)
{
	for (size_t i = 0; i < bye->count && 4 * i + 4 <= bye->len; i++) {
		if (m->source.begun && be32dec(bye->body + 4 * i) == m->source.ssrc)
			return true;
	}
	return false;
}

/* All of a compound; a sender report may stand anywhere in it. */
static int
take_rtcp(struct media *m, const struct conn_packet *c)
{
	struct rtcp_packet r;
	size_t at = 0;

	while (rtcp_next(c->data, c->len, &at, &r)) {
		if (r.type == RTCP_SR && r.len >= NALSTREAM_REPORT_SIZE) {
			if (take_report(m, &r, c) == -1)
				return -1;
		} else if (r.type == RTCP_BYE) {
			m->bye |= is_ours(m, &r);
		}
	}
	if (at == 0)
		m->malformed++;
	return 0;
}

int
media_packet(struct media *m, const struct conn_packet *p)
{
	if (p->len == 0)
		return 0;
	/* RFC 5761 4: packet types 200 to 207 are RTCP, on either channel. */
	if (p->len >= 2 && p->data[1] >= 200 && p->data[1] <= 207)
		return take_rtcp(m, p);
	return take_rtp(m, p);
}

int
media_finish(struct media *m)
{
	return depay_finish(&m->depay);
}

struct conn_known
media_known(const struct media *m)
{
	return (struct conn_known){ .set = true, .channel = m->channel,
		.rtcp_channel = m->rtcp_channel,
		.payload_type = (uint8_t)m->sdp->payload_type, .has_ssrc = m->source.begun,
		.ssrc = m->source.ssrc };
}

void
media_remark(const struct media *m)
{
	uint64_t unknown = m->depay.unknown + m->au.unknown;
	uint64_t malformed = m->malformed + m->depay.malformed;

	if (m->source.late > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets were doubled, too late, or of another session",
		    m->source.late);
	if (m->source.jumps > 0)
		msg(MSG_REMARK, "the RTP time jumped %" PRIu64 " times", m->source.jumps);
	if (m->foreign > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets were of another payload type than %d",
		    m->foreign, m->sdp->payload_type);
	if (malformed > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets were malformed", malformed);
	if (unknown > 0)
		msg(MSG_REMARK, "%" PRIu64 " packets were of kinds that RFC 6184's modes 0 and 1 "
		    "do not have", unknown);
}
