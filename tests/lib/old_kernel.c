/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * old_kernel: runs a program as on a kernel, or in a container, that has neither Landlock nor seccomp.
 *
 *	old_kernel COMMAND [ARGUMENT...]
 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#define FAIL(errnum) BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (errnum))
#define UNLESS(value, skipped) BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (value), 0, (skipped))
#define LOAD(field) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, field))
/* The lower half of an argument. */
#define LOWER (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : 4)
#define LOAD_ARGUMENT(i) BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, args[i]) + LOWER)

int main(int argc, char **argv)
{
	struct sock_filter filter[] = {
		LOAD(nr),
		/* Landlock */
		UNLESS(SYS_landlock_create_ruleset, 1),
		FAIL(ENOSYS),
		/* seccomp */
		UNLESS(SYS_seccomp, 1),
		FAIL(ENOSYS),
		/* the same by prctl() */
		UNLESS(SYS_prctl, 3),
		LOAD_ARGUMENT(0),
		UNLESS(PR_SET_SECCOMP, 1),
		FAIL(EINVAL),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct sock_fprog program = {.len = sizeof(filter) / sizeof(filter[0]), .filter = filter};
	if (argc < 2)
		return 99;
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0) {
		(void)fprintf(stderr, "no filter: %s\n", strerror(errno));
		return 77;
	}
	(void)execvp(argv[1], argv + 1);
	(void)fprintf(stderr, "%s: %s\n", argv[1], strerror(errno));
	return 127;
}
