/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's side of a login against our client's, in this process. */
#include "auth/sasl.h"
#include "auth/sasl_server.h"
#include "base/base64.h"
#include "base/xalloc.h"

#include <gsasl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "heap_help.h"

#define BINDING "sixteen or so octets"
#define PASSWORD "open sesame"

static struct login_users users = LOGIN_USERS_INIT;

static void add_line(struct strbuf *out, const char *name, bool sha1)
{
	char salted[64], client[64], server[64], stored[64];
	size_t size = sha1 ? 20 : 32;
	strbuf_addf(out, "%s:{SCRAM-SHA-%s}4096,", name, sha1 ? "1" : "256");
	assert_int_equal(gsasl_scram_secrets_from_password(sha1 ? GSASL_HASH_SHA1 : GSASL_HASH_SHA256, PASSWORD, 4096,
							   "twelve bytes", 12, salted, client, server, stored),
			 GSASL_OK);
	base64_encode(out, SPAN_LIT("twelve bytes"));
	strbuf_addch(out, ',');
	base64_encode(out, span_make(stored, size));
	strbuf_addch(out, ',');
	base64_encode(out, span_make(server, size));
	strbuf_addch(out, '\n');
}

static int set_up(void **state)
{
	AUTO(strbuf) text = STRBUF_INIT;
	(void)state;
	add_line(&text, "alice", false);
	add_line(&text, "alice", true);
	add_line(&text, "bob", false);
	add_line(&text, "bob", true);
	return login_users_parse(&users, strbuf_span(&text), "a test", NULL) ? 0 : -1;
}

static int tear_down(void **state)
{
	(void)state;
	login_users_release(&users);
	return 0;
}

static struct sasl_server *begin(const char *mechanism, const char *binding, bool exporter)
{
	return sasl_server_new(&(struct sasl_server_request){
		.mechanism = mechanism, .users = &users, .exporter = exporter, .binding = span_of(binding)});
}

struct login {
	const char *mechanism, *user, *authzid, *password;
	bool tls12, other_binding;
	enum sasl_verdict verdict;
	bool client_agrees;
};

/* An exchange as SMTP has it. */
static void log_in(struct login *l)
{
	AUTO(secret) password = SECRET_INIT;
	AUTO(strbuf) challenge = STRBUF_INIT;
	AUTO(strbuf) response = STRBUF_INIT;
	bool initial = false;
	const struct mech *mech = mech_find(l->mechanism);
	secret_set(&password, l->password, strlen(l->password));
	struct sasl_request req = {.mech = mech,
				   .user = l->user,
				   .authzid = l->authzid,
				   .password = &password,
				   .host = "mail.example.org"};
	if (mech->binding) {
		req.binding = l->tls12 ? SASL_BINDING_UNIQUE : SASL_BINDING_EXPORTER;
		req.binding_data = SPAN_LIT(BINDING);
	}
	struct sasl_server *x = begin(l->mechanism, l->other_binding ? "another session" : BINDING, !l->tls12);
	AUTO_PTR(sasl) client = sasl_new(&req, &response, &initial, NULL);
	assert_non_null(client);
	l->verdict = sasl_server_step(x, initial ? strbuf_span(&response) : span_make(NULL, 0), &challenge);
	for (int rounds = 0; l->verdict == SASL_CHALLENGE; rounds++) {
		assert_true(rounds < 5);
		strbuf_reset(&response);
		assert_true(sasl_step(client, strbuf_span(&challenge), &response, NULL));
		strbuf_reset(&challenge);
		strbuf_grow(&response, 1); /* there is an octet even if it is empty */
		l->verdict = sasl_server_step(x, strbuf_span(&response), &challenge);
	}
	l->client_agrees = sasl_finished(client, NULL);
	if (l->verdict == SASL_ACCEPTED)
		assert_string_equal(sasl_server_name(x), l->user);
	sasl_server_free(x);
}

static void every_mechanism_logs_in(void **state)
{
	AUTO(strvec) all = STRVEC_INIT;
	(void)state;
	sasl_server_mechanisms(&users, true, &all);
	assert_int_equal(all.n, 6);
	assert_string_equal(all.v[0], "SCRAM-SHA-256-PLUS");
	for (size_t i = 0; i < all.n; i++)
		for (int tls12 = 0; tls12 < 2; tls12++) {
			struct login l = {.mechanism = all.v[i], .user = "bob", .password = PASSWORD, .tls12 = tls12};
			log_in(&l);
			if (l.verdict != SASL_ACCEPTED || !l.client_agrees)
				fail_msg("%s", l.mechanism);
		}
}

static void others_are_refused(void **state)
{
	static const struct {
		const char *user, *authzid, *password;
		bool other_binding;
	} rows[] = {
		{"alice", NULL, "open sesam", false},	    {"alice", NULL, "Open sesame", false},
		{"alice", NULL, "\xf0\x9f\x98\x80", false}, /* nothing that SASLprep takes */
		{"mallory", NULL, PASSWORD, false},	    {"Alice", NULL, PASSWORD, false},
		{"alice", "bob", PASSWORD, false},	    {"alice", NULL, PASSWORD, true},
	};
	AUTO(strvec) all = STRVEC_INIT;
	(void)state;
	sasl_server_mechanisms(&users, true, &all);
	for (size_t m = 0; m < all.n; m++)
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
			bool scram = all.v[m][0] == 'S';
			struct login l = {.mechanism = all.v[m],
					  .user = rows[i].user,
					  .authzid = rows[i].authzid,
					  .password = rows[i].password,
					  .other_binding = rows[i].other_binding};
			if ((rows[i].other_binding && !mech_find(l.mechanism)->binding) ||
			    (rows[i].authzid && strcmp(l.mechanism, "LOGIN") == 0) ||
			    (scram && (unsigned char)rows[i].password[0] >= 0x80)) /* our client does not send it */
				continue;
			log_in(&l);
			if (l.verdict != SASL_REFUSED || (scram && l.client_agrees))
				fail_msg("%s, row %zu: %d", l.mechanism, i, (int)l.verdict);
		}
}

static void acting_as_oneself_is_allowed(void **state)
{
	static const char *const mechanisms[] = {"PLAIN", "SCRAM-SHA-256"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mechanisms); i++) {
		struct login l = {
			.mechanism = mechanisms[i], .user = "alice", .authzid = "alice", .password = PASSWORD};
		log_in(&l);
		assert_int_equal(l.verdict, SASL_ACCEPTED);
	}
}

/* ---- what a client may send ---- */

static enum sasl_verdict say(struct sasl_server *x, struct span octets, struct strbuf *challenge)
{
	AUTO_FREE char *copy = xmemdup0(octets.ptr, octets.len);
	strbuf_reset(challenge);
	return sasl_server_step(x, span_make(copy, octets.len), challenge);
}

static void responses_of_another_form_are_malformed(void **state)
{
	const struct {
		const char *mechanism;
		struct span response;
	} rows[] = {
		{"PLAIN", SPAN_LIT("")},
		{"PLAIN", SPAN_LIT("alice")},
		{"PLAIN", SPAN_LIT("\0alice")},
		{"PLAIN", SPAN_LIT("\0alice\0")},
		{"PLAIN", SPAN_LIT("\0\0" PASSWORD)},
		{"PLAIN", SPAN_LIT("\0alice\0" PASSWORD "\0")},
		{"LOGIN", SPAN_LIT("")},
		{"LOGIN", SPAN_LIT("al\0ice")},
		{"SCRAM-SHA-256", SPAN_LIT("")},
		{"SCRAM-SHA-256", SPAN_LIT("n,,n=alice")},
		{"SCRAM-SHA-256", SPAN_LIT("n,,n=alice,r=ab\0c")},
		{"SCRAM-SHA-256", SPAN_LIT("garbage")},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(strbuf) challenge = STRBUF_INIT;
		struct sasl_server *x = begin(rows[i].mechanism, "", false);
		if (say(x, rows[i].response, &challenge) != SASL_MALFORMED || challenge.len)
			fail_msg("%s, row %zu", rows[i].mechanism, i);
		sasl_server_free(x);
	}
}

static void login_asks_in_the_usual_words(void **state)
{
	AUTO(strbuf) challenge = STRBUF_INIT;
	struct sasl_server *x = begin("LOGIN", "", false);
	(void)state;
	assert_int_equal(sasl_server_step(x, span_make(NULL, 0), &challenge), SASL_CHALLENGE);
	assert_string_equal(challenge.buf, "Username:");
	assert_int_equal(say(x, SPAN_LIT("alice"), &challenge), SASL_CHALLENGE);
	assert_string_equal(challenge.buf, "Password:");
	assert_int_equal(say(x, SPAN_LIT(PASSWORD), &challenge), SASL_ACCEPTED);
	sasl_server_free(x);
}

/* "y": the client could bind the login to the TLS session, and thinks that the server cannot. */
static void a_removed_offer_of_channel_binding_is_noticed(void **state)
{
	AUTO(strbuf) challenge = STRBUF_INIT;
	struct sasl_server *x = begin("SCRAM-SHA-256", BINDING, true);
	(void)state;
	assert_int_equal(say(x, SPAN_LIT("y,,n=alice,r=abcdefghijkl"), &challenge), SASL_REFUSED);
	sasl_server_free(x);
	x = begin("SCRAM-SHA-256", "", true);
	assert_int_equal(say(x, SPAN_LIT("y,,n=alice,r=abcdefghijkl"), &challenge), SASL_CHALLENGE);
	sasl_server_free(x);
}

#ifndef HAVE_SANITIZERS
static void no_copy_of_the_password_is_left(void **state)
{
	static const char *const mechanisms[] = {"PLAIN", "LOGIN"};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(mechanisms); i++) {
		AUTO(strbuf) response = STRBUF_INIT;
		AUTO(strbuf) challenge = STRBUF_INIT;
		bool plain = i == 0;
		char password[UNSEEN + 1];
		unseen(password);
		strbuf_grow(&response, 200);
		if (plain)
			strbuf_add(&response, "\0alice\0", 7);
		struct sasl_server *x = begin(mechanisms[i], "", false);
		if (!plain)
			assert_int_equal(say(x, SPAN_LIT("alice"), &challenge), SASL_CHALLENGE);
		strbuf_adds(&response, password);
		assert_true(copies_in_heap() > 0);
		assert_int_equal(sasl_server_step(x, strbuf_span(&response), &challenge), SASL_REFUSED);
		sasl_server_free(x);
		strbuf_wipe(&response);
		assert_int_equal(copies_in_heap(), 0);
	}
}
#endif

static char *salt_for(const char *name)
{
	AUTO(strbuf) challenge = STRBUF_INIT;
	AUTO_FREE char *first = xasprintf("n,,n=%s,r=abcdefghijkl", name);
	struct sasl_server *x = begin("SCRAM-SHA-256", "", false);
	assert_int_equal(say(x, span_of(first), &challenge), SASL_CHALLENGE);
	sasl_server_free(x);
	const char *salt = strstr(challenge.buf, ",s=");
	assert_non_null(salt);
	return xstrdup(salt);
}

/* The salt and the iterations tell nobody whether there is such a user. */
static void unknown_users_look_like_others(void **state)
{
	AUTO_FREE char *known = salt_for("alice"), *unknown = salt_for("mallory"), *again = salt_for("mallory");
	AUTO_FREE char *other = salt_for("mallorz");
	(void)state;
	assert_string_equal(unknown, again);
	assert_string_not_equal(unknown, other);
	assert_int_equal(strlen(known), strlen(unknown));
	assert_string_equal(strstr(known, ",i="), strstr(unknown, ",i="));
}

static void scram_is_offered_if_it_works_for_all(void **state)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(login_users) some = LOGIN_USERS_INIT;
	AUTO(strvec) all = STRVEC_INIT;
	(void)state;
	add_line(&text, "alice", false);
	add_line(&text, "bob", true);
	assert_true(login_users_parse(&some, strbuf_span(&text), "a test", NULL));
	sasl_server_mechanisms(&some, true, &all);
	assert_int_equal(all.n, 2);
	assert_string_equal(all.v[0], "PLAIN");
	assert_string_equal(all.v[1], "LOGIN");
	struct sasl_server *x = sasl_server_new(&(struct sasl_server_request){.mechanism = "PLAIN", .users = &some});
	strbuf_reset(&text);
	assert_int_equal(say(x, SPAN_LIT("\0bob\0" PASSWORD), &text), SASL_ACCEPTED);
	sasl_server_free(x);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_mechanism_logs_in),
		cmocka_unit_test(others_are_refused),
		cmocka_unit_test(acting_as_oneself_is_allowed),
		cmocka_unit_test(responses_of_another_form_are_malformed),
		cmocka_unit_test(login_asks_in_the_usual_words),
		cmocka_unit_test(a_removed_offer_of_channel_binding_is_noticed),
#ifndef HAVE_SANITIZERS
		cmocka_unit_test(no_copy_of_the_password_is_left),
#endif
		cmocka_unit_test(unknown_users_look_like_others),
		cmocka_unit_test(scram_is_offered_if_it_works_for_all),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
