/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Base64 (RFC 4648 4). */
#ifndef BASE64_H
#define BASE64_H

#include <stddef.h>

#include "buf.h"

/* Appends the encoding of data[len]. */
void base64_add(struct buf *out, const void *data, size_t len);

#endif
