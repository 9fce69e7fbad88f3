/* units: rtsp-fetch/au.c rtsp-fetch/annexb.c rtsp-fetch/depay.c rtsp-fetch/stream.c rtsp-fetch/lock.c rtsp-fetch/ring.c rtsp-fetch/block.c rtsp-fetch/msg.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* NAL units of packets to access units: what goes out, in which order, with which flags. */
#include "../../rtsp-fetch/au.h"

#include <sys/endian.h>

#include <string.h>

#include "../../rtsp-fetch/depay.h"
#include "../../rtsp-fetch/msg.h"
#include "check.h"

/* Baseline, level 3.0, 192x144: profile_idc 66, then ue(v) of id 0 and a small rest. */
static const uint8_t sps[] = { 0x67, 66, 0xc0, 30, 0xf4, 0x0c, 0x12, 0x64 };
static const uint8_t pps[] = { 0x68, 0xce, 0x38, 0x80 };	/* ue(0) ue(0) ... */
/* first_mb_in_slice ue(0) = 1, slice_type ue(5) = 00110 and ue(7) = 0001000 */
static const uint8_t p_slice[] = { 0x41, 0x98, 0x11 };
static const uint8_t idr_slice[] = { 0x65, 0x88, 0x22 };
/* first_mb_in_slice ue(1) = 010: a slice that continues a picture */
static const uint8_t p_more[] = { 0x41, 0x4c, 0x33 };

static const uint8_t recovery_point[] = { 0x06, 0x06, 0x01, 0xc4, 0x80 };
static const uint8_t nested[] = { 0x78, 0, 3, 0x41, 0x98, 0x11, 0, 2, 0x78, 0, 0, 3, 0x7c, 0x85, 1 };
static const uint8_t glued[] = { 0x67, 66, 0xc0, 30, 0xf4, 0x0c, 0x12, 0x64, 0, 0, 1, 0x68, 0xce, 0x38, 0x80 };
static const uint8_t signed_sei[] = { 0x06, 0x05, 0x05, 1, 0, 0, 1, 0x65, 0x88, 0x22, 0x80 };

static uint64_t late_ntp;
static struct ring ring;
static struct stream stream;
static struct au au;
static struct depay depay;
static uint16_t seq;

static void
begin(void)
{
	CHECK(ring_open(&ring, 1 << 20, NULL) == 0);
	stream = (struct stream){ .ring = &ring };
	au_open(&au, &stream, 1);
	depay = (struct depay){ .au = &au };
	seq = 0;
}

static void
packet(const uint8_t *data, size_t len, uint32_t rtp, bool marker, uint32_t nlost)
{
	struct rtp_packet p = { .payload = data, .len = len, .rtp = rtp, .marker = marker,
		.seq = seq, .first_ntp = 1001 + seq + late_ntp, .last_ntp = 1001 + seq + late_ntp };

	seq++;
	CHECK(depay_packet(&depay, &p, nlost) == 0);
}

/* All records that went out as text: type of record, of NAL unit, flags in hex. */
static void
expect(int line, const char *want)
{
	struct block *b;
	char got[512] = "";
	size_t n = 0;

	CHECK(au_finish(&au) == 0);
	ring_close(&ring);
	while (ring_take(&ring, &b, 1) == 1) {
		for (uint8_t *p = b->data; p < b->data + b->len; p += 4 + be32dec(p)) {
			if (p[4] == NALSTREAM_NAL)
				n += snprintf(got + n, sizeof got - n, "%d:%x ",
				    p[NALSTREAM_HEAD] & 0x1f, be16dec(p + 6));
			else
				n += snprintf(got + n, sizeof got - n, "%c ", p[4]);
		}
		ring_recycle(&ring, &b, 1);
	}
	if (strcmp(got, want) != 0) {
		printf("%s:%d: %s, not %s\n", __FILE__, line, got, want);
		check_failed = 1;
	}
	au_close(&au);
	ring_destroy(&ring);
}

/* Flags: FIRST 1, LAST 2, KEY 4, LOST 0x10, SDP 0x40. */
int
main(void)
{
	CHECK(msg_open(MSG_ERROR) == 0);

	/* Sets came with a picture that was skipped: they go before the first key frame. */
	begin();
	packet(sps, sizeof sps, 0, false, 0);
	packet(pps, sizeof pps, 0, false, 0);
	packet(p_slice, sizeof p_slice, 0, true, 0);
	packet(idr_slice, sizeof idr_slice, 3000, true, 0);
	packet(p_slice, sizeof p_slice, 6000, true, 0);
	expect(__LINE__, "G 7:5 8:4 5:6 1:3 ");

	/* The SDP's go there as well, flagged; the stream's own take their place. */
	begin();
	CHECK(au_take_set(&au, sps, sizeof sps, true) == 0);
	CHECK(au_take_set(&au, pps, sizeof pps, true) == 0);
	packet(idr_slice, sizeof idr_slice, 0, true, 0);
	packet(sps, sizeof sps, 3000, false, 0);
	packet(pps, sizeof pps, 3000, false, 0);
	packet(idr_slice, sizeof idr_slice, 3000, true, 0);
	expect(__LINE__, "7:45 8:44 5:6 7:5 8:4 5:6 ");

	/* Without any set nothing can start, and that is said. */
	begin();
	packet(idr_slice, sizeof idr_slice, 0, true, 0);
	expect(__LINE__, "G ");

	/* Slices belong together, whatever the marker says; a new picture ends them. */
	begin();
	packet(sps, sizeof sps, 0, true, 0);
	packet(pps, sizeof pps, 0, true, 0);
	packet(idr_slice, sizeof idr_slice, 0, true, 0);
	packet(p_slice, sizeof p_slice, 3000, true, 0);
	packet(p_more, sizeof p_more, 3000, true, 0);
	packet(p_slice, sizeof p_slice, 6000, true, 0);
	expect(__LINE__, "7:5 8:4 5:6 1:1 1:2 1:3 ");

	/* A picture whose first slice is lost is left out, told, and the next is flagged LOST. */
	begin();
	packet(sps, sizeof sps, 0, false, 0);
	packet(pps, sizeof pps, 0, false, 0);
	packet(idr_slice, sizeof idr_slice, 0, true, 0);
	packet(p_more, sizeof p_more, 3000, true, 1);
	packet(p_slice, sizeof p_slice, 6000, true, 0);
	expect(__LINE__, "G 7:5 8:4 5:6 G 1:13 ");

	/* 12.24: no IDR picture comes. After 10 s of NTP time a recovery point will do, and that is said. */
	begin();
	packet(sps, sizeof sps, 0, false, 0);
	packet(pps, sizeof pps, 0, false, 0);
	packet(p_slice, sizeof p_slice, 0, true, 0);
	packet(recovery_point, sizeof recovery_point, 3000, false, 0);
	packet(p_slice, sizeof p_slice, 3000, true, 0);
	late_ntp = 10ULL << 32;
	packet(p_slice, sizeof p_slice, 6000, true, 0);
	packet(recovery_point, sizeof recovery_point, 9000, false, 0);
	packet(p_slice, sizeof p_slice, 9000, true, 0);
	packet(p_slice, sizeof p_slice, 12000, true, 0);
	expect(__LINE__, "G G 7:1 8:0 6:0 1:2 1:3 ");
	late_ntp = 0;

	/* A STAP-A that has a STAP-A and a fragment in it: they are no NAL units. */
	begin();
	packet(sps, sizeof sps, 0, false, 0);
	packet(pps, sizeof pps, 0, false, 0);
	packet(idr_slice, sizeof idr_slice, 0, true, 0);
	packet(nested, sizeof nested, 3000, true, 0);
	CHECK_EQ(au.unknown, 2);
	expect(__LINE__, "7:5 8:4 5:6 1:3 ");

	/* SEI with a start code is whole (ONVIF Media Signing); a parameter set with one is two. */
	begin();
	packet(glued, sizeof glued, 0, false, 0);
	packet(idr_slice, sizeof idr_slice, 0, true, 0);
	expect(__LINE__, "7:5 8:4 5:6 ");
	begin();
	packet(sps, sizeof sps, 0, false, 0);
	packet(pps, sizeof pps, 0, false, 0);
	packet(signed_sei, sizeof signed_sei, 0, false, 0);
	packet(idr_slice, sizeof idr_slice, 0, true, 0);
	expect(__LINE__, "7:5 8:4 6:4 5:6 ");

	/* A fragmented unit whose fragments have nothing in them is none. */
	begin();
	packet(sps, sizeof sps, 0, false, 0);
	packet(pps, sizeof pps, 0, false, 0);
	packet((const uint8_t[]){ 0x7c, 0x85 }, 2, 0, false, 0);
	packet((const uint8_t[]){ 0x7c, 0x45 }, 2, 0, false, 0);
	packet(idr_slice, sizeof idr_slice, 0, true, 0);
	expect(__LINE__, "7:5 8:4 5:6 ");
	return check_failed;
}
