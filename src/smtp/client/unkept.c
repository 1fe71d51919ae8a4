/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/client/unkept.h"

#include "base/i18n.h"

static unsigned body_parameter(const struct negotiated *negotiated)
{
	if (!negotiated->body)
		return 0;
	return strcmp(negotiated->body, "BINARYMIME") == 0 ? CAP_BINARYMIME : CAP_8BITMIME;
}

unsigned unkept_mail_parameters(const struct mail_transaction *mail, const struct negotiated *negotiated)
{
	const struct negotiated_params *params = &negotiated->params;
	unsigned sent = body_parameter(negotiated);
	if (negotiated->size)
		sent |= CAP_SIZE;
	if (negotiated->smtputf8)
		sent |= CAP_SMTPUTF8;
	if (negotiated->dsn && (mail->env->mail.ret != RET_UNSET || mail->env->mail.envid))
		sent |= CAP_DSN;
	if (params->deliver_by)
		sent |= CAP_DELIVERBY;
	if (params->hold)
		sent |= CAP_FUTURERELEASE;
	if (params->priority)
		sent |= CAP_MT_PRIORITY;
	if (params->require_tls)
		sent |= CAP_REQUIRETLS;
	if (params->auth)
		sent |= CAP_AUTH;
	return sent;
}

unsigned unkept_rcpt_parameters(const struct mail_transaction *mail, const struct negotiated *negotiated, size_t i)
{
	const struct envelope *env = mail->env;
	bool any = negotiated->reports || env->mail.envid || env->rcpts[i].orcpt;
	return negotiated->dsn && any ? CAP_DSN : 0;
}

/* SMTPUTF8 is used only for what cannot be sent without it. */
unsigned unkept_dispensable(const struct mail_transaction *mail, const struct negotiated *negotiated, unsigned sent)
{
	unsigned dispensable = CAP_SIZE;
	bool eightbit = mail->eightbit_body || mail->eightbit_header;
	if (mail->eightbit != EIGHTBIT_REFUSE || !eightbit)
		dispensable |= body_parameter(negotiated);
	if (!negotiated->reports)
		dispensable |= CAP_DSN;
	return sent & dispensable;
}

static bool concerns(const struct reply *reply, const char *subject)
{
	return reply->enhanced[0] && strncmp(reply->enhanced + 2, subject, strlen(subject)) == 0;
}

bool unkept_is_parameter(const struct reply *reply)
{
	if (reply->code != 501 && reply->code != 504 && reply->code != 555)
		return false;
	/* RFC 3463: 1 is about an address, 7 about policy */
	return !concerns(reply, "1.") && !concerns(reply, "7.");
}

bool unkept_is_command(const struct reply *reply)
{
	return (reply->code >= 500 && reply->code <= 504) || reply->code == 555;
}

#define NOT_ASKED_FOR (CAP_SIZE | CAP_8BITMIME | CAP_BINARYMIME | CAP_CHUNKING)

static void advise(unsigned what, struct error *err)
{
	AUTO(strbuf) words = STRBUF_INIT;
	cap_add_names(&words, what, " ");
	if (what & ~(unsigned)NOT_ASKED_FOR)
		error_hint(err, "%s",
			   _("Compare what the server offers (--serverinfo) with what you asked for (--deliver-by, "
			     "--hold-until, dsn_notify, mail_auth and the like), and leave out what it refuses."));
	else
		error_hint(err,
			   _("Set \"ignore_extensions %s\" for this account; only the server's administrator can "
			     "fix this."),
			   words.buf);
}

static const char *refusal(bool second, const struct reply *reply)
{
	if (second)
		return _("the server refused a parameter that it offers, and refused again without it (%s)");
	return reply->code == 501 ? _("the server refused the value of a parameter that it offers (%s)")
				  : _("the server refused a parameter that it offers (%s)");
}

void unkept_parameter_error(unsigned what, bool second, const struct reply *reply, struct error *err)
{
	AUTO(strbuf) names = STRBUF_INIT;
	cap_add_names(&names, what, ", ");
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_addf(&text, refusal(second, reply), names.buf);
	(void)error_set(err, ERROR_SERVER_REFUSES, "%s", text.buf);
	error_server(err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	advise(what, err);
}

void unkept_chunking_error(bool second, const struct reply *reply, struct error *err)
{
	(void)error_set(err, ERROR_SERVER_REFUSES, "%s",
			second ? _("the server refused BDAT, which it offers (CHUNKING), and then DATA as well")
			       : _("the server refused BDAT, which it offers (CHUNKING)"));
	error_server(err, reply->code, reply->enhanced, strbuf_span(&reply->text));
	advise(CAP_CHUNKING, err);
}
