/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "header/header_plan.h"

#include "base/xalloc.h"
#include "address/address.h"
#include "header/header_recipients.h"
#include "header/header_rewrite.h"
#include "header/header_write.h"

void header_plan_release(struct header_plan *plan)
{
	strbuf_release(&plan->added);
	for (size_t i = 0; i < plan->n; i++)
		strbuf_release(&plan->instead[i]);
	free(plan->instead);
	free(plan->keep);
	*plan = HEADER_PLAN_INIT;
}

static void remove_fields(struct header_plan *plan, const struct header_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (header_is(&list->fields[i], name))
			plan->keep[i] = false;
}

bool header_plan_makes(const struct header_list *list, const char *name, enum header_set set)
{
	for (size_t i = 0; set == HEADER_AUTO && i < list->n; i++)
		if (header_is(&list->fields[i], name) && !header_is_empty(&list->fields[i]))
			return false;
	return set != HEADER_OFF;
}

/* Whether a field of that name will be added. If so, those that it replaces are removed: all, or all empty ones. */
static bool replaces(struct header_plan *plan, const struct header_list *list, const char *name, enum header_set set)
{
	if (!header_plan_makes(list, name, set))
		return false;
	remove_fields(plan, list, name);
	return true;
}

static bool has_several_authors(const struct header_list *list)
{
	const struct header_field *from = header_find(list, "From");
	if (!from || !memchr(from->value.ptr, ',', from->value.len))
		return false;
	AUTO(strbuf) value = STRBUF_INIT;
	AUTO(mailbox_list) authors = MAILBOX_LIST_INIT;
	header_value(from, &value);
	return address_list_parse(strbuf_span(&value), &authors, NULL) && authors.n > 1;
}

/* Of a message that was resent, too, the Sender is that of the message itself, which is not known here. */
static bool is_resent(const struct header_list *list)
{
	for (size_t i = 0; i < list->n; i++)
		if (header_begins(&list->fields[i], "Resent-"))
			return true;
	return false;
}

static void plan_from(struct header_plan *plan, const struct header_list *list, const struct header_policy *policy)
{
	/* Without a value, no field is added or removed: an odd From is better than none. */
	if (policy->from_addr && *policy->from_addr && replaces(plan, list, "From", policy->from)) {
		header_write_mailbox(&plan->added, "From", policy->from_name, policy->from_addr);
		return;
	}
	if (policy->sender_addr && *policy->sender_addr && policy->sender != SENDER_FORCE &&
	    has_several_authors(list) && !is_resent(list) && replaces(plan, list, "Sender", HEADER_AUTO))
		header_write_mailbox(&plan->added, "Sender", NULL, policy->sender_addr);
}

static void plan_to(struct header_plan *plan, const struct header_list *list, const struct header_policy *policy)
{
	if (policy->to == TO_OFF)
		return;
	remove_fields(plan, list, "To");
	remove_fields(plan, list, "Cc");
	remove_fields(plan, list, "Bcc");
	header_write_to(&plan->added, policy->to == TO_ON ? policy->to_addrs : NULL);
}

/* The first From gets the address of the account; others are removed. */
static void force_from(struct header_plan *plan, const struct header_list *list, const char *own)
{
	bool first = true;
	for (size_t i = 0; i < list->n; i++) {
		if (!plan->keep[i] || !header_is(&list->fields[i], "From") || header_is_empty(&list->fields[i]))
			continue;
		if (first)
			(void)header_force_address(&list->fields[i], own, &plan->instead[i]);
		else
			plan->keep[i] = false;
		first = false;
	}
}

static void plan_addresses(struct header_plan *plan, const struct header_list *list, const struct header_policy *policy)
{
	struct span local, domain;
	if (policy->sender == SENDER_KEEP || !policy->own_addr)
		return;
	if (policy->sender == SENDER_FORCE)
		force_from(plan, list, policy->own_addr);
	address_split(span_of(policy->own_addr), &local, &domain);
	for (size_t i = 0; i < list->n; i++) {
		const struct header_field *field = &list->fields[i];
		if (!plan->keep[i])
			continue;
		if (policy->sender == SENDER_FIX_LOCAL && header_is(field, "From"))
			(void)header_fix_addresses(field, policy->own_addr, policy->local, &plan->instead[i]);
		else if (header_is(field, "To") || header_is(field, "Cc"))
			(void)header_qualify_addresses(field, domain, &plan->instead[i]);
	}
}

static void plan_begin(struct header_plan *plan, const struct header_list *list)
{
	header_plan_release(plan);
	plan->n = list->n;
	plan->keep = xcalloc(list->n, sizeof(*plan->keep));
	plan->instead = xcalloc(list->n, sizeof(*plan->instead));
	for (size_t i = 0; i < list->n; i++) {
		plan->keep[i] = true;
		strbuf_init(&plan->instead[i]);
	}
}

void header_plan_make(struct header_plan *plan, const struct header_list *list, const struct header_policy *policy)
{
	plan_begin(plan, list);
	plan_from(plan, list, policy);
	plan_to(plan, list, policy);
	if (policy->date_value && replaces(plan, list, "Date", policy->date))
		header_write_field(&plan->added, "Date", policy->date_value);
	if (policy->msgid_value && replaces(plan, list, "Message-ID", policy->msgid))
		header_write_field(&plan->added, "Message-ID", policy->msgid_value);
	if (policy->remove_bcc) {
		remove_fields(plan, list, "Bcc");
		remove_fields(plan, list, "Resent-Bcc");
	}
	if (policy->remove_envelope_to)
		remove_fields(plan, list, ENVELOPE_TO_FIELD);
	remove_fields(plan, list, "Return-Path"); /* of an earlier delivery: RFC 5321 section 4.4 */
	plan_addresses(plan, list, policy);
}
