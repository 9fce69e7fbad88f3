/* units: rtsp-fetch/url.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a user types: a URL, credentials in it. */
#include <stdlib.h>
#include <string.h>

#include "../../rtsp-fetch/url.h"
#include "fuzz.h"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1), request[URL_MAX], resolved[URL_MAX];
	struct url u;

	if (text == NULL)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	if (url_parse(&u, text) == NULL && url_request(request, &u) == 0) {
		url_control(resolved, &u, request, "trackID=1");
		if (u.has_password && strlen(u.password) > 16 && strstr(request, u.password) != NULL &&
		    strstr(u.path, u.password) == NULL && strstr(u.host, u.password) == NULL)
			abort();
	}
	url_blank(text);
	if (strlen(text) > size)
		abort();
	free(text);
	return 0;
}
