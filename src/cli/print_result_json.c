/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The object that --json prints.  It always has every key, so programs need not check whether one exists. */
#include "cli/print_result.h"
#include "transport/exit_status.h"
#include "transport/result_json.h"

void print_result_object(FILE *to, const struct submission *p, const struct result_shown *shown)
{
	static const struct delivery_result nothing = {.n = 0};
	const struct delivery_result *r = shown->result ? shown->result : &nothing;
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	if (shown->where)
		json_string(&j, "where", shown->where);
	json_string(&j, "outcome", shown->result ? exit_status_outcome(r) : "failed");
	json_number(&j, "status", shown->status);
	delivery_result_json_status(r, shown->result ? NULL : shown->err, &j);
	json_string(&j, "account", p && p->account ? p->account->name : NULL);
	json_string(&j, "queue_id", p ? p->queue_id : NULL);
	json_string(&j, "message_id", p ? p->message_id : NULL);
	json_string(&j, "from", p ? p->env.mail.sender.given : NULL);
	delivery_result_json(r, p ? &p->env : NULL, &j);
	json_list(&j, "notes", shown->notes);
	json_end(&j);
	strbuf_addch(&out, '\n');
	(void)fwrite(out.buf, 1, out.len, to);
}

void print_result_json(FILE *to, const struct submission *p, const struct delivery_result *result,
		       const struct error *err, const struct strvec *notes, int status)
{
	print_result_object(to, p, &(struct result_shown){result, err, notes, status, NULL});
}
