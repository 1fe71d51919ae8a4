/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/result_json.h"

#include "tls/info_json.h"

void delivery_result_json_status(const struct delivery_result *r, const struct error *err, struct json *j)
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

void delivery_result_json(const struct delivery_result *r, const struct envelope *env, struct json *j)
{
	json_number(j, "port", r->port);
	json_string(j, "peer", r->peer);
	json_number(j, "size", (long long)r->size);
	add_recipients(j, env, r);
	json_bool(j, "possible_duplicate", possible_duplicate(r));
	json_object(j, "tls");
	tls_info_json(&r->tls, j);
	json_end(j);
	json_string(j, "auth", r->mech);
	json_list(j, "extensions", &r->extensions);
	add_times(j, r);
	json_number(j, "round_trips", r->round_trips);
}
