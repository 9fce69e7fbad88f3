/* units: mp4-wrap/job.c */
/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Processes beside the recording: their order, their bounds, what they inherit. */
#include "../../mp4-wrap/job.h"

#include <sys/wait.h>

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "check.h"

static struct jobs jobs;
static int gates[JOBS_FINISHING_MAX][2];

/* Ends when its gate is opened, with the byte that comes through it. */
static int
wait_at_gate(void *arg)
{
	int *gate = arg;
	unsigned char status = 0xff;

	close(gate[1]);
	return read(gate[0], &status, 1) == 1 ? status : 100;
}

static void
open_gate(const int *gate, unsigned char status)
{
	CHECK_EQ(write(gate[1], &status, 1), 1);
}

static void
expect_ended(const char *file, int status)
{
	struct job *job = jobs_ended(&jobs, true);

	CHECK(job != NULL && strcmp(job->file, file) == 0 && !job->is_command);
	if (job == NULL)
		return;
	CHECK_EQ(job->status, status);
	job_free(job);
}

/* Files come in the order in which they were begun, also if a later one is quicker; there are no more than so many. */
static void
order_and_bound(void)
{
	static const char *const names[] = { "a", "b", "c" };

	for (size_t i = 0; i < JOBS_FINISHING_MAX; i++) {
		CHECK_EQ(pipe(gates[i]), 0);
		CHECK_EQ(jobs_finish(&jobs, i < 3 ? names[i] : "more", wait_at_gate, gates[i]), 0);
	}
	CHECK_EQ(jobs_finish(&jobs, "one too many", wait_at_gate, gates[0]), -1);
	CHECK_EQ(errno, EAGAIN);
	CHECK(jobs_ended(&jobs, false) == NULL);
	open_gate(gates[2], 7);
	open_gate(gates[1], 0);
	while (jobs.finishing > JOBS_FINISHING_MAX - 2)
		CHECK(jobs_ended(&jobs, false) == NULL);
	open_gate(gates[0], 1);
	expect_ended("a", 1 << 8);
	expect_ended("b", 0);
	expect_ended("c", 7 << 8);
	CHECK_EQ(kill(TAILQ_FIRST(&jobs.list)->pid, SIGKILL), 0);
	expect_ended("more", SIGKILL);
	for (size_t i = 4; i < JOBS_FINISHING_MAX; i++) {
		open_gate(gates[i], 0);
		expect_ended("more", 0);
	}
	CHECK(jobs_ended(&jobs, true) == NULL);		/* there are no processes at all */
}

static int
look_around(void *arg)
{
	char byte;
	bool shut = read(STDIN_FILENO, &byte, 1) == -1 && errno == EBADF;

	(void)arg;
	raise(SIGINT);
	raise(SIGTERM);
	raise(SIGHUP);
	return shut ? 5 : 6;
}

/* Someone else's children are no jobs. */
static void
strangers(void)
{
	pid_t stranger = fork();

	if (stranger == 0)
		_exit(0);
	CHECK_EQ(jobs_finish(&jobs, "file", look_around, NULL), 0);
	expect_ended("file", 5 << 8);
	while (jobs_ended(&jobs, true) != NULL)
		;
	CHECK_EQ(waitpid(stranger, NULL, 0), -1);
}

/* Of commands that wait, only so many run; an ended one makes room. */
static void
commands(void)
{
	struct job *job;

	CHECK_EQ(jobs_command(&jobs, "1"), 0);
	CHECK_EQ(jobs_command(&jobs, "2"), 0);
	CHECK_EQ(jobs_command(&jobs, "3"), 0);
	CHECK_EQ(jobs_start(&jobs, "exit \"$1\"", 2), 1);
	CHECK_EQ(jobs_start(&jobs, "exit \"$1\"", 2), 1);
	CHECK_EQ(jobs.commands, 2);
	job = jobs_ended(&jobs, true);
	CHECK(job != NULL && job->is_command);
	CHECK_EQ(job->status >> 8, job->file[0] - '0');
	job_free(job);
	CHECK_EQ(jobs_start(&jobs, "exit", 2), 0);
	for (size_t i = 0; i < 2; i++) {
		job = jobs_ended(&jobs, true);
		CHECK(job != NULL && job->status >> 8 == job->file[0] - '0');
		job_free(job);
	}
	CHECK_EQ(jobs_command(&jobs, "left"), 0);
	jobs_close(&jobs);
	CHECK(TAILQ_EMPTY(&jobs.list));
}

int
main(void)
{
	signal(SIGCHLD, SIG_IGN);	/* as some parents leave it */
	jobs_open(&jobs);
	order_and_bound();
	strangers();
	commands();
	return check_failed;
}
