/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config/show.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "config/account_line.h"

static bool is_shown(const struct account *a, const struct option_row *row)
{
	return row->command && !(row->flags & OPTION_STRUCTURE) && account_value(a, row->id)->set;
}

static size_t widest_command(const struct account *a)
{
	size_t widest = 0;
	for (size_t i = 0; i < OPTION_COUNT; i++)
		if (is_shown(a, &option_table[i]) && strlen(option_table[i].command) > widest)
			widest = strlen(option_table[i].command);
	return widest;
}

static void add_settings(const struct account *a, bool defaults, struct strbuf *out)
{
	size_t widest = widest_command(a);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		AUTO(strbuf) value = STRBUF_INIT;
		if (!is_shown(a, &option_table[i]) || (a->origin[i].kind == ORIGIN_DEFAULT) != defaults)
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
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		if (!is_shown(a, &option_table[i]))
			continue;
		if (option_table[i].type == VALUE_SECRET && !account_value(a, i)->none)
			strbuf_adds(out, "# ");
		account_line_format(&option_table[i], account_value(a, i), out);
		strbuf_addch(out, '\n');
	}
}

void show_json_string(struct span text, struct strbuf *out)
{
	uint32_t cp;
	strbuf_addch(out, '"');
	for (size_t i = 0; i < text.len;) {
		char c = text.ptr[i];
		size_t n = utf8_decode(span_sub(text, i, text.len), &cp);
		if (c == '"' || c == '\\')
			strbuf_addf(out, "\\%c", c);
		else if (ascii_iscntrl(c))
			strbuf_addf(out, "\\u%04x", (unsigned)(unsigned char)c);
		else if (n)
			strbuf_add(out, text.ptr + i, n);
		else
			strbuf_adds(out, "\\ufffd");
		i += n ? n : 1;
	}
	strbuf_addch(out, '"');
}

static void json_value(const struct option_row *row, const struct value *v, struct strbuf *out)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (v->none) {
		strbuf_adds(out, "null");
	} else if (row->type == VALUE_BOOL) {
		strbuf_adds(out, v->n ? "true" : "false");
	} else if (row->type == VALUE_INT) {
		strbuf_addf(out, "%lld", v->n);
	} else if (row->type == VALUE_STRING || row->type == VALUE_PATH) {
		show_json_string(span_of(v->s), out);
	} else if (row->type == VALUE_LIST) {
		strbuf_addch(out, '[');
		for (size_t i = 0; i < v->list.n; i++) {
			if (i)
				strbuf_addch(out, ',');
			show_json_string(span_of(v->list.v[i]), out);
		}
		strbuf_addch(out, ']');
	} else {
		value_format(row, v, &text);
		show_json_string(strbuf_span(&text), out);
	}
}

void show_json(const struct account *a, struct strbuf *out)
{
	static const char *const kinds[] = {
		[ORIGIN_DEFAULT] = "default",	      [ORIGIN_FILE] = "configuration",
		[ORIGIN_ENVIRONMENT] = "environment", [ORIGIN_COMMAND_LINE] = "command_line",
		[ORIGIN_DERIVED] = "derived",
	};
	bool first = true;
	strbuf_addf(out, "{\"%s\":", option_table[OPT_ACCOUNT].command);
	show_json_string(span_of(a->name), out);
	strbuf_adds(out, ",\"settings\":{");
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		if (!is_shown(a, row))
			continue;
		AUTO_FREE char *at = origin_text(account_origin(a, i));
		strbuf_addf(out, "%s\"%s\":{\"value\":", first ? "" : ",", row->command);
		json_value(row, account_value(a, i), out);
		strbuf_addf(out, ",\"origin\":\"%s\",\"at\":", kinds[account_origin(a, i)->kind]);
		show_json_string(span_of(at), out);
		strbuf_addch(out, '}');
		first = false;
	}
	strbuf_adds(out, "}}");
}
