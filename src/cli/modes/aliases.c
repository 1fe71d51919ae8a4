/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -bi, newaliases: there is no database to build, so the aliases file is checked. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "submit/alias_file.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "submit/settings.h"

#include <sysexits.h>

/* A file named on the command line is used without reading an account.  *path stays NULL if none is set. */
static bool find_file(const struct args *args, const struct runtime *runtime, char **path, struct error *err)
{
	AUTO(settings) settings = SETTINGS_INIT;
	const char *named = account_str(args->request.flags, OPT_ALIASES);
	bool ok = true;
	if (!named) {
		const char *from = args->request.given[OPT_FROM] ? account_str(args->request.flags, OPT_FROM) : NULL;
		ok = settings_read(&settings, &args->request, runtime, err) &&
		     settings_choose_account(&settings, &args->request, runtime, from, NULL, err);
		named = ok ? account_str(settings.account, OPT_ALIASES) : NULL;
	}
	*path = named ? xstrdup(named) : NULL;
	return ok;
}

/* Each line once, with its first problem.  EX_CONFIG if one cannot be read at all. */
static int print_problems(const char *path, const struct aliases *a)
{
	size_t wrong = 0, line = 0;
	for (size_t i = 0; i < a->problem_n; i++) {
		wrong += !a->problems[i].foreign;
		if (a->problems[i].line != line)
			(void)printf(_("%s, line %zu: %s\n"), path, a->problems[i].line, a->problems[i].text);
		line = a->problems[i].line;
	}
	(void)printf(Q_("%s: %zu alias\n", "%s: %zu aliases\n", a->n), path, a->n);
	if (!wrong)
		return EX_OK;
	(void)fprintf(print_errors(),
		      Q_("posthaste: %s: %zu error\nhint: Correct the line shown on standard output; mail for its name "
			 "is refused.\n",
			 "posthaste: %s: %zu errors\nhint: Correct the lines shown on standard output; mail for their "
			 "names is refused.\n",
			 wrong),
		      path, wrong);
	return EX_CONFIG;
}

int mode_aliases(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(aliases) a = ALIASES_INIT;
	AUTO_FREE char *path = NULL;
	bool ok = find_file(args, runtime, &path, &err) && (!path || alias_file_read(path, &a, &err));
	if (!ok) {
		print_problem(print_errors(), &err);
		return error_kind_exit_status(err.status.kind);
	}
	if (!path) {
		(void)puts(_("No aliases file is set, so no local name has an alias."));
		return EX_OK;
	}
	aliases_find_loops(&a);
	return print_problems(path, &a);
}
