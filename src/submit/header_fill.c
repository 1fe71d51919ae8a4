/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/header_fill.h"

#include "address/address.h"
#include "header/header_apply.h"
#include "header/msgid.h"

static const char *msgid_domain(const struct submission *p)
{
	const char *domain = account_str(p->account, OPT_DOMAIN);
	if (domain && strcmp(domain, "localhost") != 0)
		return domain;
	const char *sender = p->env.sender.ascii;
	const char *at = sender ? strrchr(sender, '@') : NULL;
	if (at && at[1])
		return at + 1;
	const struct strvec *hosts = account_list(p->account, OPT_HOST);
	return hosts->n ? hosts->v[0] : "localhost";
}

static enum header_set header_set_of(const struct account *a, enum option_id id)
{
	const char *word = account_word_text(a, id);
	return strcmp(word, "auto") == 0 ? HEADER_AUTO : strcmp(word, "on") == 0 ? HEADER_ON : HEADER_OFF;
}

/* The recipients as they were named, before aliases; each once, for what one stands for lies together. */
static void name_recipients(const struct submission *p, struct strvec *to)
{
	bool keep = account_word(p->account, OPT_SENDER) == SENDER_KEEP;
	const char *at = p->own_address && !keep ? strrchr(p->own_address, '@') : NULL;
	const char *last = NULL;
	for (size_t i = 0; i < p->env.n; i++) {
		const struct recipient *rcpt = &p->env.rcpts[i];
		const char *name = rcpt->orcpt ? rcpt->orcpt : rcpt->address.given;
		struct span local, domain;
		if (last && strcmp(last, name) == 0)
			continue;
		last = name;
		address_split(span_of(name), &local, &domain);
		strvec_pushf(to, "%s%s", name, at && !domain.ptr ? at : "");
	}
}

void header_fill(struct submission *p, const struct runtime *runtime)
{
	const struct account *a = p->account;
	AUTO(strbuf) date = STRBUF_INIT;
	AUTO(strbuf) msgid = STRBUF_INIT;
	AUTO(strvec) to = STRVEC_INIT;
	/* the date needs the zone's file, the Message-ID random octets */
	if (header_plan_makes(&p->fields, "Date", header_set_of(a, OPT_SET_DATE_HEADER)))
		date_make(&date, clock_wall(runtime->clock));
	if (header_plan_makes(&p->fields, "Message-ID", header_set_of(a, OPT_SET_MSGID_HEADER)))
		msgid_make(&msgid, runtime->rng, msgid_domain(p));
	const char *set_to = account_word_text(a, OPT_SET_TO_HEADER);
	if (strcmp(set_to, "on") == 0)
		name_recipients(p, &to);
	struct header_policy policy = {
		.from = header_set_of(a, OPT_SET_FROM_HEADER),
		.date = header_set_of(a, OPT_SET_DATE_HEADER),
		.msgid = header_set_of(a, OPT_SET_MSGID_HEADER),
		.to = strcmp(set_to, "on") == 0	   ? TO_ON
		      : strcmp(set_to, "off") == 0 ? TO_OFF
						   : TO_UNDISCLOSED,
		.remove_bcc = account_bool(a, OPT_REMOVE_BCC_HEADERS),
		.sender = (enum header_sender)account_word(a, OPT_SENDER),
		.own_addr = p->own_address,
		.local = &p->local,
		/* Reports have no sender, but every message has an author (RFC 5322 section 3.6). */
		.from_addr = *p->env.sender.given ? p->env.sender.given : p->own_address,
		.from_name =
			account_is_set(a, OPT_FROM_FULL_NAME) ? account_str(a, OPT_FROM_FULL_NAME) : p->sender_said,
		.to_addrs = (const char *const *)to.v,
		.date_value = date.len ? date.buf : NULL,
		.msgid_value = msgid.len ? msgid.buf : NULL,
	};
	struct header_plan plan = HEADER_PLAN_INIT;
	header_plan_make(&plan, &p->fields, &policy);
	header_apply(&plan, &p->fields, message_needs_separator(&p->message), &p->header);
	header_plan_release(&plan);
}
