/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/sender.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "submit/ehlo_name.h"
#include "submit/host_names.h"
#include "submit/expand_names.h"
#include "address/address.h"
#include "header/header_recipients.h"

bool sender_known(const struct header_list *fields, const struct request *request, char **sender, struct error *err)
{
	if (request->given[OPT_READ_ENVELOPE_FROM])
		return recipients_sender(fields, sender, err);
	if (request->given[OPT_FROM]) {
		const char *from = account_str(request->flags, OPT_FROM);
		*sender = xstrdup(from ? from : "");
	}
	return true;
}

/* The %-sequences of from and domain, with only those names looked up that they hold. */
static bool expand_names(struct account *a, const struct header_list *fields, const struct runtime *runtime, char **own,
			 struct error *err)
{
	const char *texts[] = {account_str(a, OPT_FROM), account_str(a, OPT_DOMAIN), a->own_from};
	AUTO(strbuf) text = STRBUF_INIT;
	struct expand_names names;
	expand_names_find(&names, texts, ARRAY_SIZE(texts), fields, runtime->environ);
	bool ok = expand_account(a, &names.values, err) && ehlo_name_settle(a, err);
	/* Without an error: it matters only if the address is the sender, and then expand_account() reported it. */
	if (a->own_from && expand_text(a->own_from, "UHCFM", &names.values, &text, NULL))
		*own = strbuf_detach(&text, NULL);
	expand_names_release(&names);
	return ok;
}

/*
 * The domain that an account sends from is served by its server.  If this machine has the same name (a rented server
 * often has), that name is not local.  A name without a dot has no meaning elsewhere and stays local.
 */
static void forget_own_domain(struct submission *p, const char *own)
{
	struct span local, domain;
	address_split(span_of(own), &local, &domain);
	if (domain.ptr && memchr(domain.ptr, '.', domain.len))
		local_names_remove(&p->local, domain);
}

/* The address that replaces local ones: the account's, if its domain is not a local name. */
static void settle_own_address(struct submission *p, char *own, const char *sender)
{
	AUTO_FREE char *account_own = own;
	if (p->host)
		strvec_push_all(&p->local.domains, &p->host->domains);
	else
		host_names_find(&p->local, MAILNAME_FILE);
	if (!account_own && !*p->account->name) /* made from the command line: -f names its address */
		account_own = xstrdup(sender);
	if (account_own)
		forget_own_domain(p, account_own);
	const char *candidate = account_own ? account_own : sender;
	if (*candidate && address_check(span_of(candidate), false, NULL) &&
	    !local_names_has(&p->local, span_of(candidate)))
		p->own_address = xstrdup(candidate);
}

static void replace_local_sender(struct submission *p, char **sender)
{
	enum header_sender how = (enum header_sender)account_word(p->account, OPT_SENDER);
	bool wanted = how == SENDER_FORCE || (how == SENDER_FIX_LOCAL && local_names_has(&p->local, span_of(*sender)));
	/* The null sender (<>) stays: nothing is ever reported to the sender of a report. */
	if (!wanted || !**sender || !p->own_address || ascii_strcasecmp(*sender, p->own_address) == 0)
		return;
	p->replaced_sender = *sender;
	*sender = xstrdup(p->own_address);
}

/* *sender is as the user wrote it, perhaps with a name; it becomes the address alone, "" if there is none. */
static bool understand_sender(char **sender, struct error *err)
{
	AUTO(mailbox_list) list = MAILBOX_LIST_INIT;
	if (!address_list_parse(span_of(*sender), &list, err))
		return false;
	if (list.n > 1)
		return error_set(err, ERROR_ADDRESS, _("more than one address: %s"), *sender);
	if (list.n && list.v[0].refused)
		return error_set(err, ERROR_ADDRESS, "%s", list.v[0].refused);
	free(*sender);
	*sender = list.n ? steal_ptr(list.v[0].addr) : xstrdup("");
	return true;
}

bool sender_settle(struct submission *p, struct account *a, const struct runtime *runtime, char **sender,
		   struct error *err)
{
	char *own = NULL;
	if (*sender && !account_bool(a, OPT_ALLOW_FROM_OVERRIDE)) {
		free(*sender);
		*sender = NULL;
	}
	if (!expand_names(a, &p->fields, runtime, &own, err)) {
		free(own);
		return false;
	}
	if (!*sender && !account_is_set(a, OPT_FROM)) {
		free(own);
		(void)error_set(err, ERROR_CONFIG, _("account %s has no sender address"), account_title(a));
		error_hint(err, "%s",
			   _("Add a line \"from you@example.org\" to the account, or name the sender with -f."));
		return false;
	}
	if (!*sender)
		*sender = xstrdup(account_str(a, OPT_FROM));
	/* Checked before it is replaced: the caller named something that is not an address. */
	if (!understand_sender(sender, err)) {
		error_stage(err, "%s", _("envelope sender"));
		free(own);
		return false;
	}
	/* sendmail's old name for the null sender */
	if (ascii_strcasecmp(*sender, "MAILER-DAEMON") == 0)
		(*sender)[0] = '\0';
	settle_own_address(p, own, *sender);
	replace_local_sender(p, sender);
	return true;
}
