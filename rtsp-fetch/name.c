/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* getnameinfo(3) has no time limit, so a thread of its own does it and may be left behind. */
#include "name.h"

#include <sys/socket.h>

#include <arpa/inet.h>
#include <ctype.h>
#include <pthread.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define WAIT_S	2

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t found;
static struct timespec deadline;
static struct sockaddr_storage address;
static socklen_t address_len;
static char name[NAME_MAX_SIZE], fallback[NAME_MAX_SIZE];
static bool done;

/* Up to the first dot, and only what every file system takes. */
static void
set_name(char out[NAME_MAX_SIZE], const char *text, bool whole)
{
	size_t n = 0;

	for (; *text != '\0' && (whole || *text != '.') && n + 1 < NAME_MAX_SIZE; text++)
		out[n++] = isalnum((unsigned char)*text) || *text == '_' ? *text : '-';
	out[n] = '\0';
}

static void *
look_up(void *arg)
{
	char host[NI_MAXHOST] = "";
	bool ok = getnameinfo((struct sockaddr *)&address, address_len, host, sizeof host,
	    NULL, 0, NI_NAMEREQD) == 0;

	(void)arg;
	pthread_mutex_lock(&mutex);
	if (ok)
		set_name(name, host, false);
	done = true;
	pthread_cond_signal(&found);
	pthread_mutex_unlock(&mutex);
	return NULL;
}

static bool
is_address(const char *host)
{
	unsigned char bytes[sizeof(struct in6_addr)];

	return inet_pton(AF_INET, host, bytes) == 1 || strchr(host, ':') != NULL;
}

void
name_begin(const char *host, const struct addrinfo *ai)
{
	char text[NAME_MAX_SIZE - 8];
	pthread_condattr_t attr;
	pthread_t thread;

	if (!is_address(host)) {
		set_name(name, host, false);
		done = true;
		return;
	}
	snprintf(text, sizeof text, "%s-%s", strchr(host, ':') != NULL ? "ipv6" : "ipv4", host);
	set_name(fallback, text, true);
	if (ai == NULL) {
		done = true;
		return;
	}
	pthread_condattr_init(&attr);
	(void)pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
	pthread_cond_init(&found, &attr);
	pthread_condattr_destroy(&attr);
	clock_gettime(CLOCK_MONOTONIC, &deadline);
	deadline.tv_sec += WAIT_S;
	memcpy(&address, ai->ai_addr, ai->ai_addrlen);
	address_len = ai->ai_addrlen;
	if (pthread_create(&thread, NULL, look_up, NULL) == 0)
		pthread_detach(thread);
	else
		done = true;
}

void
name_get(char out[NAME_MAX_SIZE])
{
	int rc = 0;

	pthread_mutex_lock(&mutex);
	while (!done && rc == 0)
		rc = pthread_cond_timedwait(&found, &mutex, &deadline);
	strlcpy(out, name[0] != '\0' ? name : fallback, NAME_MAX_SIZE);
	pthread_mutex_unlock(&mutex);
	if (out[0] == '\0')
		strlcpy(out, "camera", NAME_MAX_SIZE);
}
