/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Sending. */
#include "base/i18n.h"
#include "base/terminal.h"
#include "cli/debug.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "submit/filter.h"
#include "submit/submission_read.h"
#include "transport/progress.h"

#include <unistd.h>

struct sending {
	const struct args *args;
	const struct settings *settings;
	struct progress progress;
};

static void show_transferred(void *arg, uint64_t octets, uint64_t size)
{
	AUTO(strbuf) line = STRBUF_INIT;
	progress_draw(arg, octets, size, &line);
	(void)fputs(line.buf, stderr);
}

static void listen_to(void *arg, struct delivery_request *req)
{
	struct sending *s = arg;
	if (s->args->request.given[OPT_DEBUG]) {
		debug_listen(req, s->settings);
	} else if (terminal_redraws(req->runtime, STDERR_FILENO)) {
		req->transferred = show_transferred;
		req->listener_arg = &s->progress;
	}
}

static void show(void *arg, const struct submission *p, struct send_result *sent)
{
	struct sending *s = arg;
	AUTO(strbuf) erased = STRBUF_INIT;
	progress_erase(&s->progress, &erased);
	(void)fputs(erased.buf, stderr);
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
	struct sending sending = {.args = args, .settings = &settings, .progress.clock = runtime->clock};
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
