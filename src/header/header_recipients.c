/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "header/header_recipients.h"

#include "base/i18n.h"
#include "base/xalloc.h"

static bool is_resent(const struct header_field *field)
{
	return header_begins(field, "Resent-");
}

/* Says in which field an entry that cannot be understood is. */
static void add_place(struct mailbox *box, const char *name)
{
	if (!box->refused)
		return;
	AUTO_FREE char *why = box->refused;
	box->refused = xasprintf(_("in the header field %s: %s"), name, why);
}

static bool parse_field(const struct header_field *field, const char *name, struct mailbox_list *out, struct error *err)
{
	AUTO(strbuf) value = STRBUF_INIT;
	size_t n = out->n;
	header_value(field, &value);
	if (address_list_parse(strbuf_span(&value), out, err)) {
		for (; n < out->n; n++)
			add_place(&out->v[n], name);
		return true;
	}
	error_prefix(err, _("in the header field %s"), name);
	return false;
}

/* The one of the names that the field has, or NULL. */
static const char *name_of(const struct header_field *field, const char *const *names)
{
	while (*names && !header_is(field, *names))
		names++;
	return *names;
}

static bool same_name(const struct header_field *a, const struct header_field *b)
{
	return span_equal_nocase(a->name, b->name);
}

/* Whether field i begins an older block of Resent- fields. A block is put before the older ones as a whole (RFC 5322
 * section 3.6.6), so its names begin again; only a name that is repeated at once belongs to the same block. */
static bool begins_block(const struct header_list *list, size_t from, size_t i)
{
	for (size_t k = from; k + 1 < i; k++)
		if (same_name(&list->fields[k], &list->fields[i]) && !same_name(&list->fields[i - 1], &list->fields[i]))
			return true;
	return false;
}

bool recipients_from_header(const struct header_list *list, struct mailbox_list *out, struct error *err)
{
	static const char *const original[] = {"To", "Cc", "Bcc", NULL};
	static const char *const resent[] = {"Resent-To", "Resent-Cc", "Resent-Bcc", NULL};
	size_t from = 0, to = list->n;

	while (from < list->n && !is_resent(&list->fields[from]))
		from++;
	bool again = from < list->n;
	if (again) {
		for (to = from; to < list->n && is_resent(&list->fields[to]) && !begins_block(list, from, to);)
			to++;
	} else {
		from = 0;
	}
	for (size_t i = from; i < to; i++) {
		const char *name = name_of(&list->fields[i], again ? resent : original);
		if (name && !parse_field(&list->fields[i], name, out, err))
			return false;
	}
	return true;
}

bool recipients_from_envelope_to(const struct header_list *list, struct mailbox_list *out, bool *any, struct error *err)
{
	*any = false;
	for (size_t i = 0; i < list->n; i++) {
		if (!header_is(&list->fields[i], ENVELOPE_TO_FIELD))
			continue;
		*any = true;
		if (!parse_field(&list->fields[i], ENVELOPE_TO_FIELD, out, err))
			return false;
	}
	return true;
}

bool recipients_sender(const struct header_list *list, char **sender, struct error *err)
{
	static const char *const names[] = {"From", "Resent-From", NULL};

	for (size_t i = 0; i < list->n; i++) {
		const char *name = name_of(&list->fields[i], names);
		if (!name)
			continue;
		AUTO(mailbox_list) found = MAILBOX_LIST_INIT;
		if (!parse_field(&list->fields[i], name, &found, err))
			return false;
		for (size_t j = 0; j < found.n; j++) {
			if (found.v[j].refused || !*found.v[j].addr)
				continue;
			*sender = steal_ptr(found.v[j].addr);
			return true;
		}
	}
	(void)error_set(err, ERROR_USAGE,
			_("the header of the message does not name a sender: it has no From field with an address"));
	error_hint(err, _("Add a From field to the message, or name the sender with --from=ADDRESS instead of "
			  "--read-envelope-from."));
	return false;
}
