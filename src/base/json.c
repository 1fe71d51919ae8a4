/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "base/json.h"

#include "base/datetime.h"
#include "base/utf8.h"

#include <assert.h>

static void add_quoted(struct strbuf *out, struct span text)
{
	strbuf_addch(out, '"');
	for (size_t i = 0; i < text.len;) {
		uint32_t cp = 0;
		size_t n = utf8_decode(span_sub(text, i, text.len), &cp);
		if (!n)
			strbuf_adds(out, "\xef\xbf\xbd");
		else if (cp == '"' || cp == '\\')
			strbuf_addf(out, "\\%c", (char)cp);
		else if (cp == '\n')
			strbuf_adds(out, "\\n");
		else if (cp < 0x20 || cp == 0x7f || cp == 0x2028 || cp == 0x2029)
			strbuf_addf(out, "\\u%04x", cp);
		else
			strbuf_add(out, text.ptr + i, n);
		i += n ? n : 1;
	}
	strbuf_addch(out, '"');
}

static void begin_value(struct json *j, const char *key)
{
	if (j->filled[j->depth])
		strbuf_addch(j->out, ',');
	j->filled[j->depth] = true;
	if (key) {
		add_quoted(j->out, span_of(key));
		strbuf_addch(j->out, ':');
	}
}

static void open_level(struct json *j, const char *key, char left, char right)
{
	begin_value(j, key);
	assert(j->depth < JSON_DEPTH);
	strbuf_addch(j->out, left);
	j->close[j->depth++] = right;
	j->filled[j->depth] = false;
}

void json_object(struct json *j, const char *key)
{
	open_level(j, key, '{', '}');
}

void json_array(struct json *j, const char *key)
{
	open_level(j, key, '[', ']');
}

void json_end(struct json *j)
{
	assert(j->depth > 0);
	strbuf_addch(j->out, j->close[--j->depth]);
}

void json_span(struct json *j, const char *key, struct span value)
{
	begin_value(j, key);
	add_quoted(j->out, value);
}

void json_string(struct json *j, const char *key, const char *value)
{
	if (value) {
		json_span(j, key, span_of(value));
		return;
	}
	begin_value(j, key);
	strbuf_adds(j->out, "null");
}

void json_number(struct json *j, const char *key, long long value)
{
	begin_value(j, key);
	strbuf_addf(j->out, "%lld", value);
}

void json_bool(struct json *j, const char *key, bool value)
{
	begin_value(j, key);
	strbuf_adds(j->out, value ? "true" : "false");
}

void json_time(struct json *j, const char *key, int64_t when)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(strbuf) key_unix = STRBUF_INIT;
	strbuf_addf(&key_unix, "%s_unix", key);
	if (when)
		datetime_format(when, &text);
	json_string(j, key, text.len ? text.buf : NULL);
	if (when)
		json_number(j, key_unix.buf, (long long)when);
	else
		json_string(j, key_unix.buf, NULL);
}

void json_known(struct json *j, const char *key, bool known, bool value)
{
	if (known)
		json_bool(j, key, value);
	else
		json_string(j, key, NULL);
}

void json_list(struct json *j, const char *key, const struct strvec *list)
{
	json_array(j, key);
	for (size_t i = 0; list && i < list->n; i++)
		json_string(j, NULL, list->v[i]);
	json_end(j);
}
