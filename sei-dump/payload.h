/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* sei-timing(5): what the SEI of an access unit says about its frame's time. */
#ifndef PAYLOAD_H
#define PAYLOAD_H

#include <stddef.h>
#include <stdint.h>

#include "findings.h"
#include "frames.h"
#include "sei.h"

/*
 * Takes what an SEI NAL unit (header byte included) says into the last frame of
 * fs, its reports and events. A payload of ours that is malformed is a finding at offset,
 * where the NAL unit stands, and leaves the frame's time empty. 0, or -1 with
 * errno if memory ran out. sei is room to work in.
 */
int payload_take(struct frames *fs, struct sei *sei, const uint8_t *nal, size_t len,
    uint64_t offset, struct findings *found);

#endif
