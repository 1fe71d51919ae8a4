/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Where the queue of a user lies. */
#include "queue/spool.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <fcntl.h>
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

char *spool_user_folder(const struct runtime *runtime, struct error *err)
{
	AUTO_FREE char *state = env_state_folder(runtime->environ);
	AUTO_FREE char *own = state ? xasprintf("%s/queue", state) : NULL;
	if (own && can_be_made(own))
		return steal_ptr(own);
	char *shared = spool_shared_folder(SHARED_FOLDER, 0);
	if (shared)
		return shared;
	if (own) /* opening it reports what is wrong */
		return steal_ptr(own);
	(void)error_set(err, ERROR_CONFIG, "%s", _("there is no place for a queue: this user has no home directory"));
	error_hint(
		err,
		_("Set HOME or XDG_STATE_HOME, let the administrator make %s (root's, mode 1733), or switch the queue "
		  "off with \"queue off\"."),
		SHARED_FOLDER);
	return NULL;
}
