/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/*
 * rtsp-fetch(1): the H.264 of an RTSP camera as a nalstream(5). Three threads:
 * the receiver runs the session and never waits for anything else; the writer
 * may wait for whoever reads the stream; main talks to the user.
 */
#include <sys/resource.h>

#include <err.h>
#include <errno.h>
#include <getopt.h>
#include <inttypes.h>
#include <netdb.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "clock.h"
#include "credentials.h"
#include "date.h"
#include "inquiry.h"
#include "list.h"
#include "msg.h"
#include "name.h"
#include "pipe.h"
#include "rights.h"
#include "ring.h"
#include "seconds.h"
#include "session.h"
#include "show.h"
#include "stats.h"
#include "stop.h"
#include "trace.h"
#include "writer.h"

static const char usage_text[] =
    "usage: rtsp-fetch [-kqrvw] [-b MiB] [-d seconds] [-s seconds] [-U user] [-P file]\n"
    "                  [long options] rtsp://host[:port]/path\n"
    "       rtsp-fetch --list [-U user] [-P file] rtsp://host[:port]/path\n"
    "Receives the H.264 of a camera and writes it to stdout as a nalstream, every NAL\n"
    "unit with its time of arrival.\n"
    "\n"
    "  -u, --url URL            the camera; the same as giving it alone. A user name\n"
    "                           and a password may stand in it: rtsp://user:pass@host/\n"
    "  -U, --username NAME      the user name\n"
    "  -P, --password-file FILE the password is the first line of this file\n"
    "  -p, --password PASSWORD  the password (also: RTSP_PASSWORD in the environment;\n"
    "                           else it is asked for on the terminal)\n"
    "  -l, --list               show what the camera offers, and record nothing\n"
    "      --track N            record this track of --list (default: the first H.264)\n"
    "      --start TIME         begin at HH:MM[:SS[.f]] today, local time, or at a date and\n"
    "                           time as in 2026-11-24T09:30:00Z\n"
    "  -d, --duration SECONDS   end so long after the camera began to play (decimals)\n"
    "  -r, --reconnect          when the camera fails or ends, connect to it again\n"
    "      --stall SECONDS      without a whole frame for so long, give the connection up\n"
    "                           (default 20; 0: never)\n"
    "      --strict             end at the first loss, with status 1\n"
    "      --teardown HOW       tell the camera at the end: auto (once, the default),\n"
    "                           always (until it answers), or never\n"
    "  -b, --buffer MIB         memory for a reader of stdout that is too slow\n"
    "                           (1 to 65536; default 64)\n"
    "  -w, --wait               when that memory is half full, let the camera wait: for\n"
    "                           recorded streams; a live camera loses what it cannot send\n"
    "  -s, --stats SECONDS      print a line of figures so often (decimals); SIGUSR1\n"
    "                           prints one at any time\n"
    "  -k, --keep-damaged       keep frames that lost packets, flagged, and do not drop them\n"
    "  -q, --quiet              no remarks and no summary, errors only\n"
    "  -v, --verbose            show the RTSP session as it goes\n"
    "      --trace FILE         append the RTSP messages to FILE, without passwords\n"
    "  -h, --help               this text\n"
    "  -V, --version            the version\n"
    "\n"
    "For command lines of retina-record: --no-audio does nothing, as there is no audio yet;\n"
    "with --no-video there is nothing to record.\n"
    "\n"
    "Example: rtsp-fetch URL | h264-sei-stamp | mp4-wrap out.mp4\n";

/* Options without a letter. */
enum {
	OPTION_START = 256,
	OPTION_STALL,
	OPTION_STRICT,
	OPTION_TEARDOWN,
	OPTION_TRACE,
	OPTION_TRACK,
	OPTION_NO_AUDIO,
	OPTION_NO_VIDEO,
};

#define DEFAULT_BUFFER_MIB	64
#define DEFAULT_STALL_NS	(20 * CLOCK_NS_PER_S)
#define MAX_SECONDS		(100LL * 365 * 86400)
#define MIN_STATS_NS		(CLOCK_NS_PER_S / 10)

#define STATUS_CLEAR		"\r\033[K"	/* takes the status line off the terminal */
#define STATUS_MS		1000

static bool quiet, verbose;
static long long buffer_mib = DEFAULT_BUFFER_MIB;
static struct credentials credentials;
static const char *url_text, *start_text, *trace_file;
static int64_t start_unix_ns;
static struct session session;
static struct ring ring;
static int64_t stats_ns, stats_next_ns = INT64_MAX;	/* interval; monotonic time of the next line */
static int session_wake[2];
static atomic_int running;	/* threads */
static int writer_error;

/* getopt_long(3) would quote all of the argument, and that may hold a password. */
static void __attribute__((noreturn))
bad_option(const char *argument)
{
	if (optopt > 0 && optopt < OPTION_START)
		errx(2, "-%c: no such option, or its value is missing (rtsp-fetch --help)", optopt);
	errx(2, "%.*s: no such option, not clear, or its value is missing (rtsp-fetch --help)",
	    (int)strcspn(argument, "="), argument);
}

static enum session_teardown
teardown(const char *how)
{
	static const char *const names[] = { "auto", "always", "never" };

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (strcasecmp(how, names[i]) == 0)
			return i;
	}
	errx(2, "--teardown %s: auto, always or never is wanted", show(how));
}

/* Those without a letter. */
static void
long_option(int c, char *const argv[])
{
	const char *error;

	switch (c) {
	case OPTION_START:
		start_text = optarg;
		break;
	case OPTION_STALL:
		if (seconds_parse(&session.stall_ns, optarg, MAX_SECONDS) == -1)
			errx(2, "--stall %s: a number of seconds is wanted", show(optarg));
		break;
	case OPTION_STRICT:
		session.strict = true;
		break;
	case OPTION_TEARDOWN:
		session.teardown = teardown(optarg);
		break;
	case OPTION_TRACE:
		trace_file = optarg;
		break;
	case OPTION_TRACK:
		session.track = strtonum(optarg, 1, SDP_MEDIA, &error);
		if (error != NULL)
			errx(2, "--track %s: %s (1 to %d)", show(optarg), error, SDP_MEDIA);
		break;
	case OPTION_NO_AUDIO:
		break;
	case OPTION_NO_VIDEO:
		errx(2, "--no-video: there is nothing else to record, audio is not there yet");
	default:
		bad_option(argv[optind - 1]);
	}
}

static void
option(int c, char *const argv[])
{
	const char *error;

	switch (c) {
	case 'u':
		url_text = optarg;
		break;
	case 'U':
		credentials.username = optarg;
		break;
	case 'P':
		credentials.password_file = optarg;
		break;
	case 'p':
		credentials.password = optarg;
		break;
	case 'd':
		if (seconds_parse(&session.duration_ns, optarg, MAX_SECONDS) == -1 ||
		    session.duration_ns == 0)
			errx(2, "--duration %s: a number of seconds above 0 is wanted", show(optarg));
		break;
	case 'b':
		buffer_mib = strtonum(optarg, 1, 65536, &error);
		if (error != NULL)
			errx(2, "--buffer %s: %s (1 to 65536 MiB)", show(optarg), error);
		break;
	case 's':
		if (seconds_parse(&stats_ns, optarg, MAX_SECONDS) == -1 || stats_ns < MIN_STATS_NS)
			errx(2, "--stats %s: a number of seconds from 0.1 up is wanted", show(optarg));
		break;
	case 'l':
		session.list = true;
		break;
	case 'k':
		session.keep_damaged = true;
		break;
	case 'r':
		session.reconnect = true;
		break;
	case 'w':
		session.wait = true;
		break;
	case 'q':
		quiet = true;
		break;
	case 'v':
		verbose = true;
		break;
	case 'h':
		fputs(usage_text, stdout);
		exit(0);
	case 'V':
		puts("rtsp-fetch (nalpipe) " NALPIPE_VERSION);
		exit(0);
	default:
		long_option(c, argv);
	}
}

/* What options mean together, or at this time of day. */
static void
check_options(void)
{
	const char *wrong;

	if (session.strict && session.reconnect)
		errx(2, "--strict and --reconnect: one ends at the first loss, the other does not");
	if (start_text == NULL)
		return;
	wrong = date_parse(&start_unix_ns, start_text, clock_realtime_ns());
	if (wrong != NULL)
		errx(2, "--start %s: %s", show(start_text), wrong);
	if (start_unix_ns <= clock_realtime_ns())
		errx(1, "--start %s: that time has passed", show(start_text));
}

static void
options(int argc, char *argv[])
{
	static const struct option longs[] = {
		{ "url", required_argument, NULL, 'u' },
		{ "username", required_argument, NULL, 'U' },
		{ "password-file", required_argument, NULL, 'P' },
		{ "password", required_argument, NULL, 'p' },
		{ "duration", required_argument, NULL, 'd' },
		{ "buffer", required_argument, NULL, 'b' },
		{ "stats", required_argument, NULL, 's' },
		{ "list", no_argument, NULL, 'l' },
		{ "keep-damaged", no_argument, NULL, 'k' },
		{ "wait", no_argument, NULL, 'w' },
		{ "reconnect", no_argument, NULL, 'r' },
		{ "start", required_argument, NULL, OPTION_START },
		{ "stall", required_argument, NULL, OPTION_STALL },
		{ "strict", no_argument, NULL, OPTION_STRICT },
		{ "teardown", required_argument, NULL, OPTION_TEARDOWN },
		{ "trace", required_argument, NULL, OPTION_TRACE },
		{ "track", required_argument, NULL, OPTION_TRACK },
		{ "no-audio", no_argument, NULL, OPTION_NO_AUDIO },
		{ "no-video", no_argument, NULL, OPTION_NO_VIDEO },
		{ "quiet", no_argument, NULL, 'q' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	const char *wrong;
	int c;

	session.stall_ns = DEFAULT_STALL_NS;
	opterr = 0;
	while ((c = getopt_long(argc, argv, "u:U:P:p:d:b:s:lrwkqvhV", longs, NULL)) != -1)
		option(c, argv);
	if (url_text == NULL && optind < argc)
		url_text = argv[optind++];
	if (url_text == NULL)
		errx(2, "which camera? (rtsp-fetch --help)");
	/* It is not shown: it may be a URL with a password. */
	if (optind < argc)
		errx(2, "there is an argument too many after the URL");
	if ((wrong = url_parse(&session.url, url_text)) != NULL)
		errx(2, "the URL: %s", wrong);
	check_options();
	if (!session.list && isatty(STDOUT_FILENO))
		errx(2, "stdout is a terminal: pipe it into h264-sei-stamp, or redirect it to a file");
	if ((wrong = credentials_get(&session.auth, &credentials, &session.url)) != NULL) {
		if (errno != 0)
			err(2, "%s", show(wrong));
		errx(2, "%s", wrong);
	}
}

/* --start. A signal ends it all, before there is a stream. */
static void
wait_for_start(int stop_fd)
{
	char text[CLOCK_RFC3339_SIZE];
	int64_t left;

	if (start_text == NULL || session.list)
		return;
	clock_format_rfc3339(text, start_unix_ns);
	if (!quiet)
		warnx("waiting until %s", text);
	inquiry_doing("rtsp-fetch: state=waiting\n");
	/* In steps, because the clock may be set meanwhile. */
	while ((left = start_unix_ns - clock_realtime_ns()) > 0) {
		struct pollfd fd = { .fd = stop_fd, .events = POLLIN };

		poll(&fd, 1, left < CLOCK_NS_PER_S ? (int)(left / 1000000 + 1) : 1000);
		if (stop_count() > 0)
			exit(0);
	}
}

/* A host that is an address may have a name, for the stream's head. */
static void
find_name(void)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST }, *addresses;

	if (getaddrinfo(session.url.host, session.url.port, &hints, &addresses) != 0)
		addresses = NULL;
	name_begin(session.url.host, addresses);
	if (addresses != NULL)
		freeaddrinfo(addresses);
}

static void
wake_session(void)
{
	(void)!write(session_wake[1], "", 1);
}

static void *
receiver(void *arg)
{
	(void)arg;
	session_run(&session);
	running--;
	msg_wake();
	return NULL;
}

static void *
writer(void *arg)
{
	(void)arg;
	writer_error = writer_run(&ring, STDOUT_FILENO, wake_session);
	running--;
	msg_wake();
	return NULL;
}

static void
start(pthread_t *receiver_thread, pthread_t *writer_thread)
{
	sigset_t all, before;

	if (pipe_wake(session_wake) == -1 || msg_open(quiet ? MSG_ERROR : verbose ? MSG_DETAIL :
	    MSG_REMARK) == -1 || ring_open(&ring, (size_t)buffer_mib << 20, wake_session) == -1)
		err(1, "start");
	ring.keep_all = session.wait;
	session.ring = &ring;
	session.wake_fd = session_wake[0];
	session.wake = wake_session;
	running = session.list ? 1 : 2;
	/* Signals are main's: they must not interrupt the others' calls. */
	sigfillset(&all);
	pthread_sigmask(SIG_BLOCK, &all, &before);
	errno = pthread_create(receiver_thread, NULL, receiver, NULL);
	if (errno == 0 && !session.list)
		errno = pthread_create(writer_thread, NULL, writer, NULL);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	if (errno != 0)
		err(1, "thread");
}

/* The line that a terminal shows while it goes. */
static void
show_status(void)
{
	static struct stats_mark since;
	char line[STATS_MAX];

	stats_status(line, &since, &session);
	if (line[0] == '\0')
		return;
	fprintf(stderr, "\r%s\033[K", line);
	fflush(stderr);			/* it has no end, and stderr is buffered by lines */
}

/* A message, in place of the status line. */
static void
show_line(bool status, const char *line)
{
	if (status)
		fputs(STATUS_CLEAR, stderr);
	warnx("%s", line);
}

static void
show_messages(bool status)
{
	char line[MSG_MAX];

	while (msg_take(line))
		show_line(status, line);
	if (trace_write() == -1) {
		snprintf(line, sizeof line, "--trace: %s; it ends here", strerror(errno));
		show_line(status, line);
	}
}

/* The figures, when they are due and when they are asked for: a row of lines each. */
static void
show_stats(bool status)
{
	static struct stats_mark asked, due;
	char line[STATS_MAX];
	int64_t now = clock_monotonic_ns();

	if (inquiry_taken()) {
		stats_line(line, &asked, &session);
		show_line(status, line);
	}
	if (now < stats_next_ns)
		return;
	stats_line(line, &due, &session);
	show_line(status, line);
	/* In step; but lines that were missed, with the program stopped, are not made up for. */
	stats_next_ns += stats_ns;
	if (stats_next_ns <= now)
		stats_next_ns = now + stats_ns;
}

/* How long to wait for signals and messages: until a line is due. */
static int
patience_ms(bool status)
{
	int ms = stats_ns > 0 ? clock_poll_ms(stats_next_ns) : -1;

	return status && (ms < 0 || ms > STATUS_MS) ? STATUS_MS : ms;
}

/* Without a camera nothing is written, and a reader that is gone would not be noticed. */
static void
watch_reader(struct pollfd *out)
{
	if (out->revents & (POLLERR | POLLHUP) && running == 2) {
		ring_fail(&ring, EPIPE);
		wake_session();
	}
	if (out->revents != 0)
		out->fd = -1;
}

/* Until both threads are done: messages, the status line, signals. */
static void
attend(int stop_fd, int inquiry_fd, bool status)
{
	struct pollfd fds[] = {
		{ .fd = stop_fd, .events = POLLIN },
		{ .fd = msg_fd(), .events = POLLIN },
		{ .fd = inquiry_fd, .events = POLLIN },
		{ .fd = session.list ? -1 : STDOUT_FILENO },
	};
	int stops;

	if (stats_ns > 0)
		stats_next_ns = clock_monotonic_ns() + stats_ns;
	inquiry_doing(NULL);
	while (running > 0) {
		poll(fds, 4, patience_ms(status));
		watch_reader(&fds[3]);
		stops = stop_count();
		if (stops > 1)
			_exit(1);
		if (stops == 1 && !session.stop) {
			session.stop = true;
			wake_session();
		}
		show_messages(status);
		show_stats(status);
		if (status && running > 0)
			show_status();
	}
	if (status)
		fputs(STATUS_CLEAR, stderr);
}

/* How it ended, and what came. Returns the exit status. */
static int
summary(void)
{
	const struct session_stats *t = &session.stats;
	uint64_t playing_ns = t->playing_ns;

	if (writer_error != 0) {
		warnc(writer_error, "stdout");
		session.status = 1;
	} else if (session.status != 0) {
		warnx("%s", show(session.reason));
	}
	if (!quiet && playing_ns != 0)
		warnx("%" PRIu64 " frames in %.1f s, %" PRIu64 " damaged, %" PRIu64 " shed; %" PRIu64
		    " packets lost; %" PRIu64 " sender reports", (uint64_t)t->frames,
		    (clock_monotonic_ns() - playing_ns) / 1e9, (uint64_t)t->damaged, (uint64_t)t->shed,
		    (uint64_t)t->lost, (uint64_t)t->reports);
	return session.status;
}

/* What the camera offers. Returns whether some of it can be recorded. */
static bool
show_list(void)
{
	const struct sdp_media *chosen = session_track(&session);
	char *text = list_text(&session.sdp, chosen);

	if (text == NULL)
		err(1, "list");
	if (fputs(text, stdout) == EOF || fclose(stdout) == EOF)
		err(1, "stdout");
	free(text);
	return chosen != NULL;
}

int
main(int argc, char *argv[])
{
	pthread_t receiver_thread, writer_thread;
	struct rlimit no_core = { 0, 0 };
	bool status = isatty(STDERR_FILENO);
	static char **arguments;	/* they hold for as long as the program runs */
	int stop_fd, inquiry_fd;

	setvbuf(stderr, NULL, _IOLBF, 0);	/* messages of a pipeline come line by line */
	if (credentials_hide(argc, argv, &arguments) == -1)
		err(1, "arguments");
	inquiry_doing("rtsp-fetch: state=starting\n");
	if ((inquiry_fd = inquiry_open()) == -1)
		err(1, "start");
	(void)setrlimit(RLIMIT_CORE, &no_core);	/* it would hold the password */
	options(argc, arguments);
	status = status && !quiet && !verbose;

	if (trace_file != NULL && trace_open(trace_file, session.auth.password) == -1)
		err(1, "--trace %s", show(trace_file));
	if ((stop_fd = stop_open(0)) == -1)
		err(1, "start");
	wait_for_start(stop_fd);
	find_name();
	start(&receiver_thread, &writer_thread);

	if (rights_drop("stdio inet dns proc") == -1)
		err(1, "rights");

	attend(stop_fd, inquiry_fd, status);

	pthread_join(receiver_thread, NULL);
	if (!session.list)
		pthread_join(writer_thread, NULL);
	show_messages(status);
	if (trace_close() == -1)
		warn("--trace");
	auth_wipe(&session.auth);
	if (session.list && !show_list())
		session.status = 1;	/* also if a signal came before the answer */
	return summary();
}
