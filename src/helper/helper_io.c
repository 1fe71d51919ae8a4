/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "helper/helper_io.h"

#include "base/process.h"

#include <errno.h>
#include <signal.h>
#include <sys/resource.h>

void helper_protect(void)
{
	const struct rlimit none = {0, 0};
	(void)setrlimit(RLIMIT_CORE, &none);
	process_ends_with_parent(SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
	process_hide();
}

bool helper_read_request(struct secret *out, size_t limit)
{
	for (;;) {
		char bytes[4096];
		ssize_t n = read(STDIN_FILENO, bytes, sizeof(bytes));
		int errnum = errno;
		if (n > 0)
			secret_append(out, bytes, (size_t)n);
		explicit_bzero(bytes, sizeof(bytes));
		if (n == 0)
			return true;
		if ((n < 0 && errnum != EINTR) || out->len > limit)
			return false;
	}
}

void helper_write(const void *bytes, size_t len)
{
	const char *p = bytes;
	while (len) {
		ssize_t n = write(STDOUT_FILENO, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return;
		p += n;
		len -= (size_t)n;
	}
}
