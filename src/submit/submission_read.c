/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/submission_read.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "message/message_fd.h"
#include "submit/envelope_fill.h"
#include "submit/header_fill.h"
#include "submit/local_recipients.h"
#include "submit/mail_params_fill.h"
#include "submit/sender.h"

static bool choose_account(struct submission *p, struct settings *settings, const struct request *request,
			   const struct runtime *runtime, const char *sender, struct error *err)
{
	AUTO(strvec) recipients = STRVEC_INIT;
	for (size_t i = 0; i < p->env.n; i++)
		if (!p->env.rcpts[i].refused)
			strvec_push(&recipients, p->env.rcpts[i].address.given);
	if (!settings_choose_account(settings, request, runtime, sender, &recipients, err))
		return false;
	p->account = settings->account;
	return true;
}

/* What the sender and the account decide about the envelope. */
static bool fill_envelope(struct submission *p, const struct request *request, const struct runtime *runtime,
			  const char *sender, struct error *err)
{
	return envelope_fill(&p->env.mail, p->account, request, sender, err) &&
	       mail_params_fill(p, request, runtime->clock, err);
}

bool submission_read_sender(struct submission *p, struct settings *settings, const struct request *request,
			    const struct runtime *runtime, struct error *err)
{
	AUTO_FREE char *sender = NULL;
	if (request->given[OPT_READ_ENVELOPE_FROM])
		return error_set(
			err, ERROR_USAGE, "%s",
			_("no message is read here, so --read-envelope-from finds no sender; name it with -f"));
	return settings_read(settings, request, runtime, err) && sender_known(&p->fields, request, &sender, err) &&
	       choose_account(p, settings, request, runtime, sender, err) &&
	       sender_settle(p, settings->account, runtime, &sender, err) &&
	       fill_envelope(p, request, runtime, sender, err);
}

bool submission_read_envelope(struct submission *p, struct settings *settings, const struct request *request,
			      const struct runtime *runtime, struct error *err)
{
	return envelope_collect_recipients(p, request, err) &&
	       submission_read_sender(p, settings, request, runtime, err);
}

bool submission_make(struct submission *p, struct settings *settings, const struct request *request,
		     const struct runtime *runtime, struct error *err)
{
	AUTO_FREE char *sender = NULL;
	header_scan(strbuf_span(&p->message.header), &p->fields);
	if (p->has_envelope)
		sender = xstrdup(p->env.mail.sender.given);
	else if (!sender_known(&p->fields, request, &sender, err) || !envelope_collect_recipients(p, request, err))
		return false;
	if (!choose_account(p, settings, request, runtime, sender, err) ||
	    !sender_settle(p, settings->account, runtime, &sender, err) || !local_recipients_settle(p, request, err) ||
	    !fill_envelope(p, request, runtime, sender, err))
		return false;
	header_fill(p, runtime);
	p->has_message = true;
	return true;
}

bool submission_read(struct submission *p, struct settings *settings, const struct request *request,
		     const struct runtime *runtime, struct error *err)
{
	/* an error that needs no message is reported before one is waited for */
	if (!request->recipients.n && !request->given[OPT_READ_RECIPIENTS] &&
	    !envelope_collect_recipients(p, request, err))
		return false;
	return settings_read(settings, request, runtime, err) &&
	       message_read_fd(&p->message, runtime->input, _("standard input"), err) &&
	       submission_make(p, settings, request, runtime, err);
}
