/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/expand.h"

#include "base/i18n.h"

static bool sequence_value(char letter, const struct expand_values *values, const char **value, struct error *err)
{
	const char *what = "";
	switch (letter) {
	case 'U': *value = values->user, what = _("the user's name"); break;
	case 'H': *value = values->host, what = _("this host's name"); break;
	case 'C': *value = values->canonical_host, what = _("this host's canonical name"); break;
	case 'F': *value = values->from_header, what = _("an address in the From header"); break;
	case 'M': *value = values->mailname, what = _("the mailname file"); break;
	default: break;
	}
	return *value || error_set(err, ERROR_CONFIG, _("%%%c needs %s, which is not available"), letter, what);
}

bool expand_text(const char *text, const char *letters, const struct expand_values *values, struct strbuf *out,
		 struct error *err)
{
	AUTO(strbuf) done = STRBUF_INIT;
	for (const char *p = text; *p; p++) {
		const char *value = NULL;
		if (*p != '%' || !p[1] || !strchr(letters, p[1])) {
			strbuf_addch(&done, *p);
			continue;
		}
		if (!sequence_value(*++p, values, &value, err))
			return false;
		strbuf_adds(&done, value);
	}
	strbuf_add_span(out, strbuf_span(&done));
	return true;
}

bool expand_needs(const char *text, char letter)
{
	for (const char *p = text; p && (p = strchr(p, '%')); p++)
		if (p[1] == letter)
			return true;
	return false;
}

static bool expand_setting(struct account *a, enum option_id id, const char *letters,
			   const struct expand_values *values, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (!account_is_set(a, id) || account_origin(a, id)->kind == ORIGIN_COMMAND_LINE ||
	    !strchr(account_str(a, id), '%'))
		return true;
	if (expand_text(account_str(a, id), letters, values, &text, err) &&
	    account_set(a, id, strbuf_span(&text), *account_origin(a, id), err))
		return true;
	AUTO_FREE char *where = origin_text(account_origin(a, id));
	error_prefix(err, "%s: %s", where, option_table[id].command);
	return false;
}

bool expand_account(struct account *a, const struct expand_values *values, struct error *err)
{
	if (account_from_is_pattern(a)) {
		AUTO_FREE char *where = origin_text(account_origin(a, OPT_FROM));
		(void)error_set(err, ERROR_CONFIG,
				_("%s: %s is a pattern that selects this account, not a sender address"), where,
				account_str(a, OPT_FROM));
		error_hint(err, _("Give the sender's address with -f, or have --%s take it from the header."),
			   option_table[OPT_READ_ENVELOPE_FROM].flag);
		return false;
	}
	return expand_setting(a, OPT_FROM, "UHCFM", values, err) && expand_setting(a, OPT_DOMAIN, "HCM", values, err);
}

bool expand_domain(struct account *a, const struct expand_values *values, struct error *err)
{
	return expand_setting(a, OPT_DOMAIN, "HCM", values, err);
}
