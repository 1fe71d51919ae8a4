/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "secret/helper_words.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "secret/redactor.h"

#define LINE_MAX_SHOWN 500

static void hide(struct strbuf *text, struct span what)
{
	AUTO(redactor) redactor = REDACTOR_INIT;
	AUTO(secret) s = SECRET_INIT;
	secret_set(&s, what.ptr, what.len);
	redactor_set(&redactor, &s);
	redactor_apply(&redactor, text->buf); /* never makes it longer */
	strbuf_setlen(text, strlen(text->buf));
}

static struct span without_quotes(struct span s)
{
	return s.len >= 2 && s.ptr[0] == '"' && s.ptr[s.len - 1] == '"' ? span_sub(s, 1, s.len - 1) : s;
}

static void hide_line(struct strbuf *text, struct span line)
{
	struct span rest = line;
	hide(text, line);
	(void)span_word(&rest);
	hide(text, without_quotes(span_trim(rest)));
}

void helper_words_take(struct proc_errors *errors, const char *name, struct strvec *lines)
{
	struct strbuf *text = &errors->text;
	struct span printed = secret_reveal(&errors->printed), line;
	for (size_t i = 0; i < text->len; i++)
		if (!text->buf[i])
			text->buf[i] = '?'; /* the redactor would stop there */
	for (size_t n = 0; text->len && n < HELPER_WORDS_LINES && span_split(&printed, '\n', &line); n++)
		hide_line(text, span_trim(line));
	struct span rest = strbuf_span(text);
	for (size_t n = 0; n < HELPER_WORDS_LINES && span_split(&rest, '\n', &line);) {
		if (!span_trim(line).len)
			continue;
		AUTO_FREE char *clean = clean_text(span_trim(line), LINE_MAX_SHOWN);
		strvec_pushf(lines, _("the command %s wrote: %s"), name, clean);
		n++;
	}
}
