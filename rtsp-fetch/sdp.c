/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of type=value; only m= and a few a= attributes say what a recorder needs. */
#include "sdp.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "rtsp.h"

static char *
trim(char *s)
{
	char *end;

	s += strspn(s, " \t");
	end = s + strlen(s);
	while (end > s && isspace((unsigned char)end[-1]))
		*--end = '\0';
	return s;
}

/* If the line is a=NAME:value (or a=NAME value), its value. */
static char *
attribute(char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, "a=", 2) != 0 || strncasecmp(line + 2, name, len) != 0 ||
	    line[2 + len] != ':')
		return NULL;
	return trim(line + 3 + len);
}

/* m=video 0 RTP/AVP 96 97 */
static void
begin_media(struct sdp *sdp, char *value)
{
	struct sdp_media *m = &sdp->media[sdp->nmedia++];
	char *field;

	*m = (struct sdp_media){ .type = "", .payload_type = -1, .codec = "", .fmtp = "",
		.control = "" };
	for (int i = 0; (field = strsep(&value, " \t")) != NULL; ) {
		if (*field == '\0')
			continue;
		if (i == 0)
			m->type = field;
		if (i == 3 && isdigit((unsigned char)*field))
			m->payload_type = atoi(field) & 0x7f;
		i++;
	}
}

/* The text after a payload type, if it is that of the section. */
static char *
for_payload_type(const struct sdp_media *m, char *value)
{
	char *end;
	long pt = strtol(value, &end, 10);

	return end != value && pt == m->payload_type ? trim(end) : NULL;
}

/* a=rtpmap:96 H264/90000 */
static void
take_rtpmap(struct sdp_media *m, char *value)
{
	char *slash;

	value = for_payload_type(m, value);
	if (value == NULL)
		return;
	slash = strchr(value, '/');
	if (slash != NULL) {
		*slash = '\0';
		m->clock_rate = strtoul(slash + 1, NULL, 10);
	}
	m->codec = trim(value);
}

static void
take_line(struct sdp *sdp, char *line)
{
	struct sdp_media *m = sdp->nmedia > 0 ? &sdp->media[sdp->nmedia - 1] : NULL;
	char *value;

	if (strncmp(line, "m=", 2) == 0 && sdp->nmedia < SDP_MEDIA) {
		begin_media(sdp, trim(line + 2));
	} else if ((value = attribute(line, "control")) != NULL) {
		*(m != NULL ? &m->control : &sdp->control) = value;
	} else if ((value = attribute(line, "tool")) != NULL && m == NULL) {
		sdp->tool = value;
	} else if (m != NULL && (value = attribute(line, "rtpmap")) != NULL) {
		take_rtpmap(m, value);
	} else if (m != NULL && (value = attribute(line, "fmtp")) != NULL) {
		value = for_payload_type(m, value);
		if (value != NULL)
			m->fmtp = value;
	}
}

void
sdp_parse(struct sdp *sdp, char *text)
{
	char *line;

	memset(sdp, 0, sizeof *sdp);
	sdp->control = sdp->tool = "";
	while ((line = strsep(&text, "\r\n")) != NULL)
		take_line(sdp, trim(line));
}

bool
sdp_fmtp(const char *fmtp, const char *name, char *out, size_t size)
{
	char key[64];

	/* One that was cut to fit is of no use: better none. */
	while ((fmtp = rtsp_parameter(fmtp, ';', key, sizeof key, out, size)) != NULL) {
		if (strcasecmp(key, name) == 0)
			return strlen(out) + 1 < size;
	}
	return false;
}
