/* units: sei-dump/json.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The JSON of a timing payload: its members lie in the text, and are read alike twice. */
#include <stdlib.h>

#include "../../sei-dump/json.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data, *end = text + size;
	struct json_member members[] = { { .name = "recv", .max = UINT64_MAX }, { .name = "rtp", .max = UINT32_MAX } };
	uint64_t value;
	struct json j;
	char out[64];
	int more;

	json_open(&j, text, size);
	while ((more = json_next(&j)) == 1) {
		if (j.name < text || j.name + j.name_len > end || j.value < text || j.value + j.value_len > end ||
		    json_text(&j, out, sizeof out) >= sizeof out)
			abort();
		json_integer(&j, UINT64_MAX, &value);
	}
	/* What is no object has no members; and these are no larger than they may be. */
	if (json_object(text, size, members, 2) == 0 && (more == -1 || members[1].value > UINT32_MAX))
		abort();
	return 0;
}
