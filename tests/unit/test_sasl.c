/* SPDX-License-Identifier: GPL-3.0-or-later */
/* Our client side against libgsasl's server side, in this process. */
#include "auth/ntlm.h"
#include "auth/sasl.h"
#include "base/base64.h"

#include <gsasl.h>
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "heap_help.h"

struct server {
	Gsasl *library;
	Gsasl_session *session;
	const char *password; /* what it knows */
	const char *iterations;
	const char *binding; /* base64, or NULL */
	bool exporter;
	char user[64], authzid[64]; /* what it learned */
};

static void note(char *where, size_t room, Gsasl_session *s, Gsasl_property prop)
{
	const char *value = gsasl_property_fast(s, prop);
	if (value)
		(void)snprintf(where, room, "%s", value);
}

static int serve(Gsasl *library, Gsasl_session *s, Gsasl_property prop)
{
	struct server *srv = gsasl_callback_hook_get(library);
	note(srv->user, sizeof(srv->user), s, GSASL_AUTHID);
	note(srv->authzid, sizeof(srv->authzid), s, GSASL_AUTHZID);
	const char *value = NULL;
	switch (prop) {
	case GSASL_PASSWORD: value = srv->password; break;
	case GSASL_SCRAM_ITER: value = srv->iterations; break;
	case GSASL_CB_TLS_EXPORTER: value = srv->exporter ? srv->binding : NULL; break;
	case GSASL_CB_TLS_UNIQUE: value = srv->exporter ? NULL : srv->binding; break;
	case GSASL_REALM: value = "example.org"; break;
	case GSASL_VALIDATE_SIMPLE: {
		const char *got = gsasl_property_fast(s, GSASL_PASSWORD);
		return got && strcmp(got, srv->password) == 0 ? GSASL_OK : GSASL_AUTHENTICATION_ERROR;
	}
	case GSASL_VALIDATE_EXTERNAL: return GSASL_OK;
	default: break;
	}
	return value && gsasl_property_set(s, prop, value) == GSASL_OK ? GSASL_OK : GSASL_NO_CALLBACK;
}

static void server_start(struct server *srv, const char *mech)
{
	assert_int_equal(gsasl_init(&srv->library), GSASL_OK);
	gsasl_callback_set(srv->library, serve);
	gsasl_callback_hook_set(srv->library, srv);
	assert_int_equal(gsasl_server_start(srv->library, mech, &srv->session), GSASL_OK);
}

static void server_release(struct server *srv)
{
	if (srv->session)
		gsasl_finish(srv->session);
	if (srv->library)
		gsasl_done(srv->library);
}

static int server_step(struct server *srv, const struct strbuf *in, struct strbuf *out)
{
	char *data = NULL;
	size_t len = 0;
	int rc = gsasl_step(srv->session, in->buf, in->len, &data, &len);
	strbuf_reset(out);
	if (rc == GSASL_OK || rc == GSASL_NEEDS_MORE)
		strbuf_add(out, data, len);
	gsasl_free(data);
	return rc;
}

#define BINDING_RAW "sixteen or so octets"

struct dialogue {
	const char *mech, *user, *authzid, *password;
	struct server server;
	/* what went wrong, if anything */
	bool server_agrees;
	struct error err;
	bool client_failed;
};

static void dialogue_release(struct dialogue *d)
{
	server_release(&d->server);
	error_release(&d->err);
}

typedef void tamper(struct strbuf *challenge, unsigned step);

static struct sasl *begin(const struct dialogue *d, const struct secret *password, struct strbuf *response,
			  bool *initial, struct error *err)
{
	const struct mech *mech = mech_find(d->mech);
	const struct sasl_request req = {
		.mech = mech,
		.user = d->user,
		.authzid = d->authzid,
		.password = d->password ? password : NULL,
		.host = "mail.example.org",
		.port = 587,
		.binding = !mech->binding	? SASL_BINDING_NONE
			   : d->server.exporter ? SASL_BINDING_EXPORTER
						: SASL_BINDING_UNIQUE,
		.binding_data = mech->binding ? SPAN_LIT(BINDING_RAW) : span_make(NULL, 0),
	};
	return sasl_new(&req, response, initial, err);
}

/* As SMTP does it: a challenge is answered, also the server's last one. */
static void talk(struct dialogue *d, tamper *change)
{
	AUTO(secret) password = SECRET_INIT;
	AUTO(strbuf) challenge = STRBUF_INIT;
	AUTO(strbuf) response = STRBUF_INIT;
	bool initial = false;
	if (d->password)
		secret_set(&password, d->password, strlen(d->password));
	server_start(&d->server, d->mech);
	AUTO_PTR(sasl) s = begin(d, &password, &response, &initial, &d->err);
	d->client_failed = !s;
	if (!s)
		return;
	assert_int_equal(initial, mech_find(d->mech)->initial_response);
	unsigned steps = 0;
	int rc = initial ? server_step(&d->server, &response, &challenge) : GSASL_NEEDS_MORE;
	if (!initial)
		rc = server_step(&d->server, &response, &challenge);
	while (rc == GSASL_NEEDS_MORE || (rc == GSASL_OK && challenge.len)) {
		if (change)
			change(&challenge, steps);
		strbuf_reset(&response);
		if (!sasl_step(s, strbuf_span(&challenge), &response, &d->err)) {
			d->client_failed = true;
			return;
		}
		if (rc == GSASL_OK)
			break;
		assert_true(++steps < 10);
		rc = server_step(&d->server, &response, &challenge);
	}
	d->server_agrees = rc == GSASL_OK;
	if (d->server_agrees && !sasl_finished(s, &d->err))
		d->client_failed = true;
}

static void every_mechanism_logs_in(void **state)
{
	(void)state;
	static const struct {
		const char *mech;
		bool exporter;
	} rows[] = {
		{"PLAIN", false},
		{"LOGIN", false},
		{"CRAM-MD5", false},
		{"DIGEST-MD5", false},
		{"SCRAM-SHA-1", false},
		{"SCRAM-SHA-256", false},
		{"SCRAM-SHA-1-PLUS", false},
		{"SCRAM-SHA-1-PLUS", true},
		{"SCRAM-SHA-256-PLUS", false},
		{"SCRAM-SHA-256-PLUS", true},
	};
	AUTO(strbuf) binding = STRBUF_INIT;
	base64_encode(&binding, SPAN_LIT(BINDING_RAW));
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("# %s\n", rows[i].mech);
		bool plus = mech_find(rows[i].mech)->binding;
		AUTO(dialogue)
		d = {.mech = rows[i].mech,
		     .user = "joe",
		     .password = "pencil=,%\xc3\xa4",
		     .server = {.password = "pencil=,%\xc3\xa4",
				.iterations = "4096",
				.binding = plus ? binding.buf : NULL,
				.exporter = rows[i].exporter}};
		talk(&d, NULL);
		if (d.err.status.text)
			print_message("# %s\n", d.err.status.text);
		assert_false(d.client_failed);
		assert_true(d.server_agrees);
		assert_string_equal(d.server.user, "joe");
	}
}

static void anonymous_sends_the_user_as_trace(void **state)
{
	(void)state;
	static const char *const users[] = {"joe@example.org", NULL};
	for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		bool initial = false;
		const struct sasl_request req = {.mech = mech_find("ANONYMOUS"), .user = users[i]};
		AUTO_PTR(sasl) s = sasl_new(&req, &response, &initial, &err);
		assert_non_null(s);
		assert_true(initial);
		assert_true(span_equals_str(strbuf_span(&response), users[i] ? users[i] : "anonymous"));
		assert_true(sasl_finished(s, &err));
	}
}

static void external_names_the_user_or_nobody(void **state)
{
	(void)state;
	static const struct {
		const char *user, *authzid, *sent;
	} rows[] = {{"joe", NULL, "joe"},
		    {NULL, NULL, ""},
		    {"joe", "admin", "admin"},
		    {"joe", "", "joe"},
		    {"j\xc2\xado\xc2\xaa", NULL, "joa"}, /* RFC 4013: soft hyphen, ordinal a */
		    {NULL, "\xe2\x85\xa8", "IX"}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		bool initial = false;
		const struct sasl_request req = {
			.mech = mech_find("EXTERNAL"), .user = rows[i].user, .authzid = rows[i].authzid};
		AUTO_PTR(sasl) s = sasl_new(&req, &response, &initial, &err);
		assert_non_null(s);
		assert_true(initial);
		assert_string_equal(response.buf, rows[i].sent);
		assert_true(sasl_finished(s, &err));
	}
}

static void an_identity_that_cannot_be_prepared_is_refused(void **state)
{
	(void)state;
	static const char *const names[] = {"a\x07"
					    "b",
					    "\xc2\xad",
					    "\xd8\xa7"
					    "1",
					    "\xff"};
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		bool initial;
		const struct sasl_request req = {.mech = mech_find("EXTERNAL"), .user = names[i]};
		assert_null(sasl_new(&req, &response, &initial, &err));
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_int_equal(response.len, 0);
	}
}

/* What is transmitted as the identity to act as: authzid, and the user only where there is no other field for it. */
static void the_user_is_no_identity_to_act_as(void **state)
{
	(void)state;
	for (const struct mech *m = mech_table; m->name; m++) {
		struct sasl_request req = {.mech = m, .user = "joe"};
		const char *want = strcmp(m->name, "EXTERNAL") == 0 ? "joe"
				   : strcmp(m->name, "GSSAPI") == 0 ? ""
								    : NULL;
		const char *got = sasl_identity(&req);
		assert_true(want ? got && strcmp(got, want) == 0 : !got);
		req.authzid = "office";
		assert_string_equal(sasl_identity(&req), "office");
	}
}

static void plain_carries_the_authorisation_identity_only_if_given(void **state)
{
	(void)state;
	AUTO(secret) password = SECRET_INIT;
	secret_set(&password, "pw", 2);
	const char *const authzids[] = {NULL, "", "boss"};
	const struct span sent[] = {SPAN_LIT("\0joe\0pw"), SPAN_LIT("\0joe\0pw"), SPAN_LIT("boss\0joe\0pw")};
	for (size_t i = 0; i < ARRAY_SIZE(sent); i++) {
		AUTO(strbuf) response = STRBUF_INIT;
		bool initial = false;
		const struct sasl_request req = {
			.mech = mech_find("PLAIN"), .user = "joe", .authzid = authzids[i], .password = &password};
		AUTO_PTR(sasl) s = sasl_new(&req, &response, &initial, NULL);
		assert_non_null(s);
		assert_true(span_equal(strbuf_span(&response), sent[i]));
	}
}

/* The prompts differ from server to server; some are empty. */
static void login_answers_any_prompts(void **state)
{
	(void)state;
	static const char *const prompts[][2] = {
		{"Username:", "Password:"}, {"", ""}, {"User Name", "Password"}, {"\xff", "Benutzer"}};
	AUTO(secret) password = SECRET_INIT;
	secret_set(&password, "pencil", 6);
	for (size_t i = 0; i < ARRAY_SIZE(prompts); i++) {
		AUTO(strbuf) name = STRBUF_INIT;
		AUTO(strbuf) secret = STRBUF_INIT;
		AUTO(strbuf) more = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		bool initial = true;
		const struct sasl_request req = {.mech = mech_find("LOGIN"), .user = "joe", .password = &password};
		AUTO_PTR(sasl) s = sasl_new(&req, &name, &initial, &err);
		assert_non_null(s);
		assert_false(initial);
		assert_true(sasl_step(s, span_of(prompts[i][0]), &name, &err));
		assert_string_equal(name.buf, "joe");
		assert_true(sasl_step(s, span_of(prompts[i][1]), &secret, &err));
		assert_string_equal(secret.buf, "pencil");
		assert_true(sasl_finished(s, &err));
		assert_false(sasl_step(s, SPAN_LIT("Password:"), &more, &err));
		assert_int_equal(more.len, 0);
	}
}

static void ntlm_begins_with_its_negotiation(void **state)
{
	(void)state;
	AUTO(secret) password = SECRET_INIT;
	AUTO(strbuf) response = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool initial = false;
	secret_set(&password, "pw", 2);
	const struct sasl_request req = {
		.mech = mech_find("NTLM"), .user = "joe", .password = &password, .realm = "DOM"};
	AUTO_PTR(sasl) s = sasl_new(&req, &response, &initial, &err);
	if (!s && err.status.kind == ERROR_NO_MECHANISM) {
		print_message("# skipped: this libgsasl was built without NTLM\n");
		skip();
	}
	assert_non_null(s);
	assert_true(initial);
	assert_memory_equal(response.buf, "NTLMSSP\0\1", 9);
	assert_false(sasl_finished(s, &err));
	assert_int_equal(err.status.kind, ERROR_PROTOCOL);
}

static void flip_signature(struct strbuf *challenge, unsigned step)
{
	(void)step;
	if (challenge->len > 4 && memcmp(challenge->buf, "v=", 2) == 0)
		challenge->buf[3] = challenge->buf[3] == 'A' ? 'B' : 'A';
}

static void foreign_nonce(struct strbuf *challenge, unsigned step)
{
	if (step == 0)
		challenge->buf[2] = challenge->buf[2] == 'x' ? 'y' : 'x';
}

static void proof_refused(struct strbuf *challenge, unsigned step)
{
	if (step == 1) {
		strbuf_reset(challenge);
		strbuf_adds(challenge, "e=invalid-proof");
	}
}

static void garbage(struct strbuf *challenge, unsigned step)
{
	(void)step;
	strbuf_reset(challenge);
	strbuf_add(challenge, "\0\xff,i=5000,", 10);
}

static void scram_refuses_whoever_does_not_know_the_password(void **state)
{
	(void)state;
	static const struct {
		const char *name;
		tamper *change;
		enum error_kind kind;
		const char *says;
	} rows[] = {
		{"wrong server signature", flip_signature, ERROR_PROTOCOL, "did not verify"},
		{"foreign nonce", foreign_nonce, ERROR_PROTOCOL, ""},
		{"an error in the server's words", proof_refused, ERROR_AUTH_REFUSED, "password is wrong"},
		{"garbage", garbage, ERROR_PROTOCOL, "is invalid"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("# %s\n", rows[i].name);
		AUTO(dialogue)
		d = {.mech = "SCRAM-SHA-256",
		     .user = "joe",
		     .password = "pencil",
		     .server = {.password = "pencil", .iterations = "4096"}};
		talk(&d, rows[i].change);
		assert_true(d.client_failed);
		print_message("# -> %s\n", d.err.status.text);
		assert_int_equal(d.err.status.kind, rows[i].kind);
		assert_non_null(strstr(d.err.status.text, rows[i].says));
		assert_null(strstr(d.err.status.text, "pencil"));
	}
}

static void wrong_channel_binding_does_not_log_in(void **state)
{
	(void)state;
	AUTO(strbuf) other = STRBUF_INIT;
	base64_encode(&other, SPAN_LIT("another connection's"));
	AUTO(dialogue)
	d = {.mech = "SCRAM-SHA-256-PLUS",
	     .user = "joe",
	     .password = "pencil",
	     .server = {.password = "pencil", .iterations = "4096", .binding = other.buf, .exporter = true}};
	talk(&d, NULL);
	assert_false(d.server_agrees);
}

static struct sasl *scram_begun(const struct secret *password, struct strbuf *response)
{
	bool initial;
	const struct sasl_request req = {.mech = mech_find("SCRAM-SHA-256"), .user = "joe", .password = password};
	struct sasl *s = sasl_new(&req, response, &initial, NULL);
	assert_non_null(s);
	return s;
}

static void scram_iterations_have_limits(void **state)
{
	(void)state;
	static const struct {
		const char *count;
		bool ok;
	} rows[] = {{"1", false},
		    {"4095", false},
		    {"4096", true},
		    {"600000", true},
		    {"600001", false},
		    {"10000000", false},
		    {"18446744073709551616", false},
		    {"-4096", false},
		    {"", false},
		    {"4096x", false}};
	AUTO(secret) password = SECRET_INIT;
	secret_set(&password, "pencil", 6);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		print_message("# i=%s\n", rows[i].count);
		AUTO(strbuf) first = STRBUF_INIT;
		AUTO(strbuf) challenge = STRBUF_INIT;
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(sasl) s = scram_begun(&password, &first);
		const char *nonce = strstr(first.buf, "r=");
		assert_non_null(nonce);
		strbuf_addf(&challenge, "%sSERVER,s=QSXCR+Q6sek8bf92,i=%s", nonce, rows[i].count);
		assert_int_equal(sasl_step(s, strbuf_span(&challenge), &response, &err), rows[i].ok);
		assert_int_equal(err.status.kind, rows[i].ok ? ERROR_NONE : ERROR_PROTOCOL);
	}
}

/* RFC 5802 section 5.1 */
static void scram_extensions_are_refused_if_they_are_mandatory(void **state)
{
	(void)state;
	static const struct {
		const char *before, *after;
		bool ok;
	} rows[] = {{"", "", true}, {"", ",x=future", true}, {"m=future,", "", false}};
	AUTO(secret) password = SECRET_INIT;
	secret_set(&password, "pencil", 6);
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) first = STRBUF_INIT;
		AUTO(strbuf) challenge = STRBUF_INIT;
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(sasl) s = scram_begun(&password, &first);
		strbuf_addf(&challenge, "%s%sSERVER,s=QSXCR+Q6sek8bf92,i=4096%s", rows[i].before,
			    strstr(first.buf, "r="), rows[i].after);
		assert_int_equal(sasl_step(s, strbuf_span(&challenge), &response, &err), rows[i].ok);
		assert_int_equal(err.status.kind, rows[i].ok ? ERROR_NONE : ERROR_PROTOCOL);
	}
}

/* RFC 4954 section 4: with one, all that the server said before would have to be forgotten. */
static void no_security_layer_is_asked_for(void **state)
{
	(void)state;
	AUTO(secret) password = SECRET_INIT;
	AUTO(strbuf) response = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool initial;
	secret_set(&password, "pencil", 6);
	const struct sasl_request req = {
		.mech = mech_find("DIGEST-MD5"), .user = "joe", .password = &password, .host = "mail.example.org"};
	AUTO_PTR(sasl) s = sasl_new(&req, &response, &initial, &err);
	if (!s)
		skip();
	assert_true(sasl_step(s,
			      SPAN_LIT("realm=\"h\",nonce=\"n\",qop=\"auth-conf,auth-int,auth\",cipher=\"rc4\","
				       "algorithm=md5-sess,charset=utf-8"),
			      &response, &err));
	assert_non_null(strstr(response.buf, "nonce=\"n\""));
	assert_null(strstr(response.buf, "auth-"));
}

static void early_success_is_no_success(void **state)
{
	(void)state;
	static const char *const mechs[] = {"SCRAM-SHA-256", "SCRAM-SHA-1", "LOGIN", "CRAM-MD5", "DIGEST-MD5"};
	AUTO(secret) password = SECRET_INIT;
	secret_set(&password, "pencil", 6);
	for (size_t i = 0; i < ARRAY_SIZE(mechs); i++) {
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		bool initial;
		const struct sasl_request req = {
			.mech = mech_find(mechs[i]), .user = "joe", .password = &password, .host = "h"};
		AUTO_PTR(sasl) s = sasl_new(&req, &response, &initial, NULL);
		assert_non_null(s);
		assert_false(sasl_finished(s, &err));
		assert_int_equal(err.status.kind, ERROR_PROTOCOL);
	}
}

static void a_challenge_where_success_was_due_is_refused(void **state)
{
	(void)state;
	AUTO(secret) password = SECRET_INIT;
	AUTO(strbuf) response = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool initial;
	secret_set(&password, "pencil", 6);
	const struct sasl_request req = {.mech = mech_find("PLAIN"), .user = "joe", .password = &password};
	AUTO_PTR(sasl) s = sasl_new(&req, &response, &initial, NULL);
	assert_non_null(s);
	strbuf_reset(&response);
	assert_false(sasl_step(s, SPAN_LIT("more?"), &response, &err));
	assert_int_equal(err.status.kind, ERROR_PROTOCOL);
	assert_int_equal(response.len, 0);
}

/* Starts a mechanism with joe's password.  NULL if this libgsasl lacks it, or if Kerberos has no ticket. */
static struct sasl *begun(const char *mech, const struct secret *password)
{
	AUTO(strbuf) response = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	bool initial;
	const struct mech *known = mech_find(mech);
	const struct sasl_request req = {
		.mech = known,
		.user = "joe",
		.password = password,
		.host = "mail.example.org",
		.binding = known->binding ? SASL_BINDING_EXPORTER : SASL_BINDING_NONE,
		.binding_data = SPAN_LIT(BINDING_RAW),
	};
	struct sasl *s = sasl_new(&req, &response, &initial, &err);
	assert_true(s || err.status.kind == ERROR_NO_MECHANISM || known->ticket);
	return s;
}

/* Every mechanism, whatever it is sent, in whatever order: it refuses within the limit and does not crash. */
static void a_server_may_send_any_challenges(void **state)
{
	(void)state;
	static const char digest[] = "realm=\"h\",nonce=\"n\",qop=\"auth\",algorithm=md5-sess,charset=utf-8";
	static const char ntlm[40] = "NTLMSSP\0\2\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0noncenon";
	AUTO(strbuf) big = STRBUF_INIT;
	for (size_t i = 0; i < 60000; i++)
		strbuf_addch(&big, 'a');
	const struct span first[] = {{NULL, 0},
				     SPAN_LIT(""),
				     SPAN_LIT("\0"),
				     SPAN_LIT("x"),
				     SPAN_LIT("\xff\xff,="),
				     span_of(digest),
				     strbuf_span(&big),
				     {ntlm, sizeof(ntlm)},
				     SPAN_LIT("r=,s=,i=4096"),
				     SPAN_LIT("<1@h>"),
				     SPAN_LIT("{\"status\":")};
	const struct span later[] = {{NULL, 0}, SPAN_LIT("\0"), SPAN_LIT("x"), SPAN_LIT("rspauth="), strbuf_span(&big)};
	AUTO(secret) password = SECRET_INIT;
	secret_set(&password, "pencil", 6);
	for (const struct mech *m = mech_table; m->name; m++) {
		for (size_t i = 0; i < ARRAY_SIZE(first) * ARRAY_SIZE(later); i++) {
			AUTO(error) err = ERROR_INIT;
			AUTO_PTR(sasl) s = begun(m->name, &password);
			unsigned rounds = 0;
			bool ok = true;
			if (!s) /* and asking Kerberos again takes its time */
				break;
			while (ok) {
				AUTO(strbuf) response = STRBUF_INIT;
				assert_true(rounds <= SASL_ROUNDS_MAX);
				struct span challenge =
					rounds++ ? later[i % ARRAY_SIZE(later)] : first[i / ARRAY_SIZE(later)];
				ok = sasl_step(s, challenge, &response, &err);
			}
			if (err.status.kind != ERROR_PROTOCOL && err.status.kind != ERROR_AUTH_REFUSED)
				fail_msg("%s, %zu: %s", m->name, i, err.status.text);
			assert_null(strstr(err.status.text, "pencil"));
		}
	}
}

#ifndef HAVE_SANITIZERS

/* libgsasl frees its copies as they are; SCRAM and CRAM-MD5 keep some inside, out of reach. */
static void no_copy_of_the_password_is_left(void **state)
{
	(void)state;
	static const char *const mechs[] = {"PLAIN", "LOGIN", "OAUTHBEARER", "XOAUTH2"};
	for (size_t i = 0; i < ARRAY_SIZE(mechs); i++) {
		struct secret password = SECRET_INIT;
		struct strbuf response = STRBUF_INIT;
		char text[UNSEEN + 1];
		bool initial;
		unseen(text);
		secret_set(&password, text, UNSEEN);
		const struct sasl_request req = {
			.mech = mech_find(mechs[i]), .user = "joe", .host = "h", .password = &password};
		struct sasl *s = sasl_new(&req, &response, &initial, NULL);
		assert_non_null(s);
		if (!initial) {
			assert_true(sasl_step(s, SPAN_LIT("Username:"), &response, NULL));
			assert_true(sasl_step(s, SPAN_LIT("Password:"), &response, NULL));
		}
		assert_true(copies_in_heap() > 0);
		sasl_free(s);
		strbuf_wipe(&response);
		secret_release(&password);
		if (copies_in_heap())
			fail_msg("%s: %zu", mechs[i], copies_in_heap());
	}
}

#endif

static bool always(struct sasl *s, struct span challenge, struct strbuf *response, struct error *err)
{
	(void)s, (void)response, (void)err;
	assert_non_null(challenge.ptr);
	return true;
}

static void a_mechanism_that_never_ends_is_ended(void **state)
{
	(void)state;
	static const struct sasl_ops endless = {.step = always};
	struct sasl s = {.ops = &endless};
	AUTO(error) err = ERROR_INIT;
	AUTO(strbuf) response = STRBUF_INIT;
	for (unsigned i = 0; i < SASL_ROUNDS_MAX; i++)
		assert_true(sasl_step(&s, span_make(NULL, 0), &response, &err));
	assert_false(sasl_step(&s, span_make(NULL, 0), &response, &err));
	assert_int_equal(err.status.kind, ERROR_PROTOCOL);
}

/* Type, length and offset of the target name, and the length of the message. */
static void ntlm_challenges_are_checked(void **state)
{
	(void)state;
	static const struct {
		const char *signature;
		unsigned char type, name, offset, size;
		bool ok;
	} rows[] = {{"NTLMSSP", 2, 0, 0, 32, true},    {"NTLMSSP", 2, 8, 32, 40, true},
		    {"NTLMSSP", 2, 0, 255, 32, true},  {"NTLMSSP", 2, 9, 32, 40, false},
		    {"NTLMSSP", 2, 1, 200, 40, false}, {"NTLMSSP", 2, 8, 41, 40, false},
		    {"NTLMSSP", 1, 0, 0, 32, false},   {"NTLMSSX", 2, 0, 0, 32, false},
		    {"NTLMSSP", 2, 0, 0, 31, false},   {"", 0, 0, 0, 0, false}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		char text[64] = {0};
		memcpy(text, rows[i].signature, strlen(rows[i].signature));
		text[8] = (char)rows[i].type;
		text[12] = (char)rows[i].name;
		text[16] = (char)rows[i].offset;
		if (ntlm_check_challenge(span_make(text, rows[i].size), &err) != rows[i].ok)
			fail_msg("row %zu", i);
		assert_int_equal(err.status.kind, rows[i].ok ? ERROR_NONE : ERROR_PROTOCOL);
	}
}

static void passwords_that_cannot_be_sent_are_named(void **state)
{
	(void)state;
	static const struct {
		const char *mech;
		struct span password;
		bool ok;
		const char *says;
	} rows[] = {
		{"PLAIN", {"a\0b", 3}, false, "NUL"},		{"LOGIN", {"a\0b", 3}, false, "NUL"},
		{"SCRAM-SHA-256", {"a\0b", 3}, false, "NUL"},	{"CRAM-MD5", {"a\0b", 3}, false, "NUL"},
		{"PLAIN", {"\xf0\x9f\x98\x80", 4}, true, NULL}, {"PLAIN", {"\xff", 1}, true, NULL},
		{"SCRAM-SHA-256", {"\xff", 1}, false, "UTF-8"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(secret) password = SECRET_INIT;
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		bool initial;
		secret_set(&password, rows[i].password.ptr, rows[i].password.len);
		const struct sasl_request req = {.mech = mech_find(rows[i].mech), .user = "joe", .password = &password};
		AUTO_PTR(sasl) s = sasl_new(&req, &response, &initial, &err);
		assert_int_equal(s != NULL, rows[i].ok);
		if (s)
			continue;
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.status.text, rows[i].says));
	}
}

static void what_saslprep_refuses_is_explained(void **state)
{
	(void)state;
	static const struct {
		const char *user, *password, *says;
	} rows[] = {
		{"joe", "\xf0\x9f\x98\x80", "the password of joe"},
		{"joe", "bell\x07", "the password of joe"},
		{"j\xf0\x9f\x98\x80", "pencil", "the user name j"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(dialogue)
		d = {.mech = "SCRAM-SHA-256",
		     .user = rows[i].user,
		     .password = rows[i].password,
		     .server = {.password = "pencil", .iterations = "4096"}};
		talk(&d, NULL);
		assert_true(d.client_failed);
		assert_int_equal(d.err.status.kind, ERROR_CONFIG);
		assert_non_null(strstr(d.err.status.text, rows[i].says));
		assert_non_null(d.err.status.hint);
		assert_null(strstr(d.err.status.text, "bell"));
	}
}

static void a_user_name_is_demanded_where_needed(void **state)
{
	(void)state;
	static const char *const mechs[] = {"PLAIN", "LOGIN", "SCRAM-SHA-256", "CRAM-MD5", "XOAUTH2"};
	AUTO(secret) password = SECRET_INIT;
	secret_set(&password, "pencil", 6);
	for (size_t i = 0; i < ARRAY_SIZE(mechs); i++) {
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(error) err = ERROR_INIT;
		bool initial;
		const struct sasl_request req = {.mech = mech_find(mechs[i]), .password = &password};
		assert_null(sasl_new(&req, &response, &initial, &err));
		assert_int_equal(err.status.kind, ERROR_CONFIG);
		assert_non_null(strstr(err.status.text, "user name"));
	}
}

static void the_library_says_what_it_can(void **state)
{
	(void)state;
	AUTO_FREE char *version = sasl_library_version();
	assert_memory_equal(version, "libgsasl ", 9);
	assert_true(sasl_supports("scram-sha-256"));
	assert_true(sasl_supports("XOAUTH2"));
	assert_false(sasl_supports("SCRAM-SHA-512"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mechanism_logs_in),
		cmocka_unit_test(external_names_the_user_or_nobody),
		cmocka_unit_test(anonymous_sends_the_user_as_trace),
		cmocka_unit_test(an_identity_that_cannot_be_prepared_is_refused),
		cmocka_unit_test(the_user_is_no_identity_to_act_as),
		cmocka_unit_test(plain_carries_the_authorisation_identity_only_if_given),
		cmocka_unit_test(login_answers_any_prompts),
		cmocka_unit_test(ntlm_begins_with_its_negotiation),
		cmocka_unit_test(scram_refuses_whoever_does_not_know_the_password),
		cmocka_unit_test(wrong_channel_binding_does_not_log_in),
		cmocka_unit_test(scram_iterations_have_limits),
		cmocka_unit_test(scram_extensions_are_refused_if_they_are_mandatory),
		cmocka_unit_test(no_security_layer_is_asked_for),
		cmocka_unit_test(early_success_is_no_success),
		cmocka_unit_test(a_challenge_where_success_was_due_is_refused),
		cmocka_unit_test(a_server_may_send_any_challenges),
#ifndef HAVE_SANITIZERS
		cmocka_unit_test(no_copy_of_the_password_is_left),
#endif
		cmocka_unit_test(a_mechanism_that_never_ends_is_ended),
		cmocka_unit_test(ntlm_challenges_are_checked),
		cmocka_unit_test(passwords_that_cannot_be_sent_are_named),
		cmocka_unit_test(what_saslprep_refuses_is_explained),
		cmocka_unit_test(a_user_name_is_demanded_where_needed),
		cmocka_unit_test(the_library_says_what_it_can),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
