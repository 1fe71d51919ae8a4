/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/fetch.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "dns/name.h"

#include <stdio.h>

#define ANSWER_LIMIT (FETCH_LIMIT + 4096)
#define GRACE_MS 500 /* for the helper to say that the time is over before it is killed */
#define WORDS_MAX 200

void fetched_release(struct fetched *file)
{
	free(file->host);
	strbuf_release(&file->body);
	*file = FETCHED_INIT;
}

static bool report_unreadable(struct error *err)
{
	return error_set(err, ERROR_CONNECT, _("the helper program posthaste-http gave an unexpected answer"));
}

bool fetch_read(struct span written, struct fetched *file, struct error *err)
{
	struct span kind, code, detail, content, host;
	unsigned long long number;
	if (!span_field(&written, &kind) || !span_field(&written, &code))
		return report_unreadable(err);
	if (!span_equals_str(kind, "answer")) {
		AUTO_FREE char *why = clean_text(kind, WORDS_MAX);
		AUTO_FREE char *words = clean_text(code, WORDS_MAX);
		return error_set(err, ERROR_CONNECT, "%s%s%s", why, *words ? ": " : "", words);
	}
	if (!span_field(&written, &detail) || !span_field(&written, &content) || !span_field(&written, &host) ||
	    !span_equals_str(content, "file") || !span_to_u64(code, &number) || number > 999 ||
	    !dns_name_is_host(host.ptr) || written.len > FETCH_LIMIT)
		return report_unreadable(err);
	file->code = (unsigned)number;
	file->host = xstrdup(host.ptr);
	strbuf_add_span(&file->body, written);
	return true;
}

static void write_request(const char *url, const char *trust_file, msec_t left, struct secret *out)
{
	char ms[32];
	(void)snprintf(ms, sizeof(ms), "%lld", (long long)left);
	const char *fields[] = {"FILE", url, trust_file, ms, NULL, NULL, NULL, NULL, NULL};
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		secret_append_field(out, fields[i]);
}

bool fetch_file(const struct runtime *runtime, const char *url, const char *trust_file, msec_t deadline,
		struct fetched *file, struct error *err)
{
	AUTO(secret) request = SECRET_INIT;
	AUTO(secret) written = SECRET_INIT;
	const char *helper = runtime->helpers.http;
	if (runtime->privileged)
		return error_set(err, ERROR_CONFIG,
				 _("nothing is asked by HTTPS when running set-user-ID or set-group-ID"));
	if (!helper || access(helper, X_OK) != 0)
		return error_set(err, ERROR_CONFIG, _("the helper program for HTTPS is not installed (%s)"),
				 helper ? helper : "posthaste-http");
	msec_t left = deadline - clock_monotonic(runtime->clock) - GRACE_MS;
	write_request(url, trust_file, left < 1 ? 1 : left, &request);
	const char *argv[] = {helper, NULL};
	const struct proc_request child = {.argv = argv,
					   .name = "posthaste-http",
					   .runtime = runtime,
					   .deadline = deadline,
					   .limit = ANSWER_LIMIT,
					   .input = &request};
	return proc_capture_secret(&child, &written, err) && fetch_read(secret_reveal(&written), file, err);
}
