/* SPDX-License-Identifier: GPL-3.0-or-later */
/* -bv: asks the server about recipients and sends nothing. */
#include "base/i18n.h"
#include "cli/debug.h"
#include "transport/exit_status.h"
#include "submit/mail_params_fill.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_result.h"
#include "submit/submission_read.h"
#include "transport/deliver.h"

static const char *outcome_text(enum outcome_kind kind)
{
	switch (kind) {
	case OUTCOME_ACCEPTED: return _("accepted");
	case OUTCOME_REFUSED: return _("refused");
	default: return _("not now");
	}
}

/* "bob@example.org: refused: 550 5.1.1 no such user" */
static void print_outcomes(const struct envelope *env, const struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++) {
		const struct outcome *o = &r->outcomes[i];
		AUTO(strbuf) why = STRBUF_INIT;
		if (!status_format_reply(&o->status, &why) && o->status.text)
			strbuf_adds(&why, o->status.text);
		(void)printf("%s: %s%s%s\n", env->rcpts[i].address.given, outcome_text(o->kind), why.len ? ": " : "",
			     why.buf);
	}
}

static int verify(const struct args *args, const struct settings *settings, const struct submission *p,
		  const struct runtime *runtime)
{
	struct delivery_result result;
	struct delivery_request req = delivery_request_make(
		runtime, p->account, (struct delivery_task){DELIVERY_VERIFY, .envelope = &p->env});
	if (args->request.given[OPT_DEBUG])
		debug_listen(&req, settings);
	deliver(&req, &result);
	int status = exit_status_of(&result);
	if (args->request.given[OPT_JSON])
		print_result_json(stdout, p, &result, NULL, &result.warnings, status);
	else
		print_outcomes(&p->env, &result);
	print_warnings(print_errors(), &result.warnings);
	if (result.error.status.kind != ERROR_NONE)
		print_delivery_problem(print_errors(), p->account, &result);
	delivery_result_release(&result);
	return status;
}

int mode_verify(const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct submission p;
	AUTO(error) err = ERROR_INIT;
	int status;
	submission_init(&p, runtime);
	bool ready = submission_read_envelope(&p, &settings, &args->request, runtime, &err);
	print_warnings(print_errors(), &settings.config.warnings);
	print_warnings(print_errors(), &p.warnings);
	if (ready) {
		/* there is no message that the server could report on ... */
		p.env.mail.notify = NOTIFY_UNSET;
		p.env.mail.ret = RET_UNSET;
		/* ... hold, or deliver in time */
		mail_params_forget(&p.env.mail.params);
		status = verify(args, &settings, &p, runtime);
	} else {
		print_problem(print_errors(), &err);
		status = error_kind_exit_status(err.status.kind);
		if (args->request.given[OPT_JSON])
			print_result_json(stdout, &p, NULL, &err, NULL, status);
	}
	submission_release(&p);
	return status;
}
