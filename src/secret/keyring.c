/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/keyring.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/proc.h"
#include "base/xalloc.h"
#include "secret/helper_words.h"

#define ANSWER_LIMIT (65536 + 64)

static const char *const words[] = {
	[KEYRING_FOUND] = "found",   [KEYRING_STORED] = "stored", [KEYRING_REMOVED] = "removed",
	[KEYRING_NONE] = "none",     [KEYRING_LOCKED] = "locked", [KEYRING_ABSENT] = "absent",
	[KEYRING_NO_BUS] = "no bus", [KEYRING_FAILED] = "failed",
};

/*
 * A process with more rights than its caller must not connect to a bus or run a helper with the environment that the
 * caller chose.
 */
static bool keyring_usable(const struct keyring_request *req, struct error *err)
{
	if (req->runtime->privileged)
		return error_set(err, ERROR_CONFIG,
				 _("the keyring is not used when running set-user-ID or set-group-ID"));
	const char *helper = req->runtime->helpers.keyring;
	if (helper && access(helper, X_OK) == 0)
		return true;
	(void)error_set(err, ERROR_CONFIG, _("the helper program for the keyring is not installed (%s)"),
			helper ? helper : "posthaste-keyring");
	error_hint(err, "%s", _("Install the package that contains it, or build posthaste with libsecret."));
	return false;
}

static enum keyring_answer explain_answer(enum keyring_answer answer, const struct keyring_request *req,
					  struct span rest, struct error *err)
{
	switch (answer) {
	case KEYRING_FOUND:
	case KEYRING_STORED:
	case KEYRING_REMOVED: break;
	case KEYRING_NONE:
		(void)error_set(err, ERROR_CONFIG, _("the keyring has no password for %s at %s"), req->user, req->host);
		break;
	case KEYRING_LOCKED:
		(void)error_set(err, ERROR_SECRET_UNAVAILABLE,
				_("the keyring with the password for %s at %s is locked"), req->user, req->host);
		error_hint(err, "%s",
			   _("Unlock it with the desktop's password manager, or by logging in to the desktop."));
		break;
	case KEYRING_ABSENT:
		(void)error_set(err, ERROR_SECRET_UNAVAILABLE, _("no keyring is running in this session"));
		error_hint(
			err, "%s",
			_("Start one that provides the Secret Service (gnome-keyring, KWallet, KeePassXC), or choose "
			  "another source of the password."));
		break;
	case KEYRING_NO_BUS:
		(void)error_set(err, ERROR_SECRET_UNAVAILABLE,
				_("there is no session bus, so the keyring cannot be reached"));
		error_hint(err, "%s", _("Run this inside the desktop session, where DBUS_SESSION_BUS_ADDRESS is set."));
		break;
	case KEYRING_FAILED: {
		AUTO_FREE char *said = clean_text(span_trim(rest), 500);
		(void)error_set(err, ERROR_SECRET_UNAVAILABLE, _("the keyring cannot be used: %s"), said);
		error_hint(err, "%s",
			   _("Check that a keyring is running in this session, or choose another source for the "
			     "password."));
		break;
	}
	}
	return answer;
}

static enum keyring_answer read_answer(const struct secret *answer, const struct keyring_request *req,
				       struct secret *out, struct error *err)
{
	struct span rest = secret_reveal(answer), word;
	if (!span_split(&rest, '\n', &word))
		word = rest;
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!span_equals_str(word, words[i]))
			continue;
		if (i == KEYRING_FOUND && out)
			secret_set(out, rest.ptr, rest.len);
		return explain_answer((enum keyring_answer)i, req, rest, err);
	}
	return explain_answer(KEYRING_FAILED, req, span_of(_("its helper gave an unexpected answer")), err);
}

static enum keyring_answer ask_helper(const struct keyring_request *req, const char *verb,
				      const struct secret *password, struct secret *out, struct error *err)
{
	AUTO(secret) request = SECRET_INIT;
	AUTO(secret) answer = SECRET_INIT;
	AUTO(proc_errors) errors = PROC_ERRORS_INIT;
	const char *argv[] = {req->runtime->helpers.keyring, NULL};
	if (!keyring_usable(req, err))
		return KEYRING_ABSENT;
	secret_append_field(&request, verb);
	secret_append_field(&request, req->host);
	secret_append_field(&request, req->user);
	if (password)
		secret_append(&request, secret_reveal(password).ptr, secret_reveal(password).len);
	const struct proc_request child = {.argv = argv,
					   .runtime = req->runtime,
					   .deadline = req->deadline,
					   .limit = ANSWER_LIMIT,
					   .input = &request,
					   .errors = req->helper_words ? &errors : NULL};
	bool ok = proc_capture_secret(&child, &answer, err);
	if (req->helper_words)
		helper_words_take(&errors, _("for the keyring"), req->helper_words);
	if (!ok) {
		error_prefix(err, _("the keyring cannot be used"));
		error_hint(err, "%s",
			   _("Check that a keyring is running in this session, or choose another source for the "
			     "password."));
		return KEYRING_FAILED;
	}
	return read_answer(&answer, req, out, err);
}

enum keyring_answer keyring_find(const struct keyring_request *req, struct secret *out, struct error *err)
{
	return ask_helper(req, "find", NULL, out, err);
}

enum keyring_answer keyring_store(const struct keyring_request *req, const struct secret *password, struct error *err)
{
	return ask_helper(req, "store", password, NULL, err);
}

enum keyring_answer keyring_remove(const struct keyring_request *req, struct error *err)
{
	return ask_helper(req, "remove", NULL, NULL, err);
}

char *keyring_library_version(void)
{
#ifdef LIBSECRET_VERSION
	return xstrdup("libsecret " LIBSECRET_VERSION);
#else
	return NULL;
#endif
}
