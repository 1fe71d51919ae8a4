/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/client_envelope.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "submit/envelope_fill.h"

static void add_recipient(struct envelope *env, const struct server_recipient *rcpt, unsigned common)
{
	AUTO(error) err = ERROR_INIT;
	struct mail_address address = {NULL, NULL};
	bool ok = envelope_make_address(rcpt->address, false, &address, &err);
	if (!ok)
		address = (struct mail_address){xstrdup(rcpt->address), xstrdup(rcpt->address)};
	envelope_add(env, address);
	struct recipient *added = &env->rcpts[env->n - 1];
	added->orcpt = xstrdup_null(rcpt->orcpt);
	added->notify = rcpt->notify == common ? 0 : rcpt->notify;
	if (ok)
		return;
	error_stage(&err, _("recipient %s"), rcpt->address);
	recipient_refuse(added, &err.status);
}

/* What all recipients have in common, which is then the message's. */
static unsigned common_notify(const struct server_mail *mail)
{
	for (size_t i = 1; i < mail->n; i++)
		if (mail->rcpts[i].notify != mail->rcpts[0].notify)
			return NOTIFY_UNSET;
	return mail->n ? mail->rcpts[0].notify : NOTIFY_UNSET;
}

bool client_envelope_take(struct submission *p, const struct server_mail *mail, struct error *err)
{
	const char *sender = mail->options.sender.given;
	struct mail_address address;
	if (!envelope_make_address(sender, true, &address, err)) {
		error_stage(err, "%s", _("envelope sender"));
		return false;
	}
	mail_options_copy(&p->env.mail, &mail->options);
	if (p->env.mail.params.auth) /* RFC 4954 section 5: no client is trusted to say who has written a message */
		xreplace(&p->env.mail.params.auth, "");
	mail_address_release(&p->env.mail.sender);
	p->env.mail.sender = address;
	p->env.mail.notify = common_notify(mail);
	for (size_t i = 0; i < mail->n; i++)
		add_recipient(&p->env, &mail->rcpts[i], p->env.mail.notify);
	envelope_unique(&p->env);
	p->has_envelope = true;
	return true;
}
