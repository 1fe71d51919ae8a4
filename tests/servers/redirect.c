/* SPDX-License-Identifier: GPL-3.0-or-later
 *
 * A preloaded library that lets Debian's Dovecot run from a private root.
 * Dovecot can be told where its programs are, but not where its TLS and SASL
 * modules and its configuration reader are: those paths are compiled in. The
 * libc functions that reach them are wrapped here (stat and faccessat: Dovecot 2.4
 * knows the settings of those plugins only that it finds); a path below
 * /usr/lib/dovecot, or doveconf itself, is taken from $BED_ROOT when it is
 * there. Everything else passes through untouched. scripts/install-deps
 * builds it; nothing of posthaste links it.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The path to use instead of PATH: malloced, or NULL for "leave it alone". */
static char *moved(const char *path)
{
	static const char *const places[] = {"/usr/lib/dovecot", "/usr/bin/doveconf"};
	const char *root = getenv("BED_ROOT");
	char *there = NULL;

	if (path == NULL || root == NULL)
		return NULL;
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (strncmp(path, places[i], strlen(places[i])) != 0)
			continue;
		if (asprintf(&there, "%s%s", root, path) < 0)
			return NULL;
		if (access(there, F_OK) == 0)
			return there;
		free(there);
		return NULL;
	}
	return NULL;
}

/* ISO C has no cast from an object pointer to a function pointer. */
static void next(const char *name, void *function)
{
	void *symbol = dlsym(RTLD_NEXT, name);

	memcpy(function, &symbol, sizeof(symbol));
}

DIR *opendir(const char *name)
{
	DIR *(*real)(const char *);
	char *path = moved(name);
	DIR *dir;

	next("opendir", &real);
	dir = real(path != NULL ? path : name);
	free(path);
	return dir;
}

void *dlopen(const char *name, int flags)
{
	void *(*real)(const char *, int);
	char *path = moved(name);
	void *handle;

	next("dlopen", &real);
	handle = real(path != NULL ? path : name, flags);
	free(path);
	return handle;
}

int faccessat(int folder, const char *name, int mode, int flags)
{
	int (*real)(int, const char *, int, int);
	char *path = moved(name);
	int status;

	next("faccessat", &real);
	status = real(folder, path != NULL ? path : name, mode, flags);
	free(path);
	return status;
}

int stat(const char *restrict name, struct stat *restrict what)
{
	int (*real)(const char *, struct stat *);
	char *path = moved(name);
	int status;

	next("stat", &real);
	status = real(path != NULL ? path : name, what);
	free(path);
	return status;
}

int execv(const char *name, char *const argv[])
{
	int (*real)(const char *, char *const[]);
	char *path = moved(name);
	int status;

	next("execv", &real);
	status = real(path != NULL ? path : name, argv);
	free(path);
	return status;
}

int execve(const char *name, char *const argv[], char *const envp[])
{
	int (*real)(const char *, char *const[], char *const[]);
	char *path = moved(name);
	int status;

	next("execve", &real);
	status = real(path != NULL ? path : name, argv, envp);
	free(path);
	return status;
}
