/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/env.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>
#include <pwd.h>

const char *env_get(char *const *env, const char *name)
{
	size_t n = strlen(name);
	for (; env && *env; env++)
		if (strncmp(*env, name, n) == 0 && (*env)[n] == '=')
			return *env + n + 1;
	return NULL;
}

static char *absolute_path(char *const *env, const char *name)
{
	const char *value = env_get(env, name);
	return value && value[0] == '/' ? xstrdup(value) : NULL;
}

static char *passwd_home(void)
{
	struct passwd entry, *found = NULL;
	size_t room = 1024;
	AUTO_FREE char *buf = xmalloc(room);
	int rc;
	while ((rc = getpwuid_r(getuid(), &entry, buf, room, &found)) == ERANGE) {
		room *= 2;
		buf = xreallocarray(buf, room, 1);
	}
	return rc == 0 && found && found->pw_dir && found->pw_dir[0] == '/' ? xstrdup(found->pw_dir) : NULL;
}

char *env_home(char *const *env)
{
	char *home = absolute_path(env, "HOME");
	return home ? home : passwd_home();
}

char *env_config_home(char *const *env)
{
	char *config = absolute_path(env, "XDG_CONFIG_HOME");
	if (config)
		return config;
	AUTO_FREE char *home = env_home(env);
	return home ? xasprintf("%s/.config", home) : NULL;
}

char *env_state_folder(char *const *env)
{
	AUTO_FREE char *state = absolute_path(env, "XDG_STATE_HOME");
	if (state)
		return xasprintf("%s/posthaste", state);
	AUTO_FREE char *home = env_home(env);
	return home ? xasprintf("%s/.local/state/posthaste", home) : NULL;
}

char *env_cache_folder(char *const *env)
{
	AUTO_FREE char *cache = absolute_path(env, "XDG_CACHE_HOME");
	if (cache)
		return xasprintf("%s/posthaste", cache);
	AUTO_FREE char *home = env_home(env);
	return home ? xasprintf("%s/.cache/posthaste", home) : NULL;
}

char *env_expand_home(char *const *env, const char *path, struct error *err)
{
	if (path[0] != '~' || (path[1] && path[1] != '/'))
		return xstrdup(path);
	AUTO_FREE char *home = env_home(env);
	if (home)
		return xasprintf("%s%s", home, path + 1);
	(void)error_set(err, ERROR_CONFIG, _("%s cannot be found: this user has no home directory"), path);
	error_hint(err, _("Set HOME, or give the whole path."));
	return NULL;
}
