/* SPDX-License-Identifier: GPL-3.0-or-later */
/* `passwordeval`: the first line of what a command prints. */
#include "base/i18n.h"
#include "base/proc.h"
#include "secret/helper_words.h"
#include "secret/source.h"

#define OUTPUT_LIMIT 65536

/* As msmtp does: what the command prints after its first line (pass prints notes there) is not part of the password.
 */
static void keep_first_line(struct secret *s)
{
	struct span all = secret_reveal(s);
	const char *end = memchr(all.ptr, '\n', all.len);
	if (!end)
		return;
	AUTO(secret) line = SECRET_INIT;
	secret_set(&line, all.ptr, (size_t)(end - all.ptr) + 1);
	secret_copy(s, &line);
}

static bool command_willing(const struct secret_query *q)
{
	return q->command != NULL;
}

static enum secret_result command_fill(const struct secret_query *q, struct secret *out, struct error *err)
{
	if (!command_willing(q))
		return SECRET_NONE;
	AUTO(proc_errors) errors = PROC_ERRORS_INIT;
	const char *argv[] = {"/bin/sh", "-c", q->command, NULL};
	const struct proc_request req = {
		.argv = argv,
		.name = "of passwordeval",
		.runtime = q->runtime,
		.deadline = q->deadline,
		.limit = OUTPUT_LIMIT,
		.errors = q->helper_words ? &errors : NULL,
	};
	bool ok = proc_capture_secret(&req, out, err);
	if (q->helper_words)
		helper_words_take(&errors, req.name, q->helper_words);
	if (!ok) {
		error_hint(
			err,
			_("Run the passwordeval command yourself: it must print the password and exit with status 0."));
		return SECRET_FAIL;
	}
	keep_first_line(out);
	return SECRET_FOUND;
}

const struct secret_source secret_source_command = {"passwordeval", ERROR_SECRET_UNAVAILABLE, true, command_willing,
						    command_fill};
