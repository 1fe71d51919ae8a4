/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/evaluate.h"

#include "base/i18n.h"
#include "base/proc.h"

#define OUTPUT_LIMIT 65536

bool evaluate_line(const char *command, const struct runtime *runtime, struct secret *line, struct error *err)
{
	const char *argv[] = {"/bin/sh", "-c", command, NULL};
	const struct proc_request req = {
		.argv = argv,
		.runtime = runtime,
		.deadline = deadline_in(runtime->clock, proc_patience(runtime)),
		.limit = OUTPUT_LIMIT,
	};
	AUTO(secret) all = SECRET_INIT;
	if (!proc_capture_secret(&req, &all, err)) {
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
