/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of type=value; only m= and a few a= attributes say what a recorder needs. */
#include "sdp.h"

#include <sys/types.h>

#include <netinet/in.h>

#include <arpa/nameser.h>
#include <ctype.h>
#include <resolv.h>
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

/* RFC 8285 7:  a=extmap:3/sendonly urn:ietf:params:rtp-hdrext:ntp-64 */
static void
take_extmap(struct sdp_media *m, const char *value)
{
	static const char *const times[] = { "urn:ietf:params:rtp-hdrext:ntp-64",
		"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time" };
	unsigned long id = strtoul(value, NULL, 10);
	const char *uri = value + strcspn(value, " \t");
	size_t len;

	uri += strspn(uri, " \t");
	len = strcspn(uri, " \t");
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		if (m->sender_time == 0 && id > 0 && id < 256 && strlen(times[i]) == len &&
		    strncasecmp(uri, times[i], len) == 0)
			m->sender_time = (unsigned)id;
	}
}

static void
take_line(struct sdp *sdp, char *line)
{
	struct sdp_media *m = sdp->nmedia > 0 ? &sdp->media[sdp->nmedia - 1] : NULL;
	char *value;

	if (strncmp(line, "m=", 2) == 0 && sdp->nmedia == SDP_MEDIA)
		sdp->nmore++;
	if (sdp->nmore > 0)
		return;			/* or its attributes would be those of the last section read */
	if (strncmp(line, "m=", 2) == 0) {
		begin_media(sdp, trim(line + 2));
	} else if ((value = attribute(line, "control")) != NULL) {
		*(m != NULL ? &m->control : &sdp->control) = value;
	} else if ((value = attribute(line, "tool")) != NULL && m == NULL) {
		sdp->tool = value;
	} else if (m != NULL && (value = attribute(line, "rtpmap")) != NULL) {
		take_rtpmap(m, value);
	} else if (m != NULL && (value = attribute(line, "extmap")) != NULL) {
		take_extmap(m, value);
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

void
sdp_sets_open(struct sdp_sets *s, const char *fmtp)
{
	s->rest = sdp_fmtp(fmtp, "sprop-parameter-sets", s->text, sizeof s->text) ? s->text : NULL;
}

size_t
sdp_sets_next(struct sdp_sets *s)
{
	char *item;
	int len;

	while ((item = strsep(&s->rest, ",")) != NULL) {
		len = b64_pton(item, s->nal, sizeof s->nal);
		if (len > 0)
			return len;
	}
	return 0;
}

const char *
sdp_refusal(const struct sdp_media *m)
{
	if (m->payload_type < 0)
		return "its payload type cannot be read";
	if (strcasecmp(m->codec, "H264") == 0)
		return NULL;
	if (strcasecmp(m->type, "audio") == 0)
		return "audio is not there yet";
	if (strcasecmp(m->codec, "H265") == 0 || strcasecmp(m->codec, "HEVC") == 0)
		return "choose H.264 in the camera's settings, or its sub-stream";
	/* RFC 3551 6: those below have a meaning of their own, and none of them is H.264. */
	if (m->codec[0] == '\0' && m->payload_type >= 96)
		return "no rtpmap says what it is";
	return "it is not H.264";
}

struct sdp_media *
sdp_choose(struct sdp *sdp)
{
	for (size_t i = 0; i < sdp->nmedia; i++) {
		struct sdp_media *m = &sdp->media[i];

		if (sdp_refusal(m) != NULL)
			continue;
		if (m->clock_rate == 0)
			m->clock_rate = 90000;	/* RFC 6184 8.2.1: there is no other */
		return m;
	}
	return NULL;
}
