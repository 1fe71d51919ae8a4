/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sink_session.h"
#include "sink_syntax.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

noreturn void session_end(struct session *s, bool linger)
{
	store_drop(&s->store);
	conn_close(s->conn, linger);
	log_note(s->log, "connection %u closed", s->log->connection);
	_exit(0);
}

void session_blame(struct session *s, const char *what)
{
	log_violation(s->log, "%s: %s", what, buf_str(&s->line));
}

bool session_shows(const struct session *s, const char *keyword)
{
	return extensions_find(&s->shown, keyword);
}

void session_stage(struct session *s, const char *stage, const char *detail)
{
	if (script_find(&s->opt->script, SCRIPT_HANG, stage, detail)) {
		log_note(s->log, "hanging at %s", stage);
		conn_hang(s->conn);
		session_end(s, false);
	}
	if (script_find(&s->opt->script, SCRIPT_CLOSE, stage, detail)) {
		log_note(s->log, "closing at %s", stage);
		session_end(s, true);
	}
}

static int send_lines(struct session *s, const char *stage, const char *detail, const char *text, size_t len)
{
	session_stage(s, stage, detail);
	log_dialogue(s->log, 'S', text, len);
	if (script_find(&s->opt->script, SCRIPT_DRIP, stage, detail))
		conn_drip(s->conn, text, len);
	else
		buf_add(&s->conn->out, text, len);
	return atoi(text);
}

static int send_rule(struct session *s, const char *stage, const char *detail, const struct script_rule *rule)
{
	struct buf text = {0};
	int code;

	s->scripted = true;
	buf_add(&text, rule->text, rule->text_len);
	if (text.data[text.len - 1] != '\n')
		buf_adds(&text, "\r\n");
	code = send_lines(s, stage, detail, text.data, text.len);
	buf_release(&text);
	if (code == 421 && s->opt->close_at_421)
		session_end(s, true);
	return code;
}

struct answer session_choose(struct session *s, const char *stage, const char *detail, int code)
{
	struct answer a = {.rule = script_reply(&s->opt->script, stage, detail), .code = code};

	if (a.rule)
		a.code = atoi(a.rule->text);
	return a;
}

int session_send(struct session *s, const char *stage, const char *detail, struct answer a, const char *enhanced,
		 const char *text)
{
	struct buf line = {0};
	int code;

	if (a.rule)
		return send_rule(s, stage, detail, a.rule);
	if (enhanced && session_shows(s, "ENHANCEDSTATUSCODES"))
		buf_addf(&line, "%d %s %s\r\n", a.code, enhanced, text);
	else
		buf_addf(&line, "%d %s\r\n", a.code, text);
	code = send_lines(s, stage, detail, line.data, line.len);
	buf_release(&line);
	return code;
}

int session_reply(struct session *s, const char *stage, const char *detail, int code, const char *enhanced,
		  const char *text)
{
	return session_send(s, stage, detail, session_choose(s, stage, detail, code), enhanced, text);
}

int session_send_lines(struct session *s, const char *stage, const char *detail, const struct buf *lines)
{
	return send_lines(s, stage, detail, lines->data, lines->len);
}

void session_sync(struct session *s, const char *after)
{
	if (conn_pending(s->conn))
		log_violation(s->log, "input pipelined after %s without licence: %.40s", after, buf_str(&s->line));
}

void session_reset(struct session *s)
{
	struct transaction *t = &s->tx;

	for (size_t i = 0; i < t->rcpt_count; i++) {
		free(t->rcpt[i].address);
		free(t->rcpt[i].params);
	}
	free(t->rcpt);
	free(t->chunks);
	free(t->from);
	free(t->from_params);
	memset(t, 0, sizeof *t);
	store_drop(&s->store);
}

void session_forget(struct session *s)
{
	session_reset(s);
	extensions_release(&s->shown);
	free(s->hello);
	free(s->auth_user);
	free(s->auth_mechanism);
	s->hello = s->auth_user = s->auth_mechanism = NULL;
	s->hello_verb = NULL;
	s->auth_binding = "";
}

static noreturn void end_of_input(struct session *s)
{
	/* Who was early under terms that do not hold has answers due that he will not wait for. */
	if (!s->quit && !s->scripted && !s->conn->broken && !s->early)
		log_violation(s->log, "connection closed without QUIT");
	session_end(s, false);
}

/* What must not be in any line of the client.  Returns the complaint or NULL; *fatal: do not obey the line. */
static const char *line_fault(const struct session *s, const char *line, size_t len, bool *fatal)
{
	bool bare_lf = len < 2 || line[len - 2] != '\r';
	size_t text = len - (bare_lf ? 1 : 2);

	*fatal = true;
	for (size_t i = 0; i < text; i++) {
		unsigned char c = (unsigned char)line[i];

		if (c == '\r')
			return "bare CR in a command";
		if (c < 32 || c == 127)
			return "control character in a command";
		if (c >= 128 && !session_shows(s, "SMTPUTF8"))
			return "non-ASCII octet in a command, SMTPUTF8 was not advertised";
	}
	*fatal = false;
	if (bare_lf)
		return "line ends in a bare LF";
	if (text && line[text - 1] == ' ')
		return "blank at the end of a command";
	return NULL;
}

bool session_read(struct session *s, size_t limit)
{
	const char *line, *wrong;
	size_t len;
	bool fatal;

	switch (conn_line(s->conn, limit, &line, &len)) {
	case CONN_LINE_END:
		if (s->conn->end > s->conn->pos)
			log_violation(s->log, "connection closed inside a line");
		end_of_input(s);
	case CONN_LINE_LONG:
		log_violation(s->log, "line longer than %zu octets", limit);
		session_reply(s, "", NULL, 500, "5.5.2", "line too long");
		return false;
	case CONN_LINE: break;
	}
	log_dialogue(s->log, 'C', line, len);
	wrong = line_fault(s, line, len, &fatal);
	buf_clear(&s->line);
	buf_add(&s->line, line, len - 1);
	if (s->line.len && s->line.data[s->line.len - 1] == '\r')
		s->line.data[--s->line.len] = '\0';
	if (wrong)
		session_blame(s, wrong);
	if (fatal)
		session_reply(s, "", NULL, 500, "5.5.2", "unusable line");
	return !fatal;
}

static size_t command_limit(const struct session *s)
{
	const struct conn *c = s->conn;

	if (s->opt->max_command)
		return s->opt->max_command;
	/* The verb decides; a line that has not arrived at all is treated as AUTH and again once it is here. */
	if (c->end - c->pos < 5)
		return 12288;
	return parameters_line_limit(c->in + c->pos, c->end - c->pos, &s->shown);
}

static void command_rset(struct session *s, const char *arg)
{
	if (*arg)
		session_blame(s, "RSET takes no argument");
	session_reset(s);
	session_reply(s, "rset", NULL, 250, "2.0.0", "forgotten");
}

static void command_noop(struct session *s, const char *arg)
{
	(void)arg;
	session_reply(s, "noop", NULL, 250, "2.0.0", "ok");
}

static void command_help(struct session *s, const char *arg)
{
	(void)arg;
	session_reply(s, "help", NULL, 214, "2.0.0", "read the RFCs");
}

static void command_vrfy(struct session *s, const char *arg)
{
	if (!*arg)
		session_blame(s, "VRFY wants an argument");
	session_reply(s, "vrfy", NULL, *arg ? 252 : 501, *arg ? "2.5.2" : "5.5.4", "cannot say, but will try");
}

static void command_etrn(struct session *s, const char *arg)
{
	bool good = session_shows(s, "ETRN") && *arg;

	if (!good)
		session_blame(s, *arg ? "ETRN was not advertised" : "ETRN wants an argument");
	session_reply(s, "etrn", NULL,
		      good   ? 250
		      : *arg ? 500
			     : 501,
		      good ? "2.0.0" : "5.5.1", good ? "queuing started" : "not here");
}

static void command_quit(struct session *s, const char *arg)
{
	if (*arg)
		session_blame(s, "QUIT takes no argument");
	s->quit = true;
	session_reply(s, "quit", NULL, 221, "2.0.0", "bye");
	session_end(s, true);
}

/* RFC 2920 3.1: these end a group, as do the ones that wait for more (BDAT, AUTH and STARTTLS look for themselves). */
static const struct verb {
	const char *name;
	bool ends_group;
	void (*run)(struct session *s, const char *arg);
} verbs[] = {
	{"MAIL", false, command_mail}, {"RCPT", false, command_rcpt}, {"DATA", true, command_data},
	{"BDAT", false, command_bdat}, {"RSET", false, command_rset}, {"QUIT", true, command_quit},
	{"NOOP", true, command_noop},  {"VRFY", true, command_vrfy},  {"HELP", true, command_help},
	{"ETRN", true, command_etrn},  {"AUTH", false, command_auth}, {"STARTTLS", false, command_starttls},
};

static void dispatch(struct session *s)
{
	const char *line = buf_str(&s->line);
	size_t len = strcspn(line, " ");
	const char *arg = line[len] ? line + len + 1 : line + len;
	const struct verb *v = NULL;

	for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
		if (strlen(verbs[i].name) == len && !strncasecmp(line, verbs[i].name, len))
			v = &verbs[i];
	/* RFC 5321 3.1: after a 554 greeting only QUIT is in place, for those who could know. */
	if (s->turned_away && (!v || v->run != command_quit)) {
		if (!s->early_licensed)
			session_blame(s, "command after a greeting that turned the client away");
		session_reply(s, "", NULL, 503, "5.5.1", "not served");
		return;
	}
	for (const char *h = "EHLOHELOLHLO"; *h && len == 4; h += 4)
		if (!strncasecmp(line, h, 4)) {
			command_hello(s, h[0] == 'E' ? "EHLO" : h[0] == 'H' ? "HELO" : "LHLO", arg);
			return;
		}
	if (!v) {
		session_blame(s, "unknown command");
		session_reply(s, "", NULL, 500, "5.5.1", "unknown command");
		return;
	}
	/* BDAT is followed by its octets in any case. */
	if (v->ends_group || (!session_shows(s, "PIPELINING") && v->run != command_bdat && v->run != command_auth &&
			      v->run != command_starttls))
		session_sync(s, v->name);
	v->run(s, arg);
}

static void greet(struct session *s)
{
	struct extensions all = {0};
	struct buf text = {0};

	extensions_parse(&all, s->opt->extensions_before_tls && s->opt->tls == TLS_STARTTLS
				       ? s->opt->extensions_before_tls
				       : s->opt->extensions);
	s->early_licensed = extensions_find(&all, "PIPECONNECT");
	extensions_release(&all);
	s->early = conn_pending(s->conn) && s->early_licensed;
	if (!s->early_licensed && conn_pending(s->conn))
		log_violation(s->log, "the client spoke before the greeting");
	buf_addf(&text, "%s %s posthaste test sink", s->opt->hostname, s->opt->lmtp ? "LMTP" : "ESMTP");
	s->turned_away = session_reply(s, "greeting", NULL, 220, NULL, text.data) != 220;
	buf_release(&text);
}

/* An implicit TLS port on which somebody forgot the TLS. */
static noreturn void greet_garbage(struct session *s)
{
	buf_addf(&s->conn->out, "220 %s ESMTP posthaste test sink\r\n", s->opt->hostname);
	while (conn_fill(s->conn))
		conn_drop_input(s->conn);
	session_end(s, false);
}

noreturn void session_run(struct session *s)
{
	s->auth_binding = "";
	log_note(s->log, "connection %u from %s", s->log->connection, s->conn->peer);
	if (s->opt->garbage_tls)
		greet_garbage(s);
	if (s->opt->tls == TLS_IMPLICIT) {
		session_stage(s, "tls", NULL);
		if (!tls_start(s->conn, s->tls_context))
			session_end(s, false);
	}
	greet(s);
	for (;;) {
		/* Wait for the verb, which says how long the line may be. */
		while (s->conn->end - s->conn->pos < 5 &&
		       !memchr(s->conn->in + s->conn->pos, '\n', s->conn->end - s->conn->pos))
			if (!conn_fill(s->conn))
				break;
		if (session_read(s, command_limit(s)))
			dispatch(s);
	}
}
