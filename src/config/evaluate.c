/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/evaluate.h"

#include "base/i18n.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "secret/helper_words.h"

#define OUTPUT_LIMIT 65536

/* Warnings are lost with the file that cannot be read, so what the command wrote is part of the error. */
static void add_words(struct error *err, const char *words)
{
	if (!err)
		return;
	AUTO_FREE char *both = xasprintf("%s; %s", err->status.text, words);
	xreplace(&err->status.text, both);
}

bool evaluate_line(const char *command, const struct runtime *runtime, struct secret *line, struct strvec *warnings,
		   struct error *err)
{
	AUTO(proc_errors) errors = PROC_ERRORS_INIT;
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	const struct proc_request req = {
		.argv = argv,
		.runtime = runtime,
		.deadline = deadline_in(runtime->clock, proc_patience(runtime)),
		.limit = OUTPUT_LIMIT,
		.errors = &errors,
	};
	AUTO(strvec) words = STRVEC_INIT;
	AUTO(secret) all = SECRET_INIT;
	bool ok = proc_capture_secret(&req, &all, err);
	helper_words_take(&errors, "of eval", ok ? warnings : &words);
	if (!ok) {
		if (words.n)
			add_words(err, words.v[0]);
		error_hint(err, _("Run the eval command yourself: it must print one line of the configuration and exit "
				  "with status 0."));
		return false;
	}
	struct span text = secret_reveal(&all);
	const char *end = text.len ? memchr(text.ptr, '\n', text.len) : NULL;
	struct span first = span_trim(span_sub(text, 0, end ? (size_t)(end - text.ptr) : text.len));
	if (!first.len) {
		(void)error_set(err, ERROR_CONFIG, _("the command printed nothing"));
		error_hint(err, _("Run the eval command yourself: the first line it prints must be a line of the "
				  "configuration."));
		return false;
	}
	secret_set(line, first.ptr, first.len);
	return true;
}
