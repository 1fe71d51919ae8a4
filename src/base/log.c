/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/log.h"

#include "base/json.h"
#include "base/utf8.h"
#include "base/xalloc.h"

#include <locale.h>
#include <limits.h>

#define TIME_TEXT_MAX 4096

/* ---- events ---- */

void log_event_release(struct log_event *event)
{
	for (size_t i = 0; i < event->n; i++) {
		free(event->fields[i].text);
		strvec_release(&event->fields[i].list);
	}
	free(event->fields);
	*event = LOG_EVENT_INIT;
}

static struct log_field *add_field(struct log_event *event, const char *key, enum log_field_kind kind)
{
	GROW(event->fields, event->n, event->cap);
	struct log_field *f = &event->fields[event->n++];
	*f = (struct log_field){.key = key, .kind = kind};
	return f;
}

void log_event_word(struct log_event *event, const char *key, const char *value)
{
	add_field(event, key, LOG_FIELD_WORD)->text = xstrdup(value);
}

void log_event_text(struct log_event *event, const char *key, const char *value)
{
	add_field(event, key, LOG_FIELD_TEXT)->text = xstrdup(value);
}

void log_event_number(struct log_event *event, const char *key, long long value)
{
	add_field(event, key, LOG_FIELD_NUMBER)->number = value;
}

void log_event_flag(struct log_event *event, const char *key, bool value)
{
	add_field(event, key, LOG_FIELD_FLAG)->number = value;
}

struct strvec *log_event_list(struct log_event *event, const char *key)
{
	return &add_field(event, key, LOG_FIELD_LIST)->list;
}

/* ---- text ---- */

/* A value being written, which is cut after limit bytes. */
struct value_writer {
	struct strbuf *out;
	size_t start, limit;
	bool cut;
};

/* True while there is room; where the value is cut, "..." is added once. */
static bool has_room(struct value_writer *w)
{
	if (!w->cut && w->out->len - w->start >= w->limit) {
		strbuf_adds(w->out, "...");
		w->cut = true;
	}
	return !w->cut;
}

/* Escapes everything that could end the word or the line or look like a quote; the escapes can be reversed. */
static void write_word(struct value_writer *w, const char *word, bool in_list)
{
	struct span text = span_of(word);
	for (size_t i = 0; i < text.len && has_room(w);) {
		char c = text.ptr[i];
		size_t n = utf8_printable(span_sub(text, i, text.len));
		if (n && !strchr(" '\"\\", c) && !(in_list && c == ',')) {
			strbuf_add(w->out, text.ptr + i, n);
			i += n;
			continue;
		}
		for (size_t end = i + (n ? n : 1); i < end; i++)
			strbuf_addf(w->out, "\\x%02x", (unsigned)(unsigned char)text.ptr[i]);
	}
}

static void write_text(struct value_writer *w, const char *value)
{
	struct span text = span_of(value);
	strbuf_addch(w->out, '\'');
	for (size_t i = 0; i < text.len && has_room(w);) {
		struct span rest = span_sub(text, i, text.len);
		size_t n = utf8_printable(rest);
		bool crlf = rest.len > 1 && rest.ptr[0] == '\r' && rest.ptr[1] == '\n';
		if (crlf || rest.ptr[0] == '\n')
			strbuf_adds(w->out, "\\n");
		else if (n && rest.ptr[0] != '\'')
			strbuf_add(w->out, rest.ptr, n);
		else
			strbuf_addch(w->out, '?');
		i += crlf ? 2 : n ? n : 1;
	}
	strbuf_addch(w->out, '\'');
}

static void write_list(struct value_writer *w, const struct strvec *list)
{
	for (size_t i = 0; i < list->n && has_room(w); i++) {
		if (i)
			strbuf_addch(w->out, ',');
		write_word(w, list->v[i], true);
	}
}

void log_format_text(const struct log_event *event, size_t value_max, struct strbuf *out)
{
	for (size_t i = 0; i < event->n; i++) {
		const struct log_field *f = &event->fields[i];
		strbuf_addf(out, "%s%s=", i ? " " : "", f->key);
		struct value_writer w = {out, out->len, value_max, false};
		switch (f->kind) {
		case LOG_FIELD_WORD: write_word(&w, f->text, false); break;
		case LOG_FIELD_TEXT: write_text(&w, f->text); break;
		case LOG_FIELD_NUMBER: strbuf_addf(out, "%lld", f->number); break;
		case LOG_FIELD_FLAG: strbuf_adds(out, f->number ? "on" : "off"); break;
		case LOG_FIELD_LIST: write_list(&w, &f->list); break;
		}
	}
}

/* ---- JSON ---- */

static void json_field(struct json *j, const struct log_field *f)
{
	switch (f->kind) {
	case LOG_FIELD_WORD:
	case LOG_FIELD_TEXT: json_string(j, f->key, f->text); break;
	case LOG_FIELD_NUMBER: json_number(j, f->key, f->number); break;
	case LOG_FIELD_FLAG: json_bool(j, f->key, f->number != 0); break;
	case LOG_FIELD_LIST:
		json_array(j, f->key);
		for (size_t i = 0; i < f->list.n; i++)
			json_string(j, NULL, f->list.v[i]);
		json_end(j);
		break;
	}
}

void log_format_json(const struct log_event *event, const char *time, struct strbuf *out)
{
	struct json j = JSON_INIT(out);
	json_object(&j, NULL);
	if (time && *time)
		json_string(&j, "time", time);
	json_string(&j, "level", event->level == LOG_LEVEL_ERROR ? "error" : "info");
	for (size_t i = 0; i < event->n; i++)
		json_field(&j, &event->fields[i]);
	json_end(&j);
}

/* ---- time ---- */

/* Log parsers expect the English names of months, whatever the user's language is. */
static size_t english_strftime(char *buf, size_t room, const char *format, const struct tm *tm)
{
	locale_t english = newlocale(LC_ALL_MASK, "C", (locale_t)0);
	size_t n = english ? strftime_l(buf, room, format, tm, english) : 0;
	if (english)
		freelocale(english);
	return n;
}

void log_format_time(const char *format, time_t when, struct strbuf *out)
{
	AUTO_FREE char *buf = xmalloc(TIME_TEXT_MAX);
	struct tm tm;
	tzset(); /* localtime_r() is not required to call it */
	if (!localtime_r(&when, &tm))
		return;
	struct span text = span_make(buf, english_strftime(buf, TIME_TEXT_MAX, format, &tm));
	for (size_t i = 0; i < text.len;) {
		size_t n = utf8_printable(span_sub(text, i, text.len));
		if (n)
			strbuf_add(out, text.ptr + i, n);
		else
			strbuf_addch(out, '?'); /* "%n" would split the line */
		i += n ? n : 1;
	}
}

/* ---- sinks ---- */

bool log_write(const struct log_sink *sink, const struct log_event *event, struct error *err)
{
	return sink->ops->write(sink, event, err);
}
