/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/source.h"

#include "base/i18n.h"
#include "base/xalloc.h"

const struct secret_source *const secret_sources[] = {
	&secret_source_fd,	   &secret_source_config,  &secret_source_file,
	&secret_source_credential, &secret_source_command, &secret_source_keyring,
	&secret_source_netrc,	   &secret_source_tty,	   NULL,
};

void secret_query_note(const struct secret_query *q, const char *name, const char *text)
{
	AUTO(strbuf) line = STRBUF_INIT;
	if (!q->note)
		return;
	strbuf_addf(&line, "%s: %s", name, text);
	q->note(q->note_arg, line.buf);
}

bool secret_check_password(struct secret *s, const char *name, enum error_kind kind, struct error *err)
{
	secret_chomp(s);
	bool empty = !secret_reveal(s).len;
	if (!empty && !secret_has_line_break(s))
		return true;
	(void)error_set(err, kind,
			empty ? _("the password from %s is empty")
			      : _("the password from %s contains a line end or a NUL byte, which no password can "
				  "contain"),
			name);
	error_hint(err, "%s", _("What is read there must be the password on one line, and nothing else."));
	return false;
}

/* Where the source has it from, for messages; malloc'ed. */
static char *place_of(const struct secret_source *source, const struct secret_query *q)
{
	const char *place = source == &secret_source_file	  ? q->file
			    : source == &secret_source_credential ? q->credential
								  : NULL;
	return place ? xasprintf("%s %s", source->name, place) : xstrdup(source->name);
}

/* As the source's own fill(); what no password can be is a failure. */
static enum secret_result ask_source(const struct secret_source *source, const struct secret_query *q,
				     struct secret *out, struct error *err)
{
	enum secret_result r = source->fill(q, out, err);
	if (r != SECRET_FOUND)
		return r;
	AUTO_FREE char *place = place_of(source, q);
	return secret_check_password(out, place, source->useless, err) ? SECRET_FOUND : SECRET_FAIL;
}

static void hint_sources(const struct secret_query *q, struct error *err)
{
	if (q->keyring && q->runtime->helpers.keyring && q->account)
		error_hint(err,
			   _("Set passwordeval to a command that prints it, or password_file to a file only you can "
			     "read, or store it in the keyring with posthaste --login %s."),
			   q->account);
	else
		error_hint(err, "%s",
			   _("Set passwordeval to a command that prints it, or password_file to a file only you can "
			     "read."));
}

static bool nothing_found(const struct secret_query *q, struct error *err)
{
	const char *user = q->user ? q->user : "?", *host = q->host ? q->host : "?";
	if (q->key_file)
		(void)error_set(err, ERROR_CONFIG,
				_("no PIN or pass phrase for the key %s is configured, and there is no terminal to ask "
				  "for it"),
				q->key_file);
	else if (q->account)
		(void)error_set(err, ERROR_CONFIG,
				_("no password for %s at %s (account %s) is configured, and there is no terminal to "
				  "ask for it"),
				user, host, q->account);
	else
		(void)error_set(err, ERROR_CONFIG,
				_("no password for %s at %s is configured, and there is no terminal to ask for it"),
				user, host);
	hint_sources(q, err);
	return false;
}

/* Keeps the error of the first source that was unsure; it is reported if no other source has a password. */
static void keep_unsure(const struct secret_query *q, const struct secret_source *source, struct error *held,
			struct error *err)
{
	secret_query_note(q, source->name, err->status.text);
	if (held->status.kind == ERROR_NONE)
		error_move(held, err);
}

bool secret_fill(const struct secret_query *q, struct secret *out, const char **from, struct error *err)
{
	AUTO(error) held = ERROR_INIT;
	for (const struct secret_source *const *at = secret_sources; *at; at++) {
		AUTO(secret) found = SECRET_INIT;
		AUTO(error) why = ERROR_INIT;
		enum secret_result r = ask_source(*at, q, &found, &why);
		if (r == SECRET_UNSURE)
			keep_unsure(q, *at, &held, &why);
		if (r == SECRET_NONE || r == SECRET_UNSURE)
			continue;
		if (r == SECRET_FAIL) {
			error_move(err, &why);
			return false;
		}
		secret_release(out);
		*out = found;
		found = SECRET_INIT;
		if (from)
			*from = (*at)->name;
		return true;
	}
	if (held.status.kind == ERROR_NONE)
		return nothing_found(q, err);
	error_move(err, &held);
	return false;
}

void secret_plan(const struct secret_query *q, struct strbuf *out)
{
	bool first = true;
	for (const struct secret_source *const *at = secret_sources; *at; at++) {
		if (!(*at)->willing(q))
			continue;
		strbuf_addf(out, "%s%s", first ? "" : ", ", (*at)->name);
		first = false;
		if ((*at)->certain)
			return;
	}
}
