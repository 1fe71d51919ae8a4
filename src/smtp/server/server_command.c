/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The commands, but MAIL, RCPT, DATA, BDAT and AUTH, which have files of their own. */
#include "base/clean_text.h"
#include "base/datetime.h"
#include "base/xalloc.h"
#include "smtp/server/server_private.h"

#include <inttypes.h>

#define CLIENT_NAME_MAX 255

/* ---- EHLO, LHLO, HELO ---- */

static void add_parameters(const struct caps *offers, enum cap cap, struct strbuf *out)
{
	if (cap == CAP_SIZE && offers->size_limit)
		strbuf_addf(out, " %" PRIu64, offers->size_limit);
	if (cap == CAP_DELIVERBY && offers->by_minimum)
		strbuf_addf(out, " %" PRId64, offers->by_minimum);
	if (cap == CAP_MT_PRIORITY && offers->priorities)
		strbuf_addf(out, " %s", offers->priorities);
	if (cap == CAP_FUTURERELEASE) { /* both parameters are required */
		strbuf_addf(out, " %" PRId64 " ", offers->hold_seconds ? offers->hold_seconds : 999999999);
		datetime_format(offers->hold_until ? offers->hold_until : INT64_C(253402300799), out);
	}
	for (size_t i = 0; cap == CAP_AUTH && i < offers->auth.n; i++)
		strbuf_addf(out, " %s", offers->auth.v[i]);
}

static void list_offers(const struct server_session *s, struct strbuf *out)
{
	static const enum cap listed[] = {CAP_PIPELINING, CAP_8BITMIME,	   CAP_BINARYMIME,    CAP_CHUNKING,
					  CAP_SIZE,	  CAP_DSN,	   CAP_SMTPUTF8,      CAP_ENHANCEDSTATUSCODES,
					  CAP_DELIVERBY,  CAP_MT_PRIORITY, CAP_FUTURERELEASE, CAP_REQUIRETLS,
					  CAP_STARTTLS,	  CAP_AUTH};
	for (size_t i = 0; i < ARRAY_SIZE(listed); i++) {
		if (!server_offers(s, listed[i]))
			continue;
		strbuf_addf(out, "\n%s", cap_name(listed[i]));
		add_parameters(s->options.offers, listed[i], out);
	}
}

static void greet(struct server_session *s, struct span name, bool extended)
{
	if (!span_trim(name).len) {
		server_error(s, 501, "5.5.4", "The name of the client is missing");
		return;
	}
	AUTO(strbuf) text = STRBUF_INIT;
	server_forget_mail(s);
	free(s->client_name);
	s->client_name = clean_text(span_trim(name), CLIENT_NAME_MAX);
	s->hello = true;
	s->enhanced = extended && server_offers(s, CAP_ENHANCEDSTATUSCODES);
	strbuf_addf(&text, "%s", s->options.host_name);
	if (extended)
		list_offers(s, &text);
	server_reply(s, 250, "", text.buf);
}

static void run_ehlo(struct server_session *s, struct span arguments)
{
	greet(s, arguments, true);
}

static void run_helo(struct server_session *s, struct span arguments)
{
	greet(s, arguments, false);
}

/* ---- the small ones ---- */

static void run_rset(struct server_session *s, struct span arguments)
{
	(void)arguments;
	server_forget_mail(s);
	server_reply(s, 250, "2.0.0", "Ok");
}

static void run_noop(struct server_session *s, struct span arguments)
{
	(void)arguments;
	server_reply(s, 250, "2.0.0", "Ok");
}

static void run_vrfy(struct server_session *s, struct span arguments)
{
	(void)arguments;
	server_reply(s, 252, "2.0.0", "Only a message shows whether an address exists");
}

static void run_help(struct server_session *s, struct span arguments)
{
	(void)arguments;
	server_reply(s, 214, "2.0.0",
		     s->options.protocol == SERVER_LMTP
			     ? "Commands: LHLO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP STARTTLS AUTH QUIT"
			     : "Commands: EHLO HELO MAIL RCPT DATA BDAT RSET NOOP VRFY HELP STARTTLS AUTH QUIT");
}

static void run_quit(struct server_session *s, struct span arguments)
{
	(void)arguments;
	server_reply(s, 221, "2.0.0", "Bye");
	s->end = SERVER_QUIT;
}

/* CVE-2011-0411 and its like: plain text that was sent behind STARTTLS may be an attacker's. */
static void run_starttls(struct server_session *s, struct span arguments)
{
	(void)arguments;
	if (s->tls_active) {
		server_error(s, 503, "5.5.1", "TLS is active already");
	} else if (!server_offers(s, CAP_STARTTLS)) {
		server_error(s, 502, "5.5.1", "STARTTLS is not offered");
	} else if (s->taken < s->in.len) {
		server_reply(s, 421, "4.7.0", "Nothing may follow STARTTLS before TLS; closing the connection");
	} else {
		server_reply(s, 220, "2.0.0", "Ready to start TLS");
		s->asked = SERVER_START_TLS;
	}
}

static void run_not_implemented(struct server_session *s, struct span arguments)
{
	(void)arguments;
	server_error(s, 502, "5.5.1", "The command is not implemented");
}

/* ---- the table ---- */

enum { ANY = 0, NO_ARGUMENT = 1, AFTER_HELLO = 2, AFTER_LOGIN = 4, SMTP_ONLY = 8, LMTP_ONLY = 16 };

static const struct server_verb {
	const char *name;
	unsigned rules;
	void (*run)(struct server_session *s, struct span arguments);
} verbs[] = {
	{"EHLO", SMTP_ONLY, run_ehlo},
	{"HELO", SMTP_ONLY, run_helo},
	{"LHLO", LMTP_ONLY, run_ehlo},
	{"MAIL", AFTER_HELLO | AFTER_LOGIN, server_mail_command},
	{"RCPT", AFTER_HELLO | AFTER_LOGIN, server_rcpt_command},
	{"DATA", AFTER_HELLO | AFTER_LOGIN | NO_ARGUMENT, server_data_command},
	{"BDAT", ANY, server_bdat_command}, /* octets may follow, so it checks all this itself */
	{"RSET", NO_ARGUMENT, run_rset},
	{"NOOP", ANY, run_noop},
	{"VRFY", AFTER_LOGIN, run_vrfy},
	{"HELP", AFTER_LOGIN, run_help},
	{"QUIT", NO_ARGUMENT, run_quit},
	{"STARTTLS", AFTER_HELLO | NO_ARGUMENT, run_starttls},
	{"AUTH", AFTER_HELLO, server_auth_command},
	{"EXPN", AFTER_LOGIN, run_not_implemented},
	{"SEND", AFTER_LOGIN, run_not_implemented},
	{"SOML", AFTER_LOGIN, run_not_implemented},
	{"SAML", AFTER_LOGIN, run_not_implemented},
	{"TURN", AFTER_LOGIN, run_not_implemented},
	{"ETRN", AFTER_LOGIN, run_not_implemented},
};

/* True if the command may not be run; the reply has been given. */
static bool out_of_order(struct server_session *s, unsigned rules, struct span arguments)
{
	bool lmtp = s->options.protocol == SERVER_LMTP;
	if ((rules & NO_ARGUMENT) && span_trim(arguments).len)
		server_error(s, 501, "5.5.4", "The command has no argument");
	else if ((rules & AFTER_HELLO) && !s->hello && !s->options.no_hello)
		server_error(s, 503, "5.5.1", lmtp ? "Say LHLO first" : "Say EHLO or HELO first");
	else if ((rules & AFTER_LOGIN) && s->options.tls_needed && !s->tls_active)
		server_error(s, 530, "5.7.0", "Start TLS first, by STARTTLS");
	else if ((rules & AFTER_LOGIN) && s->options.login_needed && !s->has_login)
		server_error(s, 530, "5.7.0", "Log in first, by AUTH");
	else
		return false;
	return true;
}

void server_command(struct server_session *s, struct span line)
{
	unsigned foreign = s->options.protocol == SERVER_LMTP ? SMTP_ONLY : LMTP_ONLY;
	struct span arguments = line, name = span_word(&arguments);
	for (size_t i = 0; i < ARRAY_SIZE(verbs); i++) {
		const struct server_verb *verb = &verbs[i];
		if ((verb->rules & foreign) || !span_equals_str_nocase(name, verb->name))
			continue;
		if (!out_of_order(s, verb->rules, arguments))
			verb->run(s, arguments);
		return;
	}
	server_error(s, 500, name.len ? "5.5.1" : "5.5.2", "The command is not known");
}
