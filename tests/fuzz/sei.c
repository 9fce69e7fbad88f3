/* units: sei-dump/sei.c sei-dump/payload.c sei-dump/jsonl.c sei-dump/csv.c sei-dump/json.c sei-dump/frames.c sei-dump/findings.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* An SEI NAL unit: the timing in it, and all of it as lines of JSON, which are ASCII and objects. */
#include <stdlib.h>
#include <string.h>

#include "../../sei-dump/json.h"
#include "../../sei-dump/jsonl.h"
#include "../../sei-dump/payload.h"
#include "fuzz.h"

#define DEEP	30	/* brackets; more may nest deeper than the reader goes */

static void
check_line(const char *p, size_t len)
{
	unsigned brackets = 0;
	struct json j;
	int more;

	for (size_t i = 0; i < len; i++) {
		if (p[i] < ' ' || p[i] >= 0x7f)
			abort();
		brackets += p[i] == '{' || p[i] == '[';
	}
	if (brackets > DEEP)
		return;
	json_open(&j, p, len);
	while ((more = json_next(&j)) == 1)
		;
	if (more == -1)
		abort();
}

static void
check_lines(const struct csv *csv)
{
	const char *p = csv->buf, *end = p + csv->len, *nl;

	for (; p < end && (nl = memchr(p, '\n', (size_t)(end - p))) != NULL; p = nl + 1)
		check_line(p, (size_t)(nl - p));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct csv csv;
	static struct sei sei;
	struct findings found = { 0 };
	struct frames fs;
	struct jsonl jsonl;

	if (size == 0 || size > 8192)
		return 0;
	frames_open(&fs, WANT_DETAILS | WANT_EVENTS | WANT_SENDER);
	csv_open(&csv, -1);
	jsonl_open(&jsonl, &csv, "a\xff\xc3\xa4\n");
	if (frames_add(&fs) == NULL || payload_take(&fs, &sei, data, size, 1, &found) == -1)
		abort();
	jsonl_close(&jsonl);
	jsonl_open(&jsonl, &csv, NULL);
	if (jsonl_number(&jsonl, &fs) == -1 || jsonl_sei(&jsonl, 0, 0, 1, data, size) == -1)
		abort();
	if (csv.error == 0)	/* else more lines than fit into it went nowhere, and it begins amid one */
		check_lines(&csv);
	jsonl_close(&jsonl);
	frames_close(&fs);
	return 0;
}
