/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/host_names.h"

#include "base/fsutil.h"
#include "base/xalloc.h"

#define MAILNAME_MAX 4096

char *host_names_mailname(const char *mailname_file)
{
	AUTO_FD int fd = fs_open_regular(mailname_file, mailname_file, NULL);
	AUTO(strbuf) text = STRBUF_INIT;
	if (fd < 0 || !fs_read_fd(fd, &text, MAILNAME_MAX, NULL))
		return NULL;
	struct span rest = strbuf_span(&text), line = {NULL, 0};
	(void)span_split(&rest, '\n', &line);
	line = span_trim(line);
	return line.len ? xmemdup0(line.ptr, line.len) : NULL;
}

void host_names_find(struct local_names *names, const char *mailname_file)
{
	char host[256];
	AUTO_FREE char *mailname = host_names_mailname(mailname_file);
	if (gethostname(host, sizeof(host)) == 0) {
		host[sizeof(host) - 1] = '\0';
		local_names_add(names, span_of(host));
		local_names_add(names, span_make(host, strcspn(host, ".")));
	}
	if (mailname)
		local_names_add(names, span_of(mailname));
}
