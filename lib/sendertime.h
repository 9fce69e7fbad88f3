/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * The sender's time of a frame in an RTP header extension (RFC 3550 5.3.1): that
 * of ONVIF (Streaming Specification 6.3), and of RFC 8285's elements ntp-64
 * (RFC 6051 3.3) and abs-capture-time (of WebRTC).
 */
#ifndef SENDERTIME_H
#define SENDERTIME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SENDERTIME_MAX		1024	/* bytes of an extension; longer ones are not looked at */
#define SENDERTIME_ONVIF	0xabac	/* profiles */
#define SENDERTIME_ONE_BYTE	0xbede
#define SENDERTIME_TWO_BYTE	0x1000	/* upper 12 bits; the others are the application's */

/*
 * The time in an extension of this profile: NTP, the sender's clock. data is what
 * follows profile and length. id: the element that has the time, from the SDP's
 * extmap; 0: not known, and only ONVIF's is read. false: there is none.
 */
bool sendertime_read(uint16_t profile, const uint8_t *data, size_t len, unsigned id, uint64_t *ntp);

#endif
