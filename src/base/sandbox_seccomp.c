/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Filters in the kernel's classic BPF: no library is needed for a list of numbers. */
#include "base/cleanup.h"
#include "base/sandbox_private.h"

#ifdef HAVE_LINUX_SECCOMP_H

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>

#if defined __x86_64__ && defined __LP64__
#define OWN_ARCH AUDIT_ARCH_X86_64
#define OTHER_CALLS 0x40000000 /* x32's numbers begin here */
#elif defined __i386__
#define OWN_ARCH AUDIT_ARCH_I386
#elif defined __aarch64__ && defined __LP64__
#define OWN_ARCH AUDIT_ARCH_AARCH64
#elif defined __arm__
#define OWN_ARCH AUDIT_ARCH_ARM
#elif defined __riscv && __riscv_xlen == 64
#define OWN_ARCH AUDIT_ARCH_RISCV64
#elif defined __powerpc64__ && __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__
#define OWN_ARCH AUDIT_ARCH_PPC64LE
#elif defined __s390x__
#define OWN_ARCH AUDIT_ARCH_S390X
#elif defined __loongarch64
#define OWN_ARCH AUDIT_ARCH_LOONGARCH64
#endif

#endif

#ifdef OWN_ARCH

/* Nothing of ours needs these, and they are what attacks on the kernel and on other processes use.  keyctl and its
 * kin are not among them, since Kerberos may keep its tickets there. */
static const int dangerous[] = {
	SYS_acct,
	SYS_bpf,
	SYS_clock_settime,
	SYS_delete_module,
	SYS_fanotify_init,
	SYS_finit_module,
	SYS_init_module,
	SYS_io_uring_enter,
	SYS_io_uring_register,
	SYS_io_uring_setup,
	SYS_kcmp,
	SYS_kexec_load,
	SYS_open_by_handle_at,
	SYS_perf_event_open,
	SYS_pidfd_getfd,
	SYS_process_vm_readv,
	SYS_process_vm_writev,
	SYS_ptrace,
	SYS_quotactl,
	SYS_reboot,
	SYS_setdomainname,
	SYS_sethostname,
	SYS_settimeofday,
	SYS_swapoff,
	SYS_swapon,
	SYS_syslog,
	SYS_userfaultfd,
	SYS_vhangup,
#ifdef SYS_iopl
	SYS_ioperm,
	SYS_iopl,
#endif
#ifdef SYS_kexec_file_load
	SYS_kexec_file_load,
#endif
#ifdef SYS_modify_ldt
	SYS_modify_ldt,
#endif
};

/* What containers are made with; a command of the user may be in one. */
static const int containers[] = {
	SYS_chroot,	SYS_fsconfig,  SYS_fsmount,    SYS_fsopen, SYS_fspick,	SYS_mount,   SYS_mount_setattr,
	SYS_move_mount, SYS_open_tree, SYS_pivot_root, SYS_setns,  SYS_umount2, SYS_unshare,
};
#define NEW_NAMESPACES \
	(CLONE_NEWNS | CLONE_NEWCGROUP | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET)

/* All that is left on the level CLOSED: what serve/keeper.c needs, and the C library and GnuTLS for it. */
static const int closed[] = {
	/* descriptors */
	SYS_accept4,
	SYS_close,
	SYS_getpeername,
	SYS_getsockname,
	SYS_getsockopt,
	SYS_lseek,
	SYS_ppoll,
	SYS_read,
	SYS_readv,
	SYS_recvfrom,
	SYS_recvmsg,
	SYS_sendmsg,
	SYS_sendto,
	SYS_setsockopt,
	SYS_shutdown,
	SYS_write,
	SYS_writev,
#ifdef SYS_fcntl
	SYS_fcntl,
#endif
#ifdef SYS_fcntl64
	SYS_fcntl64,
#endif
#ifdef SYS_poll
	SYS_poll,
#endif
#ifdef SYS_ppoll_time64
	SYS_ppoll_time64,
#endif
#ifdef SYS_socketcall
	SYS_socketcall,
#endif
	/* the name of the keeper's socket, and the lock beside it */
	SYS_flock,
	SYS_openat,
	SYS_statx,
	SYS_unlinkat,
#ifdef SYS_fstat
	SYS_fstat,
#endif
#ifdef SYS_fstat64
	SYS_fstat64,
	SYS_fstatat64,
	SYS_lstat64,
	SYS_stat64,
#endif
#ifdef SYS_newfstatat
	SYS_newfstatat,
#endif
#ifdef SYS_open
	SYS_lstat,
	SYS_open,
	SYS_stat,
	SYS_unlink,
#endif
	/* memory, time, random numbers */
	SYS_brk,
	SYS_clock_gettime,
	SYS_futex,
	SYS_getrandom,
	SYS_getrusage,
	SYS_gettimeofday,
	SYS_madvise,
	SYS_mprotect,
	SYS_mremap,
	SYS_munmap,
#ifdef SYS_clock_gettime64
	SYS_clock_gettime64,
#endif
#ifdef SYS_mmap
	SYS_mmap,
#endif
#ifdef SYS_mmap2
	SYS_mmap2,
#endif
	/* the process itself */
	SYS_exit,
	SYS_exit_group,
	SYS_getegid,
	SYS_geteuid,
	SYS_getgid,
	SYS_getpid,
	SYS_gettid,
	SYS_getuid,
	SYS_restart_syscall,
	SYS_rt_sigaction,
	SYS_rt_sigprocmask,
	SYS_rt_sigreturn,
#ifdef SYS_getuid32
	SYS_getegid32,
	SYS_geteuid32,
	SYS_getgid32,
	SYS_getuid32,
#endif
#ifdef SYS_sigreturn
	SYS_sigreturn,
#endif
};

struct program {
	struct sock_filter v[256];
	unsigned short n;
};

static void add(struct program *p, unsigned code, unsigned k, unsigned char yes, unsigned char no)
{
	p->v[p->n++] = (struct sock_filter){.code = (unsigned short)code, .jt = yes, .jf = no, .k = k};
}

static void load(struct program *p, size_t offset)
{
	add(p, BPF_LD | BPF_W | BPF_ABS, (unsigned)offset, 0, 0);
}

/* The lower half of an argument. */
static void load_argument(struct program *p, size_t i)
{
	size_t lower = __BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 0 : sizeof(uint32_t);
	load(p, offsetof(struct seccomp_data, args) + i * sizeof(uint64_t) + lower);
}

/* Skips so many of the next instructions if what was loaded is something else. */
static void unless(struct program *p, unsigned k, unsigned char skipped)
{
	add(p, BPF_JMP | BPF_JEQ | BPF_K, k, 0, skipped);
}

static void answer(struct program *p, unsigned action)
{
	add(p, BPF_RET | BPF_K, action, 0, 0);
}

static void fail_with(struct program *p, int errnum)
{
	answer(p, SECCOMP_RET_ERRNO | (unsigned)errnum);
}

static void forbid(struct program *p, const int *calls, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		unless(p, (unsigned)calls[i], 1);
		fail_with(p, EPERM);
	}
}

/* Programs for another architecture of this machine, whose calls have other numbers. */
static void begin(struct program *p, enum sandbox_level level)
{
	load(p, offsetof(struct seccomp_data, arch));
	add(p, BPF_JMP | BPF_JEQ | BPF_K, OWN_ARCH, 1, 0);
	if (level == SANDBOX_COMMANDS)
		answer(p, SECCOMP_RET_ALLOW);
	else
		fail_with(p, ENOSYS);
	load(p, offsetof(struct seccomp_data, nr));
#ifdef OTHER_CALLS
	add(p, BPF_JMP | BPF_JGE | BPF_K, OTHER_CALLS, 0, 1);
	fail_with(p, ENOSYS);
#endif
}

/* What would type into the terminal that the service was started from. */
static void forbid_typing(struct program *p)
{
	unless(p, SYS_ioctl, 5);
	load_argument(p, 1);
	add(p, BPF_JMP | BPF_JEQ | BPF_K, TIOCSTI, 1, 0);
	unless(p, TIOCLINUX, 1);
	fail_with(p, EPERM);
	answer(p, SECCOMP_RET_ALLOW);
}

static void forbid_containers(struct program *p)
{
#ifdef __s390x__
	enum { FLAGS = 1 };
#else
	enum { FLAGS = 0 };
#endif
	forbid(p, containers, ARRAY_SIZE(containers));
#ifdef SYS_clone3 /* its flags are in memory, where a filter cannot see them; the C library takes clone() instead */
	unless(p, SYS_clone3, 1);
	fail_with(p, ENOSYS);
#endif
	unless(p, SYS_clone, 4);
	load_argument(p, FLAGS);
	add(p, BPF_JMP | BPF_JSET | BPF_K, NEW_NAMESPACES, 0, 1);
	fail_with(p, EPERM);
	answer(p, SECCOMP_RET_ALLOW);
}

/* What is not there looks as with an old kernel, so that the C library takes another call if there is one. */
static void allow_few(struct program *p)
{
	for (size_t i = 0; i < ARRAY_SIZE(closed); i++) {
		unless(p, (unsigned)closed[i], 1);
		answer(p, SECCOMP_RET_ALLOW);
	}
	fail_with(p, ENOSYS);
}

static void forbid_some(struct program *p, enum sandbox_level level)
{
	forbid(p, dangerous, ARRAY_SIZE(dangerous));
	if (level == SANDBOX_SERVICE)
		forbid_containers(p);
	forbid_typing(p);
	answer(p, SECCOMP_RET_ALLOW);
}

bool seccomp_enter(enum sandbox_level level)
{
	struct program p = {.n = 0};
	begin(&p, level);
	if (level == SANDBOX_CLOSED)
		allow_few(&p);
	else
		forbid_some(&p, level);
	struct sock_fprog program = {.len = p.n, .filter = p.v};
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) == 0;
}

/* A kernel that has filters refuses a program at address NULL with EFAULT. */
bool seccomp_is_there(void)
{
	return prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, NULL, 0, 0) < 0 && errno == EFAULT;
}

#else

bool seccomp_enter(enum sandbox_level level)
{
	(void)level;
	return false;
}

bool seccomp_is_there(void)
{
	return false;
}

#endif
