/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* A bounded store of lines between threads. */
#include "msg.h"

#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>
#include <vis.h>

#include "lock.h"
#include "pipe.h"

#define LINES	64
#define RAW	(MSG_MAX / 4)	/* every byte may become four */

static pthread_mutex_t mutex;
static char lines[LINES][MSG_MAX];
static size_t oldest, nlines;
static enum msg_level threshold;
static int wake[2] = { -1, -1 };

int
msg_open(enum msg_level highest)
{
	threshold = highest;
	return lock_init(&mutex) == -1 ? -1 : pipe_wake(wake);
}

int
msg_fd(void)
{
	return wake[0];
}

void
msg_wake(void)
{
	(void)!write(wake[1], "", 1);
}

void
msg(enum msg_level level, const char *format, ...)
{
	char raw[RAW];
	va_list ap;

	if (level > threshold)
		return;
	va_start(ap, format);
	vsnprintf(raw, sizeof raw, format, ap);
	va_end(ap);
	pthread_mutex_lock(&mutex);
	/* A full store loses the newest: what came first explains the most. */
	if (nlines < LINES)
		strvis(lines[(oldest + nlines++) % LINES], raw, VIS_CSTYLE | VIS_NL | VIS_TAB);
	pthread_mutex_unlock(&mutex);
	msg_wake();
}

bool
msg_take(char line[MSG_MAX])
{
	bool taken;
	char drain[64];

	while (read(wake[0], drain, sizeof drain) > 0)
		;
	pthread_mutex_lock(&mutex);
	taken = nlines > 0;
	if (taken) {
		snprintf(line, MSG_MAX, "%s", lines[oldest]);
		oldest = (oldest + 1) % LINES;
		nlines--;
	}
	pthread_mutex_unlock(&mutex);
	return taken;
}
