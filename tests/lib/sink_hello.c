/* SPDX-License-Identifier: GPL-3.0-or-later */
/* EHLO, HELO, LHLO and STARTTLS: what we show, and the start of TLS. */
#include "sink_session.h"
#include "sink_syntax.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

static bool in_tls(const struct session *s)
{
	return s->conn->tls != NULL;
}

static const char *extension_list(const struct session *s)
{
	const struct options *o = s->opt;

	if (s->auth_user && o->extensions_after_auth)
		return o->extensions_after_auth;
	if (o->tls == TLS_STARTTLS && !in_tls(s) && o->extensions_before_tls)
		return o->extensions_before_tls;
	return o->extensions;
}

/* The AUTH line: none once authenticated, none in clear when TLS could be had, -PLUS only with a channel to bind to. */
static void add_auth(const struct session *s, struct extensions *e)
{
	const char *p = s->opt->auth;
	struct buf line = {0};

	if (!p || s->auth_user || (s->opt->tls == TLS_STARTTLS && !in_tls(s) && !s->opt->auth_before_tls))
		return;
	buf_adds(&line, "AUTH");
	while (*(p += strspn(p, " "))) {
		size_t len = strcspn(p, " ");

		if (in_tls(s) || len < 6 || memcmp(p + len - 5, "-PLUS", 5))
			buf_addf(&line, " %.*s", (int)len, p);
		p += len;
	}
	if (line.len > 4)
		extensions_add(e, line.data, line.len);
	buf_release(&line);
}

static void collect(const struct session *s, struct extensions *e)
{
	if (s->opt->tls == TLS_STARTTLS && !in_tls(s))
		extensions_add(e, "STARTTLS", 8);
	add_auth(s, e);
	extensions_parse(e, extension_list(s));
}

static void format(const struct session *s, const struct extensions *e, struct buf *out)
{
	buf_addf(out, "250%c%s\r\n", e->count ? '-' : ' ', s->opt->hostname);
	for (size_t i = 0; i < e->count; i++)
		buf_addf(out, "250%c%s%s%s\r\n", i + 1 < e->count ? '-' : ' ', e->items[i].keyword,
			 *e->items[i].params ? " " : "", e->items[i].params);
}

/* A scripted EHLO reply advertises what it says: lines after the first. */
static void collect_scripted(const struct script_rule *rule, struct extensions *e)
{
	const char *p = rule->text;
	bool first = true;

	while (p && *p) {
		size_t len = strcspn(p, "\r\n");

		if (!first && len > 4)
			extensions_add(e, p + 4, len - 4);
		first = false;
		p += len;
		p += strspn(p, "\r\n");
	}
}

static const char *hello_fault(const struct session *s, const char *verb, const char *arg)
{
	if (s->opt->lmtp != !strcmp(verb, "LHLO"))
		return s->opt->lmtp ? "only LHLO in LMTP" : "LHLO in SMTP";
	if (!*arg)
		return "name wanted";
	return syntax_domain(arg, strlen(arg), session_shows(s, "SMTPUTF8"));
}

static void accept_hello(struct session *s, const char *verb, const char *arg, const struct extensions *e)
{
	session_reset(s);
	extensions_release(&s->shown);
	s->shown = *e;
	free(s->hello);
	s->hello = mem_dup(arg, strlen(arg));
	s->hello_verb = verb;
}

void command_hello(struct session *s, const char *verb, const char *arg)
{
	bool helo = !strcmp(verb, "HELO");
	const char *stage = helo ? "helo" : "ehlo";
	const char *detail = s->auth_user ? "auth" : in_tls(s) && s->opt->tls == TLS_STARTTLS ? "tls" : NULL;
	const char *wrong = hello_fault(s, verb, arg);
	struct extensions e = {0};
	struct buf text = {0};
	struct answer a;
	bool pipeconnect;

	if (!helo)
		collect(s, &e);
	/* PIPECONNECT licenses one group that begins before the greeting. */
	pipeconnect = s->hello_count++ == 0 && !s->starttls_done && extensions_find(&e, "PIPECONNECT");
	if (pipeconnect)
		s->early = conn_pending(s->conn) || s->early;
	else
		session_sync(s, verb);
	if (wrong) {
		session_blame(s, wrong);
		session_reply(s, stage, detail, *arg ? 500 : 501, "5.5.4", wrong);
		extensions_release(&e);
		return;
	}
	format(s, &e, &text);
	a = session_choose(s, stage, detail, 250);
	if (a.rule) {
		extensions_release(&e);
		collect_scripted(a.rule, &e);
		buf_clear(&text);
	}
	if (a.code / 100 == 2)
		accept_hello(s, verb, arg, &e);
	else
		extensions_release(&e);
	if (a.rule)
		session_send(s, stage, detail, a, NULL, "");
	else
		session_send_lines(s, stage, detail, &text);
	buf_release(&text);
}

static void inject(struct session *s)
{
	const struct script_rule *rule = script_find(&s->opt->script, SCRIPT_INJECT, "starttls", NULL);

	if (!rule)
		return;
	s->scripted = true;
	log_note(s->log, "injecting %zu octets in clear", rule->text_len);
	if (script_find(&s->opt->script, SCRIPT_DRIP, "starttls", NULL))
		conn_drip(s->conn, rule->text, rule->text_len);
	else
		buf_add(&s->conn->out, rule->text, rule->text_len);
}

void command_starttls(struct session *s, const char *arg)
{
	size_t waste;

	if (conn_pending(s->conn))
		log_violation(s->log, "data after STARTTLS in clear");
	if (*arg || !session_shows(s, "STARTTLS") || in_tls(s)) {
		session_blame(s, *arg	     ? "STARTTLS takes no argument"
				 : in_tls(s) ? "STARTTLS inside TLS"
					     : "STARTTLS was not advertised");
		session_reply(s, "starttls", NULL, *arg ? 501 : 503, "5.5.1", "not now");
		return;
	}
	if (session_reply(s, "starttls", NULL, 220, "2.0.0", "go ahead") != 220)
		return;
	inject(s);
	/* Whatever came in clear must not be taken for something said inside TLS. */
	waste = conn_drop_input(s->conn);
	if (waste)
		log_note(s->log, "%zu octets in clear dropped", waste);
	conn_flush(s->conn);
	session_stage(s, "tls", NULL);
	if (!tls_start(s->conn, s->tls_context))
		session_end(s, false);
	session_forget(s);
	s->starttls_done = true;
}
