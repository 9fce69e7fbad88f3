/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Opening, locking and removing the output file. */
#include "output.h"

#include <sys/file.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <paths.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int
output_reserve(void)
{
	/* The wrong way round, so that reading stdin and writing the others is an error. */
	for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++) {
		if (fcntl(fd, F_GETFD) == -1 &&
		    open(_PATH_DEVNULL, fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) == -1)
			return -1;
	}
	return 0;
}

/* The file is read back to be finished, and written to at offsets. */
static bool
is_seekable(int fd)
{
	struct stat st;
	int flags = fcntl(fd, F_GETFL);

	return fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    (flags & O_ACCMODE) == O_RDWR && !(flags & O_APPEND) &&
	    lseek(fd, 0, SEEK_CUR) == 0;
}

static enum output_open
lock(int fd)
{
	if (flock(fd, LOCK_EX | LOCK_NB) == 0)
		return OUTPUT_OK;
	/* Some network file systems have no locks: then there is none. */
	return errno == EWOULDBLOCK ? OUTPUT_BUSY : OUTPUT_OK;
}

static enum output_open
open_stdout(struct output *out)
{
	struct stat st;

	out->fd = STDOUT_FILENO;
	if (isatty(out->fd))
		return OUTPUT_TERMINAL;
	if (fstat(out->fd, &st) == -1 || !S_ISREG(st.st_mode))
		return OUTPUT_OK;
	out->seekable = is_seekable(out->fd) && st.st_size == 0;
	return lock(out->fd);
}

/*
 * A power cut must not take the name of a file whose data is on the disk. A file
 * system that cannot promise that is written to all the same.
 */
static void
sync_name(const char *name)
{
	char folder[PATH_MAX];
	int fd;

	if (strlcpy(folder, name, sizeof folder) >= sizeof folder)
		return;
	fd = open(dirname(folder), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd == -1)
		return;
	fsync(fd);
	close(fd);
}

bool
output_is_special(const char *name)
{
	struct stat st;

	return stat(name, &st) == 0 && !S_ISREG(st.st_mode);
}

enum output_open
output_open(struct output *out, const char *name, bool force)
{
	enum output_open rc;
	struct stat st;

	*out = (struct output){ .name = name, .fd = -1 };
	if (strcmp(name, "-") == 0)
		return open_stdout(out);
	if (output_is_special(name)) {
		/* A FIFO or device; not for reading, or its last reader would be us. */
		out->fd = open(name, O_WRONLY | O_CLOEXEC);
		return out->fd == -1 ? OUTPUT_FAILED : OUTPUT_OK;
	}
	out->fd = open(name, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0666);
	out->created = out->fd != -1;
	if (out->created)
		sync_name(name);
	else if (errno == EEXIST)
		out->fd = open(name, O_RDWR | O_CLOEXEC);
	if (out->fd == -1 || fstat(out->fd, &st) == -1)
		return OUTPUT_FAILED;
	if (S_ISREG(st.st_mode) && st.st_size > 0 && !force)
		return OUTPUT_EXISTS;
	out->seekable = is_seekable(out->fd);
	rc = out->seekable ? lock(out->fd) : OUTPUT_OK;
	return rc;
}

int
output_folder(const char *name, size_t fixed)
{
	char *folder = fixed == 0 ? strdup(".") : strndup(name, fixed);
	int rc = folder == NULL ? -1 : access(folder, X_OK);

	free(folder);
	return rc;
}

/* The folders of a path, but for those in its first fixed bytes. */
static int
make_folders(const char *name, size_t fixed)
{
	char *path = strdup(name), *p;
	int rc = 0;

	if (path == NULL)
		return -1;
	for (p = path + fixed; rc == 0 && (p = strchr(p, '/')) != NULL; *p++ = '/') {
		*p = '\0';
		if (mkdir(path, 0777) == 0)
			sync_name(path);
		else if (errno != EEXIST)
			rc = -1;
	}
	free(path);
	return rc;
}

enum output_open
output_create(struct output *out, const char *name, size_t fixed)
{
	const int flags = O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC;

	*out = (struct output){ .name = name, .seekable = true, .created = true };
	out->fd = open(name, flags, 0666);
	if (out->fd == -1 && errno == ENOENT && make_folders(name, fixed) == 0)
		out->fd = open(name, flags, 0666);
	if (out->fd == -1)
		return errno == EEXIST ? OUTPUT_EXISTS : OUTPUT_FAILED;
	sync_name(name);
	return lock(out->fd);
}

enum output_open
output_reopen(struct output *out, const char *name)
{
	struct stat st;

	*out = (struct output){ .name = name, .fd = -1 };
	/* Asked first: opening a FIFO would be noticed at its other end. */
	if (stat(name, &st) == -1)
		return OUTPUT_FAILED;
	if (!S_ISREG(st.st_mode))
		return OUTPUT_IRREGULAR;
	out->fd = open(name, O_RDWR | O_CLOEXEC | O_NONBLOCK);
	if (out->fd == -1 || fstat(out->fd, &st) == -1)
		return OUTPUT_FAILED;
	out->seekable = true;
	return st.st_size == 0 ? OUTPUT_EMPTY : lock(out->fd);
}

void
output_discard(const struct output *out)
{
	struct stat st;

	if (out->created && fstat(out->fd, &st) == 0 && st.st_size == 0)
		unlink(out->name);
}
