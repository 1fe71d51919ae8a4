/* SPDX-License-Identifier: GPL-3.0-or-later */
/* --dry-run: the envelope and the message as they would be sent. */
#include "base/base64.h"
#include "cli/mode.h"
#include "cli/print.h"
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "message/wire.h"
#include "smtp/mail_params.h"
#include "submit/filter.h"
#include "submit/submission_read.h"
#include "transport/exit_status.h"

#include <inttypes.h>
#include <sysexits.h>

static int report_failure(const struct error *err)
{
	print_problem(print_errors(), err);
	return error_kind_exit_status(err->status.kind);
}

/* As they would be in the MAIL command to a server that offers all of them. */
static void write_params(const struct mail_params *params, struct strbuf *out)
{
	struct negotiated_params wished = mail_params_wished(params);
	mail_params_write(params, &wished, out);
}

/* The envelope, an empty line, then the message as it would be sent, before dot-stuffing. */
static bool print_dry_run(const struct submission *p, struct error *err)
{
	const struct envelope *env = &p->env;
	struct wire_body body;
	AUTO(strbuf) chunk = STRBUF_INIT, params = STRBUF_INIT;
	bool more = true, ok = true;
	(void)printf("Account: %s\n", account_title(p->account));
	(void)printf("From: <%s>\n", env->mail.sender.given);
	for (size_t i = 0; i < env->n; i++)
		if (!env->rcpts[i].refused)
			(void)printf("To: <%s>\n", env->rcpts[i].address.given);
	write_params(&env->mail.params, &params);
	if (params.len)
		(void)printf("Requests:%s\n", params.buf);
	(void)printf("Size: %" PRIu64 "\n\n", wire_size(strbuf_span(&p->header), &p->message.info));
	wire_body_init(&body, strbuf_span(&p->header), &p->message.body, false);
	while (ok && more) {
		strbuf_reset(&chunk);
		ok = wire_body_next(&body, &chunk, &more, err);
		if (ok && fwrite(chunk.buf, 1, chunk.len, stdout) != chunk.len)
			break; /* reported at the end, as for all modes */
	}
	wire_body_release(&body);
	return ok;
}

/* ---- for programs ---- */

/* The bytes of the message in base64, because JSON has no other form for them.  Written in pieces: memory does not grow
 * with the message. */
static bool print_bytes(const struct submission *p, struct error *err)
{
	struct wire_body body;
	AUTO(strbuf) chunk = STRBUF_INIT, text = STRBUF_INIT;
	bool more = true, ok = true;
	wire_body_init(&body, strbuf_span(&p->header), &p->message.body, false);
	while (ok && more) {
		ok = wire_body_next(&body, &chunk, &more, err);
		size_t whole = more ? chunk.len / 3 * 3 : chunk.len;
		strbuf_reset(&text);
		if (ok)
			base64_encode(&text, span_sub(strbuf_span(&chunk), 0, whole));
		(void)fwrite(text.buf, 1, text.len, stdout);
		strbuf_remove(&chunk, 0, whole);
	}
	wire_body_release(&body);
	return ok;
}

static void add_recipients(struct json *j, const struct envelope *env)
{
	json_array(j, "recipients");
	for (size_t i = 0; i < env->n; i++) {
		const struct recipient *rcpt = &env->rcpts[i];
		json_object(j, NULL);
		json_string(j, "address", rcpt->address.given);
		json_string(j, "outcome", rcpt->refused ? outcome_name(OUTCOME_REFUSED) : NULL);
		status_json(rcpt->refused ? rcpt->refused : &STATUS_INIT, j);
		json_end(j);
	}
	json_end(j);
}

/* ready: the message was made.  The message comes first, so that the status can say if it could not be read. */
static int print_dry_run_json(const struct settings *settings, const struct submission *p, bool ready, int status,
			      struct error *err)
{
	AUTO(strbuf) out = STRBUF_INIT, params = STRBUF_INIT;
	AUTO(strvec) notes = STRVEC_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	json_string(&j, "account", p->account ? p->account->name : NULL);
	json_string(&j, "from", p->env.mail.sender.given);
	add_recipients(&j, &p->env);
	write_params(&p->env.mail.params, &params);
	json_span(&j, "requests", span_trim(strbuf_span(&params)));
	json_number(&j, "size", ready ? (long long)wire_size(strbuf_span(&p->header), &p->message.info) : 0);
	if (ready) {
		(void)printf("%s,\"message\":\"", out.buf);
		strbuf_reset(&out);
		if (!print_bytes(p, err))
			status = report_failure(err);
		(void)putchar('"');
	} else {
		json_string(&j, "message", NULL);
	}
	struct error shown = *err; /* borrows its texts */
	for (size_t i = 0; i < p->env.n && shown.status.kind == ERROR_NONE; i++)
		if (p->env.rcpts[i].refused)
			shown.status = *p->env.rcpts[i].refused;
	print_json_status(&j, status, &shown);
	strvec_push_all(&notes, &settings->config.warnings);
	strvec_push_all(&notes, &p->warnings);
	print_json_end(&j, &notes);
	return status;
}

/* The recipients refused here are reported as when the message is sent; nothing is known about the others. */
static int report_refused(const struct submission *p)
{
	struct delivery_result result;
	delivery_result_begin(&result, &p->env);
	int status = exit_status_of(&result);
	print_result(print_errors(), p, &result);
	delivery_result_release(&result);
	return status;
}

int mode_dry_run(const struct args *args, const struct runtime *runtime)
{
	AUTO(settings) settings = SETTINGS_INIT;
	struct submission p;
	AUTO(error) err = ERROR_INIT;
	int status = EX_OK;
	submission_init(&p, runtime);
	bool ready =
		submission_read(&p, &settings, &args->request, runtime, &err) && submission_filter(&p, runtime, &err);
	bool as_json = args->request.given[OPT_JSON];
	print_warnings(print_errors(), &settings.config.warnings);
	print_warnings(print_errors(), &p.warnings);
	if (!ready || (!as_json && !print_dry_run(&p, &err)))
		status = report_failure(&err);
	else if (envelope_count_open(&p.env) < p.env.n)
		status = report_refused(&p);
	if (as_json)
		status = print_dry_run_json(&settings, &p, ready, status, &err);
	submission_release(&p);
	return status;
}
