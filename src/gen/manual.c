/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gen/manual.h"

#include "base/xalloc.h"
#include "config/help.h"

/* ---- options and commands ------------------------------------------------ */

static bool add_prose(const struct manual *m, const struct option_row *row, struct strbuf *out, struct error *err)
{
	AUTO_FREE char *name = prose_name(row);
	AUTO(strbuf) prose = STRBUF_INIT;
	AUTO(strbuf) defaults = STRBUF_INIT;
	if (!prose_read(m->folder, name, &prose, err))
		return false;
	prose_write(m->markup, strbuf_span(&prose), out);
	prose_defaults(row, &defaults);
	if (defaults.len) {
		strbuf_adds(out, m->markup->paragraph);
		prose_inline(m->markup, strbuf_span(&defaults), out);
	}
	return true;
}

static bool is_option(const struct option_row *row)
{
	return option_is_live(row) && (row->flag || row->letter);
}

static bool is_command(const struct option_row *row)
{
	return option_is_live(row) && row->command;
}

static bool option_entry(const struct manual *m, const struct option_row *row, struct strbuf *out, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	m->option_item(row, out);
	if (!row->command)
		return add_prose(m, row, out, err);
	strbuf_addf(&text, "%c%s: the command `%s`.", ascii_upper(row->help[0]), row->help + 1, row->command);
	prose_inline(m->markup, strbuf_span(&text), out);
	return true;
}

static bool command_entry(const struct manual *m, const struct option_row *row, struct strbuf *out, struct error *err)
{
	m->command_item(row, out);
	return add_prose(m, row, out, err);
}

typedef bool entry_fn(const struct manual *m, const struct option_row *row, struct strbuf *out, struct error *err);

static bool add_by_group(const struct manual *m, bool (*wanted)(const struct option_row *), entry_fn *entry,
			 struct strbuf *out, struct error *err)
{
	for (int g = 0; g < GROUP_COUNT; g++) {
		bool begun = false;
		for (size_t i = 0; i < OPTION_COUNT; i++) {
			const struct option_row *row = &option_table[i];
			if ((int)row->group != g || !wanted(row))
				continue;
			if (!begun) {
				m->section(option_group_title(row->group), out);
				m->list_begin(out);
			}
			begun = true;
			if (!entry(m, row, out, err))
				return false;
		}
		if (begun)
			m->list_end(out);
	}
	return true;
}

/* Older spellings and options without effect: their line of help is their documentation. */
static void add_old(const struct manual *m, struct strbuf *out)
{
	m->list_begin(out);
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		AUTO(strbuf) text = STRBUF_INIT;
		if (!(row->flags & (OPTION_OBSOLETE | OPTION_IGNORED)))
			continue;
		if (row->command)
			m->command_item(row, out);
		else
			m->option_item(row, out);
		strbuf_addf(&text, "%c%s.", ascii_upper(row->help[0]), row->help + 1);
		prose_inline(m->markup, strbuf_span(&text), out);
	}
	m->list_end(out);
}

/* ---- exit status --------------------------------------------------------- */

/* "Kinds of error: `usage` (...), ..." of that status; false if there are none. */
static bool kinds_of(unsigned long long status, struct strbuf *out)
{
	size_t n = 0;
	for (int k = ERROR_NONE + 1; k < ERROR_KIND_COUNT; k++) {
		enum error_kind kind = (enum error_kind)k;
		if ((unsigned long long)error_kind_exit_status(kind) != status)
			continue;
		strbuf_addf(out, "%s`%s` (%s)", n++ ? ", " : "Kinds of error: ", error_kind_name(kind),
			    error_disposition_name(error_kind_disposition(kind)));
	}
	return n > 0;
}

static bool add_status(const struct manual *m, struct strbuf *out, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	bool described[256] = {false};
	struct span rest, line;
	unsigned long long number;
	if (!prose_read(m->folder, STATUS_FILE, &text, err))
		return false;
	m->list_begin(out);
	rest = strbuf_span(&text);
	while (rest.len && span_split(&rest, '\n', &line)) {
		AUTO(strbuf) kinds = STRBUF_INIT;
		struct span after = line, status = span_word(&after);
		if (!span_to_u64(status, &number) || number > 255) {
			if (line.len)
				prose_inline(m->markup, line, out);
			continue;
		}
		described[number] = true;
		m->status_item(status, span_trim(after), out);
		if (kinds_of(number, &kinds)) {
			strbuf_addch(&kinds, '.');
			prose_inline(m->markup, strbuf_span(&kinds), out);
		}
	}
	m->list_end(out);
	for (int k = 0; k < ERROR_KIND_COUNT; k++)
		if (!described[error_kind_exit_status((enum error_kind)k)])
			return error_set(err, ERROR_INTERNAL, "exit status %d (%s) is not explained",
					 error_kind_exit_status((enum error_kind)k),
					 error_kind_name((enum error_kind)k));
	return true;
}

/* ---- errors -------------------------------------------------------------- */

/* Options and settings are set off as code: words that begin with "-", and words with "_". */
static void mark_code(const char *sentence, struct strbuf *out)
{
	struct span rest = span_of(sentence), word;
	while ((word = span_word(&rest)).len) {
		size_t begin = word.ptr[0] == '(', end = word.len;
		while (end > begin && strchr(".,;:)", word.ptr[end - 1]))
			end--;
		struct span core = span_sub(word, begin, end);
		bool code = core.len && (core.ptr[0] == '-' || memchr(core.ptr, '_', core.len));
		strbuf_addf(out, "%s%.*s%s%.*s%s%.*s", out->len ? " " : "", (int)begin, word.ptr, code ? "`" : "",
			    SPAN_FMT(core), code ? "`" : "", (int)(word.len - end), word.ptr + end);
	}
}

static void add_errors(const struct manual *m, struct strbuf *out)
{
	m->list_begin(out);
	for (int k = ERROR_NONE + 1; k < ERROR_KIND_COUNT; k++) {
		enum error_kind kind = (enum error_kind)k;
		AUTO(strbuf) text = STRBUF_INIT;
		AUTO(strbuf) cure = STRBUF_INIT;
		AUTO_FREE char *fate = xasprintf("(%d, %s)", error_kind_exit_status(kind),
						 error_disposition_name(error_kind_disposition(kind)));
		m->status_item(span_of(error_kind_name(kind)), span_of(fate), out);
		mark_code(error_kind_meaning(kind), &text);
		prose_inline(m->markup, strbuf_span(&text), out);
		strbuf_adds(out, m->markup->paragraph);
		mark_code(error_kind_cure(kind), &cure);
		prose_inline(m->markup, strbuf_span(&cure), out);
	}
	m->list_end(out);
}

/* ---- the frame ----------------------------------------------------------- */

bool manual_write(const struct manual *m, struct span frame, struct strbuf *out, struct error *err)
{
	struct span line;
	while (frame.len && span_split(&frame, '\n', &line)) {
		bool ok = true;
		if (span_equals_str(line, "@OPTIONS@"))
			ok = add_by_group(m, is_option, option_entry, out, err);
		else if (span_equals_str(line, "@CONFIGURATION@"))
			ok = add_by_group(m, is_command, command_entry, out, err);
		else if (span_equals_str(line, "@OLD@"))
			add_old(m, out);
		else if (span_equals_str(line, "@STATUS@"))
			ok = add_status(m, out, err);
		else if (span_equals_str(line, "@ERRORS@"))
			add_errors(m, out);
		else {
			strbuf_add_span(out, line);
			strbuf_addch(out, '\n');
		}
		if (!ok)
			return false;
	}
	return true;
}
