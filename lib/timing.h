/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * What sei-timing(5) fixes and both its writer (h264-sei-stamp) and its reader
 * (sei-dump) use: the UUIDs of the user_data_unregistered payloads.
 */
#ifndef TIMING_H
#define TIMING_H

#define TIMING_UUID_SIZE	16
#define TIMING_UUID_FRAME	"strawlab.org/89H"	/* {"recv":U64,"rtp":U32} */
#define TIMING_UUID_REPORT	"strawlab.org/o8B"	/* {"recv":U64,"ntp":U64,"rtp":U32} */
#define TIMING_UUID_DETAIL	"nalpipe/frame/v1"	/* {"last":U64,"slack":U32,"packets":U32,"flags":U16} */
#define TIMING_UUID_EVENT	"nalpipe/event/v1"	/* {"recv":U64,"track":U8,"what":"...", ...} */
#define TIMING_UUID_CLOCK	"nalpipe/clock/v1"	/* {"recv":U64,"track":U8,"realtime":I64, ...} */
#define TIMING_UUID_SENDER	"nalpipe/xtime/v1"	/* {"recv":U64,"track":U8,"rtp":U64,"profile":U16, ...} */

#endif
