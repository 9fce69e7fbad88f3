/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * A fuzz entry: one input at a time, whatever it holds. With libFuzzer (make fuzz)
 * inputs are made up; else main replays the files of the folders in its arguments,
 * or of tests/fuzz/corpus/NAME.
 */
#ifndef FUZZ_H
#define FUZZ_H

#include <stddef.h>
#include <stdint.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#endif
