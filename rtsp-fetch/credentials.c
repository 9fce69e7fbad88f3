/* SPDX-License-Identifier: MIT OR Apache-2.0 */
/* Passwords are copied out of argv and the environment, and blanked there. */
#include "credentials.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <readpassphrase.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define PASSWORD_OPTION	"--password"

static void
blank(char *text)
{
	memset(text, '*', strlen(text));
}

/*
 * Whether this argument is --password, or the start of it that getopt_long(3)
 * would take for it, and where its value begins; NULL: in the next argument.
 */
static bool
is_password_option(char *arg, char **value)
{
	size_t len = strcspn(arg, "=");

	*value = arg[len] == '=' ? arg + len + 1 : NULL;
	return len > 3 && len <= strlen(PASSWORD_OPTION) &&
	    strncmp(arg, PASSWORD_OPTION, len) == 0;
}

/* -p and its value, also behind other letters: the first p in a bundle takes the rest. */
static bool
is_password_letter(char *arg, char **value)
{
	char *p;

	if (arg[0] != '-' || arg[1] == '-' || (p = strchr(arg, 'p')) == NULL ||
	    strcspn(arg, "dbsuUP") < (size_t)(p - arg))
		return false;
	*value = p[1] != '\0' ? p + 1 : NULL;
	return true;
}

int
credentials_hide(int argc, char *argv[], char ***copy)
{
	char *value, *begin;

	*copy = calloc(argc + 1, sizeof **copy);
	if (*copy == NULL)
		return -1;
	for (int i = 0; i < argc; i++) {
		(*copy)[i] = strdup(argv[i]);
		if ((*copy)[i] == NULL)
			return -1;
	}
	for (int i = 1; i < argc; i++) {
		if (is_password_option(argv[i], &value) || is_password_letter(argv[i], &value)) {
			if (value == NULL && i + 1 < argc)
				value = argv[++i];
			if (value != NULL)
				blank(value);
			continue;
		}
		/* A URL, alone or behind --url= or -u. */
		begin = strstr(argv[i], "://");
		if (begin != NULL && begin - argv[i] >= 4)
			url_blank(begin - 4);
	}
	return 0;
}

static const char *
read_file(struct auth *auth, const char *file)
{
	char text[sizeof auth->password + 1];
	ssize_t n;
	int fd = open(file, O_RDONLY | O_CLOEXEC);

	if (fd == -1)
		return file;
	n = read(fd, text, sizeof text - 1);
	if (n == -1) {
		close(fd);
		return file;
	}
	close(fd);
	text[n] = '\0';
	text[strcspn(text, "\r\n")] = '\0';
	errno = 0;
	if (strlcpy(auth->password, text, sizeof auth->password) >= sizeof auth->password)
		return "--password-file: the password is too long";
	explicit_bzero(text, sizeof text);
	if (auth->password[0] == '\0')
		return "--password-file: its first line is empty";
	return NULL;
}

static const char *
ask(struct auth *auth)
{
	char prompt[sizeof auth->user + 32];

	snprintf(prompt, sizeof prompt, "Password for %s: ", auth->user);
	if (readpassphrase(prompt, auth->password, sizeof auth->password, RPP_REQUIRE_TTY) != NULL)
		return NULL;
	errno = 0;
	return "there is no password (--password-file, RTSP_PASSWORD), and no terminal to ask on";
}

const char *
credentials_get(struct auth *auth, const struct credentials *given, struct url *url)
{
	const char *user = given->username != NULL ? given->username : url->user;
	char *environment = getenv("RTSP_PASSWORD");
	const char *password = given->password;

	errno = 0;
	auth->has_user = given->username != NULL || url->has_user;
	if (strlcpy(auth->user, user, sizeof auth->user) >= sizeof auth->user)
		return "--username: the name is too long";
	/* In a header it would be a line of its own. */
	for (const char *p = auth->user; *p != '\0'; p++) {
		if (iscntrl((unsigned char)*p))
			return "the user name has a control character in it";
	}
	if (!auth->has_user)
		return given->password != NULL || given->password_file != NULL ?
		    "there is a password, but no user name (--username)" : NULL;
	if (given->password_file != NULL)
		return read_file(auth, given->password_file);
	if (password == NULL)
		password = environment;
	if (password == NULL && url->has_password)
		password = url->password;
	if (password == NULL)
		return ask(auth);
	if (strlcpy(auth->password, password, sizeof auth->password) >= sizeof auth->password)
		return "the password is too long";
	explicit_bzero(url->password, sizeof url->password);
	if (environment != NULL)
		blank(environment);
	return NULL;
}
