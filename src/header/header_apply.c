/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "header/header_apply.h"

/* Adds one field without its CRs and with CRLF line ends, also after its last line. */
static void add_field(struct strbuf *out, struct span raw)
{
	while (raw.len) {
		const char *lf = memchr(raw.ptr, '\n', raw.len);
		struct span line = span_make(raw.ptr, lf ? (size_t)(lf - raw.ptr) : raw.len);
		raw = span_sub(raw, line.len + (lf ? 1 : 0), raw.len);

		const char *cr;
		while (line.len && (cr = memchr(line.ptr, '\r', line.len))) {
			size_t n = (size_t)(cr - line.ptr);
			strbuf_add(out, line.ptr, n);
			line = span_sub(line, n + 1, line.len);
		}
		strbuf_add_span(out, line);
		strbuf_add(out, "\r\n", 2);
	}
}

void header_apply(const struct header_plan *plan, const struct header_list *list, bool separator, struct strbuf *out)
{
	size_t size = 0;
	for (size_t i = 0; i < list->n; i++)
		size += list->fields[i].raw.len;
	strbuf_grow(out, plan->added.len + size + size / 32);
	strbuf_add_span(out, strbuf_span(&plan->added));
	for (size_t i = 0; i < list->n; i++)
		if (plan->keep[i] && plan->instead[i].len)
			strbuf_add_span(out, strbuf_span(&plan->instead[i]));
		else if (plan->keep[i])
			add_field(out, list->fields[i].raw);
	if (separator)
		strbuf_add(out, "\r\n", 2);
}
