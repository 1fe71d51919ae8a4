/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The terminal, if there is one and this process may read from it. */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "secret/source.h"
#include "secret/tty.h"

#include <fcntl.h>

/* A background process that reads from the terminal would be stopped. */
static bool in_foreground(int fd)
{
	pid_t group = tcgetpgrp(fd);
	return group < 0 || group == getpgrp();
}

static bool tty_willing(const struct secret_query *q)
{
	return q->may_prompt;
}

static char *prompt_for(const struct secret_query *q)
{
	AUTO_FREE char *user = clean_text(span_of(q->user ? q->user : "?"), 200);
	AUTO_FREE char *host = clean_text(span_of(q->host ? q->host : "?"), 200);
	if (q->key_file) {
		AUTO_FREE char *key = clean_text(span_of(q->key_file), 200);
		return xasprintf(_("PIN or pass phrase of the key %s: "), key);
	}
	if (!q->account)
		return xasprintf(_("Password for %s at %s: "), user, host);
	AUTO_FREE char *account = clean_text(span_of(q->account), 200);
	return xasprintf(_("Password for %s at %s (account %s): "), user, host, account);
}

static enum secret_result tty_fill(const struct secret_query *q, struct secret *out, struct error *err)
{
	if (!tty_willing(q))
		return SECRET_NONE;
	AUTO_FD int fd = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	if (fd < 0 || !in_foreground(fd))
		return SECRET_NONE;
	AUTO_FREE char *prompt = prompt_for(q);
	return tty_ask(fd, prompt, q->runtime->clock, q->deadline, out, err) ? SECRET_FOUND : SECRET_FAIL;
}

const struct secret_source secret_source_tty = {"terminal", ERROR_SECRET_UNAVAILABLE, false, tty_willing, tty_fill};
