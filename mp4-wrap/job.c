/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* fork(2), and what a child must not have of its parent. */
#include "job.h"

#include <sys/wait.h>

#include <errno.h>
#include <fcntl.h>
#include <paths.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define FILE_NAME	" \"$1\""

void
jobs_open(struct jobs *j)
{
	memset(j, 0, sizeof *j);
	TAILQ_INIT(&j->list);
	signal(SIGCHLD, SIG_DFL);	/* ignored, there would be no exit status */
}

static struct job *
add(struct jobs *j, const char *file, bool is_command)
{
	struct job *job = calloc(1, sizeof *job);

	if (job == NULL)
		return NULL;
	job->file = strdup(file);
	if (job->file == NULL) {
		free(job);
		return NULL;
	}
	job->is_command = is_command;
	TAILQ_INSERT_TAIL(&j->list, job, entry);
	return job;
}

void
job_free(struct job *job)
{
	free(job->file);
	free(job);
}

int
jobs_finish(struct jobs *j, const char *file, int (*work)(void *), void *arg)
{
	struct job *job;
	sigset_t stop;

	if (j->finishing >= JOBS_FINISHING_MAX) {
		errno = EAGAIN;
		return -1;
	}
	job = add(j, file, false);
	if (job == NULL)
		return -1;
	job->pid = fork();
	if (job->pid == -1) {
		TAILQ_REMOVE(&j->list, job, entry);
		job_free(job);
		return -1;
	}
	if (job->pid == 0) {
		/* Ctrl-C is for the recording; what is finished stays to be finished. */
		sigemptyset(&stop);
		sigaddset(&stop, SIGINT);
		sigaddset(&stop, SIGTERM);
		sigaddset(&stop, SIGHUP);
		sigprocmask(SIG_BLOCK, &stop, NULL);
		close(STDIN_FILENO);	/* or its writer would not see the recording die */
		_exit(work(arg));
	}
	j->finishing++;
	return 0;
}

int
jobs_command(struct jobs *j, const char *file)
{
	if (add(j, file, true) == NULL)
		return -1;
	j->waiting++;
	return 0;
}

/* What sh(1) is given; the caller frees. NULL with errno. */
static char *
script_make(const char *command)
{
	size_t size = strlen(command) + sizeof FILE_NAME;
	char *script = malloc(size);

	if (script == NULL)
		return NULL;
	strlcpy(script, command, size);
	if (strstr(command, "$1") == NULL && strstr(command, "${1") == NULL &&
	    strstr(command, "$@") == NULL)
		strlcat(script, FILE_NAME, size);
	return script;
}

/* The child that becomes the command. Does not return. */
static void
run(const char *script, const char *file)
{
	int null = open(_PATH_DEVNULL, O_RDONLY);

	setsid();			/* Ctrl-C is for the recording */
	if (null == -1 || dup2(null, STDIN_FILENO) == -1)
		close(STDIN_FILENO);
	if (null > STDERR_FILENO)
		close(null);
	/* stdout is for names, and its reader waits for its end. */
	dup2(STDERR_FILENO, STDOUT_FILENO);
	signal(SIGPIPE, SIG_DFL);	/* handlers reset themselves, what is ignored does not */
	signal(SIGXFSZ, SIG_DFL);
	execl(_PATH_BSHELL, "sh", "-c", script, "sh", file, (char *)NULL);
	_exit(127);
}

size_t
jobs_start(struct jobs *j, const char *command, size_t max)
{
	struct job *job;
	char *script;

	if (j->waiting == 0 || j->commands >= max || (script = script_make(command)) == NULL)
		return j->waiting;
	TAILQ_FOREACH(job, &j->list, entry) {
		if (!job->is_command || job->pid != 0)
			continue;
		if (j->commands >= max || (job->pid = fork()) == -1)
			break;
		if (job->pid == 0)
			run(script, job->file);
		j->commands++;
		j->waiting--;
	}
	if (job != NULL && job->pid == -1)
		job->pid = 0;
	free(script);
	return j->waiting;
}

/* Takes note of a process that has ended. Returns whether there was one. */
static bool
reap(struct jobs *j, int flags)
{
	struct job *job;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, flags)) == -1 && errno == EINTR)
		;
	if (pid <= 0)
		return false;
	TAILQ_FOREACH(job, &j->list, entry) {
		if (job->pid == pid && !job->ended) {
			job->ended = true;
			job->status = status;
			*(job->is_command ? &j->commands : &j->finishing) -= 1;
		}
	}
	return true;		/* also if whoever started us left it to us */
}

static struct job *
first_ended(const struct jobs *j)
{
	struct job *job;
	bool held = false;

	TAILQ_FOREACH(job, &j->list, entry) {
		if (job->ended && (job->is_command || !held))
			break;
		held |= !job->is_command;
	}
	return job;
}

struct job *
jobs_ended(struct jobs *j, bool wait)
{
	struct job *job;
	int flags = WNOHANG;

	for (;;) {
		while (reap(j, flags))
			flags = WNOHANG;
		job = first_ended(j);
		if (job != NULL || !wait || flags == 0)
			break;
		flags = 0;
	}
	if (job != NULL)
		TAILQ_REMOVE(&j->list, job, entry);
	return job;
}

void
jobs_close(struct jobs *j)
{
	struct job *job;

	while ((job = TAILQ_FIRST(&j->list)) != NULL) {
		TAILQ_REMOVE(&j->list, job, entry);
		job_free(job);
	}
}
