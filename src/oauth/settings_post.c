/* SPDX-License-Identifier: GPL-3.0-or-later */
/* What the client of an account sends to a server. */
#include "oauth/settings.h"
#include "secret/redactor.h"

void oauth_settings_identify(const struct oauth_settings *s, struct secret *form, struct secret *basic_name,
			     struct secret *basic_password)
{
	struct span id = span_of(s->value[OAUTH_CLIENT_ID].text ? s->value[OAUTH_CLIENT_ID].text : "");
	bool has_secret = secret_is_set(&s->client_secret);
	if (has_secret && s->secret_by_basic) {
		oauth_percent_encode(basic_name, id);
		oauth_percent_encode(basic_password, secret_reveal(&s->client_secret));
		return;
	}
	oauth_form_add(form, "client_id", id);
	if (has_secret)
		oauth_form_add(form, "client_secret", secret_reveal(&s->client_secret));
}

/* ---- what the server repeats of it ---- */

static void hide(const struct secret *sent, struct oauth_reply *reply)
{
	struct redactor redactor = REDACTOR_INIT;
	redactor_set(&redactor, sent);
	for (size_t i = 0; i < reply->n; i++)
		if (strncmp(reply->members[i].name, "error", strlen("error")) == 0)
			redactor_apply(&redactor, (char *)reply->members[i].value); /* within reply->all */
	redactor_release(&redactor);
}

static int hex_digit(char c)
{
	return ascii_isdigit(c) ? c - '0' : ascii_lower(c) - 'a' + 10;
}

static void percent_decode(struct span text, struct secret *out)
{
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (c == '%' && i + 2 < text.len) {
			c = (char)(hex_digit(text.ptr[i + 1]) << 4 | hex_digit(text.ptr[i + 2]));
			i += 2;
		}
		secret_append(out, &c, 1);
	}
}

/* Fields of a form that are secret. */
static bool is_secret(struct span name)
{
	static const char *const names[] = {"client_secret", "refresh_token", "code",	  "code_verifier",
					    "device_code",   "token",	      "assertion"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		if (span_equals_str(name, names[i]))
			return true;
	return false;
}

static void hide_sent(const struct oauth_settings *s, const struct secret *form, struct oauth_reply *reply)
{
	struct span rest = secret_reveal(form), field, name;
	if (secret_is_set(&s->client_secret))
		hide(&s->client_secret, reply);
	while (span_split(&rest, '&', &field)) {
		AUTO(secret) value = SECRET_INIT;
		if (!span_split(&field, '=', &name) || !is_secret(name) || !field.len)
			continue;
		percent_decode(field, &value);
		hide(&value, reply);
	}
}

bool oauth_settings_post(const struct oauth_settings *s, const struct oauth_network *network, const char *url,
			 struct secret *form, struct oauth_reply *reply, struct error *err)
{
	AUTO(secret) name = SECRET_INIT;
	AUTO(secret) password = SECRET_INIT;
	oauth_settings_identify(s, form, &name, &password);
	const struct oauth_http_request request = {
		.url = url,
		.form = form,
		.basic_name = secret_is_set(&name) ? secret_reveal(&name).ptr : NULL,
		.basic_password = secret_is_set(&name) ? &password : NULL,
	};
	bool answered = oauth_http_ask(network, &request, reply, err);
	hide_sent(s, form, reply);
	return answered;
}
