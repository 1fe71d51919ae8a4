/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * posthaste-keyring: asks the desktop's keyring for posthaste, which says what
 * it wants on standard input and reads the answer from standard output;
 * secret/keyring.h describes both.  A program of its own so that GLib and D-Bus
 * are only loaded when a password has to come from there.
 *
 * It never makes the keyring prompt, except for "store", whose user sits
 * there.  Waiting for a bus that never answers is ended by posthaste, which
 * kills us; should it be killed itself, the kernel does.
 */
#include "base/secret.h"
#include "base/strbuf.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sysexits.h>

#include <libsecret/secret.h>

#define REQUEST_LIMIT (65536 + 8192)
#define SERVICE "smtp"

/* As msmtp stores its passwords, and where it looks else. */
static const SecretSchema schema_msmtp = {
	.name = "de.marlam.msmtp.password",
	.flags = SECRET_SCHEMA_DONT_MATCH_NAME,
	.attributes = {{"host", SECRET_SCHEMA_ATTRIBUTE_STRING},
		       {"service", SECRET_SCHEMA_ATTRIBUTE_STRING},
		       {"user", SECRET_SCHEMA_ATTRIBUTE_STRING},
		       {NULL, SECRET_SCHEMA_ATTRIBUTE_STRING}},
};

#ifdef HAVE_SANITIZERS
/* Main loops of GIO leave some octets behind at the end; what is ours is still watched. */
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
	struct span verb, host, user, secret; /* within all; the first three end in NUL */
};

/* ---- talking to posthaste ------------------------------------------- */

static bool read_all(struct secret *out)
{
	for (;;) {
		char octets[4096];
		ssize_t n = read(STDIN_FILENO, octets, sizeof(octets));
		int errnum = errno;
		if (n > 0)
			secret_append(out, octets, (size_t)n);
		explicit_bzero(octets, sizeof(octets));
		if (n == 0)
			return true;
		if ((n < 0 && errnum != EINTR) || out->len > REQUEST_LIMIT)
			return false;
	}
}

static bool read_request(struct request *r)
{
	if (!read_all(&r->all))
		return false;
	r->secret = secret_reveal(&r->all);
	struct span *fields[] = {&r->verb, &r->host, &r->user};
	for (size_t i = 0; i < ARRAY_SIZE(fields); i++) {
		const char *end = memchr(r->secret.ptr, '\0', r->secret.len);
		if (!end)
			return false;
		size_t len = (size_t)(end - r->secret.ptr);
		*fields[i] = span_make(r->secret.ptr, len);
		r->secret = span_sub(r->secret, len + 1, r->secret.len);
	}
	return true;
}

static void write_all(const void *octets, size_t len)
{
	const char *p = octets;
	while (len) {
		ssize_t n = write(STDOUT_FILENO, p, len);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return; /* posthaste has gone: nobody to tell */
		p += n;
		len -= (size_t)n;
	}
}

static void answer(const char *word, const char *more, size_t len)
{
	write_all(word, strlen(word));
	write_all("\n", 1);
	write_all(more, len);
}

static void answer_failed(const char *why)
{
	answer("failed", why, strlen(why));
}

/* A bus without a keyring is no fault of it. */
static void answer_error(GError *error)
{
	(void)g_dbus_error_strip_remote_error(error);
	if (g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_SERVICE_UNKNOWN) ||
	    g_error_matches(error, G_DBUS_ERROR, G_DBUS_ERROR_NAME_HAS_NO_OWNER))
		answer("absent", "", 0);
	else
		answer_failed(error->message);
	g_error_free(error);
}

/* ---- the bus --------------------------------------------------------- */

static bool is_our_socket(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISSOCK(st.st_mode) && st.st_uid == geteuid();
}

/*
 * Without a bus, GLib would start one that dies with us.  Where the session's
 * variables are missing (cron), systemd's place for the user's bus is tried.
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

/* ---- looking -------------------------------------------------------- */

enum look { LOOK_ERROR, LOOK_NONE, LOOK_LOCKED, LOOK_FOUND };

static enum look take_secret(SecretRetrievable *item, struct secret *out, GError **error)
{
	if (SECRET_IS_ITEM(item) && secret_item_get_locked(SECRET_ITEM(item)))
		return LOOK_LOCKED;
	SecretValue *value = secret_retrievable_retrieve_secret_sync(item, NULL, error);
	if (!value)
		return *error ? LOOK_ERROR : LOOK_LOCKED;
	gsize len = 0;
	const gchar *octets = secret_value_get(value, &len);
	secret_set(out, octets, len);
	secret_value_unref(value);
	return LOOK_FOUND;
}

/* The first that can be read; if none can, what was wrong with the last. */
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

/* Without SECRET_SEARCH_UNLOCK: nobody is prompted. */
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
	struct span octets = secret_reveal(&found);
	switch (got) {
	case LOOK_FOUND: answer("found", octets.ptr, octets.len); break;
	case LOOK_LOCKED: answer("locked", "", 0); break;
	case LOOK_NONE: answer("none", "", 0); break;
	case LOOK_ERROR: answer_error(error); break;
	}
}

/* ---- storing and removing -------------------------------------------- */

static void do_store(const struct request *r)
{
	GError *error = NULL;
	AUTO(strbuf) label = STRBUF_INIT;
	AUTO(secret) password = SECRET_INIT; /* ends in NUL, as the library wants it */
	strbuf_addf(&label, "posthaste: password for %s at %s", r->user.ptr, r->host.ptr);
	secret_set(&password, r->secret.ptr, r->secret.len);
	if (secret_password_store_sync(&schema_msmtp, SECRET_COLLECTION_DEFAULT, label.buf,
				       secret_reveal(&password).ptr, NULL, &error, "host", r->host.ptr, "service",
				       SERVICE, "user", r->user.ptr, NULL))
		answer("stored", "", 0);
	else if (error)
		answer_error(error);
	else
		answer("locked", "", 0); /* and its owner did not unlock it */
}

static void do_remove(const struct request *r)
{
	AUTO(secret) found = SECRET_INIT;
	GError *error = NULL;
	/* the library passes locked ones over in silence */
	enum look before = look_msmtp(r, &found, &error);
	bool removed =
		before == LOOK_FOUND && secret_password_clear_sync(&schema_msmtp, NULL, &error, "host", r->host.ptr,
								   "service", SERVICE, "user", r->user.ptr, NULL);
	if (error)
		answer_error(error);
	else if (before == LOOK_LOCKED)
		answer("locked", "", 0);
	else if (removed)
		answer("removed", "", 0);
	else
		answer("none", "", 0);
}

/* ---- all of it ------------------------------------------------------- */

static void serve(const struct request *r)
{
	if (!have_bus())
		answer("no bus", "", 0);
	else if (span_equals_str(r->verb, "find"))
		do_find(r);
	else if (span_equals_str(r->verb, "store"))
		do_store(r);
	else if (span_equals_str(r->verb, "remove"))
		do_remove(r);
	else
		answer_failed("its helper does not know this request");
}

static void protect_process(void)
{
	const struct rlimit none = {0, 0};
	(void)setrlimit(RLIMIT_CORE, &none);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	(void)signal(SIGPIPE, SIG_IGN);
#ifndef HAVE_SANITIZERS
	(void)prctl(PR_SET_DUMPABLE, 0); /* the leak checker could not look at us */
#endif
}

/* Our standard error is the user's: what failed is told by posthaste. */
static GLogWriterOutput swallow(GLogLevelFlags level, const GLogField *fields, gsize n, gpointer arg)
{
	(void)level, (void)fields, (void)n, (void)arg;
	return G_LOG_WRITER_HANDLED;
}

int main(void)
{
	struct request r = {.all = SECRET_INIT};
	protect_process();
	g_log_set_writer_func(swallow, NULL, NULL);
	bool understood = read_request(&r);
	if (understood)
		serve(&r);
	else
		(void)fputs("posthaste-keyring is started by posthaste and is of no use by itself\n", stderr);
	secret_release(&r.all);
	secret_service_disconnect();
	return understood ? EX_OK : EX_USAGE;
}
