/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/service_manager.h"

#include "base/xalloc.h"

#include <sys/socket.h>
#include <sys/un.h>

#define SOCKETS_MAX 64

/* What sd_listen_fds(3), sd_notify(3) and sd_watchdog_enabled(3) read. */
static const char *const own[] = {"LISTEN_PID",	   "LISTEN_FDS",   "LISTEN_FDNAMES", "LISTEN_PIDFDID",
				  "NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC"};

static bool number_of(const struct runtime *runtime, const char *name, unsigned long long *n)
{
	const char *text = runtime_env(runtime, name);
	return text && span_to_u64(span_of(text), n);
}

int service_manager_sockets(const struct runtime *runtime)
{
	unsigned long long pid, n;
	if (!number_of(runtime, "LISTEN_PID", &pid) || !number_of(runtime, "LISTEN_FDS", &n))
		return 0;
	return pid == (unsigned long long)getpid() && n <= SOCKETS_MAX ? (int)n : 0;
}

bool service_manager_waits(const struct runtime *runtime)
{
	return runtime_env(runtime, "NOTIFY_SOCKET") || service_manager_sockets(runtime) > 0;
}

void service_manager_notify(const struct runtime *runtime, const char *lines)
{
	const char *path = runtime_env(runtime, "NOTIFY_SOCKET");
	struct sockaddr_un un = {.sun_family = AF_UNIX};
	size_t len = path ? strlen(path) : 0;
	if (len < 2 || len >= sizeof(un.sun_path) || (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(un.sun_path, path, len);
	if (path[0] == '@') /* an abstract name, which has no NUL at its end */
		un.sun_path[0] = '\0';
	AUTO_FD int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd >= 0)
		(void)!sendto(fd, lines, strlen(lines), MSG_NOSIGNAL, (const struct sockaddr *)&un,
			      (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len));
}

static bool is_own(const char *entry)
{
	for (size_t i = 0; i < ARRAY_SIZE(own); i++) {
		size_t len = strlen(own[i]);
		if (strncmp(entry, own[i], len) == 0 && entry[len] == '=')
			return true;
	}
	return false;
}

char **service_manager_environ(char *const *env)
{
	size_t n = 0, kept = 0;
	while (env && env[n])
		n++;
	char **out = xcalloc(n + 1, sizeof(*out));
	for (size_t i = 0; i < n; i++)
		if (!is_own(env[i]))
			out[kept++] = env[i];
	return out;
}
