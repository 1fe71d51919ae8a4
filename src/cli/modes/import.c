/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --import: the configuration of another program as accounts of ours, ready to paste; or msmtpq's messages. */
#include "base/i18n.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "setup/import.h"
#include "setup/import_queue.h"

struct importing {
	const struct args *args;
	const struct runtime *runtime;
	struct strbuf out;
	struct json j;
	bool shown; /* the problems of messages */
};

static bool parse_words(void *arg, const struct strvec *words, struct request *request, struct error *err)
{
	const struct importing *im = arg;
	const struct account *given = im->args->request.flags;
	AUTO(strvec) argv = STRVEC_INIT;
	struct args args;
	strvec_push(&argv, "posthaste");
	strvec_push_all(&argv, words);
	bool ok = args_parse((int)argv.n, argv.v, im->runtime, &args, err);
	if (ok && mode_of(&args) != mode_send)
		ok = error_set(err, ERROR_USAGE, "%s", _("these arguments do not send a message"));
	if (ok && account_is_set(given, OPT_FILE) && !account_is_set(args.request.flags, OPT_FILE))
		account_take(args.request.flags, given, OPT_FILE);
	*request = args.request;
	return ok;
}

static void show_message(void *arg, const struct imported_message *m)
{
	struct importing *im = arg;
	if (im->args->request.given[OPT_JSON]) {
		imported_message_json(m, &im->j);
	} else if (m->err->status.kind != ERROR_NONE) {
		im->shown = true;
		print_problem(print_errors(), m->err);
	} else {
		AUTO(strbuf) line = STRBUF_INIT;
		imported_message_line(m, &line);
		(void)fputs(line.buf, stdout);
	}
}

int mode_import(const struct args *args, const struct runtime *runtime)
{
	const char *path = account_str(args->request.flags, OPT_IMPORT);
	AUTO(import) im;
	AUTO(error) err = ERROR_INIT;
	struct importing importing = {.args = args, .runtime = runtime, .out = STRBUF_INIT};
	const struct import_queue queue = {runtime, parse_words, show_message, &importing};
	bool ok, is_queue = import_is_queue(path);
	import_init(&im);
	importing.j = JSON_INIT(&importing.out);
	json_object(&importing.j, NULL);
	json_array(&importing.j, "messages");
	if (is_queue)
		ok = import_queue(&queue, path, &err);
	else
		ok = import_read(&im, path, runtime, &err) && import_save_passwords(&im, runtime, &err);
	json_end(&importing.j);
	int status = error_kind_exit_status(err.status.kind);
	if (args->request.given[OPT_JSON]) {
		import_json(is_queue ? NULL : &im, ok, &importing.j);
		print_json_status(&importing.j, status, &err);
		print_json_end(&importing.j, NULL);
	} else {
		(void)fputs(ok ? im.text.buf : "", stdout);
	}
	if (!ok && !importing.shown)
		print_problem(print_errors(), &err);
	strbuf_release(&importing.out);
	return status;
}
