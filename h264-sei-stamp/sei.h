/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Timing SEI NAL units as sei-timing(5) fixes them: one message, one NAL unit. */
#ifndef SEI_H
#define SEI_H

#include <stddef.h>
#include <stdint.h>

#define SEI_MAX	128	/* more than the longest NAL unit written here: 3 + 90 + 1 */

/*
 * {"recv":U64,"rtp":U32} under strawlab.org/89H: when a frame arrived (host
 * clock, NTP) and its RTP time. Returns the NAL unit's length.
 */
size_t sei_frame(uint8_t out[SEI_MAX], uint64_t recv_ntp, uint32_t rtp);

/*
 * {"recv":U64,"ntp":U64,"rtp":U32} under strawlab.org/o8B: when a sender report
 * arrived (host clock, NTP) and the pair of times in it (camera's clock, NTP).
 */
size_t sei_report(uint8_t out[SEI_MAX], uint64_t recv_ntp, uint64_t ntp, uint32_t rtp);

#endif
