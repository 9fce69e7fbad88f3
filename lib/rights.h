/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef RIGHTS_H
#define RIGHTS_H

/*
 * Gives up what the program does not need any more, once all is open: on
 * OpenBSD all but these pledge(2) promises; on Linux ever gaining rights by
 * executing something, unless `exec` is among them, which is what a user's
 * commands (sudo) may be for. 0, or -1 with errno.
 */
int rights_drop(const char *promises);

#endif
