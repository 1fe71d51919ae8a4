/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the queue of a user lies. */
#include "queue/spool.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <sys/stat.h>
#include <unistd.h>

#define SHARED_FOLDER LOCALSTATEDIR "/spool/posthaste"

/* True if the folder is there, or its nearest parent that is lets us make it. */
static bool can_be_made(const char *path)
{
	AUTO_FREE char *part = xstrdup(path);
	struct stat st;
	while (stat(part, &st) < 0) {
		char *slash = strrchr(part, '/');
		if (errno != ENOENT || !slash)
			return false;
		if (slash == part)
			return faccessat(AT_FDCWD, "/", W_OK | X_OK, AT_EACCESS) == 0;
		*slash = '\0';
	}
	return strcmp(part, path) == 0 || faccessat(AT_FDCWD, part, W_OK | X_OK, AT_EACCESS) == 0;
}

char *spool_shared_folder(const char *parent, uid_t owner)
{
	struct stat st;
	if (lstat(parent, &st) < 0 || !S_ISDIR(st.st_mode) || st.st_uid != owner)
		return NULL;
	bool others_write = st.st_mode & (S_IWGRP | S_IWOTH);
	if (others_write && !(st.st_mode & S_ISVTX)) /* anybody could replace a queue in it */
		return NULL;
	AUTO_FREE char *path = xasprintf("%s/%lu", parent, (unsigned long)geteuid());
	return can_be_made(path) ? steal_ptr(path) : NULL;
}

/* Its parents' owners could put another folder in its place; they must be root or this user, and others must not be
 * able to. */
static bool check_parent(const char *path, struct error *err)
{
	AUTO_FREE char *parent = xstrdup(path);
	struct stat st;
	for (char *slash; (slash = strrchr(parent, '/')) && slash > parent;) {
		*slash = '\0';
		if (stat(parent, &st) == 0)
			break;
	}
	if (!*parent || stat(parent, &st) < 0)
		return true;
	bool others_write = st.st_mode & (S_IWGRP | S_IWOTH) && !(st.st_mode & S_ISVTX);
	if ((st.st_uid == 0 || st.st_uid == geteuid()) && !others_write)
		return true;
	(void)error_set(err, ERROR_CONFIG, _("queue_dir is not used: %s lets others replace what is in it"), parent);
	error_hint(err, "%s",
		   _("Let it belong to root or to this user, and nobody else write to it, or give it mode 1733."));
	return false;
}

static bool expand_percent(char letter, const char *user, struct strbuf *out)
{
	switch (letter) {
	case 'U': strbuf_adds(out, user ? user : ""); return user != NULL;
	case 'u': strbuf_addf(out, "%lu", (unsigned long)geteuid()); return true;
	case '%': strbuf_addch(out, '%'); return true;
	default: return false;
	}
}

char *spool_expand_folder(const char *path, const char *user, struct error *err)
{
	AUTO(strbuf) out = STRBUF_INIT;
	bool ok = path[0] == '/';
	for (const char *at = path; ok && *at; at++)
		if (*at == '%')
			ok = expand_percent(*++at, user, &out);
		else
			strbuf_addch(&out, *at);
	if (ok)
		return strbuf_detach(&out, NULL);
	(void)error_set(err, ERROR_CONFIG, _("queue_dir %s cannot be used"), path);
	error_hint(err, "%s",
		   _("It is an absolute path; in it, %U is the user's name, %u the number, and %% a percent sign."));
	return NULL;
}

static char *configured_folder(const struct runtime *runtime, bool *set, struct error *err)
{
	AUTO_FREE char *given = runtime->queue_dir ? runtime->queue_dir(runtime) : NULL;
	const struct passwd *pw = given && strstr(given, "%U") ? getpwuid(geteuid()) : NULL;
	*set = given != NULL;
	AUTO_FREE char *path = given ? spool_expand_folder(given, pw ? pw->pw_name : NULL, err) : NULL;
	return path && check_parent(path, err) ? steal_ptr(path) : NULL;
}

char *spool_user_folder(const struct runtime *runtime, struct error *err)
{
	AUTO_FREE char *state = env_state_folder(runtime->environ);
	AUTO_FREE char *own = state ? xasprintf("%s/queue", state) : NULL;
	if (own && can_be_made(own))
		return steal_ptr(own);
	bool set;
	char *configured = configured_folder(runtime, &set, err);
	if (set)
		return configured;
	char *shared = spool_shared_folder(SHARED_FOLDER, 0);
	if (shared)
		return shared;
	if (own) /* opening it reports what is wrong */
		return steal_ptr(own);
	(void)error_set(err, ERROR_CONFIG, "%s", _("there is no place for a queue: this user has no home directory"));
	error_hint(err,
		   _("Set HOME, XDG_STATE_HOME or queue_dir, let the administrator make %s (root's, mode 1733), or "
		     "switch the queue "
		     "off with \"queue off\"."),
		   SHARED_FOLDER);
	return NULL;
}
