/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -bi, newaliases: there is no database to build, so the aliases file is checked. */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "submit/alias_file.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
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

/* a: NULL if no file was read. */
static void print_json(const char *path, const struct aliases *a, int status, const struct error *err)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	json_string(&j, "file", path);
	json_number(&j, "aliases", a ? (long long)a->n : 0);
	json_array(&j, "problems");
	for (size_t i = 0; a && i < a->problem_n; i++) {
		json_object(&j, NULL);
		json_number(&j, "line", (long long)a->problems[i].line);
		json_string(&j, "text", a->problems[i].text);
		json_bool(&j, "unparsable", !a->problems[i].foreign);
		json_end(&j);
	}
	json_end(&j);
	print_json_status(&j, status, err);
	print_json_end(&j, NULL);
}

/* Each line once, with its first problem.  EX_CONFIG if one cannot be read at all. */
static int print_problems(const char *path, const struct aliases *a, bool as_json)
{
	size_t wrong = 0, line = 0;
	for (size_t i = 0; i < a->problem_n; i++) {
		wrong += !a->problems[i].foreign;
		if (a->problems[i].line != line && !as_json)
			(void)printf(_("%s, line %zu: %s\n"), path, a->problems[i].line, a->problems[i].text);
		line = a->problems[i].line;
	}
	AUTO(error) err = ERROR_INIT;
	if (wrong) {
		(void)error_set(&err, ERROR_CONFIG, Q_("%s: %zu error", "%s: %zu errors", wrong), path, wrong);
		error_hint(&err, "%s",
			   Q_("Correct the line shown on standard output; mail for its name is refused.",
			      "Correct the lines shown on standard output; mail for their names is refused.", wrong));
		print_problem(print_errors(), &err);
	}
	int status = error_kind_exit_status(err.status.kind);
	if (as_json)
		print_json(path, a, status, &err);
	else
		(void)printf(Q_("%s: %zu alias\n", "%s: %zu aliases\n", a->n), path, a->n);
	return status;
}

int mode_aliases(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(aliases) a = ALIASES_INIT;
	AUTO_FREE char *path = NULL;
	bool ok = find_file(args, runtime, &path, &err) && (!path || alias_file_read(path, &a, &err));
	bool as_json = args->request.given[OPT_JSON];
	int status = error_kind_exit_status(err.status.kind);
	if (!ok)
		print_problem(print_errors(), &err);
	else if (!path && !as_json)
		(void)puts(_("No aliases file is set, so no local name has an alias."));
	if (ok && path) {
		aliases_find_loops(&a);
		return print_problems(path, &a, as_json);
	}
	if (as_json)
		print_json(path, NULL, status, &err);
	return status;
}
