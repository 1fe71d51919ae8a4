/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/client/reply_policy.h"

#include "base/i18n.h"

#define NOT_OUR_FAULT N_("Look at the dialogue with --debug; only the server's administrator can fix this.")
#define TOO_BIG_HINT                                                                                                   \
	N_("Make the message smaller, or send the attachment another way. If the server's words name a full mailbox, " \
	   "its "                                                                                                      \
	   "owner must make room.")
#define AUTH_COMMAND N_("the server does not accept this authentication command")
#define AUTH_COMMAND_HINT                                                                                            \
	N_("Choose one of the server's mechanisms with auth (--serverinfo lists them), or leave the choice to auth " \
	   "on.")

/* Stands for error_hint_again(). */
static const char again[] = "again";

/*
 * The first row that matches applies: stage, class, code (0: any of the
 * class), how the enhanced code continues ("7." matches 5.7.x; NULL: any).
 */
static const struct policy_row {
	enum reply_stage stage;
	int class_, code;
	const char *tail;
	enum error_kind kind;
	const char *text, *hint;
} policy[] = {
	{STAGE_GREETING, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server is not available now"), again},
	{STAGE_GREETING, 5, 0, NULL, ERROR_SERVER_REFUSES,
	 N_("the server does not accept connections from this machine"),
	 N_("Check host and port; a submission server usually listens on port 465 or 587, and port 25 is often closed "
	    "to end users.")},
	{STAGE_EHLO, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server is temporarily unavailable"), again},
	{STAGE_EHLO, 5, 0, NULL, ERROR_SERVER_REFUSES, N_("the server refused our greeting"),
	 N_("Some servers require a full host name there: set domain to this machine's name.")},
	{STAGE_STARTTLS, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server cannot start TLS now"),
	 N_("Try again later. Nothing was sent unencrypted.")},
	{STAGE_STARTTLS, 5, 0, NULL, ERROR_SERVER_REFUSES, N_("the server refused to start TLS"),
	 N_("Nothing was sent unencrypted. If the server expects TLS without STARTTLS, set tls_starttls off and port "
	    "465.")},
	{STAGE_AUTH, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server cannot check the password now"), again},
	{STAGE_AUTH, 5, 500, NULL, ERROR_NO_MECHANISM, AUTH_COMMAND, AUTH_COMMAND_HINT},
	{STAGE_AUTH, 5, 501, NULL, ERROR_NO_MECHANISM, AUTH_COMMAND, AUTH_COMMAND_HINT},
	{STAGE_AUTH, 5, 502, NULL, ERROR_NO_MECHANISM, AUTH_COMMAND, AUTH_COMMAND_HINT},
	{STAGE_AUTH, 5, 503, NULL, ERROR_NO_MECHANISM, AUTH_COMMAND, AUTH_COMMAND_HINT},
	{STAGE_AUTH, 5, 504, NULL, ERROR_NO_MECHANISM, AUTH_COMMAND, AUTH_COMMAND_HINT},
	{STAGE_AUTH, 5, 535, "7.139", ERROR_AUTH_REFUSED, N_("a rule of the server forbids this login"),
	 N_("Show the server's words to its administrator.")},
	{STAGE_AUTH, 5, 530, NULL, ERROR_AUTH_REFUSED,
	 N_("the server requires an encrypted connection before it accepts a login"),
	 N_("Set tls on. If it is on, follow what the server says; many providers require an application password.")},
	{STAGE_AUTH, 5, 534, NULL, ERROR_AUTH_REFUSED, N_("the server refused this way to log in"),
	 N_("Follow what the server says: many providers require an application password here, others another "
	    "mechanism (auth).")},
	{STAGE_AUTH, 5, 538, NULL, ERROR_AUTH_REFUSED,
	 N_("the server requires an encrypted connection for this mechanism"),
	 N_("Set tls on. If it is on, follow what the server says; many providers require an application password.")},
	{STAGE_AUTH, 5, 0, NULL, ERROR_AUTH_REFUSED, N_("the server refused user name or password"),
	 N_("Check user and password of this account; many providers require an application password here.")},
	{STAGE_MAIL, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server deferred the message"), again},
	{STAGE_MAIL, 5, 0, "7.30", ERROR_NOT_OFFERED,
	 N_("the server cannot guarantee TLS all the way to the recipient, which require_tls demands"),
	 N_("Use other recipients or another server, or leave out require_tls if the message may travel unprotected.")},
	{STAGE_MAIL, 5, 0, "7.10", ERROR_SERVER_REFUSES, N_("the server requires TLS for such a message"),
	 N_("Set tls on for this account.")},
	{STAGE_MAIL, 5, 0, "7.15", ERROR_SERVER_REFUSES, N_("the server does not accept messages of this priority"),
	 N_("Choose a higher priority, or leave out priority.")},
	{STAGE_MAIL, 5, 0, "7.16", ERROR_TOO_BIG, N_("the message is too big for its priority"),
	 N_("Leave out priority, or make the message smaller.")},
	{STAGE_MAIL, 5, 552, NULL, ERROR_TOO_BIG, N_("the message is too big for this server"),
	 N_("Make the message smaller, or send the attachment another way. The mailbox of the sender may be full, too: "
	    "the server's words say which.")},
	{STAGE_MAIL, 5, 0, "3.4", ERROR_TOO_BIG, N_("the message is too big for this server"),
	 N_("Make the message smaller, or send the attachment another way.")},
	{STAGE_MAIL, 5, 530, NULL, ERROR_AUTH_REFUSED,
	 N_("the server requires authentication, or TLS, before it accepts mail"),
	 N_("Set auth on with user and password, and tls on, for this account.")},
	{STAGE_MAIL, 5, 501, "1.", ERROR_SENDER_REFUSED, N_("the server refused the sender"),
	 N_("Use a sender address that belongs to the account (from, or -f).")},
	{STAGE_MAIL, 5, 500, NULL, ERROR_SERVER_REFUSES, N_("the server does not accept this command"), NOT_OUR_FAULT},
	{STAGE_MAIL, 5, 502, NULL, ERROR_SERVER_REFUSES, N_("the server does not accept this command"), NOT_OUR_FAULT},
	{STAGE_MAIL, 5, 503, NULL, ERROR_SERVER_REFUSES, N_("the server does not accept this command now"),
	 N_("Many servers want authentication first: set auth on with user and password, and tls on, for this "
	    "account.")},
	{STAGE_MAIL, 5, 504, NULL, ERROR_SERVER_REFUSES, N_("the server refused a parameter, and none was sent"),
	 NOT_OUR_FAULT},
	{STAGE_MAIL, 5, 555, NULL, ERROR_SERVER_REFUSES, N_("the server refused a parameter, and none was sent"),
	 NOT_OUR_FAULT},
	{STAGE_MAIL, 5, 0, NULL, ERROR_SENDER_REFUSED, N_("the server refused the sender"),
	 N_("Use a sender address that belongs to the account (from, or -f).")},
	{STAGE_RCPT, 4, 452, "5.3", ERROR_SERVER_TEMPORARY,
	 N_("the server accepts no more recipients for this message"),
	 N_("Send it again to the recipients left out, fewer at a time; the others have it.")},
	{STAGE_RCPT, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server deferred the recipient"), again},
	{STAGE_RCPT, 5, 530, NULL, ERROR_AUTH_REFUSED, N_("the server requires authentication before it accepts mail"),
	 N_("Set auth on with user and password for this account.")},
	{STAGE_RCPT, 5, 0, "7.30", ERROR_RECIPIENT_REFUSED,
	 N_("TLS is not available all the way to this recipient, and require_tls demands it"),
	 N_("Send it to this recipient without require_tls if it may travel unprotected.")},
	{STAGE_RCPT, 5, 0, "7.", ERROR_RECIPIENT_REFUSED, N_("the server refused the recipient"),
	 N_("If the server mentions relaying, set auth on with user and password: it relays mail only for its own "
	    "users.")},
	{STAGE_RCPT, 5, 552, NULL, ERROR_RECIPIENT_REFUSED, N_("the server refused the recipient"),
	 N_("The recipient's mailbox may be full, or the message too big for it: the server's words say which.")},
	{STAGE_RCPT, 5, 504, NULL, ERROR_RECIPIENT_REFUSED, N_("the server refused a parameter, and none was sent"),
	 NOT_OUR_FAULT},
	{STAGE_RCPT, 5, 555, NULL, ERROR_RECIPIENT_REFUSED, N_("the server refused a parameter, and none was sent"),
	 NOT_OUR_FAULT},
	{STAGE_RCPT, 5, 0, NULL, ERROR_RECIPIENT_REFUSED, N_("the server refused the recipient"),
	 N_("Check the address.")},
	{STAGE_DATA, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server deferred the message"), again},
	{STAGE_DATA, 5, 552, NULL, ERROR_MESSAGE_REFUSED, N_("the message is too big, or a mailbox is full"),
	 TOO_BIG_HINT},
	{STAGE_DATA, 5, 0, NULL, ERROR_MESSAGE_REFUSED, N_("the server refused the message"), NULL},
	{STAGE_FINAL, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server deferred the message"), again},
	{STAGE_FINAL, 5, 0, "7.30", ERROR_MESSAGE_REFUSED,
	 N_("TLS is not available all the way for this message, and require_tls demands it"),
	 N_("Send it without require_tls if it may travel unprotected.")},
	{STAGE_FINAL, 5, 552, NULL, ERROR_MESSAGE_REFUSED, N_("the message is too big, or a mailbox is full"),
	 TOO_BIG_HINT},
	{STAGE_FINAL, 5, 0, NULL, ERROR_MESSAGE_REFUSED, N_("the server refused the message"), NULL},
	{STAGE_ETRN, 4, 459, NULL, ERROR_SERVER_TEMPORARY, N_("the server does not start its queue for this now"),
	 N_("Ask its administrator whether it keeps mail for that host or domain.")},
	{STAGE_ETRN, 4, 0, NULL, ERROR_SERVER_TEMPORARY, N_("the server cannot start the queue now"), again},
	{STAGE_ETRN, 5, 500, NULL, ERROR_ADDRESS, N_("the server does not understand which queue to start"),
	 N_("Name a host, a domain as @example.org, or a queue as #name.")},
	{STAGE_ETRN, 5, 501, NULL, ERROR_ADDRESS, N_("the server does not understand which queue to start"),
	 N_("Name a host, a domain as @example.org, or a queue as #name.")},
	{STAGE_ETRN, 5, 502, NULL, ERROR_NOT_OFFERED, N_("the server offers ETRN but does not support it"), NULL},
	{STAGE_ETRN, 5, 530, NULL, ERROR_AUTH_REFUSED,
	 N_("the server requires authentication before it starts its queue"),
	 N_("Set auth on with user and password for this account.")},
	{STAGE_ETRN, 5, 0, NULL, ERROR_SERVER_REFUSES, N_("the server refused to start its queue"), NULL},
};

static bool policy_matches(const struct policy_row *row, enum reply_stage stage, const struct reply *reply)
{
	if (row->stage != stage || row->class_ != reply_class(reply) || (row->code && row->code != reply->code))
		return false;
	if (!row->tail)
		return true;
	return reply->enhanced[0] && strncmp(reply->enhanced + 2, row->tail, strlen(row->tail)) == 0;
}

static bool names(const struct reply *reply, const char *words)
{
	size_t n = strlen(words);
	for (size_t i = 0; i + n <= reply->text.len; i++)
		if (span_equals_str_nocase(span_make(reply->text.buf + i, n), words))
			return true;
	return false;
}

/* Microsoft's words for what only an administrator can change, and for a password where a token is wanted. */
#define SMTP_AUTH_OFF "SmtpClientAuthentication is disabled"
#define BASIC_AUTH_OFF "basic authentication is disabled"

const char *reply_policy_hint(const struct reply *reply, const char *usual)
{
	if (names(reply, SMTP_AUTH_OFF))
		return N_(
			"The administrator has to enable authenticated SMTP for the organisation or for this mailbox.");
	if (names(reply, BASIC_AUTH_OFF))
		return N_("This server takes no passwords: set oauth_provider, and log in with --login.");
	if (names(reply, "client certificate"))
		return N_("Set tls_cert_file and tls_key_file to the client certificate this server gave you.");
	return usual;
}

void reply_policy_error(enum reply_stage stage, const struct reply *reply, struct error *err)
{
	struct span words = strbuf_span(&reply->text);
	for (size_t i = 0; i < ARRAY_SIZE(policy); i++) {
		if (!policy_matches(&policy[i], stage, reply))
			continue;
		(void)error_set(err, policy[i].kind, "%s", _(policy[i].text));
		error_server(err, reply->code, reply->enhanced, words);
		const char *hint = reply_policy_hint(reply, policy[i].hint);
		if (hint == again)
			error_hint_again(err);
		else if (hint)
			error_hint(err, "%s", _(hint));
		return;
	}
	(void)error_set(err, ERROR_PROTOCOL, _("the server replied %d, which is not a valid reply here"), reply->code);
	error_server(err, reply->code, reply->enhanced, words);
}

bool reply_policy_try_next_mechanism(const struct reply *reply)
{
	/* 500 to 504 are about the command (RFC 5321 section 4.2.1), whatever enhanced code they carry.  534 is not:
	 * Gmail says it where an application password is required, and another attempt is a second wrong login. */
	return reply->code >= 500 && reply->code <= 504;
}

bool reply_policy_try_renewed(const struct reply *reply)
{
	return reply->code == 535 && strcmp(reply->enhanced, "5.7.139") != 0 && !names(reply, SMTP_AUTH_OFF) &&
	       !names(reply, BASIC_AUTH_OFF);
}

bool reply_policy_too_many_recipients(const struct reply *reply, size_t accepted_before)
{
	if (reply->code != 452 && reply->code != 552)
		return false;
	if (reply->enhanced[0])
		return strcmp(reply->enhanced + 2, "5.3") == 0;
	return accepted_before > 0;
}
