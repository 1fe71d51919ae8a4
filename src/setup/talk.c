/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "setup/talk.h"

#include "base/i18n.h"
#include "base/xalloc.h"

#include <errno.h>

#define LINE_LIMIT 1000

void talk_say(const struct setup_talk *talk, const char *fmt, ...)
{
	AUTO(strbuf) text = STRBUF_INIT;
	va_list ap;
	va_start(ap, fmt);
	strbuf_vaddf(&text, fmt, ap);
	va_end(ap);
	strbuf_addch(&text, '\n');
	talk->say(talk->arg, text.buf);
}

char *talk_ask(const struct setup_talk *talk, const char *question, const char *usual, struct error *err)
{
	AUTO(strbuf) line = STRBUF_INIT;
	AUTO_FREE char *prompt =
		usual && *usual ? xasprintf("%s [%s]: ", question, usual) : xasprintf("%s: ", question);
	if (!talk->ask(talk->arg, prompt, &line)) {
		(void)error_set(err, ERROR_INTERRUPTED, _("the dialogue was ended before the account was complete"));
		return NULL;
	}
	struct span answer = span_trim(strbuf_span(&line));
	return answer.len ? xmemdup0(answer.ptr, answer.len) : xstrdup(usual ? usual : "");
}

enum talk_answer talk_confirm(const struct setup_talk *talk, const char *question, bool usual_yes, struct error *err)
{
	/* TRANSLATORS: what a user types for "yes" and "no"; the English words are understood in every language. */
	const char *yes = _("yes"), *no = _("no");
	for (;;) {
		AUTO_FREE char *answer = talk_ask(talk, question, usual_yes ? yes : no, err);
		if (!answer)
			return TALK_END;
		struct span typed = span_of(answer);
		if (span_equals_str_nocase(typed, yes) || span_equals_str_nocase(typed, "yes") ||
		    (usual_yes && span_equals_str_nocase(typed, "y")))
			return TALK_YES;
		if (span_equals_str_nocase(typed, no) || span_equals_str_nocase(typed, "no") ||
		    span_equals_str_nocase(typed, "n"))
			return TALK_NO;
		talk_say(talk, _("Please answer %s or %s."), yes, no);
	}
}

bool talk_read_line(int fd, struct strbuf *line)
{
	char c = '\0';
	ssize_t n;
	while ((n = read(fd, &c, 1)) != 0 && c != '\n')
		if (n > 0 && line->len < LINE_LIMIT)
			strbuf_addch(line, c);
		else if (n < 0 && errno != EINTR)
			return false;
	return n > 0;
}
