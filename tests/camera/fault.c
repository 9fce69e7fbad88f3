/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The table of faults, and the functions that play them. */
#include "fault.h"

#include <sys/endian.h>

#include <inttypes.h>
#include <string.h>

#include "number.h"
#include "rtp.h"

static void
say_packet(const struct fault_event *e, char *what, size_t size)
{
	snprintf(what, size, "packet=%" PRIu64 " seq=%u", e->number, be16dec(e->packet + 6));
}

static bool
play_loss(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (f->n <= 0 || e->number % f->n != 0)
		return false;
	say_packet(e, what, size);
	return e->drop = true;
}

static bool
play_lose(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (e->number != (uint64_t)f->n)
		return false;
	say_packet(e, what, size);
	return e->drop = true;
}

static bool
play_stall(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (f->done || e->elapsed_ns < f->n)
		return false;
	f->done = true;
	e->stall_ns = f->m;
	snprintf(what, size, "at_ns=%" PRId64 " for_ns=%" PRId64, e->elapsed_ns, f->m);
	return true;
}

static bool
play_close(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (f->done || e->elapsed_ns < f->n)
		return false;
	snprintf(what, size, "at_ns=%" PRId64, e->elapsed_ns);
	return e->close = f->done = true;
}

static bool
play_no_teardown_answer(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	(void)f, (void)what, (void)size;
	return strcmp(e->method, "TEARDOWN") == 0 && (e->drop = true);
}

static bool
play_silent_keepalive(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	(void)f;
	if (!e->playing || (strcmp(e->method, "OPTIONS") != 0 &&
	    strcmp(e->method, "GET_PARAMETER") != 0))
		return false;
	strlcpy(what, e->method, size);
	return e->drop = true;
}

static bool
play_clock_step(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	e->script->step_at_ns = f->n;
	e->script->step_ns = f->m;
	snprintf(what, size, "at_ns=%" PRId64 " by_ns=%" PRId64, f->n, f->m);
	return true;
}

/* The marker faults touch every packet; the log says so once. */
static bool
play_no_marker(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	e->packet[RTP_INTERLEAVED + 1] &= (uint8_t)~RTP_MARKER;
	strlcpy(what, "from here on", size);
	return !f->done && (f->done = true);
}

static bool
play_marker_every_packet(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	e->packet[RTP_INTERLEAVED + 1] |= RTP_MARKER;
	strlcpy(what, "from here on", size);
	return !f->done && (f->done = true);
}

/* Packet K's length is off by so many. */
static bool
play_length(struct fault *f, struct fault_event *e, char *what, size_t size, int off)
{
	if (e->number != (uint64_t)f->n)
		return false;
	say_packet(e, what, size);
	be16enc(e->packet + 2, be16dec(e->packet + 2) + off);
	return true;
}

static bool
play_bad_length(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	return play_length(f, e, what, size, 17);
}

static bool
play_short_length(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	return play_length(f, e, what, size, -17);
}

static bool
play_garbage(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	static const uint8_t stray[] = { '\r', '\n', 0x00, 0x47, 0xff, 'x', 0x00 };

	if (f->n <= 0 || e->number % f->n != 0)
		return false;
	say_packet(e, what, size);
	memcpy(e->before, stray, sizeof stray);
	e->before_len = sizeof stray;
	return true;
}

/* The answer becomes this status, its headers stay. */
static void
set_status(struct buf *answer, const char *status)
{
	struct buf changed = { 0 };
	const uint8_t *line = memchr(answer->data, '\r', answer->len);

	if (line == NULL)
		return;
	buf_printf(&changed, "RTSP/1.0 %s", status);
	buf_add(&changed, line, answer->data + answer->len - line);
	buf_free(answer);
	*answer = changed;
}

/* A header line before the others. */
static void
add_header(struct buf *answer, const char *line)
{
	struct buf changed = { 0 };
	const uint8_t *end = memchr(answer->data, '\n', answer->len);

	if (end == NULL)
		return;
	buf_add(&changed, answer->data, end + 1 - answer->data);
	buf_printf(&changed, "%s\r\n", line);
	buf_add(&changed, end + 1, answer->data + answer->len - (end + 1));
	buf_free(answer);
	*answer = changed;
}

static bool
play_close_after_401(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	(void)f;
	if (strnstr((const char *)e->answer->data, "RTSP/1.0 401", e->answer->len) == NULL)
		return false;
	strlcpy(what, e->method, size);
	return e->close = true;
}

static bool
play_setup_401(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (strcmp(e->method, "SETUP") != 0 || f->count == f->n)
		return false;
	f->count++;
	set_status(e->answer, "401 Unauthorized");
	strlcpy(what, e->method, size);
	return true;
}

static bool
play_busy(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (strcmp(e->method, "SETUP") != 0 || ++f->count != f->n)
		return false;
	set_status(e->answer, "453 Not Enough Bandwidth");
	strlcpy(what, e->method, size);
	return e->close = true;
}

static bool
play_forget(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (strcmp(e->method, "DESCRIBE") != 0 || ++f->count != f->n)
		return false;
	set_status(e->answer, "404 Not Found");
	strlcpy(what, e->method, size);
	return e->close = true;
}

static bool
play_redirect(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	const char *path = strlen(e->url) > 7 ? strchr(e->url + 7, '/') : NULL;
	char line[512];

	if (strcmp(e->method, "DESCRIBE") != 0 || path == NULL)
		return false;
	if (f->n == 0)
		snprintf(line, sizeof line, "Location: %s", e->url);
	else
		snprintf(line, sizeof line, "Location: rtsp://127.0.0.1:%" PRId64 "%s", f->n, path);
	set_status(e->answer, "302 Moved Temporarily");
	add_header(e->answer, line);
	strlcpy(what, line, size);
	return e->close = true;
}

static bool
play_only_options(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	(void)f, (void)what, (void)size;
	e->drop |= strcmp(e->method, "OPTIONS") != 0;
	return false;		/* too often to be logged */
}

static bool
play_refuse_parameter(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	(void)f;
	if (strstr(e->method, "_PARAMETER") == NULL)
		return false;
	set_status(e->answer, "454 Session Not Found");
	strlcpy(what, e->method, size);
	return true;
}

static bool
play_lose_teardown(struct fault *f, struct fault_event *e, char *what, size_t size)
{
	if (strcmp(e->method, "TEARDOWN") != 0 || f->count == f->n)
		return false;
	f->count++;
	strlcpy(what, e->method, size);
	return e->drop = e->close = true;
}

static const struct fault_kind kinds[] = {
	{ "loss", "N", "every Nth RTP packet is not sent", FAULT_PACKET, play_loss, 0 },
	{ "lose", "K", "RTP packet K of the session, from 1, is not sent", FAULT_PACKET, play_lose, 0 },
	{ "stall", "AT:SECONDS", "from AT on nothing is sent for SECONDS, then all that is late",
	    FAULT_ITEM, play_stall, 0 },
	{ "close", "AT", "the connection is closed at AT, without BYE", FAULT_ITEM, play_close, 0 },
	{ "no-teardown-answer", "", "TEARDOWN is not answered, and does not end the session", FAULT_ANSWER,
	    play_no_teardown_answer, 0 },
	{ "lose-teardown", "N", "the first N TEARDOWNs of all sessions are not answered: the connection is closed",
	    FAULT_ANSWER, play_lose_teardown, 0 },
	{ "close-after-401", "", "the connection is closed behind every answer of 401", FAULT_ANSWER,
	    play_close_after_401, 0 },
	{ "setup-401", "N", "the first N SETUPs of all sessions are answered 401, without a challenge",
	    FAULT_ANSWER, play_setup_401, 0 },
	{ "busy", "K", "SETUP K of all sessions, from 1, is answered 453, and the connection closed",
	    FAULT_ANSWER, play_busy, 0 },
	{ "forget", "K", "DESCRIBE K of all sessions, from 1, is answered 404, and the connection closed",
	    FAULT_ANSWER, play_forget, 0 },
	{ "redirect", "[PORT]", "DESCRIBE is answered 302: the same path, at PORT of 127.0.0.1 (right here)",
	    FAULT_ANSWER, play_redirect, 0 },
	{ "only-options", "", "nothing but OPTIONS keeps a session alive", FAULT_HEARD, play_only_options, 0 },
	{ "refuse-parameter", "", "GET_PARAMETER and SET_PARAMETER are answered 454", FAULT_ANSWER,
	    play_refuse_parameter, 0 },
	{ "silent-keepalive", "", "OPTIONS and GET_PARAMETER are not answered after PLAY",
	    FAULT_ANSWER, play_silent_keepalive, 0 },
	{ "clock-step", "AT:NS", "the camera's clock steps by NS at AT; the RTP clock does not",
	    FAULT_START, play_clock_step, 0 },
	{ "no-marker", "", "no packet has the marker bit", FAULT_PACKET, play_no_marker, 0 },
	{ "marker-every-packet", "", "every packet has the marker bit", FAULT_PACKET,
	    play_marker_every_packet, 0 },
	{ "bad-length", "[K]", "the interleaved length of packet K (100) is 17 too large",
	    FAULT_PACKET, play_bad_length, 100 },
	{ "short-length", "[K]", "the interleaved length of packet K (100) is 17 too small",
	    FAULT_PACKET, play_short_length, 100 },
	{ "garbage", "[N]", "stray bytes before every Nth packet (50)", FAULT_PACKET,
	    play_garbage, 50 },
};

#define NKINDS	(sizeof kinds / sizeof kinds[0])

/* Row i of both tables, one behind the other; NULL: there are not so many. */
static const struct fault_kind *
row(size_t i)
{
	if (i < NKINDS)
		return &kinds[i];
	return i < NKINDS + nquirks ? &quirks[i - NKINDS] : NULL;
}

/* Reads "AT", "AT:SECONDS", "AT:NS", "N", "[N]" as the kind says. */
static int
parse_argument(struct fault *f, const char *arg)
{
	const char *form = f->kind->arg, *colon;
	char at[32];

	if (*form == '\0')
		return arg == NULL ? 0 : -1;
	if (arg == NULL) {
		f->n = f->kind->standard;
		return *form == '[' ? 0 : -1;
	}
	if (strncmp(form, "AT", 2) != 0)
		return number_decimal(arg, 0, &f->n);
	if (form[2] == '\0')
		return number_decimal(arg, 9, &f->n);
	colon = strchr(arg, ':');
	if (colon == NULL || (size_t)(colon - arg) >= sizeof at)
		return -1;
	memcpy(at, arg, colon - arg);
	at[colon - arg] = '\0';
	if (number_decimal(at, 9, &f->n) == -1)
		return -1;
	return number_decimal(colon + 1, strcmp(form, "AT:NS") == 0 ? 0 : 9, &f->m);
}

int
fault_add(struct faults *faults, const char *text, const char **why)
{
	struct fault *f = &faults->list[faults->n];
	const struct fault_kind *k;
	size_t len = strcspn(text, "=");

	*why = "too many";
	if (faults->n == FAULT_MAX)
		return -1;
	memset(f, 0, sizeof *f);
	*why = "no such fault; see --list-faults";
	for (size_t i = 0; (k = row(i)) != NULL; i++) {
		if (strlen(k->name) == len && strncmp(k->name, text, len) == 0)
			f->kind = k;
	}
	if (f->kind == NULL)
		return -1;
	*why = "bad argument; see --list-faults";
	if (parse_argument(f, text[len] == '=' ? text + len + 1 : NULL) == -1)
		return -1;
	faults->n++;
	return 0;
}

void
fault_list(FILE *out)
{
	const struct fault_kind *k;

	for (size_t i = 0; (k = row(i)) != NULL; i++) {
		char name[64];

		if (*k->arg == '[')
			snprintf(name, sizeof name, "%s[=%.*s]", k->name, (int)strcspn(k->arg + 1, "]"), k->arg + 1);
		else
			snprintf(name, sizeof name, "%s%s%s", k->name, *k->arg ? "=" : "", k->arg);
		fprintf(out, "%-22s %s\n", name, k->what);
	}
}

bool
fault_wants(const struct faults *faults, enum fault_when when)
{
	for (size_t i = 0; i < faults->n; i++) {
		if (faults->list[i].kind->when == when)
			return true;
	}
	return false;
}

void
fault_play(struct faults *faults, struct fault_event *e)
{
	for (size_t i = 0; i < faults->n; i++) {
		struct fault *f = &faults->list[i];
		char what[128] = "";

		if (f->kind->when == e->when && f->kind->play(f, e, what, sizeof what))
			log_fault(faults->log, f->kind->name, what);
	}
}

void
fault_reset(struct faults *faults)
{
	for (size_t i = 0; i < faults->n; i++)
		faults->list[i].done = false;
}
