/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The object that --json prints.  It always has every key, so programs need not check whether one exists. */
#include "cli/print_result.h"
#include "transport/exit_status.h"
#include "transport/result_json.h"

static void print_object(FILE *to, const char *where, const struct submission *p, const struct send_result *sent)
{
	const struct delivery_result *r = &sent->delivery;
	AUTO(strbuf) out = STRBUF_INIT;
	struct json j = JSON_INIT(&out);
	json_object(&j, NULL);
	if (where)
		json_string(&j, "where", where);
	json_string(&j, "outcome", sent->delivered ? exit_status_outcome(r) : "failed");
	json_number(&j, "status", sent->status);
	delivery_result_json_status(r, sent->delivered ? NULL : &sent->err, &j);
	json_string(&j, "account", p && p->used ? p->used->name : p && p->account ? p->account->name : NULL);
	json_string(&j, "queue_id", p ? p->queue_id : NULL);
	json_string(&j, "message_id", p ? p->message_id : NULL);
	json_string(&j, "from", p ? p->env.mail.sender.given : NULL);
	delivery_result_json(r, p ? &p->env : NULL, &j);
	json_list(&j, "notes", &sent->notes);
	json_end(&j);
	strbuf_addch(&out, '\n');
	(void)fwrite(out.buf, 1, out.len, to);
}

void print_sent_json(FILE *to, const char *where, const struct submission *p, const struct send_result *sent)
{
	print_object(to, where, p, sent);
}

void print_result_json(FILE *to, const struct submission *p, const struct delivery_result *result,
		       const struct error *err, const struct strvec *notes, int status)
{
	struct send_result sent = {.delivered = result, .status = status}; /* borrows all */
	if (result)
		sent.delivery = *result;
	if (err)
		sent.err = *err;
	if (notes)
		sent.notes = *notes;
	print_object(to, NULL, p, &sent);
}
