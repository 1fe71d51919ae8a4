/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * sandbox: rights that a process gives up for good, as do all programs that it starts from then on.  Landlock limits
 * what can be done to files, other processes and ports, and seccomp which system calls there are; a kernel that lacks
 * one of them applies the other.  doc/design/sandbox.md says which process gives up what, and why.
 *
 *	struct sandbox s = {.level = SANDBOX_SERVICE, .writable = STRVEC_INIT};
 *	strvec_push(&s.writable, "/var/log/mail");
 *	struct sandbox_support got = runtime->sandbox->enter(&s);
 *
 * The process must have no other thread.
 */
#ifndef BASE_SANDBOX_H
#define BASE_SANDBOX_H

#include "base/strvec.h"

#include <stdbool.h>

/* What is left.  On every level no program gets the rights of another user by being set-user-ID. */
enum sandbox_level {
	/* It starts commands of the user, which may write anywhere and make containers: other processes cannot be read
	 * or changed, nothing can listen to a TCP port, and system calls that attack the kernel are gone. */
	SANDBOX_COMMANDS,
	/* It starts no other programs than ours: besides, only `writable` can be written to, no process outside gets a
	 * signal, and there are no mounts and namespaces. */
	SANDBOX_SERVICE,
	/* It has all descriptors it needs: besides, no file but those below `writable` can be opened, nothing can be
	 * connected or started, and only a few system calls are left. */
	SANDBOX_CLOSED,
};

struct sandbox {
	enum sandbox_level level;
	struct strvec writable; /* folders, with all that is in them, and files; one that is missing is left out */
};

struct sandbox_support {
	int landlock; /* its version, 0: none */
	bool seccomp;
};

/* How a process gets at it (struct runtime); tests may have their own. */
struct sandbox_ops {
	/* What the kernel has. */
	struct sandbox_support (*support)(void);
	/* What is on from now on; nothing that is missing is an error. */
	struct sandbox_support (*enter)(const struct sandbox *s);
};
extern const struct sandbox_ops sandbox_system;

/* What is there to be used: "Landlock 4, seccomp", "seccomp", "none"; malloc'ed.  ops may be NULL: "none". */
char *sandbox_describe(const struct sandbox_ops *ops);

#endif
