/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --check: an account tested stage by stage, without sending. */
#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/json.h"
#include "base/xalloc.h"
#include "cli/check_stages.h"
#include "cli/debug.h"
#include "transport/exit_status.h"
#include "cli/mode.h"
#include "cli/print_result.h"

static void print_text(const struct check_stages *s)
{
	for (size_t i = 0; i < s->n; i++) {
		AUTO_FREE char *clean = clean_text(span_of(s->v[i].detail), 1000);
		(void)printf("%s %s: %s\n", check_verdict_name(s->v[i].verdict), s->v[i].name, clean);
	}
}

static void print_json(const struct check_stages *s, const struct submission *p, const struct error *err, int status)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	json_string(&j, "account", p->account ? p->account->name : NULL);
	json_number(&j, "status", status);
	json_string(&j, "error", err->status.kind == ERROR_NONE ? NULL : error_kind_name(err->status.kind));
	json_string(&j, "hint", err->status.hint);
	json_array(&j, "stages");
	for (size_t i = 0; i < s->n; i++) {
		json_object(&j, NULL);
		json_string(&j, "stage", s->v[i].name);
		json_string(&j, "verdict", check_verdict_name(s->v[i].verdict));
		json_string(&j, "detail", s->v[i].detail);
		json_end(&j);
	}
	json_end(&j);
	json_end(&j);
	(void)printf("%s\n", out.buf);
}

static void show(const struct args *args, const struct check_stages *s, const struct submission *p,
		 const struct error *err, int status)
{
	if (args->request.given[OPT_JSON]) {
		print_json(s, p, err, status);
		return;
	}
	print_text(s);
	(void)fflush(stdout);
	print_hint(stderr, err->status.hint);
}

static int check_account(const struct args *args, const struct submission *p, const struct runtime *runtime)
{
	AUTO(check_stages) stages = CHECK_STAGES_INIT;
	struct delivery_result result;
	struct delivery_request req = delivery_request_make(
		runtime, p->account, (struct delivery_task){DELIVERY_VERIFY, .envelope = &p->env});
	req.detail = true;
	if (args->request.given[OPT_DEBUG])
		debug_listen(&req, p);
	deliver(&req, &result);
	int status = exit_status_of(&result);
	check_stages_add(&stages, "configuration", CHECK_PASS, xstrdup(p->why));
	check_stages_judge(&stages, p->account, &result, clock_wall(runtime->clock));
	show(args, &stages, p, &result.error, status);
	delivery_result_release(&result);
	return status;
}

static int configuration_wrong(const struct args *args, const struct submission *p, const struct error *err)
{
	AUTO(check_stages) stages = CHECK_STAGES_INIT;
	int status = error_kind_exit_status(err->status.kind);
	check_stages_add(&stages, "configuration", CHECK_FAIL, xstrdup(err->status.text));
	check_stages_judge(&stages, NULL, NULL, 0);
	show(args, &stages, p, err, status);
	return status;
}

int mode_check(const struct args *args, const struct runtime *runtime)
{
	struct submission p;
	AUTO(error) err = ERROR_INIT;
	submission_init(&p, runtime);
	bool ready = submission_set_sender(&p, &args->request, runtime, &err);
	print_warnings(stderr, &p);
	p.env.notify = NOTIFY_UNSET; /* nothing is sent that could be reported on */
	p.env.ret = RET_UNSET;
	int status = ready ? check_account(args, &p, runtime) : configuration_wrong(args, &p, &err);
	submission_release(&p);
	return status;
}
