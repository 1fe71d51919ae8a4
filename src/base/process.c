/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/process.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <unistd.h>

#define FD_TRIED 65536 /* so many at most, if descriptors have to be closed one by one */

/* ---- rights ---------------------------------------------------------------- */

#ifdef HAVE_SYS_PRCTL_H

#include <sys/prctl.h>

void process_hide(void)
{
#ifndef HAVE_SANITIZERS
	(void)prctl(PR_SET_DUMPABLE, 0);
#endif
}

void process_ends_with_parent(int signal_number)
{
	(void)prctl(PR_SET_PDEATHSIG, signal_number);
}

int process_forbid_new_rights(void)
{
	return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
}

void process_name(const char *name)
{
	(void)prctl(PR_SET_NAME, name);
}

#else

void process_hide(void)
{
#ifndef HAVE_SANITIZERS
	const struct rlimit none = {0, 0};
	(void)setrlimit(RLIMIT_CORE, &none);
#endif
}

void process_ends_with_parent(int signal_number)
{
	(void)signal_number;
}

int process_forbid_new_rights(void)
{
	errno = ENOSYS;
	return -1;
}

void process_name(const char *name)
{
	(void)name;
}

#endif

/* ---- descriptors ----------------------------------------------------------- */

static int end_of_descriptors(void)
{
	struct rlimit limit;
	return getrlimit(RLIMIT_NOFILE, &limit) == 0 && limit.rlim_cur < FD_TRIED ? (int)limit.rlim_cur : FD_TRIED;
}

#ifdef HAVE_CLOSE_RANGE

/* Kernels before 5.9 have no such call, those before 5.11 lack the flag, and some sandboxes forbid it. */
static int close_from(int first, int flags)
{
	return close_range((unsigned)first, ~0U, flags);
}

#else

#undef CLOSE_RANGE_CLOEXEC
#define CLOSE_RANGE_CLOEXEC 1
static int close_from(int first, int flags)
{
	(void)first;
	(void)flags;
	return -1;
}

#endif

void process_close_from(int first)
{
	if (close_from(first, 0) == 0)
		return;
#ifdef HAVE_CLOSEFROM
	closefrom(first);
#else
	for (int fd = first, end = end_of_descriptors(); fd < end; fd++)
		(void)close(fd);
#endif
}

void process_close_from_on_exec(int first)
{
	if (close_from(first, CLOSE_RANGE_CLOEXEC) == 0)
		return;
	for (int fd = first, end = end_of_descriptors(); fd < end; fd++)
		(void)fcntl(fd, F_SETFD, FD_CLOEXEC);
}

/* ---- children -------------------------------------------------------------- */

#if defined HAVE_SYS_PIDFD_H && defined HAVE_PIDFD_OPEN

#include <sys/pidfd.h>

int process_end_fd(pid_t child)
{
	return pidfd_open(child, 0);
}

#else

int process_end_fd(pid_t child)
{
	(void)child;
	errno = ENOSYS;
	return -1;
}

#endif
