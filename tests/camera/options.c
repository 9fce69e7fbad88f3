/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The camera's options: one table for parsing and for the usage. */
#include "options.h"

#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

enum kind { SWITCH, TEXT, NUMBER, DECIMAL, HEX, RATIO, SPEED, AUTH, FAULT, ODD, DIALECT };

struct row {
	const char *name, *arg, *what;
	enum kind kind;
	size_t at;		/* of the value in struct options; RATIO has its denominator behind */
	int64_t low, high;	/* NUMBER, DECIMAL */
	unsigned digits;	/* DECIMAL: the value is an integer of 10^-digits */
};

#define AT(member)	offsetof(struct options, member)
#define YEARS_NS	(INT64_C(200) * 366 * 86400 * 1000000000)

static const struct row rows[] = {
	{ "port", "N", "TCP port on 127.0.0.1; 0, the default, is any", NUMBER, AT(port), 0, 65535, 0 },
	{ "path", "P", "path of the stream (/stream)", TEXT, AT(server.path), 0, 0, 0 },
	{ "sessions", "N", "exit after N played sessions", NUMBER, AT(sessions), 0, INT32_MAX, 0 },
	{ "fps", "F", "pictures a second: 30, 29.97, 30000/1001 (30)", RATIO, AT(fps_num), 0, 0, 0 },
	{ "clock-rate", "HZ", "of the RTP clock (90000)", NUMBER, AT(session.script.clock_rate),
	    1000, 1000000, 0 },
	{ "rtp-start", "N", "first RTP time, or random", NUMBER, AT(session.rtp_start), 0, UINT32_MAX, 0 },
	{ "seq-start", "N", "first sequence number, or random", NUMBER, AT(session.seq_start), 0, 65535, 0 },
	{ "ssrc", "HEX", "SSRC, or random", HEX, AT(session.ssrc), 0, UINT32_MAX, 0 },
	{ "frames", "N", "send N frames, then BYE and close", NUMBER, AT(session.frames), 0, INT64_MAX, 0 },
	{ "once", NULL, "send the file once, then BYE and close", SWITCH, AT(session.once), true, 0, 0 },
	{ "loop", NULL, "send the file for ever, the default", SWITCH, AT(session.once), false, 0, 0 },
	{ "no-bye", NULL, "close without BYE", SWITCH, AT(session.no_bye), true, 0, 0 },
	{ "speed", "S", "real, max (as fast as the client reads), or a factor", SPEED, 0, 0, 0, 0 },
	{ "spread", "MS", "spread a frame's packets over MS milliseconds", DECIMAL,
	    AT(session.spread_ns), 0, INT64_C(10000000000), 6 },
	{ "mtu", "N", "largest RTP packet (1460)", NUMBER, AT(rtp.mtu), 64, 65535, 0 },
	{ "stap", NULL, "SPS and PPS share a STAP-A", SWITCH, AT(rtp.stap), true, 0, 0 },
	{ "odd", "NAME", "packetise as no RFC has it: glued, glued-last, glued-code, fu-single, fu-empty, "
	    "stap-padded, stap-lie, set-zeros, sps-tail", ODD, 0, 0, 0, 0 },
	{ "extmap", "TEXT", "of an a=extmap line in the SDP", TEXT, AT(extmap), 0, 0, 0 },
	{ "no-inband", NULL, "parameter sets only in the SDP", SWITCH, AT(rtp.no_inband), true, 0, 0 },
	{ "no-sprop", NULL, "parameter sets only in band", SWITCH, AT(no_sprop), true, 0, 0 },
	{ "sr", "SECONDS", "interval of sender reports; 0: none (1)", DECIMAL, AT(session.report_ns),
	    0, YEARS_NS, 9 },
	{ "sr-before-play", NULL, "a report before PLAY's answer", SWITCH,
	    AT(session.report_before_play), true, 0, 0 },
	{ "sr-second", NULL, "reports stand second in their compound", SWITCH,
	    AT(session.report_second), true, 0, 0 },
	{ "sr-pair", NULL, "reports come in pairs, 1 ms apart", SWITCH, AT(session.report_pair),
	    true, 0, 0 },
	{ "clock-offset", "NS", "camera's clock minus the host's at the start", NUMBER,
	    AT(session.script.offset_ns), -YEARS_NS, YEARS_NS, 0 },
	{ "clock-drift", "PPM", "how much faster than the host's it runs", DECIMAL,
	    AT(session.script.drift_ppb), -100000000, 100000000, 3 },
	{ "auth", "KIND", "basic, digest or digest-sha256", AUTH, AT(server.auth.kind), 0, 0, 0 },
	{ "user", "U", "for --auth", TEXT, AT(server.auth.user), 0, 0, 0 },
	{ "password", "P", "for --auth", TEXT, AT(server.auth.password), 0, 0, 0 },
	{ "qop", NULL, "Digest with qop=\"auth\"", SWITCH, AT(server.auth.qop), true, 0, 0 },
	{ "timeout", "SECONDS", "of a session without a request or RR (60)", NUMBER,
	    AT(server.timeout_s), 1, 86400, 0 },
	{ "log", "FILE", "write what was really sent, and when (see log.h)", TEXT, AT(log), 0, 0, 0 },
	{ "fault", "NAME[=ARG]", "play a fault; may be repeated", FAULT, 0, 0, 0, 0 },
	{ "dialect", "NAME", "play a dialect; may be repeated", DIALECT, 0, 0, 0, 0 },
	{ "list-dialects", NULL, "name them", SWITCH, AT(list_dialects), true, 0, 0 },
	{ "list-faults", NULL, "name them", SWITCH, AT(list_faults), true, 0, 0 },
	{ "help", NULL, "this", SWITCH, AT(help), true, 0, 0 },
};

#define NROWS	(sizeof rows / sizeof rows[0])

void
options_usage(FILE *out)
{
	fprintf(out, "usage: camera [options] FILE\n"
	    "Serves FILE, H.264 as Annex B or a nalstream, over RTSP on 127.0.0.1.\n\n");
	for (size_t i = 0; i < NROWS; i++) {
		char name[40];

		snprintf(name, sizeof name, "--%s%s%s", rows[i].name, rows[i].arg ? " " : "",
		    rows[i].arg ? rows[i].arg : "");
		fprintf(out, "  %-20s %s\n", name, rows[i].what);
	}
}

/* Integers of the tables above have the width that their member has. */
static void
store(void *at, const struct row *row, int64_t v)
{
	if (row->at == AT(session.script.clock_rate) || row->at == AT(rtp.mtu) ||
	    row->at == AT(server.timeout_s)) {
		*(uint32_t *)at = v;
		return;
	}
	*(int64_t *)at = v;
}

static int
set_number(void *at, const struct row *row, const char *arg, char *why, size_t size)
{
	char *end;
	int64_t v;

	if (row->kind == HEX) {
		errno = 0;
		v = strtoll(arg, &end, 16);
		if (*arg == '\0' || *end != '\0' || errno != 0)
			v = -1;
	} else if (number_decimal(arg, row->digits, &v) == -1) {
		snprintf(why, size, "--%s: %s: not a number", row->name, arg);
		return -1;
	}
	if (v < row->low || v > row->high) {
		snprintf(why, size, "--%s: %s: out of range", row->name, arg);
		return -1;
	}
	store(at, row, v);
	return 0;
}

static int
set_speed(struct options *o, const char *arg)
{
	struct script *s = &o->session.script;

	o->session.max_speed = strcmp(arg, "max") == 0;
	s->speed_num = s->speed_den = 1;
	if (o->session.max_speed || strcmp(arg, "real") == 0)
		return 0;
	return number_ratio(arg, &s->speed_num, &s->speed_den);
}

static int
set_auth(enum auth_kind *kind, const char *arg)
{
	static const char *const names[] = { "none", "basic", "digest", "digest-sha256" };

	for (unsigned i = 0; i < 4; i++) {
		if (strcmp(arg, names[i]) == 0) {
			*kind = i;
			return 0;
		}
	}
	return -1;
}

static int
set(struct options *o, const struct row *row, const char *arg, char *why, size_t size)
{
	void *at = (char *)o + row->at;
	const char *reason = "not understood";
	int r = 0;

	switch (row->kind) {
	case SWITCH:
		*(bool *)at = row->low;
		break;
	case TEXT:
		*(const char **)at = arg;
		break;
	case NUMBER:
	case DECIMAL:
	case HEX:
		return set_number(at, row, arg, why, size);
	case RATIO:
		r = number_ratio(arg, (int64_t *)at, (int64_t *)at + 1);
		break;
	case SPEED:
		r = set_speed(o, arg);
		break;
	case AUTH:
		r = set_auth(at, arg);
		break;
	case ODD:
		r = rtp_form_odd(&o->rtp, arg);
		break;
	case FAULT:
		r = fault_add(&o->faults, arg, &reason);
		break;
	case DIALECT:
		r = dialect_add(&o->dialects, arg, &reason);
		break;
	}
	if (r == -1)
		snprintf(why, size, "--%s: %s: %s", row->name, arg, reason);
	return r;
}

static void
set_defaults(struct options *o)
{
	memset(o, 0, sizeof *o);
	o->fps_num = 30;
	o->fps_den = 1;
	o->rtp.mtu = 1460;
	o->rtp.payload_type = RTP_PAYLOAD_TYPE;
	o->server.path = "/stream";
	o->server.timeout_s = 60;
	o->server.auth.user = o->server.auth.password = "";
	o->session.report_ns = INT64_C(1000000000);
	o->session.ssrc = o->session.rtp_start = o->session.seq_start = -1;
	o->session.script.clock_rate = 90000;
	o->session.script.speed_num = o->session.script.speed_den = 1;
}

int
options_parse(struct options *o, int argc, char *argv[], char *why, size_t size)
{
	struct option longopts[NROWS + 1] = { { 0 } };
	int i, ch;

	set_defaults(o);
	for (i = 0; i < (int)NROWS; i++) {
		longopts[i].name = rows[i].name;
		longopts[i].has_arg = rows[i].arg != NULL ? required_argument : no_argument;
	}
	opterr = 0;
	while ((ch = getopt_long(argc, argv, ":", longopts, &i)) != -1) {
		if (ch != 0) {
			snprintf(why, size, "%s: %s", argv[optind - 1],
			    ch == ':' ? "needs an argument" : "no such option");
			return -1;
		}
		if (set(o, &rows[i], optarg, why, size) == -1)
			return -1;
	}
	if (o->help || o->list_faults || o->list_dialects)
		return 0;
	if (argc - optind != 1 || o->server.path[0] != '/') {
		snprintf(why, size, argc - optind != 1 ? "one FILE is needed" :
		    "--path: must begin with /");
		return -1;
	}
	o->file = argv[optind];
	return 0;
}
