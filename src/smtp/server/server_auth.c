/* SPDX-License-Identifier: GPL-3.0-or-later */
/* AUTH (RFC 4954): the commands and their base64; what it means is up to the owner. */
#include "base/base64.h"
#include "base/xalloc.h"
#include "smtp/server/server_private.h"

#include <string.h>

/* Decodes what the client sent, and asks the owner. */
static void take_response(struct server_session *s, enum server_sasl_event event, struct span encoded)
{
	bool empty = event == SERVER_SASL_START && span_equals_str(encoded, "=");
	strbuf_wipe(&s->response);
	strbuf_grow(&s->response, encoded.len);
	s->has_response = event == SERVER_SASL_RESPONSE || encoded.len;
	s->phase = PHASE_COMMAND;
	if (!empty && !base64_decode(&s->response, encoded)) {
		server_error(s, 501, "5.5.2", "The response is not base64");
		return;
	}
	s->sasl_event = event;
	s->asked = SERVER_SASL;
}

static bool refused(struct server_session *s)
{
	if (s->options.auth_needs_tls && !s->tls_active && caps_has(s->options.offers, CAP_AUTH))
		server_error(s, 538, "5.7.11", "Start TLS before you log in");
	else if (!server_offers(s, CAP_AUTH))
		server_error(s, 502, "5.5.1", "AUTH is not offered");
	else if (s->has_login)
		server_error(s, 503, "5.5.1", "You have logged in already");
	else if (s->in_mail)
		server_error(s, 503, "5.5.1", "Not within a mail transaction");
	else
		return false;
	return true;
}

const char *server_auth_mechanism(const struct server_session *s, struct span name)
{
	const struct strvec *offered = &s->options.offers->auth;
	for (size_t i = 0; i < offered->n; i++)
		if (span_equals_str_nocase(name, offered->v[i]))
			return offered->v[i];
	return NULL;
}

void server_auth_command(struct server_session *s, struct span arguments)
{
	struct span name = span_word(&arguments), initial = span_word(&arguments);
	if (refused(s))
		return;
	if (!name.len || span_trim(arguments).len) {
		server_error(s, 501, "5.5.4", "AUTH has a mechanism and at most one initial response");
		return;
	}
	const char *mechanism = server_auth_mechanism(s, name);
	if (!mechanism) {
		server_error(s, 504, "5.5.4", "This mechanism is not offered");
		return;
	}
	xreplace(&s->mechanism, mechanism);
	take_response(s, SERVER_SASL_START, initial);
}

void server_auth_response(struct server_session *s, struct span line)
{
	if (!span_equals_str(line, "*")) {
		take_response(s, SERVER_SASL_RESPONSE, line);
		return;
	}
	s->phase = PHASE_COMMAND;
	server_error(s, 501, "5.7.0", "The login is cancelled");
}
