/* SPDX-License-Identifier: GPL-3.0-or-later */
/* fuzz_folder: a folder for the files of one harness; it is removed when the program ends. */
#ifndef FUZZ_FUZZ_FOLDER_H
#define FUZZ_FUZZ_FOLDER_H

#include "fuzz.h"

#include "../lib/remove_tree.h"

#include <fcntl.h>
#include <unistd.h>

static char fuzz_folder_path[60];

static void fuzz_folder_remove(void)
{
	(void)remove_tree(fuzz_folder_path);
}

/* Its path, short enough for the name of a socket in it.  In memory where that is possible. */
static const char *fuzz_folder(void)
{
	if (fuzz_folder_path[0])
		return fuzz_folder_path;
	(void)snprintf(fuzz_folder_path, sizeof(fuzz_folder_path), "%s/posthaste-fuzz-XXXXXX",
		       access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp");
	MUST(mkdtemp(fuzz_folder_path) && atexit(fuzz_folder_remove) == 0);
	return fuzz_folder_path;
}

__attribute__((unused)) static void fuzz_write_file(const char *path, struct span content)
{
	AUTO_FD int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	MUST(fd >= 0 && write(fd, content.ptr, content.len) == (ssize_t)content.len);
}

#endif
