/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* The main of a fuzz entry without libFuzzer: replays a corpus, each input in memory of its exact size. */
#include <sys/stat.h>

#include <dirent.h>
#include <err.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "fuzz.h"

static void
replay_file(int folder, const char *name)
{
	struct stat st;
	uint8_t *data;
	int fd = openat(folder, name, O_RDONLY);

	if (fd == -1 || fstat(fd, &st) == -1 || !S_ISREG(st.st_mode))
		err(1, "%s", name);
	/* malloc of exactly so much: one byte too far is found. */
	data = malloc(st.st_size > 0 ? st.st_size : 1);
	if (data == NULL || read(fd, data, st.st_size) != st.st_size)
		err(1, "%s", name);
	LLVMFuzzerTestOneInput(data, st.st_size);
	free(data);
	close(fd);
}

static size_t
replay_folder(const char *path)
{
	DIR *dir = opendir(path);
	struct dirent *e;
	size_t n = 0;

	if (dir == NULL)
		err(1, "%s", path);
	while ((e = readdir(dir)) != NULL) {
		if (e->d_name[0] == '.')
			continue;
		replay_file(dirfd(dir), e->d_name);
		n++;
	}
	closedir(dir);
	return n;
}

int
main(int argc, char *argv[])
{
	char corpus[256];
	size_t n = 0;

	snprintf(corpus, sizeof corpus, "tests/fuzz/corpus/%s", getprogname());
	if (argc == 1)
		n = replay_folder(corpus);
	for (int i = 1; i < argc; i++)
		n += replay_folder(argv[i]);
	if (n == 0)
		errx(1, "there is no input in %s", argc == 1 ? corpus : "these folders");
	return 0;
}
