/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The object that --json prints.  It always has every key, so programs need not check whether one exists. */
#include "cli/print_json.h"
#include "cli/print_result.h"
#include "tls/info_json.h"
#include "transport/exit_status.h"

/* The status of the message: its leading failure, else the reply that accepted it. */
static void add_status(struct json *j, const struct delivery_result *r, const struct error *err)
{
	const struct status *leading = err ? &err->status : delivery_result_leading(r);
	struct status s = leading ? *leading : r->final; /* borrows its texts */
	if (!s.host)
		s.host = r->host;
	status_json(&s, j);
	json_string(j, "disposition",
		    s.kind == ERROR_NONE ? NULL : error_disposition_name(error_kind_disposition(s.kind)));
}

static void add_recipients(struct json *j, const struct envelope *env, const struct delivery_result *r)
{
	json_array(j, "recipients");
	for (size_t i = 0; i < r->n; i++) {
		const struct outcome *o = &r->outcomes[i];
		json_object(j, NULL);
		json_string(j, "address", env->rcpts[i].address.given);
		json_string(j, "outcome", outcome_name(o->kind));
		status_json(&o->status, j);
		json_bool(j, "possible_duplicate", o->status.kind == ERROR_UNCERTAIN);
		json_end(j);
	}
	json_end(j);
}

static bool possible_duplicate(const struct delivery_result *r)
{
	for (size_t i = 0; i < r->n; i++)
		if (r->outcomes[i].status.kind == ERROR_UNCERTAIN)
			return true;
	return false;
}

static void add_times(struct json *j, const struct delivery_result *r)
{
	json_object(j, "ms");
	json_number(j, "secret", r->ms_secret);
	json_number(j, "dns", r->ms_dns);
	json_number(j, "connect", r->ms_connect);
	json_number(j, "tls", r->ms_tls);
	json_number(j, "session", r->ms_session);
	json_number(j, "total", r->ms_total);
	json_end(j);
}

void print_result_json(FILE *to, const struct submission *p, const struct delivery_result *result,
		       const struct error *err, const struct strvec *notes, int status)
{
	static const struct delivery_result nothing = {.n = 0};
	const struct delivery_result *r = result ? result : &nothing;
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	json_string(&j, "outcome", result ? exit_status_outcome(result) : "failed");
	json_number(&j, "status", status);
	add_status(&j, r, result ? NULL : err);
	json_string(&j, "account", p && p->account ? p->account->name : NULL);
	json_number(&j, "port", r->port);
	json_string(&j, "peer", r->peer);
	json_string(&j, "queue_id", p ? p->queue_id : NULL);
	json_string(&j, "message_id", p ? p->message_id : NULL);
	json_number(&j, "size", (long long)r->size);
	json_string(&j, "from", p ? p->env.mail.sender.given : NULL);
	add_recipients(&j, p ? &p->env : NULL, r);
	json_bool(&j, "possible_duplicate", possible_duplicate(r));
	json_object(&j, "tls");
	tls_info_json(&r->tls, &j);
	json_end(&j);
	json_string(&j, "auth", r->mech);
	print_json_list(&j, "extensions", &r->extensions);
	print_json_list(&j, "notes", notes);
	add_times(&j, r);
	json_number(&j, "round_trips", r->round_trips);
	json_end(&j);
	strbuf_addch(&out, '\n');
	(void)fwrite(out.buf, 1, out.len, to);
}
