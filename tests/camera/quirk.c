/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Faults of RTP and RTCP packets that were seen on cameras. */
#include <sys/endian.h>

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "fault.h"
#include "h264.h"
#include "rtp.h"

#define PAYLOAD	(RTP_INTERLEAVED + RTP_HEAD)
#define FU_A	28

/* These touch many packets; the log says so once. */
static bool
once(struct fault *f, char *what, size_t size)
{
	strlcpy(what, "from here on", size);
	return !f->done && (f->done = true);
}

static bool
every(const struct fault *f, uint64_t number)
{
	return f->n > 0 && number % f->n == 0;
}

/* The type of the NAL unit in a packet. */
static unsigned
nal_type(const struct fault_event *e)
{
	const uint8_t *p = e->packet + PAYLOAD;

	return NAL_TYPE(NAL_TYPE(p[0]) == FU_A ? p[1] : p[0]);
}

static bool
is_fragment(const struct fault_event *e)
{
	return NAL_TYPE(e->packet[PAYLOAD]) == FU_A;
}

static bool
is_set(const struct fault_event *e)
{
	return nal_type(e) == NAL_SPS || nal_type(e) == NAL_PPS;
}

static uint32_t
timestamp(const struct fault_event *e)
{
	return be32dec(e->packet + 8);
}

static void
set_len(struct fault_event *e, size_t len)
{
	e->len = len;
	be16enc(e->packet + 2, len - RTP_INTERLEAVED);
}

/* Something goes before the packet. */
static void
insert(struct fault_event *e, uint8_t channel, const void *data, size_t len)
{
	uint8_t *p = e->before + e->before_len;

	p[0] = '$';
	p[1] = channel;
	be16enc(p + 2, len);
	memcpy(p + 4, data, len);
	e->before_len += 4 + len;
}

/* An RTP packet with the head of the one it goes before; returns it. */
static uint8_t *
insert_rtp(struct fault_event *e, const void *payload, size_t len)
{
	uint8_t packet[FAULT_BEFORE], *p = e->before + e->before_len;

	memcpy(packet, e->packet + RTP_INTERLEAVED, RTP_HEAD);
	packet[1] &= (uint8_t)~RTP_MARKER;
	memcpy(packet + RTP_HEAD, payload, len);
	insert(e, e->rtp_channel, packet, RTP_HEAD + len);
	return p;
}

/* The same, with a sequence number of its own. */
static uint8_t *
insert_numbered(struct fault_event *e, const void *payload, size_t len)
{
	uint8_t *p = insert_rtp(e, payload, len);

	be16enc(e->packet + 6, be16dec(e->packet + 6) + 1);
	e->numbers++;
	return p;
}

static bool
play_crlf(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!every(f, e->number))
		return false;
	memcpy(e->before, "\r\n", 2);
	e->before_len = 2;
	return once(f, what, size);
}

static bool
play_cut(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (e->number != (uint64_t)f->n)
		return false;
	e->len = PAYLOAD + (e->len - PAYLOAD) / 2;
	return once(f, what, size);
}

/* A packet of an old session: another SSRC, but a number that would fit. */
static void
insert_old(struct fault_event *e, int ahead)
{
	static const uint8_t slice[] = { 0x41, 0x9a, 0x02, 0x03 };
	uint8_t *p = insert_rtp(e, slice, sizeof slice);

	be16enc(p + 6, be16dec(p + 6) + ahead);
	be32enc(p + 12, be32dec(p + 12) ^ 0x5a5a5a5a);
}

static bool
play_leftover(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (f->done)
		return false;
	for (int i = (int)f->n; i > 0; i--)
		insert_old(e, -i);
	return once(f, what, size);
}

static bool
play_stray(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!every(f, e->number))
		return false;
	insert_old(e, 0);
	return once(f, what, size);
}

static bool
play_swap(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	e->packet[1] = e->when == FAULT_PACKET ? e->rtcp_channel : e->rtp_channel;
	return once(f, what, size);
}

static bool
play_unasked(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	uint8_t *p;

	if (!every(f, e->number))
		return false;
	p = insert_rtp(e, "\x41\x9a\x02", 3);
	p[1] = 9;
	return once(f, what, size);
}

static bool
play_nothing(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!every(f, e->number))
		return false;
	insert(e, e->rtp_channel, "", 0);
	return once(f, what, size);
}

static bool
play_other_type(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!every(f, e->number))
		return false;
	insert_rtp(e, "other", 5)[RTP_INTERLEAVED + 1] = 50;
	return once(f, what, size);
}

/* Puts a header extension into the packet. */
static void
extend(struct fault_event *e, uint16_t profile, const uint8_t *data, size_t len)
{
	uint8_t *p = e->packet + PAYLOAD;

	memmove(p + 4 + len, p, e->len - PAYLOAD);
	e->packet[RTP_INTERLEAVED] |= 0x10;
	be16enc(p, profile);
	be16enc(p + 2, len / 4);
	memcpy(p + 4, data, len);
	set_len(e, e->len + 4 + len);
}

static bool
play_extension(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	/* What is in it looks like NAL units. */
	extend(e, 0x1234, (const uint8_t *)"\x67\x42\x00\x1e\x00\x00\x01\x65", 8);
	return once(f, what, size);
}

/* NTP time, flags, CSeq */
static bool
play_onvif_time(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	uint8_t data[12] = { [8] = e->first ? 0x80 : 0, [9] = 7 };

	be64enc(data, e->ntp);
	extend(e, 0xabac, data, sizeof data);
	return once(f, what, size);
}

/* RFC 8285 4.2: an element of 3 bytes, padding, and the time; other packets than the first have only the other. */
static bool
play_ntp_64(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	uint8_t data[16] = { 1 << 4 | 2, 9, 9, 9, 0, 0, (uint8_t)f->n << 4 | 7 };

	be64enc(data + 7, e->ntp);
	extend(e, 0xbede, data, e->first ? sizeof data : 4);
	return once(f, what, size);
}

/* RFC 8285 4.3, with the estimated offset behind the time. */
static bool
play_capture_time(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	uint8_t data[24] = { 200, 1, 9, (uint8_t)f->n, 16 };

	be64enc(data + 5, e->ntp);
	if (e->first)
		extend(e, 0x1003, data, sizeof data);
	return once(f, what, size);
}

static bool
play_padding(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!every(f, e->number))
		return false;
	memcpy(e->packet + e->len, "\xff\xff\xff\x00\x05", 5);
	e->packet[RTP_INTERLEAVED] |= 0x20;
	set_len(e, e->len + 5);
	return once(f, what, size);
}

static bool
play_bad_padding(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!every(f, e->number))
		return false;
	insert_rtp(e, "\x41\x9a\xff", 3)[RTP_INTERLEAVED] |= 0x20;
	return once(f, what, size);
}

static bool
play_new_ssrc(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (e->frame < (uint64_t)f->n)
		return false;
	be16enc(e->packet + 6, be16dec(e->packet + 6) - 20000);
	be32enc(e->packet + 8, timestamp(e) + 0x20000000);
	be32enc(e->packet + 12, be32dec(e->packet + 12) + 1);
	return once(f, what, size);
}

static bool
play_seq_restart(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	uint16_t seq = be16dec(e->packet + 6);

	if (e->frame < (uint64_t)f->n)
		return false;
	if (!f->done)
		f->m = seq;
	be16enc(e->packet + 6, (uint16_t)(seq - f->m));
	return once(f, what, size);
}

static bool
play_time_restart(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (e->frame < (uint64_t)f->n)
		return false;
	if (!f->done)
		f->m = timestamp(e);
	be32enc(e->packet + 8, timestamp(e) - (uint32_t)f->m);
	return once(f, what, size);
}

static bool
play_time_outlier(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	/* 37600 s ahead, and the next time 9800 s back */
	uint32_t off = e->frame / f->n % 2 ? 37600u * 90000u : (uint32_t)-(9800 * 90000);

	if (!every(f, e->frame) || e->frame == 0)
		return false;
	be32enc(e->packet + 8, timestamp(e) + off);
	return once(f, what, size);
}

static bool
play_time_back(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	be32enc(e->packet + 8, timestamp(e) - (uint32_t)(e->frame / f->n) * 5 * 90000);
	return once(f, what, size);
}

static bool
play_time_repeat(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!every(f, e->frame + 1)) {
		f->m = timestamp(e);
		return false;
	}
	be32enc(e->packet + 8, (uint32_t)f->m);
	return once(f, what, size);
}

/* As from a clock of 10 ms whose frames come uneven. */
static bool
play_time_uneven(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	be32enc(e->packet + 8, (timestamp(e) / 900 + (uint32_t)(e->frame % 3)) * 900);
	return once(f, what, size);
}

static bool
play_sets_marker(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!is_set(e))
		return false;
	e->packet[RTP_INTERLEAVED + 1] |= RTP_MARKER;
	return once(f, what, size);
}

static bool
play_sets_old_time(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!is_set(e)) {
		f->m = timestamp(e);
		return false;
	}
	be32enc(e->packet + 8, e->frame == 0 ? timestamp(e) - 3000 : (uint32_t)f->m);
	return once(f, what, size);
}

static bool
play_fu_reserved(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!is_fragment(e))
		return false;
	e->packet[PAYLOAD + 1] |= 0x20;
	return once(f, what, size);
}

static bool
play_fu_no_end(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!is_fragment(e))
		return false;
	e->packet[PAYLOAD + 1] &= (uint8_t)~0x40;
	return once(f, what, size);
}

static bool
play_fu_other_type(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!is_fragment(e) || e->packet[PAYLOAD + 1] & 0x80)
		return false;
	e->packet[PAYLOAD] = FU_A;
	e->packet[PAYLOAD + 1] = (e->packet[PAYLOAD + 1] & 0xe0) | 6;
	return once(f, what, size);
}

/* The rest of the frame is not sent, and the numbers do not show it. */
static bool
play_fu_abort(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (e->frame != (uint64_t)f->n || !is_fragment(e) || e->packet[PAYLOAD + 1] & 0x80)
		return false;
	e->numbers = -1;
	strlcpy(what, "the rest of the frame", size);
	return e->drop = true;
}

/* SEI before a frame; returns its packet. What all have is looked for by the tests. */
static uint8_t *
insert_sei(struct fault_event *e, char *what, size_t size)
{
	snprintf(what, size, "frame=%" PRIu64, e->frame);
	return insert_numbered(e, "\x06\x05\x01\x42\x80", 5);
}

static bool
play_sei_before(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!e->first || !every(f, e->frame + 1))
		return false;
	insert_sei(e, what, size)[RTP_INTERLEAVED + 1] |= RTP_MARKER;
	return true;
}

static bool
play_sei_between(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	uint32_t before = (uint32_t)f->m;
	uint8_t *p;

	f->m = timestamp(e);
	if (!e->first || !every(f, e->frame + 1))
		return false;
	p = insert_sei(e, what, size);
	be32enc(p + 8, before);
	p[RTP_INTERLEAVED + 1] |= RTP_MARKER;
	return true;
}

static bool
play_sei_alone(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (!e->first || !every(f, e->frame + 1))
		return false;
	be32enc(insert_sei(e, what, size) + 8, timestamp(e) - 1500);
	return true;
}

static bool
play_odd_types(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	static const uint8_t types[] = { 0, 25, 26, 27, 29, 30, 31 };

	if (!e->first)
		return false;
	for (size_t i = 0; i < sizeof types; i++)
		insert_numbered(e, (const uint8_t[]){ types[i] | 0x60, 0x85, 3, 4, 5 }, 5);
	return once(f, what, size);
}

static bool
play_other_bye(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (e->number != (uint64_t)f->n)
		return false;
	insert(e, e->rtcp_channel, "\x80\xc9\0\1\1\2\3\4\x81\xcb\0\1\1\2\3\4", 16);
	return once(f, what, size);
}

static bool
play_sr_other_ssrc(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	be32enc(e->packet + 8, be32dec(e->packet + 8) + 1);
	return once(f, what, size);
}

/* The fraction of the NTP time counts nanoseconds. */
static bool
play_sr_nanoseconds(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	uint64_t fraction = be32dec(e->packet + 16);

	be32enc(e->packet + 16, (uint32_t)(fraction * 1000000000 >> 32));
	return once(f, what, size);
}

static bool
play_sr_seconds(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	be32enc(e->packet + 16, 0);
	return once(f, what, size);
}

/* The RTP time is that of the report before. */
static bool
play_sr_stale(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	uint32_t rtp = be32dec(e->packet + 20);

	if (f->m != 0)
		be32enc(e->packet + 20, (uint32_t)f->m);
	f->m = rtp;
	return once(f, what, size);
}

static bool
play_sr_ahead(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	be32enc(e->packet + 20, be32dec(e->packet + 20) + 600 * 90000);
	return once(f, what, size);
}

/* The name fills the chunk's last word, and the zero behind it is left out. */
static bool
play_sdes_no_end(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	uint8_t *sdes = e->packet + RTP_INTERLEAVED + 28;

	be16enc(sdes + 2, be16dec(sdes + 2) - 1);
	set_len(e, e->len - 4);
	return once(f, what, size);
}

static bool
play_rtcp_short(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	/* cut inside its head; a report whose length goes past the end; one that is too short for a report */
	insert(e, e->rtcp_channel, "\x80\xc8\0", 3);
	insert(e, e->rtcp_channel, "\x80\xc8\0\x06\1\2\3\4", 8);
	insert(e, e->rtcp_channel, "\x80\xc8\0\x01\1\2\3\4", 8);
	return once(f, what, size);
}

/* As of the audio track, whose channels were not asked for. */
static bool
play_other_report(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	uint8_t packet[RTP_INTERLEAVED + 28];

	memcpy(packet, e->packet, sizeof packet);
	be32enc(packet + 8, 0x0badcafe);
	be32enc(packet + 20, 8000);
	insert(e, e->rtcp_channel + 2, packet + RTP_INTERLEAVED, 28);
	return once(f, what, size);
}

const struct fault_kind quirks[] = {
	{ "crlf", "[N]", "CR LF before every Nth packet (1)", FAULT_PACKET, play_crlf, 1 },
	{ "cut", "[K]", "packet K (40) is cut in half, and its length not changed", FAULT_PACKET, play_cut, 40 },
	{ "leftover", "[N]", "N packets (3) of an old session come first", FAULT_PACKET, play_leftover, 3 },
	{ "stray", "[N]", "a packet of an old session before every Nth (3)", FAULT_PACKET, play_stray, 3 },
	{ "rtp-on-rtcp", "", "RTP goes on the channel of RTCP", FAULT_PACKET, play_swap, 0 },
	{ "rtcp-on-rtp", "", "RTCP goes on the channel of RTP", FAULT_REPORT, play_swap, 0 },
	{ "unasked", "[N]", "a packet on channel 9 before every Nth (7)", FAULT_PACKET, play_unasked, 7 },
	{ "nothing", "[N]", "an interleaved packet of 0 bytes before every Nth (7)", FAULT_PACKET, play_nothing, 7 },
	{ "other-type", "[N]", "before every Nth packet (7) one of type 50 with its number", FAULT_PACKET,
	    play_other_type, 7 },
	{ "extension", "", "every packet has a header extension", FAULT_PACKET, play_extension, 0 },
	{ "onvif-time", "", "every packet has ONVIF's time", FAULT_PACKET, play_onvif_time, 0 },
	{ "ntp-64", "[N]", "frames have ntp-64 as element N (3), and others", FAULT_PACKET, play_ntp_64, 3 },
	{ "capture-time", "[N]", "frames have abs-capture-time as element N (3), in two-byte headers",
	    FAULT_PACKET, play_capture_time, 3 },
	{ "padding", "[N]", "every Nth packet (3) is padded", FAULT_PACKET, play_padding, 3 },
	{ "bad-padding", "[N]", "before every Nth packet (3) one with more padding than bytes", FAULT_PACKET,
	    play_bad_padding, 3 },
	{ "new-ssrc", "[N]", "from frame N (30) on another SSRC, and other numbers and times", FAULT_PACKET,
	    play_new_ssrc, 30 },
	{ "seq-restart", "[N]", "from frame N (30) on numbers begin at 0", FAULT_PACKET, play_seq_restart, 30 },
	{ "time-restart", "[N]", "from frame N (30) on RTP times begin at 0", FAULT_PACKET,
	    play_time_restart, 30 },
	{ "time-outlier", "[N]", "every Nth frame (10) is hours off in RTP time", FAULT_PACKET,
	    play_time_outlier, 10 },
	{ "time-back", "[N]", "with every Nth frame (20) RTP time goes back by 5 s", FAULT_PACKET,
	    play_time_back, 20 },
	{ "time-repeat", "[N]", "every Nth frame (5) has the RTP time of the one before", FAULT_PACKET,
	    play_time_repeat, 5 },
	{ "time-uneven", "", "RTP times are multiples of 10 ms, and uneven", FAULT_PACKET,
	    play_time_uneven, 0 },
	{ "sets-marker", "", "parameter sets have the marker", FAULT_PACKET, play_sets_marker, 0 },
	{ "sei-before", "[N]", "before every Nth frame (5) SEI with the marker", FAULT_PACKET,
	    play_sei_before, 5 },
	{ "sets-old-time", "", "parameter sets have the time of the frame before", FAULT_PACKET,
	    play_sets_old_time, 0 },
	{ "fu-reserved", "", "fragments have the reserved bit", FAULT_PACKET, play_fu_reserved, 0 },
	{ "fu-no-end", "", "no fragment has the end bit", FAULT_PACKET, play_fu_no_end, 0 },
	{ "fu-other-type", "", "only the first fragment has the right type", FAULT_PACKET,
	    play_fu_other_type, 0 },
	{ "fu-abort", "[N]", "of frame N (15) only the first fragment is sent", FAULT_PACKET, play_fu_abort, 15 },
	{ "sei-between", "[N]", "before every Nth frame (5) SEI with the time of the one before, and the marker",
	    FAULT_PACKET, play_sei_between, 5 },
	{ "sei-alone", "[N]", "before every Nth frame (5) SEI with a time of its own", FAULT_PACKET,
	    play_sei_alone, 5 },
	{ "odd-types", "", "before every frame NAL units of types that there are not", FAULT_PACKET,
	    play_odd_types, 0 },
	{ "other-bye", "[N]", "BYE of another source before packet N (50)", FAULT_PACKET, play_other_bye, 50 },
	{ "sr-other-ssrc", "", "reports have another SSRC than RTP", FAULT_REPORT, play_sr_other_ssrc, 0 },
	{ "sr-nanoseconds", "", "the fraction in reports counts nanoseconds", FAULT_REPORT,
	    play_sr_nanoseconds, 0 },
	{ "sr-seconds", "", "reports have whole seconds", FAULT_REPORT, play_sr_seconds, 0 },
	{ "sr-stale", "", "reports have the RTP time of the one before", FAULT_REPORT, play_sr_stale, 0 },
	{ "sr-ahead", "", "reports are ten minutes ahead in RTP time", FAULT_REPORT, play_sr_ahead, 0 },
	{ "sdes-no-end", "", "SDES has no zero at its end", FAULT_REPORT, play_sdes_no_end, 0 },
	{ "rtcp-short", "", "RTCP packets that are cut before every report", FAULT_REPORT, play_rtcp_short, 0 },
	{ "other-report", "", "before every report one of a track that was not asked for", FAULT_REPORT,
	    play_other_report, 0 },
};
const size_t nquirks = sizeof quirks / sizeof quirks[0];
