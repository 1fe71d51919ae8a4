/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message/header_plan.h"

#include "base/xalloc.h"
#include "message/address.h"

/* Lines we make end before this column where they can (RFC 5322 section 2.1.1). */
#define LINE_MAX_WANTED 78

void header_plan_release(struct header_plan *plan)
{
	strbuf_release(&plan->added);
	free(plan->keep);
	*plan = (struct header_plan)HEADER_PLAN_INIT;
}

/* Whatever was checked before: no value ever begins a new line in a header. */
static void add_value(struct strbuf *out, const char *value)
{
	for (; *value; value++)
		strbuf_addch(out, ascii_iscntrl(*value) ? '?' : *value);
}

static void drop(struct header_plan *plan, const struct header_list *list, const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		if (header_is(&list->fields[i], name))
			plan->keep[i] = false;
}

/* True if a field is to be made; then those it replaces are dropped: all of them, or the empty ones. */
static bool replaces(struct header_plan *plan, const struct header_list *list, const char *name, enum header_set set)
{
	if (set == HEADER_OFF)
		return false;
	for (size_t i = 0; set == HEADER_AUTO && i < list->n; i++)
		if (header_is(&list->fields[i], name) && !header_is_empty(&list->fields[i]))
			return false;
	drop(plan, list, name);
	return true;
}

static size_t column(const struct strbuf *out)
{
	const char *lf = out->len ? memrchr(out->buf, '\n', out->len) : NULL;
	return lf ? out->len - (size_t)(lf - out->buf) - 1 : out->len;
}

static void add_from(struct strbuf *out, const char *name, const char *addr)
{
	strbuf_adds(out, "From:");
	size_t before = out->len;
	if (name) {
		strbuf_addch(out, ' ');
		address_format_name(out, span_of(name));
	}
	if (out->len <= before + 1) { /* no name, or nothing left of it */
		strbuf_setlen(out, before);
		strbuf_addch(out, ' ');
		add_value(out, addr);
	} else {
		strbuf_adds(out, column(out) + strlen(addr) + 3 > LINE_MAX_WANTED ? "\r\n <" : " <");
		add_value(out, addr);
		strbuf_addch(out, '>');
	}
	strbuf_adds(out, "\r\n");
}

static void add_to(struct strbuf *out, const char *const *addrs)
{
	strbuf_adds(out, "To:");
	size_t col = strlen("To:");
	if (!addrs || !*addrs)
		strbuf_adds(out, " undisclosed-recipients:;");
	for (; addrs && *addrs; addrs++) {
		size_t len = strlen(*addrs) + (addrs[1] ? 1 : 0);
		if (col > strlen("To:") && col + 1 + len > LINE_MAX_WANTED) {
			strbuf_adds(out, "\r\n");
			col = 0;
		}
		strbuf_addch(out, ' ');
		add_value(out, *addrs);
		if (addrs[1])
			strbuf_addch(out, ',');
		col += 1 + len;
	}
	strbuf_adds(out, "\r\n");
}

static void add_plain(struct strbuf *out, const char *name, const char *value)
{
	strbuf_adds(out, name);
	strbuf_adds(out, ": ");
	add_value(out, value);
	strbuf_adds(out, "\r\n");
}

static void plan_to(struct header_plan *plan, const struct header_list *list, const struct header_policy *policy)
{
	if (policy->to == TO_OFF)
		return;
	drop(plan, list, "To");
	drop(plan, list, "Cc");
	drop(plan, list, "Bcc");
	add_to(&plan->added, policy->to == TO_ON ? policy->to_addrs : NULL);
}

void header_plan_make(struct header_plan *plan, const struct header_list *list, const struct header_policy *policy)
{
	plan->n = list->n;
	plan->keep = xreallocarray(plan->keep, list->n ? list->n : 1, sizeof(*plan->keep));
	for (size_t i = 0; i < list->n; i++)
		plan->keep[i] = true;
	strbuf_reset(&plan->added);

	/* A field that cannot be made replaces none: better an odd From than none at all. */
	if (policy->from_addr && *policy->from_addr && replaces(plan, list, "From", policy->from))
		add_from(&plan->added, policy->from_name, policy->from_addr);
	plan_to(plan, list, policy);
	if (policy->date_value && replaces(plan, list, "Date", policy->date))
		add_plain(&plan->added, "Date", policy->date_value);
	if (policy->msgid_value && replaces(plan, list, "Message-ID", policy->msgid))
		add_plain(&plan->added, "Message-ID", policy->msgid_value);
	if (policy->remove_bcc) {
		drop(plan, list, "Bcc");
		drop(plan, list, "Resent-Bcc");
	}
}
