/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Timing SEI NAL units as sei-timing(5) fixes them: one message, one NAL unit. */
#ifndef SEI_H
#define SEI_H

#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "nalstream.h"

#define SEI_MAX	8192	/* no NAL unit written here is longer */

/* Each writes a NAL unit and returns its length. */

/*
 * {"recv":U64,"rtp":U32} under strawlab.org/89H: when a frame arrived (host
 * clock, NTP) and its RTP time.
 */
size_t sei_frame(uint8_t out[SEI_MAX], uint64_t recv_ntp, uint32_t rtp);

/*
 * {"recv":U64,"ntp":U64,"rtp":U32} under strawlab.org/o8B: when a sender report
 * arrived (host clock, NTP) and the pair of times in it (camera's clock, NTP).
 */
size_t sei_report(uint8_t out[SEI_MAX], uint64_t recv_ntp, uint64_t ntp, uint32_t rtp);

/*
 * {"last":U64,"slack":U32,"packets":U32,"flags":U16} under nalpipe/frame/v1: what
 * the records of a frame's access unit say together; slack_us is that of recv.
 */
size_t sei_detail(uint8_t out[SEI_MAX], const struct nalstream_span *span, uint32_t slack_us);

/*
 * A G or C record as JSON under nalpipe/event/v1 or nalpipe/clock/v1. -1: it is
 * too long to be one of ours.
 */
ssize_t sei_record(uint8_t out[SEI_MAX], const struct nalrec *r);

/*
 * An X record as JSON under nalpipe/xtime/v1; id: which element of the extension
 * has the time, 0 if that is not known. -1: likewise.
 */
ssize_t sei_sender_time(uint8_t out[SEI_MAX], const struct nalrec *r, uint8_t id);

#endif
