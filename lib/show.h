/* SPDX-License-Identifier: MIT OR Apache-2.0 */
#ifndef SHOW_H
#define SHOW_H

/*
 * Text from outside, such as a file name, made safe to print (strvis(3)). Valid
 * until the next call; for one thread, and one use in a message.
 */
const char *show(const char *text);

#endif
