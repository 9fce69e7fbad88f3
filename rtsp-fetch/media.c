/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* RTP and RTCP of a track, whichever channel they come on (RFC 5761 4). */
#include "media.h"

#include <sys/endian.h>

#include <inttypes.h>
#include <stdio.h>
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
}

int
media_describe(struct media *m)
{
	char fmtp[8192], sprop[SDP_SPROP_MAX], ssrc[24] = "";

	if (m->source.begun)
		snprintf(ssrc, sizeof ssrc, "ssrc: %08" PRIx32 "\n", m->source.ssrc);
	if (!sdp_fmtp(m->sdp->fmtp, "sprop-parameter-sets", sprop, sizeof sprop))
		sprop[0] = '\0';
	return stream_text(m->out, NALSTREAM_TRACK, m->number,
	    "codec: h264\nclock-rate: %" PRIu32 "\npayload-type: %d\n%sparameter-sets: %s\nfmtp: %s\n",
	    m->sdp->clock_rate, m->sdp->payload_type, ssrc, stream_line(sprop, sizeof sprop, sprop),
	    stream_line(fmtp, sizeof fmtp, m->sdp->fmtp));
}

/* The source began anew, or this is its first packet. */
static int
begin_source(struct media *m, bool restart)
{
	if (restart) {
		msg(MSG_REMARK, "the camera's stream began anew (SSRC %08" PRIx32 ")",
		    m->source.ssrc);
		depay_reset(&m->depay);
		if (stream_text(m->out, NALSTREAM_GAP, m->number, "what: restart\nssrc: %08" PRIx32 "\n",
		    m->source.ssrc) == -1)
			return -1;
	}
	return media_describe(m);
}

static int
take_rtp(struct media *m, const struct conn_packet *c)
{
	struct rtp_packet p;
	bool first = !m->source.begun;
	enum rtp_order order;
	uint32_t nlost;

	if (rtp_parse(&p, c->data, c->len) == -1) {
		m->malformed++;
		return 0;
	}
	/* Before its sequence number counts: it may be that of another stream. */
	if (p.payload_type != m->sdp->payload_type) {
		m->foreign++;
		return 0;
	}
	p.first_ntp = c->first_ntp;
	p.last_ntp = c->last_ntp;
	p.slack_us = c->slack_us;
	p.user = c->user;
	order = rtp_account(&m->source, &p, &nlost);
	if (order == RTP_DROP)
		return 0;
	if ((first || order == RTP_RESTART) && begin_source(m, !first) == -1)
		return -1;
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

/* All of a compound; a sender report may stand anywhere in it. */
static int
take_rtcp(struct media *m, const struct conn_packet *c)
{
	struct rtcp_packet r;
	size_t at = 0;

	while (rtcp_next(c->data, c->len, &at, &r)) {
		if (r.type == RTCP_SR && r.len >= RTCP_REPORT_SIZE) {
			if (take_report(m, &r, c) == -1)
				return -1;
		} else if (r.type == RTCP_BYE && r.count > 0 && r.len >= 4) {
			m->bye |= !m->source.begun || be32dec(r.body) == m->source.ssrc;
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
