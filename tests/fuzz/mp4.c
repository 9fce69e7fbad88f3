/* units: sei-dump/recording.c sei-dump/input.c sei-dump/mp4.c sei-dump/scan.c sei-dump/annexb.c sei-dump/units.c sei-dump/presentation.c sei-dump/box.c sei-dump/track.c sei-dump/tables.c sei-dump/fragment.c sei-dump/sample.c sei-dump/nals.c sei-dump/payload.c sei-dump/sei.c sei-dump/jsonl.c sei-dump/csv.c sei-dump/json.c sei-dump/frames.c sei-dump/findings.c sei-dump/clocks.c sei-dump/unwrap.c sei-dump/host.c sei-dump/camera.c sei-dump/pair.c sei-dump/ntptime.c sei-dump/fit.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An MP4 file that sei-dump reads; or whatever it becomes. */
#include "recording.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	fuzz_recording((const uint8_t *)"", 0, data, size);
	return 0;
}
