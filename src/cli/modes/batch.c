/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --batch and -bS: many messages. */
#include "serve/batch.h"

#include "base/i18n.h"
#include "cli/debug.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"

/* Of a child process, for its parent. */
static struct {
	FILE *stream;
	char *text;
	size_t len;
} kept;

static char *take_output(void)
{
	if (kept.stream)
		(void)fclose(kept.stream);
	char *text = kept.stream ? kept.text : NULL;
	kept.stream = open_memstream(&kept.text, &kept.len);
	return text;
}

static void add_output(struct span text)
{
	(void)fwrite(text.ptr, 1, text.len, stdout);
	(void)fflush(stdout);
}

static const struct runner_errors output = {take_output, add_output};

static void listen_to(void *arg, struct delivery_request *req)
{
	const struct args *args = arg;
	if (args->request.given[OPT_DEBUG])
		debug_listen_dialogue(req);
}

static void show(void *arg, const struct batch_message *m, const struct submission *p, struct send_result *sent)
{
	const struct args *args = arg;
	if (sent->status || sent->delivery.warnings.n || p->warnings.n || p->queue_id)
		print_sent(m->where, p, sent);
	if (args->request.given[OPT_JSON])
		print_sent_json(kept.stream ? kept.stream : stdout, m->where, p, sent);
	(void)fflush(stdout);
}

static bool run(const struct args *args, const struct runtime *runtime, struct batch_tally *tally, struct error *err)
{
	AUTO(settings) settings = SETTINGS_INIT;
	const char *name = args->request.given[OPT_BATCH] ? account_str(args->request.flags, OPT_BATCH) : "smtp";
	struct batch_request req = {
		&args->request,	    runtime, &settings, NULL, listen_to, show, (void *)(uintptr_t)args,
		&print_errors_kept, &output};
	if (args->request.recipients.n)
		return error_set(err, ERROR_USAGE, "%s", _("a batch takes no recipients: each message names its own"));
	bool ready = settings_read(&settings, &args->request, runtime, err);
	print_warnings(print_errors(), &settings.config.warnings);
	req.source = ready ? batch_open(name, runtime, err) : NULL;
	if (req.source)
		batch_run(&req, tally, err);
	return req.source;
}

int mode_batch(const struct args *args, const struct runtime *runtime)
{
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) summary = STRBUF_INIT;
	struct batch_tally tally = {.sent = 0};
	bool ran = run(args, runtime, &tally, &err);
	if (!ran)
		tally.status = error_kind_exit_status(err.status.kind);
	if (err.status.kind != ERROR_NONE)
		print_problem(print_errors(), &err);
	if (!ran && args->request.given[OPT_JSON])
		print_result_json(stdout, NULL, NULL, &err, NULL, tally.status);
	batch_summary(&tally, &summary);
	if (ran)
		(void)fprintf(print_errors(), "posthaste: %s\n", summary.buf);
	return tally.status;
}
