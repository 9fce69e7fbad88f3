/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* getaddrinfo(3) has no time limit, so a thread of its own does it and may be left behind. */
#include "resolve.h"

#include <sys/socket.h>

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* One look-up. Its thread owns it until it is done, then whoever takes the result. */
struct job {
	char host[256], port[6];
	void (*done)(void);
	bool ready, forgotten;
	struct addrinfo *addresses;
	int error;
};

static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static struct job *current;

static void
job_free(struct job *job)
{
	if (job->addresses != NULL)
		freeaddrinfo(job->addresses);
	free(job);
}

static void
look_up(struct job *job, int flags)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = flags };

	job->error = getaddrinfo(job->host, job->port, &hints, &job->addresses);
	if (job->error != 0)
		job->addresses = NULL;
}

static void *
run(void *arg)
{
	struct job *job = arg;
	void (*done)(void) = job->done;
	bool forgotten;

	look_up(job, 0);
	pthread_mutex_lock(&mutex);
	job->ready = true;
	forgotten = job->forgotten;
	pthread_mutex_unlock(&mutex);
	if (forgotten)
		job_free(job);
	else
		done();
	return NULL;
}

/* At ordinary priority, which the receiver that begins it may not have. */
static int
start_thread(struct job *job)
{
	struct sched_param param = { 0 };
	pthread_attr_t attr;
	pthread_t thread;
	int error;

	pthread_attr_init(&attr);
	pthread_attr_setdetachstate(&attr, PTHREAD_CREATE_DETACHED);
	pthread_attr_setinheritsched(&attr, PTHREAD_EXPLICIT_SCHED);
	pthread_attr_setschedpolicy(&attr, SCHED_OTHER);
	pthread_attr_setschedparam(&attr, &param);
	error = pthread_create(&thread, &attr, run, job);
	pthread_attr_destroy(&attr);
	return error;
}

/* The job before, whose result nobody wants any more. */
static void
forget(void)
{
	struct job *job;

	pthread_mutex_lock(&mutex);
	job = current;
	current = NULL;
	if (job != NULL && !job->ready) {
		job->forgotten = true;
		job = NULL;
	}
	pthread_mutex_unlock(&mutex);
	if (job != NULL)
		job_free(job);
}

void
resolve_begin(const char *host, const char *port, void (*done)(void))
{
	struct job *job = calloc(1, sizeof *job);

	forget();
	if (job == NULL) {
		done();
		return;
	}
	strlcpy(job->host, host, sizeof job->host);
	strlcpy(job->port, port, sizeof job->port);
	job->done = done;
	/* An address needs no server. */
	look_up(job, AI_NUMERICHOST);
	job->ready = job->error == 0;
	pthread_mutex_lock(&mutex);
	current = job;
	pthread_mutex_unlock(&mutex);
	if (!job->ready && start_thread(job) == 0)
		return;
	pthread_mutex_lock(&mutex);
	job->ready = true;
	pthread_mutex_unlock(&mutex);
	done();
}

bool
resolve_take(struct addrinfo **addresses, int *error)
{
	struct job *job = NULL;
	bool none;

	*addresses = NULL;
	*error = EAI_MEMORY;
	pthread_mutex_lock(&mutex);
	none = current == NULL;
	if (!none && current->ready) {
		job = current;
		current = NULL;
	}
	pthread_mutex_unlock(&mutex);
	if (job == NULL)
		return none;
	*addresses = job->addresses;
	*error = job->error;
	free(job);
	return true;
}
