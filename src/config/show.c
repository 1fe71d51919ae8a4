/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/show.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "config/account_line.h"

static bool is_shown(const struct account *a, const struct option_row *row)
{
	return row->command && !(row->flags & OPTION_STRUCTURE) && account_value(a, row->id)->set;
}

static size_t widest_command(const struct account *a)
{
	size_t widest = 0;
	for (enum option_id i = 0; i < OPTION_COUNT; i++)
		if (is_shown(a, &option_table[i]) && strlen(option_table[i].command) > widest)
			widest = strlen(option_table[i].command);
	return widest;
}

static void add_settings(const struct account *a, bool defaults, struct strbuf *out)
{
	size_t widest = widest_command(a);
	for (enum option_id i = 0; i < OPTION_COUNT; i++) {
		AUTO(strbuf) value = STRBUF_INIT;
		if (!is_shown(a, &option_table[i]) || (account_origin(a, i)->kind == ORIGIN_DEFAULT) != defaults)
			continue;
		value_format(&option_table[i], account_value(a, i), &value);
		AUTO_FREE char *clean = clean_text(strbuf_span(&value), 1000);
		AUTO_FREE char *origin = origin_text(account_origin(a, i));
		strbuf_addf(out, "%-*s = %-30s  (%s)\n", (int)widest, option_table[i].command,
			    account_value(a, i)->none ? _("none") : clean, origin);
	}
}

void show_text_set(const struct account *a, struct strbuf *out)
{
	add_settings(a, false, out);
}

void show_text(const struct account *a, struct strbuf *out)
{
	add_settings(a, false, out);
	add_settings(a, true, out);
}

void show_file(const struct account *a, struct strbuf *out)
{
	strbuf_adds(out, option_table[OPT_ACCOUNT].command);
	strbuf_addch(out, ' ');
	lexer_quote(span_of(a->name), false, out);
	strbuf_addch(out, '\n');
	for (enum option_id i = 0; i < OPTION_COUNT; i++) {
		if (!is_shown(a, &option_table[i]))
			continue;
		if (option_table[i].type == VALUE_SECRET && !account_value(a, i)->none)
			strbuf_adds(out, "# ");
		account_line_format(&option_table[i], account_value(a, i), out);
		strbuf_addch(out, '\n');
	}
}

static void json_value(const struct option_row *row, const struct value *v, struct json *j)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (v->none) {
		json_string(j, "value", NULL);
	} else if (row->type == VALUE_BOOL) {
		json_bool(j, "value", v->n != 0);
	} else if (row->type == VALUE_INT) {
		json_number(j, "value", v->n);
	} else if (row->type == VALUE_STRING || row->type == VALUE_PATH) {
		json_string(j, "value", v->s);
	} else if (row->type == VALUE_LIST) {
		json_array(j, "value");
		for (size_t i = 0; i < v->list.n; i++)
			json_string(j, NULL, v->list.v[i]);
		json_end(j);
	} else {
		value_format(row, v, &text);
		json_span(j, "value", strbuf_span(&text));
	}
}

void show_json(const struct account *a, struct json *j)
{
	static const char *const kinds[] = {
		[ORIGIN_DEFAULT] = "default",	      [ORIGIN_FILE] = "configuration",
		[ORIGIN_ENVIRONMENT] = "environment", [ORIGIN_COMMAND_LINE] = "command_line",
		[ORIGIN_DERIVED] = "derived",
	};
	json_string(j, option_table[OPT_ACCOUNT].command, a ? a->name : NULL);
	json_object(j, "settings");
	for (size_t i = 0; a && i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		if (!is_shown(a, row))
			continue;
		AUTO_FREE char *at = origin_text(account_origin(a, (enum option_id)i));
		json_object(j, row->command);
		json_value(row, account_value(a, (enum option_id)i), j);
		json_string(j, "origin", kinds[account_origin(a, (enum option_id)i)->kind]);
		json_string(j, "at", at);
		json_end(j);
	}
	json_end(j);
}
