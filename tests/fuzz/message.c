/* units: rtsp-fetch/rtsp.c rtsp-fetch/auth.c rtsp-fetch/url.c rtsp-fetch/sdp.c rtsp-fetch/list.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* What a camera says: messages, challenges, URLs to resolve, and its description. */
#include <stdlib.h>
#include <string.h>

#include "../../rtsp-fetch/auth.h"
#include "../../rtsp-fetch/list.h"
#include "../../rtsp-fetch/rtsp.h"
#include "../../rtsp-fetch/sdp.h"
#include "../../rtsp-fetch/url.h"
#include "fuzz.h"

static void
read_headers(const struct rtsp_message *m)
{
	char name[64], value[64];

	for (size_t i = 0; i < m->nheaders; i++) {
		const char *text = m->headers[i].value;

		for (int n = 0; text != NULL && n < 1000; n++)
			text = rtsp_parameter(text, n % 2 ? ',' : ';', name, sizeof name, value, sizeof value);
	}
}

static void
answer_challenge(const struct rtsp_message *m)
{
	struct auth a = { .user = "joe", .password = "secret", .has_user = true };
	char header[AUTH_HEADER_MAX];

	/* As often as the camera refuses. */
	for (int i = 0; i < 4 && auth_challenge(&a, m, i > 0); i++)
		auth_header(&a, "DESCRIBE", "rtsp://camera/stream", header);
	auth_wipe(&a);
}

static void
resolve(const struct rtsp_message *m, const char *control)
{
	const char *base = rtsp_header(m, "Content-Base");
	char out[URL_MAX], joined[URL_MAX];
	struct url u;

	if (url_parse(&u, "rtsp://joe:secret@camera:8554/a?b=c") != NULL)
		abort();
	if (url_base(out, &u, base != NULL ? base : "") == 0 &&
	    url_control(joined, &u, out, control) == 0 && strstr(joined, "secret") != NULL &&
	    strstr(control, "secret") == NULL && (base == NULL || strstr(base, "secret") == NULL))
		abort();	/* a password where there was none */
}

static void
describe(const struct rtsp_message *m)
{
	char *text = strndup(m->body, m->body_len);
	struct sdp sdp;

	if (text == NULL)
		return;
	sdp_parse(&sdp, text);
	free(list_text(&sdp, sdp_choose(&sdp)));
	resolve(m, sdp.control);
	for (size_t i = 0; i < sdp.nmedia; i++)
		resolve(m, sdp.media[i].control);
	free(text);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static struct rtsp_message m;
	ssize_t n;

	for (; size > 0 && rtsp_begins(data, size); data += n, size -= n) {
		n = rtsp_parse(&m, data, size);
		if (n <= 0)
			break;
		if ((size_t)n > size)
			abort();
		read_headers(&m);
		answer_challenge(&m);
		describe(&m);
	}
	return 0;
}
