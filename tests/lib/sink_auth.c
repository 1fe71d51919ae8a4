/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AUTH, RFC 4954. */
#include "sink_sasl.h"
#include "sink_session.h"

#include <ctype.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { ANSWER_LIMIT = 12288 };

static bool offered(const struct session *s, const char *mechanism)
{
	const char *p = extensions_find(&s->shown, "AUTH");
	size_t len = strlen(mechanism);

	while (p && *(p += strspn(p, " "))) {
		if (strcspn(p, " ") == len && !strncasecmp(p, mechanism, len))
			return true;
		p += strcspn(p, " ");
	}
	return false;
}

/* Is AUTH allowed now?  Answers and returns false if not. */
static bool allowed(struct session *s, const char *mechanism)
{
	const char *wrong = NULL;
	int code = 503;

	if (!s->hello_verb)
		wrong = "AUTH before EHLO";
	else if (s->opt->require_tls && !s->conn->tls)
		wrong = "AUTH before TLS", code = 530;
	else if (!session_shows(s, "AUTH"))
		wrong = "AUTH was not advertised";
	else if (s->auth_user)
		wrong = "AUTH a second time";
	else if (s->tx.open)
		wrong = "AUTH inside a mail transaction";
	else if (!offered(s, mechanism))
		wrong = "mechanism that was not offered", code = 504;
	if (!wrong)
		return true;
	session_blame(s, wrong);
	session_reply(s, "auth", mechanism, code, "5.5.1", wrong);
	return false;
}

/* --reply auth=...: true when it took the place of the exchange.  334 takes an answer and the next rule. */
static bool play(struct session *s, const char *mechanism)
{
	struct answer a = session_choose(s, "auth", mechanism, 0);

	while (a.rule) {
		int code = session_send(s, "auth", mechanism, a, NULL, "");

		if (code / 100 == 2) {
			s->auth_user = mem_dup("", 0);
			s->auth_mechanism = mem_dup(mechanism, strlen(mechanism));
		}
		if (code != 334)
			return true;
		(void)session_read(s, ANSWER_LIMIT);
		a = session_choose(s, "auth", mechanism, 535);
		if (!a.rule) {
			session_send(s, "auth", mechanism, a, "5.7.8", "refused");
			return true;
		}
	}
	return false;
}

/* Send a challenge, read the answer into *answer.  False: cancelled or unusable, and answered. */
static bool ask(struct session *s, const char *mechanism, const struct buf *challenge, struct buf *answer)
{
	struct buf line = {0};
	const char *p;

	base64_encode(&line, challenge->data, challenge->len);
	session_send(s, "auth", mechanism, (struct answer){.code = 334}, NULL, buf_str(&line));
	buf_release(&line);
	if (!session_read(s, ANSWER_LIMIT))
		return false;
	if (conn_pending(s->conn))
		log_violation(s->log, "input pipelined after an answer of AUTH");
	p = buf_str(&s->line);
	if (!strcmp(p, "*")) {
		session_reply(s, "auth-final", mechanism, 501, "5.7.0", "cancelled");
		return false;
	}
	buf_clear(answer);
	if (base64_decode(answer, p, s->line.len))
		return true;
	session_blame(s, "answer is not base64");
	session_reply(s, "auth-final", mechanism, 501, "5.5.2", "not base64");
	return false;
}

static void succeed(struct session *s, const char *mechanism, const struct sasl *sasl)
{
	const char *user = sasl_user(sasl);

	if (session_reply(s, "auth-final", mechanism, 235, "2.7.0", "welcome") != 235)
		return;
	s->auth_user = mem_dup(user, strlen(user));
	s->auth_mechanism = mem_dup(mechanism, strlen(mechanism));
	s->auth_binding = sasl_binding(sasl);
}

static void exchange(struct session *s, const char *mechanism, const struct buf *initial)
{
	struct sasl *sasl = sasl_new(mechanism, s->conn);
	struct buf challenge = {0}, answer = {0};
	enum sasl_result result;

	if (!sasl) {
		session_reply(s, "auth-final", mechanism, 504, "5.5.4", "the sink cannot do this mechanism");
		return;
	}
	result = sasl_step(sasl, initial ? buf_str(initial) : NULL, initial ? initial->len : 0, &challenge);
	while (result == SASL_CHALLENGE && ask(s, mechanism, &challenge, &answer)) {
		buf_clear(&challenge);
		result = sasl_step(sasl, buf_str(&answer), answer.len, &challenge);
	}
	if (result == SASL_DONE) {
		succeed(s, mechanism, sasl);
	} else if (result != SASL_CHALLENGE) {
		log_note(s->log, "%s refused: %s", mechanism, sasl_why(sasl));
		if (result == SASL_MALFORMED)
			log_violation(s->log, "%s: %s", mechanism, sasl_why(sasl));
		session_reply(s, "auth-final", mechanism, 535, "5.7.8", "authentication failed");
	}
	sasl_free(sasl);
	buf_release(&challenge);
	buf_release(&answer);
}

/* AUTH SP mechanism [SP initial-response]; "=" is an empty initial response */
static void authenticate(struct session *s, const char *mechanism, const char *initial)
{
	struct buf decoded = {0};
	const char *wrong = NULL;

	if (initial && sasl_server_first(mechanism))
		wrong = "initial response for a mechanism in which the server speaks first";
	else if (initial && !*initial)
		wrong = "blank at the end of AUTH";
	else if (initial && strcmp(initial, "=") && !base64_decode(&decoded, initial, strlen(initial)))
		wrong = "initial response is not base64";
	if (wrong) {
		session_blame(s, wrong);
		session_reply(s, "auth-final", mechanism, 501, "5.5.2", wrong);
	} else {
		exchange(s, mechanism, initial ? &decoded : NULL);
	}
	buf_release(&decoded);
}

void command_auth(struct session *s, const char *arg)
{
	size_t len = strcspn(arg, " ");
	char *mechanism = mem_dup(arg, len);
	char *initial = arg[len] ? mem_dup(arg + len + 1, strlen(arg + len + 1)) : NULL;

	for (char *p = mechanism; *p; p++)
		*p = (char)toupper((unsigned char)*p);
	/* RFC 4954 section 4: AUTH ends a group, also that of PIPECONNECT. */
	session_sync(s, "AUTH");
	session_stage(s, "auth", mechanism);
	if (allowed(s, mechanism) && !play(s, mechanism))
		authenticate(s, mechanism, initial);
	free(mechanism);
	free(initial);
}
