/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A host's addresses, looked up in the background, so that nothing waits for a name server. */
#ifndef RESOLVE_H
#define RESOLVE_H

#include <netdb.h>
#include <stdbool.h>

/*
 * Begins to look a host up; done() is called when there is a result, perhaps in
 * here, perhaps in another thread. A look-up that was begun before is forgotten.
 */
void resolve_begin(const char *host, const char *port, void (*done)(void));

/*
 * The result: *error is 0, and *addresses the caller's to free, or *error is for
 * gai_strerror(3) and *addresses NULL. false: there is none yet.
 */
bool resolve_take(struct addrinfo **addresses, int *error);

#endif
