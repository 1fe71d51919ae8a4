/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * posthaste-keyring: accesses the desktop's keyring for posthaste, which writes its request to this program's
 * standard input and reads the answer from its standard output; secret/keyring.h describes both.  This is a program
 * of its own so that GLib and D-Bus are loaded only when a password has to come from the keyring.
 *
 * It never makes the keyring prompt the user, except for "store", when the user is at the terminal.  If the bus never
 * answers, posthaste kills this program at its deadline; if posthaste itself is killed, the kernel kills this
 * program.
 */
#include "base/secret.h"
#include "base/strbuf.h"
#include "helper/helper_io.h"

#include <stdio.h>
#include <sys/stat.h>
#include <sysexits.h>

#include <libsecret/secret.h>

#define REQUEST_LIMIT (65536 + 8192)
#define SERVICE "smtp"
#define OAUTH_HOST "oauth:" /* the host of a login by OAuth2, with the account's name after it */

/* The schema under which msmtp stores its passwords. */
static const SecretSchema schema_msmtp = {
	.name = "de.marlam.msmtp.password",
	.flags = SECRET_SCHEMA_DONT_MATCH_NAME,
	.attributes = {{"host", SECRET_SCHEMA_ATTRIBUTE_STRING},
		       {"service", SECRET_SCHEMA_ATTRIBUTE_STRING},
		       {"user", SECRET_SCHEMA_ATTRIBUTE_STRING},
		       {NULL, SECRET_SCHEMA_ATTRIBUTE_STRING}},
};

#ifdef HAVE_SANITIZERS
/* GIO's main loops leak some memory at exit; leaks of this program are still reported. */
const char *__lsan_default_suppressions(void);
const char *__lsan_default_suppressions(void)
{
	return "leak:libgio-2.0.so\n";
}
const char *__asan_default_options(void);
const char *__asan_default_options(void)
{
	return "fast_unwind_on_malloc=0:print_suppressions=0";
}
#endif

struct request {
	struct secret all;
	struct span verb, host, user, secret; /* parts of all; the first three end in NUL */
};

/* ---- talking to posthaste ------------------------------------------- */

static bool read_request(struct request *r)
{
	if (!helper_read_request(&r->all, REQUEST_LIMIT))
		return false;
	r->secret = secret_reveal(&r->all);
	struct span *fields[] = {&r->verb, &r->host, &r->user};
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++)
		if (!span_field(&r->secret, fields[i]))
			return false;
	return true;
}

static void send_answer(const char *word, const char *more, size_t len)
{
	helper_write(word, strlen(word));
	helper_write("\n", 1);
	helper_write(more, len);
}

static void send_failed(const char *why)
{
	send_answer("failed", why, strlen(why));
}

/* A bus without a keyring is the answer "absent", not a failure. */
static void send_error(GError *error)
{
	(void)g_dbus_error_strip_remote_error(error);
	if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
	    g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
		send_answer("absent", "", 0);
	else
		send_failed(error->message);
	g_error_free(error);
}

/* ---- the bus --------------------------------------------------------- */

static bool is_our_socket(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == geteuid();
}

/*
 * Without a bus, GLib would start one that ends with this program.  If the session's variables are missing (cron),
 * the bus that systemd provides for the user is tried.
 */
static bool have_bus(void)
{
	const char *backend = getenv("SECRET_BACKEND"), *address = getenv("DBUS_SESSION_BUS_ADDRESS"),
		   *runtime = getenv("XDG_RUNTIME_DIR");
	AUTO(strbuf) path = STRBUF_INIT;
	AUTO(strbuf) unix_address = STRBUF_INIT;
	if ((backend && strcmp(backend, "service") != 0) || (address && *address))
		return true;
	if (runtime && *runtime)
		strbuf_addf(&path, "%s/bus", runtime);
	else
		strbuf_addf(&path, "/run/user/%lu/bus", (unsigned long)geteuid());
	if (!is_our_socket(path.buf))
		return false;
	AUTO_FREE char *escaped = g_dbus_address_escape_value(path.buf);
	strbuf_addf(&unix_address, "unix:path=%s", escaped);
	return setenv("DBUS_SESSION_BUS_ADDRESS", unix_address.buf, 1) == 0;
}

/* ---- finding -------------------------------------------------------- */

enum look { LOOK_ERROR, LOOK_NONE, LOOK_LOCKED, LOOK_FOUND };

static enum look take_secret(SecretRetrievable *item, struct secret *out, GError **error)
{
	if (SECRET_IS_ITEM(item) && secret_item_get_locked(SECRET_ITEM(item)))
		return LOOK_LOCKED;
	SecretValue *value = secret_retrievable_retrieve_secret_sync(item, NULL, error);
	if (!value)
		return *error ? LOOK_ERROR : LOOK_LOCKED;
	gsize len = 0;
	const gchar *bytes = secret_value_get(value, &len);
	secret_set(out, bytes, len);
	secret_value_unref(value);
	return LOOK_FOUND;
}

/* Takes the first item that can be read; if none can, returns what was wrong with the last one. */
static enum look take_first(GList *items, struct secret *out, GError **error)
{
	enum look got = LOOK_NONE;
	for (GList *at = items; at && got != LOOK_FOUND; at = at->next) {
		g_clear_error(error);
		got = take_secret(SECRET_RETRIEVABLE(at->data), out, error);
	}
	g_list_free_full(items, g_object_unref);
	return got;
}

/* Without SECRET_SEARCH_UNLOCK, so that the user is not prompted. */
#define SEARCH_FLAGS (SECRET_SEARCH_ALL | SECRET_SEARCH_LOAD_SECRETS)

static enum look look_msmtp(const struct request *r, struct secret *out, GError **error)
{
	GList *items = secret_password_search_sync(&schema_msmtp, (SecretSearchFlags)SEARCH_FLAGS, NULL, error, "host",
						   r->host.ptr, "service", SERVICE, "user", r->user.ptr, NULL);
	return *error ? LOOK_ERROR : take_first(items, out, error);
}

static enum look look_network(const struct request *r, struct secret *out, GError **error)
{
	GList *items =
		secret_password_search_sync(SECRET_SCHEMA_COMPAT_NETWORK, (SecretSearchFlags)SEARCH_FLAGS, NULL, error,
					    "user", r->user.ptr, "protocol", SERVICE, "server", r->host.ptr, NULL);
	return *error ? LOOK_ERROR : take_first(items, out, error);
}

static void do_find(const struct request *r)
{
	AUTO(secret) found = SECRET_INIT;
	GError *error = NULL;
	enum look got = look_msmtp(r, &found, &error);
	if (got == LOOK_NONE || got == LOOK_LOCKED) {
		enum look other = look_network(r, &found, &error);
		got = other == LOOK_NONE ? got : other;
	}
	struct span bytes = secret_reveal(&found);
	switch (got) {
	case LOOK_FOUND: send_answer("found", bytes.ptr, bytes.len); break;
	case LOOK_LOCKED: send_answer("locked", "", 0); break;
	case LOOK_NONE: send_answer("none", "", 0); break;
	case LOOK_ERROR: send_error(error); break;
	}
}

/* ---- storing and removing -------------------------------------------- */

static void do_store(const struct request *r)
{
	GError *error = NULL;
	AUTO(strbuf) label = STRBUF_INIT;
	AUTO(secret) password = SECRET_INIT;	     /* a copy that ends in NUL, as the library requires */
	if (span_starts_nocase(r->host, OAUTH_HOST)) /* oauth/token_store.c */
		strbuf_addf(&label, "posthaste: OAuth2 login of account %s (%s)", r->host.ptr + strlen(OAUTH_HOST),
			    r->user.ptr);
	else
		strbuf_addf(&label, "posthaste: password for %s at %s", r->user.ptr, r->host.ptr);
	secret_set(&password, r->secret.ptr, r->secret.len);
	if (secret_password_store_sync(&schema_msmtp, SECRET_COLLECTION_DEFAULT, label.buf,
				       secret_reveal(&password).ptr, NULL, &error, "host", r->host.ptr, "service",
				       SERVICE, "user", r->user.ptr, NULL))
		send_answer("stored", "", 0);
	else if (error)
		send_error(error);
	else
		send_answer("locked", "", 0); /* and the user did not unlock it */
}

static void do_remove(const struct request *r)
{
	AUTO(secret) found = SECRET_INIT;
	GError *error = NULL;
	/* the library silently skips locked items */
	enum look before = look_msmtp(r, &found, &error);
	bool removed =
		before == LOOK_FOUND && secret_password_clear_sync(&schema_msmtp, NULL, &error, "host", r->host.ptr,
								   "service", SERVICE, "user", r->user.ptr, NULL);
	if (error)
		send_error(error);
	else if (before == LOOK_LOCKED)
		send_answer("locked", "", 0);
	else if (removed)
		send_answer("removed", "", 0);
	else
		send_answer("none", "", 0);
}

/* ---- main ----------------------------------------------------------- */

static void handle_request(const struct request *r)
{
	if (!have_bus())
		send_answer("no bus", "", 0);
	else if (span_equals_str(r->verb, "find"))
		do_find(r);
	else if (span_equals_str(r->verb, "store"))
		do_store(r);
	else if (span_equals_str(r->verb, "remove"))
		do_remove(r);
	else
		send_failed("its helper does not know this request");
}

/* Discards GLib's messages: standard error is the user's terminal, and posthaste reports failures. */
static GLogWriterOutput discard_message(GLogLevelFlags level, const GLogField *fields, gsize n, gpointer arg)
{
	(void)level, (void)fields, (void)n, (void)arg;
	return G_LOG_WRITER_HANDLED;
}

int main(void)
{
	struct request r = {.all = SECRET_INIT};
	helper_protect();
	g_log_set_writer_func(discard_message, NULL, NULL);
	bool understood = read_request(&r);
	if (understood)
		handle_request(&r);
	else
		(void)fputs("posthaste-keyring is run by posthaste and cannot be used directly\n", stderr);
	secret_release(&r.all);
	secret_service_disconnect();
	return understood ? EX_OK : EX_USAGE;
}
