/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/cleanup.h"
#include "base/sandbox_private.h"

#ifdef HAVE_LINUX_LANDLOCK_H
#include <sys/syscall.h>
#endif

#ifdef SYS_landlock_restrict_self

#include <fcntl.h>
#include <linux/landlock.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

/* What headers older than the kernel lack. */
#ifndef LANDLOCK_ACCESS_FS_REFER
#define LANDLOCK_ACCESS_FS_REFER (1ULL << 13)
#endif
#ifndef LANDLOCK_ACCESS_FS_TRUNCATE
#define LANDLOCK_ACCESS_FS_TRUNCATE (1ULL << 14)
#endif
#ifndef LANDLOCK_ACCESS_FS_IOCTL_DEV
#define LANDLOCK_ACCESS_FS_IOCTL_DEV (1ULL << 15)
#endif
#ifndef LANDLOCK_ACCESS_NET_BIND_TCP
#define LANDLOCK_ACCESS_NET_BIND_TCP (1ULL << 0)
#define LANDLOCK_ACCESS_NET_CONNECT_TCP (1ULL << 1)
#endif
#ifndef LANDLOCK_SCOPE_SIGNAL
#define LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET (1ULL << 0)
#define LANDLOCK_SCOPE_SIGNAL (1ULL << 1)
#endif
#define RULE_NET_PORT 2 /* LANDLOCK_RULE_NET_PORT: an enumerator, so #ifndef cannot find it missing */

/* Versions that brought something. */
enum { WITH_REFER = 2, WITH_TRUNCATE = 3, WITH_NET = 4, WITH_IOCTL = 5, WITH_SCOPE = 6 };

/* struct landlock_ruleset_attr as it has grown, and struct landlock_net_port_attr. */
struct ruleset {
	uint64_t fs, net, scoped;
};
struct port_rule {
	uint64_t access, port;
};

#define FS_READ (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_READ_DIR)
#define FS_CHANGE                                                                                         \
	(LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_REMOVE_DIR | LANDLOCK_ACCESS_FS_REMOVE_FILE | \
	 LANDLOCK_ACCESS_FS_MAKE_DIR | LANDLOCK_ACCESS_FS_MAKE_REG | LANDLOCK_ACCESS_FS_MAKE_SOCK |       \
	 LANDLOCK_ACCESS_FS_MAKE_FIFO | LANDLOCK_ACCESS_FS_MAKE_SYM | LANDLOCK_ACCESS_FS_REFER |          \
	 LANDLOCK_ACCESS_FS_TRUNCATE)
#define FS_DEVICES (LANDLOCK_ACCESS_FS_MAKE_CHAR | LANDLOCK_ACCESS_FS_MAKE_BLOCK)
/* The rights that a rule for a file, not a folder, can have. */
#define FS_OF_FILES (LANDLOCK_ACCESS_FS_READ_FILE | LANDLOCK_ACCESS_FS_WRITE_FILE | LANDLOCK_ACCESS_FS_TRUNCATE)

int landlock_version(void)
{
	long version = syscall(SYS_landlock_create_ruleset, NULL, 0, LANDLOCK_CREATE_RULESET_VERSION);
	return version > 0 ? (int)version : 0;
}

static uint64_t known_fs(int version)
{
	uint64_t unknown = 0;
	if (version < WITH_REFER)
		unknown |= LANDLOCK_ACCESS_FS_REFER;
	if (version < WITH_TRUNCATE)
		unknown |= LANDLOCK_ACCESS_FS_TRUNCATE;
	if (version < WITH_IOCTL)
		unknown |= LANDLOCK_ACCESS_FS_IOCTL_DEV;
	return ~unknown;
}

/* What is forbidden unless a rule allows it. */
static struct ruleset ruleset_of(enum sandbox_level level, int version)
{
	struct ruleset r = {.net = LANDLOCK_ACCESS_NET_BIND_TCP};
	if (level >= SANDBOX_SERVICE) {
		r.fs = FS_CHANGE | FS_DEVICES;
		r.scoped = LANDLOCK_SCOPE_SIGNAL;
	}
	if (level == SANDBOX_CLOSED) {
		r.fs |= FS_READ | LANDLOCK_ACCESS_FS_EXECUTE | LANDLOCK_ACCESS_FS_IOCTL_DEV;
		r.net |= LANDLOCK_ACCESS_NET_CONNECT_TCP;
		r.scoped |= LANDLOCK_SCOPE_ABSTRACT_UNIX_SOCKET;
	}
	r.fs &= known_fs(version);
	if (version < WITH_NET)
		r.net = 0;
	if (version < WITH_SCOPE)
		r.scoped = 0;
	return r;
}

static size_t size_of(int version)
{
	return version < WITH_NET     ? offsetof(struct ruleset, net)
	       : version < WITH_SCOPE ? offsetof(struct ruleset, scoped)
				      : sizeof(struct ruleset);
}

static void allow_path(int ruleset, const char *path, uint64_t access)
{
	struct stat st;
	AUTO_FD int fd = open(path, O_PATH | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return;
	if (!S_ISDIR(st.st_mode))
		access &= FS_OF_FILES;
	struct landlock_path_beneath_attr rule = {.allowed_access = access, .parent_fd = fd};
	(void)syscall(SYS_landlock_add_rule, ruleset, LANDLOCK_RULE_PATH_BENEATH, &rule, 0); /* not for a pipe */
}

/* Port 0: the kernel chooses one, for a connection from a certain address (source_ip). */
static void allow_any_port(int ruleset)
{
	struct port_rule rule = {.access = LANDLOCK_ACCESS_NET_BIND_TCP, .port = 0};
	(void)syscall(SYS_landlock_add_rule, ruleset, RULE_NET_PORT, &rule, 0);
}

/* Before version 2 no file can be moved to another folder, which the queue and commands do; before version 4 there is
 * nothing that commands can do without. */
static bool fits(enum sandbox_level level, int version)
{
	static const int least[] = {
		[SANDBOX_COMMANDS] = WITH_NET, [SANDBOX_SERVICE] = WITH_REFER, [SANDBOX_CLOSED] = 1};
	return version >= least[level];
}

int landlock_enter(const struct sandbox *s)
{
	int version = landlock_version();
	if (!fits(s->level, version))
		return 0;
	struct ruleset r = ruleset_of(s->level, version);
	AUTO_FD int ruleset = (int)syscall(SYS_landlock_create_ruleset, &r, size_of(version), 0);
	if (ruleset < 0)
		return 0;
	for (size_t i = 0; r.fs && i < s->writable.n; i++)
		allow_path(ruleset, s->writable.v[i], r.fs & (FS_CHANGE | FS_READ));
	if (r.net && s->level != SANDBOX_CLOSED)
		allow_any_port(ruleset);
	return syscall(SYS_landlock_restrict_self, ruleset, 0) == 0 ? version : 0;
}

#else

int landlock_version(void)
{
	return 0;
}

int landlock_enter(const struct sandbox *s)
{
	(void)s;
	return 0;
}

#endif
