/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"
#include "transport/exit_status.h"
#include "cli/print_result.h"

static void add_error(struct json *j, const struct error *err)
{
	json_object(j, "error");
	json_string(j, "kind", error_kind_name(err->status.kind));
	json_string(j, "disposition", error_disposition_name(error_kind_disposition(err->status.kind)));
	json_string(j, "stage", err->status.stage);
	json_string(j, "text", err->status.text);
	json_number(j, "code", err->status.code);
	json_string(j, "enhanced", err->status.enhanced[0] ? err->status.enhanced : NULL);
	json_string(j, "server", err->status.server.line);
	json_string(j, "hint", err->status.hint);
	json_end(j);
}

static void add_recipients(struct json *j, const struct submission *p, const struct delivery_result *r)
{
	json_array(j, "recipients");
	for (size_t i = 0; i < r->n; i++) {
		const struct outcome *o = &r->outcomes[i];
		json_object(j, NULL);
		json_string(j, "address", p->env.rcpts[i].address.given);
		json_string(j, "outcome", outcome_name(o->kind));
		json_number(j, "code", o->status.code);
		json_string(j, "enhanced", o->status.enhanced[0] ? o->status.enhanced : NULL);
		json_string(j, "text",
			    o->status.server.line	  ? o->status.server.line
			    : o->status.text		  ? o->status.text
			    : o->kind == OUTCOME_ACCEPTED ? r->final.server.line
							  : NULL);
		if (o->status.kind != ERROR_NONE)
			json_string(j, "error", error_kind_name(o->status.kind));
		json_end(j);
	}
	json_end(j);
}

static void add_tls(struct json *j, const struct tls_info *t)
{
	json_object(j, "tls");
	json_bool(j, "active", t->active);
	json_string(j, "version", t->version);
	json_string(j, "cipher", t->cipher);
	json_string(j, "verified_by", t->verified_by);
	json_bool(j, "resumed", t->resumed);
	json_end(j);
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

static void add_result(struct json *j, const struct submission *p, const struct delivery_result *r)
{
	json_string(j, "account", p->account->name);
	json_string(j, "host", r->host);
	json_number(j, "port", r->port);
	json_string(j, "peer", r->peer);
	json_string(j, "queue_id", p->queue_id);
	json_number(j, "size", (long long)r->size);
	json_string(j, "from", p->env.sender.given);
	add_recipients(j, p, r);
	add_tls(j, &r->tls);
	json_string(j, "auth", r->mech);
	json_array(j, "extensions");
	for (size_t i = 0; i < r->extensions.n; i++)
		json_string(j, NULL, r->extensions.v[i]);
	json_end(j);
	json_array(j, "warnings");
	for (size_t i = 0; i < r->warnings.n; i++)
		json_string(j, NULL, r->warnings.v[i]);
	json_end(j);
	add_times(j, r);
	json_number(j, "round_trips", r->round_trips);
}

void print_result_json(FILE *to, const struct submission *p, const struct delivery_result *result,
		       const struct error *err, int status)
{
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	json_string(&j, "outcome", result ? exit_status_outcome(result) : "failed");
	json_number(&j, "status", status);
	if (result)
		add_result(&j, p, result);
	if (result && result->error.status.kind != ERROR_NONE)
		err = &result->error;
	if (err && err->status.kind != ERROR_NONE)
		add_error(&j, err);
	json_end(&j);
	strbuf_addch(&out, '\n');
	(void)fwrite(out.buf, 1, out.len, to);
}
