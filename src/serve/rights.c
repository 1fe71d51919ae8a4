/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/rights.h"

#include "base/i18n.h"
#include "base/process.h"
#include "base/xalloc.h"

#include <errno.h>
#include <grp.h>
#include <pwd.h>

/* Where the folders, the name and the configuration of the one who started us would be looked for. */
static const char *const personal[] = {"HOME=", "USER=", "LOGNAME=", "SHELL=", "MAIL=", "XDG_", "SUDO_"};

static bool is_root(void)
{
	return getuid() == 0 || geteuid() == 0;
}

static const struct passwd *find_user(struct error *err)
{
	const struct passwd *user = getpwnam(RIGHTS_USER);
	if (user && user->pw_uid != 0)
		return user;
	(void)error_set(err, ERROR_CONFIG,
			_("the mail service does not run as root, and there is no user %s to run as"), RIGHTS_USER);
	error_hint(err,
		   _("Start posthaste.socket with systemctl, or this command as another user, or make the user: "
		     "useradd --system --home-dir /var/lib/%s --create-home --shell /usr/sbin/nologin %s"),
		   RIGHTS_USER, RIGHTS_USER);
	return NULL;
}

bool rights_can_drop(struct error *err)
{
	return !is_root() || find_user(err);
}

static bool is_personal(const char *entry)
{
	for (size_t i = 0; i < ARRAY_SIZE(personal); i++)
		if (strncmp(entry, personal[i], strlen(personal[i])) == 0)
			return true;
	return false;
}

static char **environ_of(const struct passwd *user, char *const *env)
{
	size_t n = 0, kept = 0;
	while (env && env[n])
		n++;
	char **out = xcalloc(n + 4, sizeof(*out));
	for (size_t i = 0; i < n; i++)
		if (!is_personal(env[i]))
			out[kept++] = xstrdup(env[i]);
	out[kept++] = xasprintf("HOME=%s", user->pw_dir);
	out[kept++] = xasprintf("USER=%s", user->pw_name);
	out[kept++] = xasprintf("LOGNAME=%s", user->pw_name);
	return out;
}

bool rights_drop(const struct runtime *runtime, char ***env, struct error *err)
{
	*env = NULL;
	if (!is_root())
		return true;
	const struct passwd *user = find_user(err);
	if (!user)
		return false;
	char **fitting = environ_of(user, runtime->environ);
	uid_t uid = user->pw_uid;
	gid_t gid = user->pw_gid;
	if (initgroups(user->pw_name, gid) < 0 || setresgid(gid, gid, gid) < 0 || setresuid(uid, uid, uid) < 0)
		return error_set_errno(err, ERROR_SYSTEM, errno, _("cannot become the user %s"), RIGHTS_USER);
	if (setuid(0) == 0)
		return error_set(err, ERROR_SYSTEM, _("root's rights are not gone after becoming %s"), RIGHTS_USER);
	(void)process_forbid_new_rights();
	process_hide(); /* a change of user may have undone it */
	*env = fitting;
	return true;
}
