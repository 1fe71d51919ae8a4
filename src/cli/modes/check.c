/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --check: an account tested stage by stage, without sending. */
#include "base/i18n.h"
#include "base/terminal.h"
#include "base/xalloc.h"
#include "transport/check_stages.h"
#include "cli/debug.h"
#include "transport/exit_status.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "submit/submission_read.h"
#include "transport/connect.h"
#include "transport/deliver.h"

#include <unistd.h>

/* Text is printed as soon as it is known, JSON at the end. */
struct check {
	const struct args *args;
	const struct settings *settings;
	const struct submission *p;
	const struct runtime *runtime;
	struct check_stages stages;
	enum check_look look;
	size_t printed; /* how many of the stages were printed */
};

static void print_lines(struct check *c)
{
	if (c->args->request.given[OPT_JSON])
		return;
	for (; c->printed < c->stages.n; c->printed++) {
		AUTO(strbuf) line = STRBUF_INIT;
		check_stage_format(&c->stages.v[c->printed], c->look, &line);
		(void)fputs(line.buf, stdout);
	}
	(void)fflush(stdout);
}

static void print_json(const struct check *c, const struct error *err, const struct strvec *warnings, int status)
{
	const struct check_stages *s = &c->stages;
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(strvec) notes = STRVEC_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	json_string(&j, "account", c->settings->account ? c->settings->account->name : NULL);
	print_json_status(&j, status, err);
	json_array(&j, "stages");
	for (size_t i = 0; i < s->n; i++) {
		json_object(&j, NULL);
		json_string(&j, "stage", s->v[i].name);
		json_string(&j, "verdict", check_verdict_name(s->v[i].verdict));
		json_string(&j, "detail", s->v[i].detail);
		json_string(&j, "hint", s->v[i].hint);
		json_end(&j);
	}
	json_end(&j);
	strvec_push_all(&notes, &c->settings->config.warnings);
	strvec_push_all(&notes, &c->p->warnings);
	if (warnings)
		strvec_push_all(&notes, warnings);
	print_json_end(&j, &notes);
}

static void print_end(struct check *c, const struct error *err, const struct strvec *warnings, int status)
{
	if (c->args->request.given[OPT_JSON]) {
		print_json(c, err, warnings, status);
		return;
	}
	print_lines(c);
	if (status && c->look == CHECK_PLAIN) /* a terminal has it already */
		print_hint(print_errors(), err->status.hint ? err->status.hint : error_kind_cure(err->status.kind));
}

static void print_progress(void *arg, const struct delivery_result *so_far)
{
	struct check *c = arg;
	check_stages_passed(&c->stages, c->settings->account, so_far, clock_wall(c->runtime->clock));
	print_lines(c);
}

static int check_account(struct check *c)
{
	const struct account *account = c->settings->account;
	struct delivery_result result;
	struct delivery_request req = delivery_request_make(
		c->runtime, account, (struct delivery_task){DELIVERY_VERIFY, .envelope = &c->p->env});
	req.detail = true;
	req.progress = print_progress;
	req.listener_arg = c;
	if (c->args->request.given[OPT_DEBUG])
		debug_listen(&req, c->settings);
	check_stages_add(&c->stages, "configuration", CHECK_PASS, xstrdup(c->settings->why));
	print_lines(c);
	deliver(&req, &result);
	int status = exit_status_of(&result);
	check_stages_finish(&c->stages, account, &result, &result.error, clock_wall(c->runtime->clock));
	print_warnings(print_errors(), &result.warnings);
	print_end(c, &result.error, &result.warnings, status);
	delivery_result_release(&result);
	return status;
}

static int report_configuration(struct check *c, const struct error *err)
{
	int status = error_kind_exit_status(err->status.kind);
	check_stages_add(&c->stages, "configuration", CHECK_FAIL, xstrdup(err->status.text));
	check_stages_finish(&c->stages, NULL, NULL, err, 0);
	print_end(c, err, NULL, status);
	return status;
}

static enum check_look look_of(const struct runtime *runtime)
{
	if (!isatty(STDOUT_FILENO) || !isatty(STDERR_FILENO))
		return CHECK_PLAIN;
	return terminal_has_colours(runtime, STDOUT_FILENO) ? CHECK_COLOURS : CHECK_COLUMNS;
}

int mode_check(const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct submission p;
	struct check c = {args, &settings, &p, runtime, CHECK_STAGES_INIT, look_of(runtime), 0};
	AUTO(error) err = ERROR_INIT;
	submission_init(&p, runtime);
	bool ready = submission_read_sender(&p, &settings, &args->request, runtime, &err) &&
		     connect_check_files(settings.account, &err);
	print_warnings(print_errors(), &settings.config.warnings);
	print_warnings(print_errors(), &p.warnings);
	p.env.mail.notify = NOTIFY_UNSET; /* nothing is sent that could be reported on */
	p.env.mail.ret = RET_UNSET;
	int status = ready ? check_account(&c) : report_configuration(&c, &err);
	check_stages_release(&c.stages);
	submission_release(&p);
	return status;
}
