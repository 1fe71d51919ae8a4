/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/sender.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "submit/host_names.h"
#include "submit/expand_names.h"
#include "address/address.h"
#include "header/header_recipients.h"

bool sender_known(const struct submission *p, const struct request *request, char **sender, struct error *err)
{
	if (request->given[OPT_READ_ENVELOPE_FROM])
		return recipients_sender(&p->fields, sender, err);
	if (request->given[OPT_FROM]) {
		const char *from = account_str(request->flags, OPT_FROM);
		*sender = xstrdup(from ? from : "");
	}
	return true;
}

/* The %-sequences of from and domain, with only those names looked up that they hold. */
static bool expand_names(struct submission *p, const struct runtime *runtime, char **own, struct error *err)
{
	const char *texts[] = {account_str(p->account, OPT_FROM), account_str(p->account, OPT_DOMAIN),
			       p->account->own_from};
	AUTO(strbuf) text = STRBUF_INIT;
	struct expand_names names;
	expand_names_find(&names, texts, ARRAY_SIZE(texts), &p->fields, runtime->environ);
	bool ok = expand_account(p->account, &names.values, err);
	/* What cannot be expanded is no address; the error is told only where the address is the sender. */
	if (p->account->own_from && expand_text(p->account->own_from, "UHCFM", &names.values, &text, NULL))
		*own = strbuf_detach(&text, NULL);
	expand_names_release(&names);
	return ok;
}

bool sender_expand_settings(struct submission *p, const struct runtime *runtime, struct error *err)
{
	const char *texts[] = {account_str(p->account, OPT_FROM), account_str(p->account, OPT_DOMAIN)};
	struct expand_names names;
	expand_names_find(&names, texts, ARRAY_SIZE(texts), &p->fields, runtime->environ);
	bool ok = account_from_is_pattern(p->account) ? expand_domain(p->account, &names.values, err)
						      : expand_account(p->account, &names.values, err);
	expand_names_release(&names);
	return ok;
}

/*
 * An account that sends from a domain has mail there with its server: should the
 * machine be called the same (a rented server often is), that name is not local.
 * A name without a dot means nothing outside and stays.
 */
static void forget_own_domain(struct submission *p, const char *own)
{
	struct span local, domain;
	address_split(span_of(own), &local, &domain);
	if (domain.ptr && memchr(domain.ptr, '.', domain.len))
		local_names_remove(&p->local, domain);
}

/* The address local ones are replaced by: the account's, if the world knows its domain. */
static void settle_own_address(struct submission *p, char *own, const char *sender)
{
	AUTO_FREE char *account_own = own;
	host_names_find(&p->local, MAILNAME_FILE);
	if (!account_own && !*p->account->name) /* made of the command line: -f is the account's */
		account_own = xstrdup(sender);
	if (account_own)
		forget_own_domain(p, account_own);
	const char *candidate = account_own ? account_own : sender;
	if (*candidate && address_check(span_of(candidate), false, NULL) &&
	    !local_names_has(&p->local, span_of(candidate)))
		p->own_address = xstrdup(candidate);
}

static void mend(struct submission *p, char **sender)
{
	enum header_sender how = (enum header_sender)account_word(p->account, OPT_SENDER);
	bool wanted = how == SENDER_FORCE || (how == SENDER_FIX_LOCAL && local_names_has(&p->local, span_of(*sender)));
	/* Nobody (<>) stays nobody: a report about a report must have no way back. */
	if (!wanted || !**sender || !p->own_address || ascii_strcasecmp(*sender, p->own_address) == 0)
		return;
	p->sender_said = *sender;
	*sender = xstrdup(p->own_address);
}

bool sender_settle(struct submission *p, const struct runtime *runtime, char **sender, struct error *err)
{
	struct account *a = p->account;
	char *own = NULL;
	if (*sender && !account_bool(a, OPT_ALLOW_FROM_OVERRIDE)) {
		free(*sender);
		*sender = NULL;
	}
	if (!expand_names(p, runtime, &own, err)) {
		free(own);
		return false;
	}
	if (!*sender && !account_is_set(a, OPT_FROM)) {
		free(own);
		(void)error_set(err, ERROR_CONFIG, _("account %s has no sender address"),
				*a->name ? a->name : _("of the command line"));
		error_hint(err, "%s",
			   _("Add a line \"from you@example.org\" to the account, or name the sender with -f."));
		return false;
	}
	if (!*sender)
		*sender = xstrdup(account_str(a, OPT_FROM));
	/* sendmail's old name for "nobody" */
	if (ascii_strcasecmp(*sender, "MAILER-DAEMON") == 0)
		(*sender)[0] = '\0';
	settle_own_address(p, own, *sender);
	/* Judged before it is replaced: what cannot be an address is wrong whatever becomes of it. */
	if (!address_check(span_of(*sender), true, err)) {
		error_stage(err, "%s", _("envelope sender"));
		return false;
	}
	mend(p, sender);
	return true;
}
