/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending. */
#include "base/i18n.h"
#include "cli/debug.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "submit/filter.h"
#include "submit/submission_read.h"

struct sending {
	const struct args *args;
	const struct settings *settings;
};

static void listen_to(void *arg, struct delivery_request *req)
{
	const struct sending *s = arg;
	if (s->args->request.given[OPT_DEBUG])
		debug_listen(req, s->settings);
}

static void show(void *arg, const struct submission *p, struct send_result *sent)
{
	const struct sending *s = arg;
	print_sent(NULL, p, sent);
	if (sent->kept && s->args->request.given[OPT_DEBUG])
		(void)printf(_("queued as %s\n"), p->queue_id);
}

int mode_send(const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	AUTO(error) err = ERROR_INIT;
	struct submission p;
	struct send_result sent;
	struct sending sending = {args, &settings};
	struct send_request how = {.request = &args->request, .runtime = runtime, .settings = &settings};
	how.listen = listen_to;
	how.show = show;
	how.arg = &sending;
	submission_init(&p, runtime);
	bool ready =
		submission_read(&p, &settings, &args->request, runtime, &err) && submission_filter(&p, runtime, &err);
	print_warnings(print_errors(), &settings.config.warnings);
	print_warnings(print_errors(), &p.warnings);
	if (ready)
		send_submission(&how, &p, &sent);
	else
		send_failed(&how, &p, &err, &sent);
	if (args->request.given[OPT_PRINT_REPLY] && !args->request.given[OPT_JSON] && sent.delivered)
		print_result_reply(stdout, &p, &sent.delivery);
	if (args->request.given[OPT_JSON])
		print_sent_json(stdout, NULL, &p, &sent);
	int status = sent.status;
	send_result_release(&sent);
	submission_release(&p);
	return status;
}
