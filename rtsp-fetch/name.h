/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A name for the camera that is fit for file names (nalstream(5), `camera:`). */
#ifndef NAME_H
#define NAME_H

#include <netdb.h>
#include <stdint.h>

#define NAME_MAX_SIZE	128

/*
 * Begins to find the name: a host name up to its first dot; for an address what
 * reverse DNS has, looked up in the background (NULL: there is nothing to look up).
 */
void name_begin(const char *host, const struct addrinfo *address);

/*
 * The name; waits for the look-up, until 2 s after name_begin() at most, then
 * makes one of the address: ipv4-192-0-2-7, ipv6-2001-db8--7.
 */
void name_get(char out[NAME_MAX_SIZE]);

#endif
