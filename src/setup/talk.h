/* SPDX-License-Identifier: GPL-3.0-or-later */
/* talk: how the set-up talks to its user; tests put their own functions there. */
#ifndef SETUP_TALK_H
#define SETUP_TALK_H

#include "base/error.h"
#include "base/secret.h"
#include "base/strbuf.h"

struct setup_talk {
	/* Shows a text of one or more lines, with their ends. */
	void (*say)(void *arg, const char *text);
	/* Shows the prompt and appends the line that is typed, without its end.  False: the input has ended. */
	bool (*ask)(void *arg, const char *prompt, struct strbuf *answer);
	/* The same without showing what is typed.  False with err. */
	bool (*ask_secret)(void *arg, const char *prompt, struct secret *answer, struct error *err);
	void *arg;
};

void talk_say(const struct setup_talk *talk, const char *fmt, ...) PRINTF_LIKE(2, 3);
/* The answer without spaces around it, or what is meant by an empty one (NULL: nothing); malloc'ed.  NULL with
 * ERROR_INTERRUPTED if the input has ended.  The prompt gets the usual answer in brackets. */
MUST_CHECK char *talk_ask(const struct setup_talk *talk, const char *question, const char *usual, struct error *err);

/* For ask(): appends a line from a terminal, byte by byte, at most 1000 of them; false at the end of input. */
bool talk_read_line(int fd, struct strbuf *line);

enum talk_answer { TALK_NO, TALK_YES, TALK_END };
/* usual_yes: an empty answer means yes.  Otherwise only the complete word does. */
enum talk_answer talk_confirm(const struct setup_talk *talk, const char *question, bool usual_yes, struct error *err);

#endif
