/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Where user name and password come from, and that nobody else sees them. */
#ifndef CREDENTIALS_H
#define CREDENTIALS_H

#include "auth.h"
#include "url.h"

/*
 * Overwrites the passwords in the program's arguments, which ps(1) shows: the
 * one of a URL, and the whole argument of --password. Copies are in *options_out
 * before. To be called before anything else. 0, or -1 with errno.
 */
int credentials_hide(int argc, char *argv[], char ***copy);

/* What the user gave, each NULL if not. */
struct credentials {
	const char *username;
	const char *password;
	const char *password_file;	/* its first line */
};

/*
 * Fills in user and password: options before the environment (RTSP_PASSWORD)
 * before the URL, whose copy is wiped; a password that is still missing is asked for on the terminal,
 * if there is one. NULL, or what is wrong (with errno, or 0).
 */
const char *credentials_get(struct auth *auth, const struct credentials *given,
    struct url *url);

#endif
