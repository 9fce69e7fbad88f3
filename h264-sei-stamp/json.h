/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* JSON of sei-timing(5)'s own payloads: printable ASCII, no blanks. */
#ifndef JSON_H
#define JSON_H

#include <stddef.h>
#include <sys/types.h>

#include "nalstream.h"

/*
 * A text record (G, C) as {"recv":U64,"track":U8,KEY:VALUE,...}: its arrival, then
 * its lines in their order. Values are strings, but for keys that are known to
 * be integers. Of a key that is repeated the first counts. Returns the length, or
 * -1 if it does not fit out[size].
 */
ssize_t json_record(char *out, size_t size, const struct nalrec *r);

/*
 * An X record as {"recv":U64,"track":U8,"rtp":U64,"profile":U16,"data":"hex"}, with
 * "id":U8 at its end if that is not 0. Like json_record(); -1 as well if it is no
 * header extension.
 */
ssize_t json_sender_time(char *out, size_t size, const struct nalrec *r, uint8_t id);

#endif
