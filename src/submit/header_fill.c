/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/header_fill.h"

#include "address/address.h"
#include "base/utf8.h"
#include "header/header_apply.h"
#include "header/msgid.h"

static const char *domain_of(const char *address)
{
	const char *at = address ? strrchr(address, '@') : NULL;
	return at && at[1] && utf8_is_ascii(span_of(at)) ? at + 1 : NULL;
}

/* The name of this machine, a complete one if there is one. */
static const char *host_name(const struct submission *p)
{
	const struct strvec *names = &p->local.domains;
	for (size_t i = 0; i < names->n; i++)
		if (strchr(names->v[i], '.'))
			return names->v[i];
	return names->n ? names->v[0] : "localhost";
}

/* The first of: the setting, if it is a name; the sender's domain; in an msmtprc the server, as with msmtp; the
 * account's domain; this machine's name.  Our own files never give the server's: it does not know of this Message-ID,
 * and may make the same.
 */
static const char *msgid_domain(const struct submission *p)
{
	const char *domain = account_str(p->account, OPT_DOMAIN);
	const char *sender = domain_of(p->env.mail.sender.ascii), *own = domain_of(p->own_address);
	if (domain && strcmp(domain, "localhost") != 0 && strcmp(domain, "auto") != 0)
		return domain;
	if (sender)
		return sender;
	const struct strvec *servers = account_list(p->account, OPT_HOST);
	if (p->account->flavour == FLAVOUR_MSMTP && servers->n)
		return servers->v[0];
	return own ? own : host_name(p);
}

static enum header_set header_set_of(const struct account *a, enum option_id id)
{
	const char *word = account_word_text(a, id);
	return strcmp(word, "auto") == 0 ? HEADER_AUTO : strcmp(word, "on") == 0 ? HEADER_ON : HEADER_OFF;
}

/* The recipients as they were named, before aliases, each once: those of one alias stand together. */
static void name_recipients(const struct submission *p, struct strvec *to)
{
	bool keep = account_word(p->account, OPT_SENDER) == SENDER_KEEP;
	const char *at = p->own_address && !keep ? strrchr(p->own_address, '@') : NULL;
	const char *last = NULL;
	for (size_t i = 0; i < p->env.n; i++) {
		const struct recipient *rcpt = &p->env.rcpts[i];
		const char *name = rcpt->orcpt ? rcpt->orcpt : rcpt->address.given;
		struct span local, domain;
		if (rcpt->refused || (last && strcmp(last, name) == 0))
			continue;
		last = name;
		address_split(span_of(name), &local, &domain);
		strvec_pushf(to, "%s%s", name, at && !domain.ptr ? at : "");
	}
}

/* The first value there is, or NULL. */
static char *field_value(const struct header_list *fields, const char *name)
{
	AUTO(strbuf) value = STRBUF_INIT;
	for (size_t i = 0; i < fields->n; i++) {
		if (!header_is(&fields->fields[i], name) || header_is_empty(&fields->fields[i]))
			continue;
		header_value(&fields->fields[i], &value);
		return strbuf_detach(&value, NULL);
	}
	return NULL;
}

/* Made only where it is needed: the date needs the zone's file, the Message-ID random bytes. */
static char *make_date(const struct submission *p, const struct runtime *runtime)
{
	AUTO(strbuf) date = STRBUF_INIT;
	if (!header_plan_makes(&p->fields, "Date", header_set_of(p->account, OPT_SET_DATE_HEADER)))
		return NULL;
	date_make(&date, clock_wall(runtime->clock));
	return strbuf_detach(&date, NULL);
}

static char *make_message_id(const struct submission *p, const struct runtime *runtime)
{
	AUTO(strbuf) id = STRBUF_INIT;
	if (!header_plan_makes(&p->fields, "Message-ID", header_set_of(p->account, OPT_SET_MSGID_HEADER)))
		return NULL;
	msgid_make(&id, runtime->rng, msgid_domain(p));
	return strbuf_detach(&id, NULL);
}

static struct header_policy make_policy(const struct submission *p)
{
	const struct account *a = p->account;
	bool as_msmtp = a->flavour == FLAVOUR_MSMTP || header_set_of(a, OPT_SET_FROM_HEADER) == HEADER_OFF;
	const char *set_to = account_word_text(a, OPT_SET_TO_HEADER);
	return (struct header_policy){
		.from = header_set_of(a, OPT_SET_FROM_HEADER),
		.date = header_set_of(a, OPT_SET_DATE_HEADER),
		.msgid = header_set_of(a, OPT_SET_MSGID_HEADER),
		.to = strcmp(set_to, "on") == 0	   ? TO_ON
		      : strcmp(set_to, "off") == 0 ? TO_OFF
						   : TO_UNDISCLOSED,
		.remove_bcc = account_bool(a, OPT_REMOVE_BCC_HEADERS),
		.remove_envelope_to = p->reads_envelope_to,
		.sender = (enum header_sender)account_word(a, OPT_SENDER),
		.own_addr = p->own_address,
		.local = &p->local,
		/* Reports have no sender, but every message has an author (RFC 5322 section 3.6). */
		.from_addr = *p->env.mail.sender.given ? p->env.mail.sender.given : p->own_address,
		.sender_addr = as_msmtp ? NULL : p->env.mail.sender.given,
		.from_name =
			account_is_set(a, OPT_FROM_FULL_NAME) ? account_str(a, OPT_FROM_FULL_NAME) : p->replaced_sender,
	};
}

/* Of what the plan removes, for the sender's own copy. */
static void keep_bcc(struct submission *p, const struct header_plan *made)
{
	struct header_plan plan = HEADER_PLAN_INIT;
	const struct header_policy nothing = {.sender = SENDER_KEEP};
	if (!account_is_set(p->account, OPT_ARCHIVE))
		return;
	header_plan_make(&plan, &p->fields, &nothing);
	for (size_t i = 0; i < p->fields.n; i++)
		plan.keep[i] = !made->keep[i] && (header_is(&p->fields.fields[i], "Bcc") ||
						  header_is(&p->fields.fields[i], "Resent-Bcc"));
	header_apply(&plan, &p->fields, false, &p->bcc);
	header_plan_release(&plan);
}

void header_fill(struct submission *p, const struct runtime *runtime)
{
	AUTO(strvec) to = STRVEC_INIT;
	char *date = make_date(p, runtime), *message_id = make_message_id(p, runtime);
	struct header_policy policy = make_policy(p);
	struct header_plan plan = HEADER_PLAN_INIT;
	if (policy.to == TO_ON)
		name_recipients(p, &to);
	policy.to_addrs = (const char *const *)to.v;
	policy.date_value = date;
	policy.msgid_value = message_id;
	header_plan_make(&plan, &p->fields, &policy);
	header_apply(&plan, &p->fields, message_needs_separator(&p->message), &p->header);
	keep_bcc(p, &plan);
	header_plan_release(&plan);
	p->date = date ? date : field_value(&p->fields, "Date");
	p->message_id = message_id ? message_id : field_value(&p->fields, "Message-ID");
}

void header_fill_again(struct submission *p)
{
	const struct header_policy policy = {
		.from = HEADER_OFF,
		.date = HEADER_OFF,
		.msgid = HEADER_OFF,
		.to = TO_OFF,
		.remove_bcc = account_bool(p->account, OPT_REMOVE_BCC_HEADERS),
		.remove_envelope_to = p->reads_envelope_to,
		.sender = SENDER_KEEP,
	};
	struct header_plan plan = HEADER_PLAN_INIT;
	header_list_release(&p->fields);
	header_scan(strbuf_span(&p->message.header), &p->fields);
	header_plan_make(&plan, &p->fields, &policy);
	strbuf_reset(&p->header);
	header_apply(&plan, &p->fields, message_needs_separator(&p->message), &p->header);
	header_plan_release(&plan);
	free(p->date);
	free(p->message_id);
	p->date = field_value(&p->fields, "Date");
	p->message_id = field_value(&p->fields, "Message-ID");
}
