/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The dialogue as the caller's trace function gets it, line by line and without the SASL exchange. */
#include "smtp/client/session_private.h"

static void trace(const struct session *s, bool from_server, struct span line)
{
	s->options.trace(s->options.trace_arg, from_server, line);
}

void session_trace_command(const struct session *s, const struct state *state, struct span line)
{
	if (!s->options.trace)
		return;
	line = span_trim(line);
	if (!state->secret) {
		trace(s, false, line);
		return;
	}
	/* "AUTH PLAIN <hidden>"; of a bare response nothing is shown. */
	struct strbuf shown = STRBUF_INIT;
	struct span verb = span_word(&line), mech = span_word(&line);
	if (span_equals_str(verb, "AUTH")) {
		strbuf_add_span(&shown, verb);
		strbuf_addch(&shown, ' ');
		strbuf_add_span(&shown, mech);
		if (line.len)
			strbuf_adds(&shown, " <hidden>");
	} else {
		strbuf_adds(&shown, span_equals_str(verb, "*") ? "*" : "<hidden>");
	}
	trace(s, false, strbuf_span(&shown));
	strbuf_release(&shown);
}

void session_trace_reply(const struct session *s, const struct state *state, const struct reply *reply)
{
	if (!s->options.trace)
		return;
	struct strbuf shown = STRBUF_INIT;
	struct span rest = strbuf_span(&reply->text), line;
	for (unsigned i = 1; span_split(&rest, '\n', &line); i++) {
		strbuf_reset(&shown);
		strbuf_addf(&shown, "%03d%c", reply->code, i < reply->lines ? '-' : ' ');
		/* A challenge is part of the SASL exchange. */
		if (state && state->secret && reply->code == 334)
			strbuf_adds(&shown, line.len ? "<hidden>" : "");
		else
			strbuf_add_span(&shown, line);
		trace(s, true, strbuf_span(&shown));
	}
	strbuf_release(&shown);
}
