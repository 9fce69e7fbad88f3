/* units: rtsp-fetch/sdp.c rtsp-fetch/rtsp.c rtsp-fetch/list.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A session description, and what is said of it on a terminal. */
#include <stdlib.h>
#include <string.h>

#include "../../rtsp-fetch/list.h"
#include "../../rtsp-fetch/sdp.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), *list;
	struct sdp_sets sets;
	struct sdp sdp;
	size_t n = 0;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	sdp_parse(&sdp, text);
	for (size_t i = 0; i < sdp.nmedia; i++) {
		sdp_sets_open(&sets, sdp.media[i].fmtp);
		while (sdp_sets_next(&sets) > 0)
			n++;
	}
	list = list_text(&sdp, sdp_choose(&sdp));
	for (const char *p = list; p != NULL && *p != '\0'; p++) {
		if (*p != '\n' && (*p < ' ' || *p > '~'))
			abort();	/* nothing raw */
	}
	free(list);
	free(text);
	return 0;
}
