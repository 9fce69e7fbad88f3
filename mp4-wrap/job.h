/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Processes beside the recording, which does not wait: they finish files, and run a command on each. */
#ifndef JOB_H
#define JOB_H

#include <sys/types.h>
#include <sys/queue.h>

#include <stdbool.h>
#include <stddef.h>

#define JOBS_FINISHING_MAX	16	/* more would be a disk that cannot keep up */
#define JOBS_COMMANDS_MAX	16	/* running at the same time; others wait their turn */

struct job {
	TAILQ_ENTRY(job) entry;
	pid_t pid;		/* 0: waits its turn */
	bool is_command, ended;
	int status;		/* once ended, as waitpid(2) has it */
	char *file;		/* name of the file that it is about */
};

struct jobs {
	TAILQ_HEAD(job_list, job) list;
	size_t finishing;	/* processes */
	size_t commands;	/* processes */
	size_t waiting;		/* commands not started yet */
};

/* Prepares, also SIGCHLD, which may have been ignored at the start. */
void jobs_open(struct jobs *j);

/*
 * Runs work(arg), which finishes this file, in a process that stop signals do
 * not end and that does not hold stdin open; its exit status is what work returns.
 * 0, or -1 with errno: the caller does it.
 */
int jobs_finish(struct jobs *j, const char *file, int (*work)(void *), void *arg);

/* A command is to be run on this file by jobs_start(). 0, or -1 with errno. */
int jobs_command(struct jobs *j, const char *file);

/*
 * Has sh(1) run the command on files that wait, in a session of its own, the
 * file's name as $1, or at its end if it does not mention that; stdin is
 * /dev/null, stdout is stderr, signals are as a new process has them. At most max
 * run; what cannot be started goes on waiting. Returns how many wait.
 */
size_t jobs_start(struct jobs *j, const char *command, size_t max);

/*
 * A job that has ended, those that finish files in the order in which they began;
 * if wait is set, that is waited for. NULL: there is none. The caller frees with
 * job_free().
 */
struct job *jobs_ended(struct jobs *j, bool wait);

void job_free(struct job *job);

/* Frees what there is, and leaves its processes alone. */
void jobs_close(struct jobs *j);

#endif
