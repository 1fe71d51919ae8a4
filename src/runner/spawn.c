/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/spawn.h"

#include "base/i18n.h"
#include "base/self_start.h"
#include "base/xalloc.h"
#include "config/option.h"
#include "queue/spool.h"
#include "runner/lock.h"

/* ---- the environment ---- */

/* What the runner, the helpers for passwords and the loader need; "*" stands for anything.  The rest may hold secrets,
 * and whoever needs more in a command sets it there: a runner that is started by a timer does not have it either. */
static const char *const kept_variables[] = {"HOME", "PATH", "USER", "LOGNAME", "SHELL", "TMPDIR", "TZ", "LANG",
					     "LANGUAGE", "LC_*", "XDG_*",
					     /* of posthaste and msmtp */
					     "POSTHASTE_*", "SMTPSERVER", "EMAIL", "CREDENTIALS_DIRECTORY",
					     /* to ask the user, keyrings and agents */
					     "DISPLAY", "WAYLAND_DISPLAY", "XAUTHORITY", "DBUS_SESSION_BUS_ADDRESS",
					     "GNUPGHOME", "GPG_TTY", "PASSWORD_STORE_*", "SSH_AUTH_SOCK", "SECRET_*",
					     "KRB5*",
					     /* of libraries */
					     "GNUTLS_*", "LD_*", "LOCALDOMAIN", "*_OPTIONS"};

/* The configuration says ${variable}, and the runner reads it again. */
static bool is_configured(const struct strvec *names, struct span name)
{
	for (size_t i = 0; names && i < names->n; i++)
		if (span_equals_str(name, names->v[i]))
			return true;
	return false;
}

static bool is_kept(const char *variable)
{
	size_t len = strcspn(variable, "=");
	for (size_t i = 0; i < ARRAY_SIZE(kept_variables); i++) {
		const char *name = kept_variables[i];
		size_t n = strlen(name);
		if (name[0] == '*'	 ? len >= n - 1 && memcmp(variable + len - (n - 1), name + 1, n - 1) == 0
		    : name[n - 1] == '*' ? strncmp(variable, name, n - 1) == 0
					 : len == n && memcmp(variable, name, n) == 0)
			return true;
	}
	return false;
}

/* The strings are borrowed. */
static char **kept_environment(const struct runtime *runtime)
{
	char *const *environ_ = runtime->environ;
	size_t n = 0, kept = 0;
	while (environ_ && environ_[n])
		n++;
	char **v = xcalloc(n + 1, sizeof(*v));
	for (size_t i = 0; i < n; i++)
		if (is_kept(environ_[i]) ||
		    is_configured(runtime->variables, span_make(environ_[i], strcspn(environ_[i], "="))))
			v[kept++] = environ_[i];
	return v;
}

/* "--queue-dir=FOLDER" if the queue lies where queue_dir says: the runner does not read the file that was named with
 * -C. malloc'ed, or NULL. */
static char *place_option(const struct runtime *runtime, const char *folder)
{
	AUTO_FREE char *state = env_state_folder(runtime->environ);
	AUTO(strbuf) option = STRBUF_INIT;
	if (state && strncmp(folder, state, strlen(state)) == 0)
		return NULL;
	AUTO_FREE char *given = runtime->queue_dir ? runtime->queue_dir(runtime) : NULL;
	strbuf_addf(&option, "--%s=", option_table[OPT_QUEUE_DIR].flag);
	for (; given && *folder; folder++)
		strbuf_addf(&option, *folder == '%' ? "%%%%" : "%c", *folder);
	return given ? strbuf_detach(&option, NULL) : NULL;
}

bool runner_spawn(const struct runtime *runtime, struct error *err)
{
	if (runtime->privileged)
		return error_set(err, ERROR_CONFIG, "%s",
				 _("refusing to start the queue's runner: running set-user-ID or set-group-ID"));
	AUTO_FREE char *folder = spool_user_folder(runtime, err);
	if (!folder)
		return false;
	int runs = runner_is_running(folder, err);
	if (runs)
		return runs > 0;
	if (runtime->wake_runner)
		return runtime->wake_runner() ||
		       error_set(err, ERROR_SYSTEM, "%s",
				 _("the mail service has ended and cannot start the queue's runner"));
	AUTO_FREE char *mode = option_name(&option_table[OPT_QUEUE_RUNNER]);
	AUTO_FREE char **kept = kept_environment(runtime);
	AUTO_FREE char *place = place_option(runtime, folder);
	static char name[] = PACKAGE;
	char *const argv[] = {name, mode, place, NULL};
	int errnum =
		self_start(&(struct self_start){.program = runtime->self, .argv = argv, .environ = kept, .input = -1});
	return !errnum || error_set_errno(err, ERROR_SYSTEM, errnum, "%s", _("the queue's runner cannot be started"));
}
