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
#include "writer.h"

static const char usage_text[] =
    "usage: rtsp-fetch [-kqvw] [-b MiB] [-d seconds] [-s seconds] [-U user] [-P file]\n"
    "                  rtsp://host[:port]/path\n"
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
    "  -d, --duration SECONDS   end so long after the camera began to play (decimals)\n"
    "  -b, --buffer MIB         memory for a reader of stdout that is too slow\n"
    "                           (1 to 65536; default 64)\n"
    "  -w, --wait               when that memory is half full, let the camera wait: for\n"
    "                           recorded streams; a live camera loses what it cannot send\n"
    "  -s, --stats SECONDS      print a line of figures so often (decimals); SIGUSR1\n"
    "                           prints one at any time\n"
    "  -k, --keep-damaged       keep frames that lost packets, flagged, and do not drop them\n"
    "  -q, --quiet              no remarks and no summary, errors only\n"
    "  -v, --verbose            show the RTSP session as it goes\n"
    "  -h, --help               this text\n"
    "  -V, --version            the version\n"
    "\n"
    "Example: rtsp-fetch URL | h264-sei-stamp | mp4-wrap out.mp4\n";

#define DEFAULT_BUFFER_MIB	64
#define MAX_SECONDS		(100LL * 365 * 86400)
#define MIN_STATS_NS		(CLOCK_NS_PER_S / 10)

#define STATUS_CLEAR		"\r\033[K"	/* takes the status line off the terminal */
#define STATUS_MS		1000

static bool quiet, verbose;
static long long buffer_mib = DEFAULT_BUFFER_MIB;
static struct credentials credentials;
static const char *url_text;
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
	if (optopt != 0)
		errx(2, "-%c: no such option, or its value is missing (rtsp-fetch --help)", optopt);
	errx(2, "%.*s: no such option, not clear, or its value is missing (rtsp-fetch --help)",
	    (int)strcspn(argument, "="), argument);
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
		bad_option(argv[optind - 1]);
	}
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
		{ "quiet", no_argument, NULL, 'q' },
		{ "verbose", no_argument, NULL, 'v' },
		{ "help", no_argument, NULL, 'h' },
		{ "version", no_argument, NULL, 'V' },
		{ 0 },
	};
	const char *wrong;
	int c;

	opterr = 0;
	while ((c = getopt_long(argc, argv, "u:U:P:p:d:b:s:lwkqvhV", longs, NULL)) != -1)
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
	if (!session.list && isatty(STDOUT_FILENO))
		errx(2, "stdout is a terminal: pipe it into h264-sei-stamp, or redirect it to a file");
	if ((wrong = credentials_get(&session.auth, &credentials, &session.url)) != NULL) {
		if (errno != 0)
			err(2, "%s", show(wrong));
		errx(2, "%s", wrong);
	}
}

static void
resolve(void)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *addresses;
	int rc = getaddrinfo(session.url.host, session.url.port, &hints, &addresses);

	session.resolve_error = rc;
	session.addresses = rc == 0 ? addresses : NULL;
	name_begin(session.url.host, session.addresses);
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

/* Until both threads are done: messages, the status line, signals. */
static void
attend(int stop_fd, int inquiry_fd, bool status)
{
	struct pollfd fds[] = {
		{ .fd = stop_fd, .events = POLLIN },
		{ .fd = msg_fd(), .events = POLLIN },
		{ .fd = inquiry_fd, .events = POLLIN },
	};
	int stops;

	if (stats_ns > 0)
		stats_next_ns = clock_monotonic_ns() + stats_ns;
	inquiry_doing(NULL);
	while (running > 0) {
		poll(fds, 3, patience_ms(status));
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
	const struct sdp_media *chosen = sdp_choose(&session.sdp);
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

	inquiry_doing("rtsp-fetch: state=resolving\n");
	resolve();
	if ((stop_fd = stop_open(0)) == -1)
		err(1, "start");
	start(&receiver_thread, &writer_thread);

	if (rights_drop("stdio inet proc") == -1)
		err(1, "rights");

	attend(stop_fd, inquiry_fd, status);

	pthread_join(receiver_thread, NULL);
	if (!session.list)
		pthread_join(writer_thread, NULL);
	show_messages(status);
	auth_wipe(&session.auth);
	if (session.list && !show_list())
		session.status = 1;	/* also if a signal came before the answer */
	return summary();
}
