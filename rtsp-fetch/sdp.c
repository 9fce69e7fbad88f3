/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Lines of type=value; only m= and a few a= attributes say what a recorder needs. */
#include "sdp.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "h264.h"
#include "rtsp.h"

#define FORMATS	16	/* of a section that are looked at; a back channel lists many */

struct format {
	int payload_type;
	const char *codec;
	uint32_t clock_rate;
	const char *fmtp;
};

/* The section under way: which of its formats it is about shows at its end. */
struct section {
	struct sdp_media *media;	/* NULL: it is the session's */
	struct format formats[FORMATS];
	size_t n;
	struct format stray;		/* what attributes said of a format that is not there */
	unsigned sender_time;		/* of the session: sdp_media's, where a section has none */
};

/* If the line is a=NAME:value (or a=NAME value), its value. */
static char *
attribute(char *line, const char *name)
{
	size_t len = strlen(name);

	if (strncasecmp(line, "a=", 2) != 0 || strncasecmp(line + 2, name, len) != 0 ||
	    line[2 + len] != ':')
		return NULL;
	return rtsp_trim(line + 3 + len);
}

static struct format *
add_format(struct section *section, long payload_type)
{
	struct format *f = &section->formats[section->n];

	if (payload_type < 0 || payload_type > 127 || section->n == FORMATS)
		return NULL;
	section->n++;
	*f = (struct format){ .payload_type = payload_type, .codec = "", .fmtp = "" };
	return f;
}

/* m=video 0 RTP/AVP 96 97 */
static void
begin_media(struct sdp *sdp, struct section *section, char *value)
{
	char *field, *end;
	long pt;

	section->media = &sdp->media[sdp->nmedia++];
	section->n = 0;
	section->stray = (struct format){ .codec = "", .fmtp = "" };
	*section->media = (struct sdp_media){ .type = "", .payload_type = -1, .codec = "", .fmtp = "",
		.control = "" };
	for (int i = 0; (field = strsep(&value, " \t")) != NULL; ) {
		if (*field == '\0')
			continue;
		pt = strtol(field, &end, 10);
		if (i == 0)
			section->media->type = field;
		else if (i >= 3 && *end == '\0')
			(void)add_format(section, pt);
		i++;
	}
}

static bool
is_h264(const struct format *f)
{
	return strcasecmp(f->codec, "H264") == 0;
}

/* Where there is only one format, attributes with another number are about it as well. */
static void
adopt_stray(struct section *section)
{
	struct format *f = &section->formats[0];

	if (section->n != 1)
		return;
	if (f->codec[0] == '\0') {
		f->codec = section->stray.codec;
		f->clock_rate = section->stray.clock_rate;
	}
	if (f->fmtp[0] == '\0')
		f->fmtp = section->stray.fmtp;
}

/* Chooses the format. rtpmap has the last word: payload types with a fixed meaning are used for others. */
static void
end_media(struct section *section)
{
	const struct format *chosen = NULL, *end = section->formats + section->n;
	struct sdp_media *m = section->media;

	adopt_stray(section);
	for (const struct format *f = section->formats; f < end; f++) {
		if (chosen == NULL || (is_h264(f) && !is_h264(chosen)) ||
		    (f->codec[0] != '\0' && chosen->codec[0] == '\0'))
			chosen = f;
	}
	if (m == NULL || chosen == NULL)
		return;
	m->payload_type = chosen->payload_type;
	m->codec = chosen->codec;
	m->clock_rate = chosen->clock_rate;
	if (m->clock_rate == 0 && is_h264(chosen))
		m->clock_rate = H264_CLOCK_RATE;	/* there is no other */
	m->fmtp = chosen->fmtp;
	if (m->sender_time == 0)
		m->sender_time = section->sender_time;
	for (const struct format *f = section->formats; f < end; f++) {
		if (f == chosen || (f->codec[0] != '\0' && strcasecmp(f->codec, chosen->codec) == 0))
			m->same[f->payload_type / 64] |= UINT64_C(1) << f->payload_type % 64;
	}
}

/* The format that the number before an attribute's value means; NULL: it is no number. */
static struct format *
find_format(struct section *section, char **value)
{
	struct format *f = NULL;
	char *end;
	long pt = strtol(*value, &end, 10);

	if (end == *value)
		return NULL;
	*value = rtsp_trim(end);
	for (size_t i = 0; i < section->n; i++) {
		if (section->formats[i].payload_type == pt)
			return &section->formats[i];
	}
	if (section->n == 0)
		f = add_format(section, pt);	/* the m= line has none */
	return f != NULL ? f : &section->stray;
}

/* a=rtpmap:96 H264/90000 */
static void
take_rtpmap(struct section *section, char *value)
{
	struct format *f = find_format(section, &value);
	char *slash = strchr(value, '/');

	if (f == NULL)
		return;
	if (slash != NULL)
		*slash++ = '\0';
	f->clock_rate = slash != NULL ? strtoul(slash, NULL, 10) : 0;
	f->codec = rtsp_trim(value);
}

/* a=fmtp:96 packetization-mode=1;... and some have nothing behind the number */
static void
take_fmtp(struct section *section, char *value)
{
	struct format *f = find_format(section, &value);

	if (f != NULL && *value != '\0')
		f->fmtp = value;
}

/* RFC 8285 5:  a=extmap:3/sendonly urn:ietf:params:rtp-hdrext:ntp-64, of the session or of a section */
static void
take_extmap(unsigned *sender_time, const char *value)
{
	static const char *const times[] = { "urn:ietf:params:rtp-hdrext:ntp-64",
		"http://www.webrtc.org/experiments/rtp-hdrext/abs-capture-time" };
	unsigned long id = strtoul(value, NULL, 10);
	const char *uri = value + strcspn(value, " \t");
	size_t len;

	uri += strspn(uri, " \t");
	len = strcspn(uri, " \t");
	for (size_t i = 0; i < sizeof times / sizeof times[0]; i++) {
		if (*sender_time == 0 && id > 0 && id < 256 && strlen(times[i]) == len &&
		    strncasecmp(uri, times[i], len) == 0)
			*sender_time = (unsigned)id;
	}
}

static void
take_line(struct sdp *sdp, struct section *section, char *line)
{
	struct sdp_media *m = section->media;
	char *value;

	if (strncmp(line, "m=", 2) == 0 && sdp->nmedia == SDP_MEDIA)
		sdp->nmore++;
	if (sdp->nmore > 0)
		return;			/* or its attributes would be those of the last section read */
	if (strncmp(line, "m=", 2) == 0) {
		end_media(section);
		begin_media(sdp, section, line + 2);
	} else if ((value = attribute(line, "control")) != NULL) {
		*(m != NULL ? &m->control : &sdp->control) = value;
	} else if ((value = attribute(line, "tool")) != NULL && m == NULL) {
		sdp->tool = value;
	} else if (m != NULL && (value = attribute(line, "rtpmap")) != NULL) {
		take_rtpmap(section, value);
	} else if ((value = attribute(line, "extmap")) != NULL) {
		take_extmap(m != NULL ? &m->sender_time : &section->sender_time, value);
	} else if (m != NULL && (value = attribute(line, "fmtp")) != NULL) {
		take_fmtp(section, value);
	}
}

void
sdp_parse(struct sdp *sdp, char *text)
{
	struct section section = { .media = NULL };
	char *line;

	memset(sdp, 0, sizeof *sdp);
	sdp->control = sdp->tool = "";
	while ((line = strsep(&text, "\r\n")) != NULL)
		take_line(sdp, &section, rtsp_trim(line));
	end_media(&section);
}

bool
sdp_has_payload_type(const struct sdp_media *m, unsigned payload_type)
{
	return payload_type < 128 && m->same[payload_type / 64] >> payload_type % 64 & 1;
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

/* The value of a base64 digit; -1: it is none. */
static int
digit(char c)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const char *p = c != '\0' ? strchr(digits, c) : NULL;

	return p != NULL ? p - digits : -1;
}

/* Decodes as far as there are digits: padding may be missing. Returns how many bytes, fewer than digits. */
static size_t
base64_decode(uint8_t *out, const char *text)
{
	uint32_t bits = 0;
	size_t n = 0;
	int d;

	for (int have = 0; (d = digit(*text)) >= 0; text++) {
		bits = bits << 6 | d;
		have += 6;
		if (have >= 8) {
			have -= 8;
			out[n++] = bits >> have & 0xff;
		}
	}
	return n;
}

void
sdp_sets_open(struct sdp_sets *s, const char *fmtp)
{
	s->rest = sdp_fmtp(fmtp, "sprop-parameter-sets", s->text, sizeof s->text) ? s->text : NULL;
	s->at = s->len = 0;
}

/* Cuts the next NAL unit off an element: up to a start code, without the zeros before that. */
static size_t
cut_nal(struct sdp_sets *s)
{
	static const uint8_t start_code[] = { 0, 0, 1 };
	const size_t size = sizeof start_code;
	size_t at = s->at, end;

	s->nal = s->bytes + at;
	while (at < s->len && (s->len - at < size || memcmp(s->bytes + at, start_code, size) != 0))
		at++;
	for (end = at; end > s->at && s->bytes[end - 1] == 0; end--)
		;
	end -= s->at;
	s->at = at < s->len ? at + size : at;
	return end;
}

size_t
sdp_sets_next(struct sdp_sets *s)
{
	char *item;
	size_t len;

	for (;;) {
		while (s->at < s->len) {
			len = cut_nal(s);
			if (len > 0)
				return len;
		}
		item = strsep(&s->rest, ",");
		if (item == NULL)
			return 0;
		s->len = base64_decode(s->bytes, item + strspn(item, " \t"));
		s->at = 0;
	}
}

bool
sdp_is_h265(const struct sdp_media *m)
{
	return strcasecmp(m->codec, "H265") == 0 || strcasecmp(m->codec, "HEVC") == 0;
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
	if (sdp_is_h265(m))
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
		if (sdp_refusal(&sdp->media[i]) == NULL)
			return &sdp->media[i];
	}
	return NULL;
}
