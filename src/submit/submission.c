/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/submission.h"

void submission_init(struct submission *p, const struct runtime *runtime)
{
	*p = (struct submission){.fields = HEADER_LIST_INIT,
				 .env = ENVELOPE_INIT,
				 .header = STRBUF_INIT,
				 .bcc = STRBUF_INIT,
				 .warnings = STRVEC_INIT};
	message_init(&p->message, runtime->temp);
}

void submission_release(struct submission *p)
{
	header_list_release(&p->fields);
	envelope_release(&p->env);
	local_names_release(&p->local);
	account_free(p->used);
	free(p->own_address);
	free(p->replaced_sender);
	free(p->message_id);
	free(p->date);
	free(p->queue_id);
	free(p->queued_after);
	strvec_release(&p->warnings);
	strbuf_release(&p->header);
	strbuf_release(&p->bcc);
	message_release(&p->message);
}

struct delivery_message submission_message(const struct submission *p)
{
	return (struct delivery_message){&p->env, strbuf_span(&p->header), &p->message.body, &p->message.info};
}
