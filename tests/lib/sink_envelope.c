/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MAIL and RCPT. */
#include "sink_session.h"
#include "sink_syntax.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

static void refuse_mail(struct session *s, int code, const char *enhanced, const char *why, bool blame)
{
	if (blame)
		session_blame(s, why);
	session_reply(s, "mail", NULL, code, enhanced, why);
	s->tx.mail_refused = true;
}

/* Is MAIL allowed now?  Answers and returns false if not. */
static bool mail_allowed(struct session *s)
{
	if (!s->hello_verb)
		refuse_mail(s, 503, "5.5.1", "MAIL before EHLO", true);
	else if (s->tx.bdat_failed)
		refuse_mail(s, 503, "5.5.1", "MAIL after a failed BDAT without RSET", true);
	else if (s->tx.open)
		refuse_mail(s, 503, "5.5.1", "MAIL inside a transaction", true);
	else if (s->opt->require_tls && !s->conn->tls)
		refuse_mail(s, 530, "5.7.0", "STARTTLS first", false);
	else if (s->opt->require_auth && !s->auth_user)
		refuse_mail(s, 530, "5.7.0", "authentication required", false);
	else
		return true;
	return false;
}

/* What the limits of the server say about MAIL, or NULL. */
static const char *mail_limit(const struct session *s, const struct parameters *p, int *code, const char **enhanced)
{
	unsigned long long size = extensions_number(&s->shown, "SIZE", NULL);

	*code = 552;
	*enhanced = "5.3.4";
	if (p->has_size && size && p->size > size)
		return "message too big";
	*code = 530;
	*enhanced = "5.7.10";
	if (p->requiretls && !s->conn->tls)
		return "REQUIRETLS without TLS";
	return NULL;
}

void command_mail(struct session *s, const char *arg)
{
	struct parameters p = {0};
	const char *path, *params, *wrong, *enhanced;
	size_t len = 0;
	int code = 501;
	char *address;
	unsigned long long most = extensions_number(&s->shown, "LIMITS", "MAILMAX");

	if (!mail_allowed(s))
		return;
	if (most && s->mail_count >= most) {
		refuse_mail(s, 451, "4.5.3", "more messages than LIMITS MAILMAX allows", true);
		return;
	}
	s->mail_count++;
	session_reset(s);
	if (strncasecmp(arg, "FROM:", 5)) {
		refuse_mail(s, 501, "5.5.4", "MAIL wants FROM:", true);
		return;
	}
	wrong = syntax_path(arg + 5, session_shows(s, "SMTPUTF8") && parameters_has_utf8(arg), &path, &len, &params);
	if (!wrong)
		wrong = parameters_check(params, PARAMETER_MAIL, &s->shown, &p, &code);
	if (wrong) {
		refuse_mail(s, code, "5.5.4", wrong, true);
		return;
	}
	if ((wrong = mail_limit(s, &p, &code, &enhanced))) {
		refuse_mail(s, code, enhanced, wrong, true);
		return;
	}
	address = mem_dup(path, len);
	if (session_reply(s, "mail", address, 250, "2.1.0", "ok") / 100 == 2) {
		s->tx.open = true;
		s->tx.params = p;
		s->tx.from = address;
		s->tx.from_params = mem_dup(params, strlen(params));
		/* The read that brought MAIL counts. */
		s->tx.reads = s->conn->reads - 1;
		s->tx.records = s->conn->tls ? s->conn->records - 1 : 0;
	} else {
		s->tx.mail_refused = true;
		free(address);
	}
}

/* RFC 9422: the recipients' domains that RCPTDOMAINMAX counts. */
static bool domain_is_new(const struct session *s, const char *address)
{
	const char *domain = strrchr(address, '@');

	for (size_t i = 0; domain && i < s->domain_count; i++)
		if (!strcasecmp(s->domains[i], domain))
			return false;
	return domain != NULL;
}

static void add_domain(struct session *s, const char *address)
{
	const char *domain = strrchr(address, '@');

	if (!extensions_number(&s->shown, "LIMITS", "RCPTDOMAINMAX") || !domain_is_new(s, address))
		return;
	s->domains = mem_grow(s->domains, (s->domain_count + 1) * sizeof *s->domains);
	s->domains[s->domain_count++] = mem_dup(domain, strlen(domain));
}

static void add_recipient(struct session *s, const char *address, size_t len, const char *params, int code)
{
	struct transaction *t = &s->tx;

	/* doubling at powers of two: 100,000 recipients are a test case */
	if (!(t->rcpt_count & (t->rcpt_count + 1)) || !t->rcpt)
		t->rcpt = mem_grow(t->rcpt, (t->rcpt_count + 1) * 2 * sizeof *t->rcpt);
	t->rcpt[t->rcpt_count].address = mem_dup(address, len);
	t->rcpt[t->rcpt_count].params = mem_dup(params, strlen(params));
	t->rcpt[t->rcpt_count].code = code;
	t->rcpt_count++;
	if (code / 100 == 2) {
		t->accepted++;
		add_domain(s, t->rcpt[t->rcpt_count - 1].address);
	} else {
		t->rcpt_refused = true;
	}
}

/* Does one recipient more pass a limit?  An advertised limit is one to keep: blame. */
static bool too_many(struct session *s, const char *address)
{
	const struct transaction *t = &s->tx;
	unsigned long long most = extensions_number(&s->shown, "LIMITS", "RCPTMAX");
	unsigned long long domains = extensions_number(&s->shown, "LIMITS", "RCPTDOMAINMAX");

	if (most && t->accepted >= most) {
		session_blame(s, "more recipients than LIMITS RCPTMAX allows");
		return true;
	}
	if (domains && domain_is_new(s, address) && s->domain_count >= domains) {
		session_blame(s, "more domains than LIMITS RCPTDOMAINMAX allows");
		return true;
	}
	return s->opt->rcpt_limit && t->accepted >= s->opt->rcpt_limit;
}

static void refuse_rcpt(struct session *s, int code, const char *enhanced, const char *why, bool blame)
{
	if (blame)
		session_blame(s, why);
	session_reply(s, "rcpt", NULL, code, enhanced, why);
	s->tx.rcpt_refused = true;
}

void command_rcpt(struct session *s, const char *arg)
{
	const char *path, *params, *wrong;
	size_t len = 0;
	int code = 501;
	char *address;

	if (!s->tx.open || s->tx.bdat || s->tx.bdat_failed) {
		refuse_rcpt(s, 503, "5.5.1", s->tx.open ? "RCPT after BDAT" : "RCPT without MAIL", !s->tx.mail_refused);
		return;
	}
	if (strncasecmp(arg, "TO:", 3)) {
		refuse_rcpt(s, 501, "5.5.4", "RCPT wants TO:", true);
		return;
	}
	wrong = syntax_path(arg + 3, s->tx.params.smtputf8, &path, &len, &params);
	if (!wrong && !len)
		wrong = "empty recipient";
	if (!wrong)
		wrong = parameters_check(params, PARAMETER_RCPT, &s->shown, &s->tx.params, &code);
	if (wrong) {
		refuse_rcpt(s, code, "5.5.4", wrong, true);
		return;
	}
	address = mem_dup(path, len);
	if (too_many(s, address))
		refuse_rcpt(s, 452, "4.5.3", "too many recipients", false);
	else
		add_recipient(s, address, len, params, session_reply(s, "rcpt", address, 250, "2.1.5", "ok"));
	free(address);
}
