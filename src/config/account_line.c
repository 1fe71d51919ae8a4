/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/account_line.h"

#include "base/i18n.h"
#include "config/expected.h"

void account_line_format(const struct option_row *row, const struct value *v, struct strbuf *out)
{
	AUTO(strbuf) value = STRBUF_INIT;
	if (!v->set)
		return;
	value_format(row, v, &value);
	strbuf_addf(out, "%s%s%s", row->command, value.len ? " " : "", value.buf);
}

bool account_line_argument(const struct option_row *row, struct span raw, enum config_flavour flavour,
			   struct strbuf *out, size_t *at, struct error *err)
{
	if (row->type != VALUE_LIST || flavour != FLAVOUR_OWN)
		return lexer_argument(raw, flavour, out, at, err);
	strbuf_add_span(out, raw);
	return true;
}

bool account_line_set(struct account *a, const struct option_row *row, struct span argument, struct origin origin,
		      struct error *err)
{
	if (account_set(a, row->id, argument, origin, err))
		return true;
	error_prefix(err, "%s", row->command);
	return false;
}

bool account_line_apply(struct account *a, struct span line, struct origin origin, struct error *err)
{
	struct lexer lexer;
	struct lexer_line got, more;
	AUTO(strbuf) argument = STRBUF_INIT;
	size_t at = 0;
	lexer_init(&lexer, line);
	if (lexer_next(&lexer, &got, err) != 1 || lexer_next(&lexer, &more, err) != 0)
		return error_set(err, ERROR_CONFIG, "%s", _("expected one line with a setting"));
	const struct option_row *row = option_by_command(got.command);
	if (!row || row->flags & OPTION_STRUCTURE || row->type == VALUE_SECRET)
		return check_expected(err, _("a setting of an account"), got.command);
	if (account_line_argument(row, got.argument, FLAVOUR_OWN, &argument, &at, err))
		return account_line_set(a, row, strbuf_span(&argument), origin, err);
	error_prefix(err, "%s", row->command);
	return false;
}
