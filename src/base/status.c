/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/status.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"

#include <stdio.h>

#define WORDS_MAX 2000

/* ---- the server's words ---- */

void server_words_set(struct server_words *words, struct span raw)
{
	char *lines = clean_lines(raw, WORDS_MAX);
	server_words_release(words);
	words->lines = lines;
	words->line = clean_text(span_of(lines), WORDS_MAX);
}

void server_words_release(struct server_words *words)
{
	free(words->line);
	free(words->lines);
	*words = (struct server_words){NULL, NULL};
}

/* ---- memory ---- */

#define TEXTS 6

/* The one list of the texts in a status. */
static void texts_of(struct status *s, char **texts[TEXTS])
{
	char **const all[TEXTS] = {&s->text, &s->stage, &s->hint, &s->host, &s->server.line, &s->server.lines};
	memcpy(texts, all, sizeof(all));
}

void status_release(struct status *s)
{
	char **texts[TEXTS];
	texts_of(s, texts);
	for (size_t i = 0; i < TEXTS; i++)
		free(*texts[i]);
	*s = STATUS_INIT;
}

void status_copy(struct status *to, const struct status *from)
{
	struct status copy = *from;
	char **texts[TEXTS];
	texts_of(&copy, texts);
	for (size_t i = 0; i < TEXTS; i++)
		*texts[i] = xstrdup_null(*texts[i]);
	status_release(to);
	*to = copy;
}

void status_move(struct status *to, struct status *from)
{
	struct status moved = *from;
	*from = STATUS_INIT;
	status_release(to);
	*to = moved;
}

void status_drop_hint_again(struct status *s)
{
	if (!s->hint_again)
		return;
	free(s->hint);
	s->hint = NULL;
	s->hint_again = false;
}

void status_redact(struct status *s, void (*redact)(const void *arg, char *text), const void *arg)
{
	char **texts[TEXTS];
	texts_of(s, texts);
	for (size_t i = 0; i < TEXTS; i++)
		if (*texts[i])
			redact(arg, *texts[i]);
}

void status_set_reply(struct status *s, int code, const char *enhanced, struct span words)
{
	s->code = code;
	(void)snprintf(s->enhanced, sizeof(s->enhanced), "%s", enhanced ? enhanced : "");
	server_words_set(&s->server, words);
}

/* ---- showing ---- */

bool status_format_reply(const struct status *s, struct strbuf *out)
{
	if (!s->server.line)
		return false;
	if (s->code)
		strbuf_addf(out, "%d ", s->code);
	strbuf_adds(out, s->server.line);
	return true;
}

void status_format_words(const struct status *s, struct strbuf *out)
{
	const char *text = s->text ? s->text : s->kind != ERROR_NONE && !s->server.line ? _("failed") : NULL;
	if (text)
		strbuf_adds(out, text);
	if (text && s->server.line)
		strbuf_adds(out, ": ");
	(void)status_format_reply(s, out);
}

void status_format(const struct status *s, struct strbuf *out)
{
	if (s->stage)
		strbuf_addf(out, "%s: ", s->stage);
	status_format_words(s, out);
}

const char *status_hint(const struct status *s)
{
	if (s->hint || s->kind == ERROR_NONE || error_kind_disposition(s->kind) == DISPOSITION_RETRY)
		return s->hint;
	return error_kind_cure(s->kind);
}

void status_json(const struct status *s, struct json *j)
{
	if (s->code)
		json_number(j, "code", s->code);
	else
		json_string(j, "code", NULL);
	json_string(j, "enhanced", s->enhanced[0] ? s->enhanced : NULL);
	json_string(j, "error", s->kind == ERROR_NONE ? NULL : error_kind_name(s->kind));
	json_string(j, "text", s->text);
	json_string(j, "server", s->server.line);
	json_string(j, "hint", status_hint(s));
	json_string(j, "host", s->host);
	json_string(j, "stage", s->stage);
}

/* ---- which of several failures ---- */

bool status_is_rate_limit(const struct status *s)
{
	return s->code == 421 || strncmp(s->enhanced, "4.7.", 4) == 0;
}

bool status_wants_fewer_sessions(const struct status *s)
{
	return s->code == 432 || s->code == 454 || status_is_rate_limit(s);
}

/* The line of the list in status.h; larger: nothing failed. */
static int rank_of(const struct status *s)
{
	if (!s || s->kind == ERROR_NONE)
		return 6;
	switch (error_kind_disposition(s->kind)) {
	case DISPOSITION_RETRY: return status_is_rate_limit(s) ? 1 : s->kind == ERROR_UNCERTAIN ? 2 : 3;
	case DISPOSITION_FIX: return 4;
	case DISPOSITION_PERMANENT: break;
	}
	return 5;
}

bool status_outranks(const struct status *a, const struct status *b)
{
	return rank_of(a) < rank_of(b);
}

static int compare_texts(const char *a, const char *b)
{
	return strcmp(a ? a : "", b ? b : "");
}

/* Below 0: a leads.  0: they are equal in all that is shown. */
static int compare(const struct status *a, const struct status *b)
{
	const char *const texts[][2] = {
		{a->enhanced, b->enhanced}, {a->text, b->text}, {a->server.lines, b->server.lines},
		{a->stage, b->stage},	    {a->host, b->host}, {a->hint, b->hint}};
	int order = rank_of(a) - rank_of(b);
	if (!order)
		order = b->code - a->code;
	if (!order)
		order = (int)a->kind - (int)b->kind;
	for (size_t i = 0; !order && i < ARRAY_SIZE(texts); i++)
		order = compare_texts(texts[i][0], texts[i][1]);
	return order;
}

const struct status *status_leading(const struct status *a, const struct status *b)
{
	if (a && a->kind == ERROR_NONE)
		a = NULL;
	if (b && b->kind == ERROR_NONE)
		b = NULL;
	if (!a || !b)
		return a ? a : b;
	return compare(b, a) < 0 ? b : a;
}
