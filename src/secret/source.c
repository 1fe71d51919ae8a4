/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/source.h"

#include "base/i18n.h"

const struct secret_source *const secret_sources[] = {
	&secret_source_config, &secret_source_file, &secret_source_command, &secret_source_tty, NULL,
};

/* Without its line end, is it something that can be sent as a password? */
static bool judge(const struct secret_source *source, struct secret *s, struct error *err)
{
	secret_chomp(s);
	if (!secret_reveal(s).len)
		return error_set(err, source->useless, _("%s delivered an empty password"), source->name);
	if (secret_has_line_break(s))
		return error_set(err, source->useless, _("what %s delivered holds a line end or a NUL octet and cannot be a password"), source->name);
	return true;
}

static bool nothing_found(const struct secret_query *q, struct error *err)
{
	const char *user = q->user ? q->user : "?", *host = q->host ? q->host : "?";
	if (q->account)
		(void)error_set(err, ERROR_CONFIG, _("no password for %s at %s (account %s) is configured, and there is no terminal to ask for it"), user,
				host, q->account);
	else
		(void)error_set(err, ERROR_CONFIG, _("no password for %s at %s is configured, and there is no terminal to ask for it"), user, host);
	error_hint(err, _("Set passwordeval to a command that prints it, or password_file to a file only you can read."));
	return false;
}

bool secret_fill(const struct secret_query *q, struct secret *out, const char **from, struct error *err)
{
	for (const struct secret_source *const *at = secret_sources; *at; at++) {
		AUTO(secret) found = SECRET_INIT;
		enum secret_result r = (*at)->fill(q, &found, err);
		if (r == SECRET_NONE)
			continue;
		if (r == SECRET_FAIL || !judge(*at, &found, err))
			return false;
		secret_release(out);
		*out = found;
		found = (struct secret)SECRET_INIT;
		if (from)
			*from = (*at)->name;
		return true;
	}
	return nothing_found(q, err);
}
