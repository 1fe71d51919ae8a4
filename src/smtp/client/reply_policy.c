/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/client/reply_policy.h"

#include "base/i18n.h"

/*
 * Rows are tried from the top: stage, code (0: any of the class), enhanced
 * code's tail ("7." matches 5.7.x; NULL: any), and what it means.
 */
static const struct policy_row {
	enum reply_stage stage;
	int class_, code;
	const char *tail;
	enum error_kind kind;
	const char *text, *hint;
} policy[] = {
	{STAGE_GREETING, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server is not available now"),
	 N_("Try again later.")},
	{STAGE_GREETING, 5, 0, NULL, ERROR_SERVER_REFUSES, N_("the server does not want to talk to this machine"),
	 N_("Check host and port; a submission server usually listens on port 465 or 587, and port 25 is often closed "
	    "to end users.")},
	{STAGE_EHLO, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server put us off"), N_("Try again later.")},
	{STAGE_EHLO, 5, 0, NULL, ERROR_SERVER_REFUSES, N_("the server refused our greeting"),
	 N_("Some servers want a full host name there: set domain to this machine's name.")},
	{STAGE_STARTTLS, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server cannot start TLS now"),
	 N_("Try again later. Nothing was sent in clear.")},
	{STAGE_STARTTLS, 5, 0, NULL, ERROR_SERVER_REFUSES, N_("the server refused to start TLS"),
	 N_("Nothing was sent in clear. If the server speaks TLS from the first octet, set tls_starttls off and port "
	    "465.")},
	{STAGE_AUTH, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server cannot check the password now"),
	 N_("Try again later.")},
	{STAGE_AUTH, 5, 534, NULL, ERROR_AUTH_REFUSED, N_("the server wants another way of authentication"),
	 N_("Choose another mechanism with auth, or make an application password at your mail provider.")},
	{STAGE_AUTH, 5, 538, NULL, ERROR_AUTH_REFUSED,
	 N_("the server wants an encrypted connection for this mechanism"), N_("Set tls on.")},
	{STAGE_AUTH, 5, 0, NULL, ERROR_AUTH_REFUSED, N_("the server refused user name or password"),
	 N_("Check user and password of this account; many providers want an application password here.")},
	{STAGE_MAIL, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server put the message off"), N_("Try again later.")},
	{STAGE_MAIL, 5, 0, "7.30", ERROR_NOT_OFFERED,
	 N_("the server cannot demand TLS on the whole way, as require_tls wants it"),
	 N_("Send it to recipients or through a server that can, or without require_tls if it may go unprotected.")},
	{STAGE_MAIL, 5, 0, "7.10", ERROR_SERVER_REFUSES, N_("the server wants TLS before it takes such a message"),
	 N_("Set tls on for this account.")},
	{STAGE_MAIL, 5, 0, "7.15", ERROR_SERVER_REFUSES, N_("the server does not take messages of this priority"),
	 N_("Choose a higher priority, or leave out priority.")},
	{STAGE_MAIL, 5, 0, "7.16", ERROR_TOO_BIG, N_("the message is too big for its priority"),
	 N_("Leave out priority, or make the message smaller.")},
	{STAGE_MAIL, 5, 501, "5.4", ERROR_SERVER_REFUSES,
	 N_("the server does not take the value of a parameter it had offered"),
	 N_("Look at what the server offers with --serverinfo, and at what you asked for (--deliver-by, --hold-until "
	    "and the like).")},
	{STAGE_MAIL, 5, 552, NULL, ERROR_TOO_BIG, N_("the message is too big for this server"), NULL},
	{STAGE_MAIL, 5, 0, "3.4", ERROR_TOO_BIG, N_("the message is too big for this server"), NULL},
	{STAGE_MAIL, 5, 530, NULL, ERROR_AUTH_REFUSED,
	 N_("the server wants authentication, or TLS, before it takes mail"),
	 N_("Set auth on with user and password, and tls on, for this account.")},
	{STAGE_MAIL, 5, 555, NULL, ERROR_SERVER_REFUSES, N_("the server refused a parameter it had offered"), NULL},
	{STAGE_MAIL, 5, 0, NULL, ERROR_SENDER_REFUSED, N_("the server refused the sender"),
	 N_("Use a sender address that belongs to the account (from, or -f).")},
	{STAGE_RCPT, 4, 452, "5.3", ERROR_SERVER_TEMPORARY, N_("the server takes no more recipients with this message"),
	 N_("Send it again to those that were left out, fewer at a time; the others have it.")},
	{STAGE_RCPT, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server put the recipient off"),
	 N_("Try again later.")},
	{STAGE_RCPT, 5, 530, NULL, ERROR_AUTH_REFUSED, N_("the server wants authentication before it takes mail"),
	 N_("Set auth on with user and password for this account.")},
	{STAGE_RCPT, 5, 0, "7.30", ERROR_RECIPIENT_REFUSED,
	 N_("TLS on the whole way to this recipient cannot be had, and require_tls wants it"),
	 N_("Send it to this recipient without require_tls if it may go unprotected.")},
	{STAGE_RCPT, 5, 0, "7.", ERROR_RECIPIENT_REFUSED, N_("the server refused the recipient"),
	 N_("If it speaks of relaying, set auth on with user and password: it takes mail for others only from known "
	    "users.")},
	{STAGE_RCPT, 5, 0, NULL, ERROR_RECIPIENT_REFUSED, N_("the server refused the recipient"),
	 N_("Check the address.")},
	{STAGE_DATA, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server put the message off"), N_("Try again later.")},
	{STAGE_DATA, 5, 0, NULL, ERROR_MESSAGE_REFUSED, N_("the server refused the message"), NULL},
	{STAGE_FINAL, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server put the message off"), N_("Try again later.")},
	{STAGE_FINAL, 5, 0, "7.30", ERROR_MESSAGE_REFUSED,
	 N_("TLS on the whole way cannot be had for this message, and require_tls wants it"),
	 N_("Send it without require_tls if it may go unprotected.")},
	{STAGE_FINAL, 5, 552, NULL, ERROR_MESSAGE_REFUSED, N_("the message is too big, or a mailbox is full"), NULL},
	{STAGE_FINAL, 5, 0, NULL, ERROR_MESSAGE_REFUSED, N_("the server refused the message"), NULL},
	{STAGE_ETRN, 4, 459, NULL, ERROR_SERVER_TEMPORARY, N_("the server does not start the queue for this now"),
	 N_("Ask its administrator whether it keeps mail for that host or domain.")},
	{STAGE_ETRN, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server cannot start the queue now"),
	 N_("Try again later.")},
	{STAGE_ETRN, 5, 500, NULL, ERROR_ADDRESS,
	 N_("the server does not understand for what its queue is to be started"),
	 N_("Name a host, a domain as @example.org, or a queue as #name.")},
	{STAGE_ETRN, 5, 501, NULL, ERROR_ADDRESS,
	 N_("the server does not understand for what its queue is to be started"),
	 N_("Name a host, a domain as @example.org, or a queue as #name.")},
	{STAGE_ETRN, 5, 502, NULL, ERROR_NOT_OFFERED, N_("the server offers ETRN and does not do it"), NULL},
	{STAGE_ETRN, 5, 530, NULL, ERROR_AUTH_REFUSED, N_("the server wants authentication before it starts its queue"),
	 N_("Set auth on with user and password for this account.")},
	{STAGE_ETRN, 5, 0, NULL, ERROR_SERVER_REFUSES, N_("the server refused to start its queue"), NULL},
};

static bool state_fits(const struct policy_row *row, enum reply_stage stage, const struct reply *reply)
{
	if (row->stage != stage || row->class_ != reply_class(reply) || (row->code && row->code != reply->code))
		return false;
	if (!row->tail)
		return true;
	return reply->enhanced[0] && strncmp(reply->enhanced + 2, row->tail, strlen(row->tail)) == 0;
}

void reply_policy_error(enum reply_stage stage, const struct reply *reply, struct error *err)
{
	struct span words = strbuf_span(&reply->text);
	for (size_t i = 0; i < ARRAY_SIZE(policy); i++) {
		if (!state_fits(&policy[i], stage, reply))
			continue;
		(void)error_set(err, policy[i].kind, "%s", _(policy[i].text));
		error_server(err, reply->code, reply->enhanced, words);
		if (policy[i].hint)
			error_hint(err, "%s", _(policy[i].hint));
		return;
	}
	(void)error_set(err, ERROR_PROTOCOL, _("the server answered %d, which has no meaning here"), reply->code);
	error_server(err, reply->code, reply->enhanced, words);
}

bool reply_policy_try_next_mechanism(const struct reply *reply)
{
	/* 504: not a mechanism of ours (RFC 4954 section 6); 534: too weak. */
	return reply->code == 504 || reply->code == 534;
}

bool reply_policy_too_many_recipients(const struct reply *reply, size_t accepted_before)
{
	if (reply->code != 452 && reply->code != 552)
		return false;
	if (reply->enhanced[0])
		return strcmp(reply->enhanced + 2, "5.3") == 0;
	return accepted_before > 0;
}
