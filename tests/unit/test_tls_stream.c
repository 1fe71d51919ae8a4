/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The handshake and the stream: everything but who is trusted. */
#include "base/xalloc.h"
#include "tls/tls.h"
#include "tls_peer.h"
#include "../lib/remove_tree.h"

#include <fcntl.h>
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>

#include <cmocka.h>

#define HOST "smtp.example.org"

static struct pki_cert root, server, client;
static char dir[] = "/tmp/posthaste-test-XXXXXX";
static char *ca_file, *cert_file, *key_file, *locked_key_file, *other_key_file, *empty_file;

static char *path_of(const char *name)
{
	return xasprintf("%s/%s", dir, name);
}

static void save(char *path, struct strbuf *content)
{
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(content->buf, 1, content->len, f), content->len);
	assert_int_equal(fclose(f), 0);
	strbuf_reset(content);
}

static int set_up(void **state)
{
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	AUTO(strbuf) pem = STRBUF_INIT;
	pki_make(&root, &(struct pki_spec){.cn = "Test Root", .ca = true});
	pki_make(&server, &(struct pki_spec){.cn = "the server",
					     .dns = {SPAN_LIT(HOST), SPAN_LIT("mx.example.org"),
						     SPAN_LIT("xn--bcher-kva.example")},
					     .ip = "192.0.2.1",
					     .issuer = &root});
	pki_make(&client, &(struct pki_spec){.cn = "the client"});
	pki_pem(&root, &pem);
	save(ca_file = path_of("ca.pem"), &pem);
	pki_pem(&client, &pem);
	save(cert_file = path_of("cert.pem"), &pem);
	pki_key_pem(&client, NULL, &pem);
	save(key_file = path_of("key.pem"), &pem);
	pki_key_pem(&client, "open sesame", &pem);
	save(locked_key_file = path_of("locked.pem"), &pem);
	pki_key_pem(&server, NULL, &pem);
	save(other_key_file = path_of("other.pem"), &pem);
	save(empty_file = path_of("empty.pem"), &pem);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pki_free(&root);
	pki_free(&server);
	pki_free(&client);
	free(ca_file);
	free(cert_file);
	free(key_file);
	free(locked_key_file);
	free(other_key_file);
	free(empty_file);
	return remove_tree(dir);
}

static struct tls_policy usual(void)
{
	return (struct tls_policy){.host = HOST, .certcheck = true, .trust_file = ca_file};
}

static const char *const versions[] = {TLS12, TLS13};

/* A session with a peer, or the error. */
static struct stream *open_with(struct tls_peer *peer, const struct tls_policy *policy, enum tls_detail detail,
				struct tls_info *info, struct error *err)
{
	if (!peer->chain[0])
		peer->chain[0] = &server;
	AUTO_PTR(tls_context) ctx = tls_context_new(policy, err);
	assert_non_null(ctx);
	AUTO_PTR(stream) lower = tls_peer_start(peer);
	struct stream *tls = tls_client_new(ctx, &lower, &clock_system, DEADLINE_NEVER, detail, info, err);
	stream_free(steal_ptr(lower));
	return tls; /* and the context is gone before it */
}

static void close_with(struct tls_peer *peer, struct stream *tls)
{
	stream_free(tls);
	tls_peer_join(peer);
}

static enum stream_result read_result(struct stream *s, char *buf, size_t room, size_t *got, struct error *err)
{
	for (;;) {
		unsigned ready;
		enum stream_result r = stream_read(s, buf, room, got, err);
		if (r != STREAM_AGAIN)
			return r;
		assert_true(stream_wait(s, STREAM_READ, &ready, &clock_system, DEADLINE_NEVER, NULL));
	}
}

static void receive(struct stream *s, const char *expected)
{
	AUTO(strbuf) got = STRBUF_INIT;
	while (got.len < strlen(expected)) {
		char octets[3]; /* an odd size */
		size_t n = 0;
		assert_int_equal(read_result(s, octets, sizeof(octets), &n, NULL), STREAM_OK);
		strbuf_add(&got, octets, n);
	}
	assert_string_equal(got.buf, expected);
}

/* ---- what was negotiated ---- */

static void the_session_is_described(void **state)
{
	(void)state;
	static const char *const names[] = {"TLS1.2", "TLS1.3"};
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct tls_peer peer = {.priorities = versions[i]};
		const struct tls_policy policy = usual();
		AUTO(tls_info) info = TLS_INFO_INIT;
		struct stream *tls = open_with(&peer, &policy, TLS_CERTIFICATES, &info, NULL);
		assert_non_null(tls);
		close_with(&peer, tls);
		assert_true(info.active);
		assert_string_equal(info.version, names[i]);
		assert_string_equal(info.verified_by, "ca");
		assert_non_null(strstr(info.cipher, "-"));
		assert_non_null(strstr(info.description, names[i]));
		assert_false(info.resumed);
		assert_int_equal(info.round_trips, i == 0 ? 2 : 1);
		assert_int_equal(info.chain_len, 1);
		const struct tls_certificate *c = &info.chain[0];
		assert_string_equal(c->subject, "CN=the server");
		assert_string_equal(c->issuer, "CN=Test Root");
		assert_int_equal(c->names.n, 4);
		assert_string_equal(c->names.v[0], "DNS:" HOST);
		assert_string_equal(c->names.v[3], "IP:192.0.2.1");
		AUTO_FREE char *sha256 = pki_fingerprint(&server, GNUTLS_DIG_SHA256);
		AUTO_FREE char *sha1 = pki_fingerprint(&server, GNUTLS_DIG_SHA1);
		assert_int_equal(ascii_strcasecmp(c->sha256, sha256), 0);
		assert_int_equal(ascii_strcasecmp(c->sha1, sha1), 0);
		assert_int_equal(strlen(c->spki_sha256), 95);
		assert_non_null(strstr(c->key, "256 bits"));
		assert_true(c->not_before < time(NULL) && time(NULL) < c->not_after);
		tls_peer_release(&peer);
	}
}

static void the_chain_is_shown_even_when_it_is_refused(void **state)
{
	(void)state;
	struct tls_peer peer = {.priorities = NULL};
	struct tls_policy policy = usual();
	AUTO(tls_info) info = TLS_INFO_INIT;
	AUTO(error) err = ERROR_INIT;
	policy.host = "elsewhere.example";
	assert_null(open_with(&peer, &policy, TLS_CERTIFICATES, &info, &err));
	tls_peer_join(&peer);
	tls_peer_release(&peer);
	assert_int_equal(err.status.kind, ERROR_CERTIFICATE);
	assert_int_equal(info.chain_len, 1);
	assert_false(info.active);
}

static void the_server_name_is_sent_as_the_server_knows_it(void **state)
{
	(void)state;
	static const struct {
		const char *host, *sni;
	} rows[] = {
		{HOST, HOST}, {HOST ".", HOST}, {"192.0.2.1", ""}, {"b\303\274cher.example", "xn--bcher-kva.example"}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tls_peer peer = {.priorities = versions[i % 2]};
		struct tls_policy policy = usual();
		policy.host = rows[i].host;
		struct stream *tls = open_with(&peer, &policy, TLS_BRIEF, NULL, NULL);
		assert_non_null(tls);
		close_with(&peer, tls);
		assert_string_equal(peer.sni, rows[i].sni);
		tls_peer_release(&peer);
	}
}

static void channel_binding_is_the_same_on_both_sides(void **state)
{
	(void)state;
	static const struct {
		const char *priorities;
		enum tls_binding_type type;
	} rows[] = {{TLS13, TLS_BINDING_EXPORTER},
		    {TLS12, TLS_BINDING_UNIQUE},
		    {TLS12 ":%NO_SESSION_HASH", TLS_BINDING_NONE}};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tls_peer peer = {.priorities = rows[i].priorities};
		const struct tls_policy policy = usual();
		AUTO(strbuf) raw = STRBUF_INIT;
		struct stream *tls = open_with(&peer, &policy, TLS_BRIEF, NULL, NULL);
		assert_non_null(tls);
		assert_int_equal(tls_channel_binding(tls, &raw), rows[i].type);
		close_with(&peer, tls);
		if (rows[i].type == TLS_BINDING_NONE) {
			assert_int_equal(raw.len, 0);
		} else {
			assert_true(raw.len > 0);
			assert_true(span_equal(strbuf_span(&raw), strbuf_span(&peer.binding)));
		}
		tls_peer_release(&peer);
	}
	AUTO(strbuf) sink = STRBUF_INIT;
	AUTO(strbuf) raw = STRBUF_INIT;
	AUTO_PTR(stream) plain = stream_mem_new(SPAN_LIT(""), 1, &sink);
	assert_int_equal(tls_channel_binding(plain, &raw), TLS_BINDING_NONE);
}

/* ---- ends ---- */

static void greet(struct tls_peer *peer)
{
	tls_peer_send(peer, "hello", 5);
}

static void only_a_goodbye_is_a_proper_end(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(versions); i++) {
		bool cut = i >= ARRAY_SIZE(versions);
		struct tls_peer peer = {.priorities = versions[i % 2], .act = greet, .no_goodbye = cut};
		const struct tls_policy policy = usual();
		AUTO(error) err = ERROR_INIT;
		struct stream *tls = open_with(&peer, &policy, TLS_BRIEF, NULL, NULL);
		assert_non_null(tls);
		receive(tls, "hello");
		char octet;
		size_t got = 0;
		assert_int_equal(read_result(tls, &octet, 1, &got, &err), cut ? STREAM_FAIL : STREAM_END);
		assert_int_equal(err.status.kind, cut ? ERROR_CONNECTION_LOST : ERROR_NONE);
		if (cut) /* and it stays so */
			assert_int_equal(stream_read(tls, &octet, 1, &got, &err), STREAM_FAIL);
		close_with(&peer, tls);
		tls_peer_release(&peer);
	}
}

static void say_why(struct tls_peer *peer)
{
	tls_peer_send(peer, "552 too big", 11);
	(void)shutdown(peer->fd, SHUT_RD);
}

/* A server that refuses in the middle of a message: whether its end or its words are noticed first is chance. */
static void the_last_words_are_read_when_nothing_can_be_sent_any_more(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * ARRAY_SIZE(versions); i++) {
		struct tls_peer peer = {
			.priorities = versions[i % 2], .act = say_why, .no_goodbye = i >= ARRAY_SIZE(versions)};
		const struct tls_policy policy = usual();
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(stream) tls = open_with(&peer, &policy, TLS_BRIEF, NULL, NULL);
		assert_non_null(tls);
		size_t n = 0;
		char octet;
		while (stream_write(tls, "more", 4, &n, &err) != STREAM_FAIL)
			;
		assert_int_equal(err.status.kind, ERROR_CONNECTION_LOST);
		receive(tls, "552 too big");
		error_release(&err);
		assert_int_equal(read_result(tls, &octet, 1, &n, &err),
				 STREAM_FAIL); /* and it is a loss, goodbye or not */
		close_with(&peer, steal_ptr(tls));
		tls_peer_release(&peer);
	}
}

static void listen_to_the_end(struct tls_peer *peer)
{
	tls_peer_receive(peer, SIZE_MAX);
	strbuf_adds(&peer->got, "|end");
}

static void finishing_says_goodbye(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct tls_peer peer = {.priorities = versions[i], .act = listen_to_the_end};
		const struct tls_policy policy = usual();
		struct stream *tls = open_with(&peer, &policy, TLS_BRIEF, NULL, NULL);
		assert_non_null(tls);
		assert_true(stream_write_all(tls, "QUIT\r\n", 6, &clock_system, DEADLINE_NEVER, NULL));
		stream_finish(tls);
		close_with(&peer, tls);
		assert_string_equal(peer.got.buf, "QUIT\r\n|end");
		assert_true(peer.heard_goodbye);
		tls_peer_release(&peer);
	}
}

/* ---- much ---- */

#define MUCH ((size_t)1 << 20)

static void mirror(struct tls_peer *peer)
{
	tls_peer_receive(peer, MUCH);
	tls_peer_send(peer, peer->got.buf, peer->got.len);
}

static char octet_at(size_t i)
{
	return (char)(i * 7 + (i >> 8) * 13 + (i >> 16));
}

/* Offers the same content from another place each time, in odd portions. */
static size_t write_some(struct stream *tls, size_t at)
{
	size_t len = 1 + (at * 31 + 17) % 70001, put = 0;
	if (len > MUCH - at)
		len = MUCH - at;
	AUTO_FREE char *copy = xmalloc(len);
	for (size_t i = 0; i < len; i++)
		copy[i] = octet_at(at + i);
	enum stream_result r = stream_write(tls, copy, len, &put, NULL);
	assert_true(r == STREAM_OK || r == STREAM_AGAIN);
	return r == STREAM_OK ? put : 0;
}

static void much_goes_through_in_odd_portions(void **state)
{
	(void)state;
	for (size_t v = 0; v < ARRAY_SIZE(versions); v++) {
		struct tls_peer peer = {.priorities = versions[v], .act = mirror};
		const struct tls_policy policy = usual();
		AUTO_PTR(stream) tls = open_with(&peer, &policy, TLS_BRIEF, NULL, NULL);
		assert_non_null(tls);
		size_t sent = 0, come = 0;
		while (come < MUCH) {
			unsigned ready, interests = STREAM_READ | (sent < MUCH ? (unsigned)STREAM_WRITE : 0u);
			assert_true(stream_wait(tls, interests, &ready, &clock_system, DEADLINE_NEVER, NULL));
			if (ready & STREAM_WRITE)
				sent += write_some(tls, sent);
			if (!(ready & STREAM_READ))
				continue;
			char octets[4999];
			size_t got = 0;
			enum stream_result r = stream_read(tls, octets, sizeof(octets), &got, NULL);
			assert_true(r == STREAM_OK || r == STREAM_AGAIN);
			for (size_t i = 0; r == STREAM_OK && i < got; i++)
				assert_int_equal(octets[i], octet_at(come + i));
			come += r == STREAM_OK ? got : 0;
		}
		close_with(&peer, steal_ptr(tls));
		tls_peer_release(&peer);
	}
}

/* A write is taken although the socket is full; who then only waits to read must not wait for ever. */
static void what_a_write_left_behind_leaves_while_reading(void **state)
{
	(void)state;
	struct tls_peer peer = {.act = mirror};
	const struct tls_policy policy = usual();
	AUTO_PTR(stream) tls = open_with(&peer, &policy, TLS_BRIEF, NULL, NULL);
	assert_non_null(tls);
	size_t sent = 0, come = 0;
	unsigned ready;
	while (sent < MUCH) {
		sent += write_some(tls, sent);
		if (sent < MUCH)
			assert_true(stream_wait(tls, STREAM_WRITE, &ready, &clock_system, DEADLINE_NEVER, NULL));
	}
	while (come < MUCH) {
		char octets[16384];
		size_t got = 0;
		assert_true(stream_wait(tls, STREAM_READ, &ready, &clock_system, DEADLINE_NEVER, NULL));
		if (stream_read(tls, octets, sizeof(octets), &got, NULL) == STREAM_OK)
			come += got;
	}
	close_with(&peer, steal_ptr(tls));
	tls_peer_release(&peer);
}

/* ---- in mid-session ---- */

static void update_keys(struct tls_peer *peer)
{
	tls_peer_send(peer, "one", 3);
	(void)gnutls_session_key_update(peer->session, GNUTLS_KU_PEER);
	tls_peer_send(peer, "two", 3);
	tls_peer_receive(peer, 5);
	tls_peer_send(peer, "three", 5);
}

static void ask_for_a_new_handshake(struct tls_peer *peer)
{
	tls_peer_send(peer, "one", 3);
	(void)gnutls_rehandshake(peer->session);
	tls_peer_send(peer, "two", 3);
	tls_peer_receive(peer, 5);
	tls_peer_send(peer, "three", 5);
}

static void new_keys_and_wishes_for_them_are_tolerated(void **state)
{
	(void)state;
	static tls_peer_act *const acts[] = {ask_for_a_new_handshake, update_keys};
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct tls_peer peer = {.priorities = versions[i], .act = acts[i]};
		const struct tls_policy policy = usual();
		AUTO_PTR(stream) tls = open_with(&peer, &policy, TLS_BRIEF, NULL, NULL);
		assert_non_null(tls);
		receive(tls, "onetwo");
		assert_true(stream_write_all(tls, "hello", 5, &clock_system, DEADLINE_NEVER, NULL));
		receive(tls, "three");
		close_with(&peer, steal_ptr(tls));
		assert_string_equal(peer.got.buf, "hello");
		tls_peer_release(&peer);
	}
}

/* ---- client certificates ---- */

static unsigned times_asked;

static bool give_pin(void *arg, struct secret *out, struct error *err)
{
	times_asked++;
	if (!arg)
		return error_set(err, ERROR_SECRET_UNAVAILABLE, "there is none");
	secret_set(out, arg, strlen(arg));
	return true;
}

static void a_client_certificate_is_sent(void **state)
{
	(void)state;
	char pin[] = "open sesame";
	for (size_t i = 0; i < 2 * ARRAY_SIZE(versions); i++) {
		struct tls_peer peer = {.priorities = versions[i % 2], .wants_client_certificate = true, .act = greet};
		struct tls_policy policy = usual();
		policy.cert_file = cert_file;
		policy.key_file = i < 2 ? key_file : locked_key_file;
		policy.key_pin = (struct tls_key_pin){give_pin, pin};
		times_asked = 0;
		AUTO_PTR(stream) tls = open_with(&peer, &policy, TLS_BRIEF, NULL, NULL);
		assert_non_null(tls);
		receive(tls, "hello");
		close_with(&peer, steal_ptr(tls));
		assert_true(peer.saw_client_certificate);
		assert_int_equal(times_asked, i < 2 ? 0 : 1); /* only if it is needed, and once */
		tls_peer_release(&peer);
	}
}

static void a_client_certificate_that_is_missed_is_named(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(versions); i++) {
		struct tls_peer peer = {.priorities = versions[i], .wants_client_certificate = true};
		const struct tls_policy policy = usual();
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(stream) tls = open_with(&peer, &policy, TLS_BRIEF, NULL, &err);
		/* in TLS 1.3 the refusal comes after the handshake, at the first read */
		if (tls) {
			char octet;
			size_t got;
			assert_int_equal(read_result(tls, &octet, 1, &got, &err), STREAM_FAIL);
		}
		close_with(&peer, steal_ptr(tls));
		print_message("# %s\n", err.status.text);
		assert_int_equal(err.status.kind, ERROR_TLS);
		if (i == 1) {
			assert_non_null(strstr(err.status.text, "client certificate"));
			assert_non_null(strstr(err.status.hint, "tls_cert_file"));
		}
		tls_peer_release(&peer);
	}
}

/* ---- what cannot be prepared ---- */

static void bad_settings_are_named_before_anything_is_connected(void **state)
{
	(void)state;
	char wrong[] = "close sesame";
	AUTO(strvec) missing = STRVEC_INIT;
	AUTO(strvec) without = STRVEC_INIT;
	strvec_push(&missing, "/nonexistent/add");
	strvec_push(&without, empty_file);
	const struct {
		struct tls_policy policy;
		enum error_kind kind;
		const char *says;
	} rows[] = {
		{{.certcheck = true, .trust_file = "/nonexistent/ca.pem"}, ERROR_FILE_MISSING, "/nonexistent/ca.pem"},
		{{.certcheck = true, .trust_file = empty_file}, ERROR_FILE_MISSING, "empty.pem"},
		{{.certcheck = true, .trust_file = key_file}, ERROR_FILE_MISSING, "key.pem"},
		{{.certcheck = true, .trust_file = "/proc/self/fdinfo"}, ERROR_FILE_MISSING, "/proc/self/fdinfo"},
		{{.certcheck = true, .trust_file = ca_file, .crl_file = "/nonexistent/crl"},
		 ERROR_FILE_MISSING,
		 "/nonexistent/crl"},
		{{.certcheck = true, .trust_file = ca_file, .crl_file = empty_file}, ERROR_FILE_MISSING, "empty.pem"},
		{{.certcheck = true, .trust_file = ca_file, .crl_file = ca_file}, ERROR_FILE_MISSING, "ca.pem"},
		{{.certcheck = true, .fingerprint = "00:11"}, ERROR_CONFIG, "tls_fingerprint"},
		{{.certcheck = false, .priorities = "NORMAL:+NONSENSE"}, ERROR_CONFIG, "\"+NONSENSE\""},
		{{.certcheck = false, .cert_file = cert_file}, ERROR_CONFIG, "tls_key_file"},
		{{.certcheck = false, .cert_file = cert_file, .key_file = "/nonexistent/key"},
		 ERROR_FILE_MISSING,
		 "/nonexistent/key"},
		{{.certcheck = false, .cert_file = "/nonexistent/cert", .key_file = key_file},
		 ERROR_FILE_MISSING,
		 "/nonexistent/cert"},
		{{.certcheck = false, .cert_file = cert_file, .key_file = other_key_file},
		 ERROR_CONFIG,
		 "does not belong"},
		{{.certcheck = false, .cert_file = cert_file, .key_file = locked_key_file}, ERROR_CONFIG, "protected"},
		{{.certcheck = false,
		  .cert_file = cert_file,
		  .key_file = locked_key_file,
		  .key_pin = {give_pin, wrong}},
		 ERROR_CONFIG,
		 "protected"},
		{{.certcheck = false, .cert_file = cert_file, .key_file = locked_key_file, .key_pin = {give_pin, NULL}},
		 ERROR_SECRET_UNAVAILABLE,
		 "protected: there is none"},
		{{.certcheck = true, .trust_file = ca_file, .trust_add = &missing},
		 ERROR_FILE_MISSING,
		 "/nonexistent/add"},
		{{.certcheck = true, .trust_file = ca_file, .trust_add = &without},
		 ERROR_FILE_MISSING,
		 "tls_trust_add"},
		{{.certcheck = true, .trust_file = ca_file, .pins = &missing}, ERROR_CONFIG, "tls_pin"},
		{{.certcheck = false, .priorities = "+NONSENSE"}, ERROR_CONFIG, "NONSENSE"},
		{{.certcheck = false, .cert_file = empty_file, .key_file = key_file}, ERROR_CONFIG, "empty.pem"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		struct tls_policy policy = rows[i].policy;
		policy.host = HOST;
		assert_null(tls_context_new(&policy, &err));
		print_message("# %s\n", err.status.text);
		assert_int_equal(err.status.kind, rows[i].kind);
		assert_non_null(strstr(err.status.text, rows[i].says));
		assert_null(strstr(err.status.text, "sesame"));
	}
}

static void old_versions_are_refused_by_default(void **state)
{
	(void)state;
	static const char *const old[] = {"NORMAL:-VERS-ALL:+VERS-TLS1.1", "NORMAL:-VERS-ALL:+VERS-TLS1.0"};
	for (size_t i = 0; i < ARRAY_SIZE(old); i++) {
		struct tls_peer peer = {.priorities = old[i]};
		const struct tls_policy policy = usual();
		AUTO(error) err = ERROR_INIT;
		assert_null(open_with(&peer, &policy, TLS_BRIEF, NULL, &err));
		tls_peer_join(&peer);
		tls_peer_release(&peer);
		assert_int_equal(err.status.kind, ERROR_TLS);
		assert_non_null(strstr(err.status.hint, "tls_priorities"));
	}
}

/* ---- peers that are no peers ---- */

/* Each look at this clock costs a millisecond. */
struct ticking {
	struct clock base;
	msec_t now;
};

static msec_t tick(const struct clock *clock)
{
	return ((struct ticking *)(uintptr_t)clock)->now++;
}

static time_t no_wall(const struct clock *clock)
{
	(void)clock;
	return 0;
}

/* The answer of somebody who says this and then falls silent or closes. */
static void try_with(struct span answer, bool closes, msec_t deadline, struct stream *(*wrap)(struct stream *),
		     struct error *err)
{
	int fds[2];
	struct ticking clock = {{tick, no_wall}, 0};
	const struct tls_policy policy = usual();
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, fds), 0);
	assert_int_equal(fcntl(fds[0], F_SETFL, O_NONBLOCK), 0);
	if (answer.len)
		assert_int_equal(write(fds[1], answer.ptr, answer.len), answer.len);
	if (closes)
		assert_int_equal(shutdown(fds[1], SHUT_WR), 0);
	AUTO_PTR(stream) lower = stream_fd_new(fds[0]);
	if (wrap)
		lower = wrap(steal_ptr(lower));
	AUTO_PTR(tls_context) ctx = tls_context_new(&policy, NULL);
	AUTO_PTR(stream) tls = tls_client_new(ctx, &lower, &clock.base, deadline, TLS_BRIEF, NULL, err);
	assert_null(tls);
	assert_non_null(lower);
	(void)close(fds[1]);
}

static void silence_ends_at_the_deadline(void **state)
{
	(void)state;
	AUTO(error) err = ERROR_INIT;
	try_with(SPAN_LIT(""), false, 5, NULL, &err);
	assert_int_equal(err.status.kind, ERROR_TIMEOUT);
	assert_non_null(strstr(err.status.text, "TLS handshake"));
}

/* A stream that gives one octet, then makes its reader wait, then the next. */
struct dripping {
	struct stream base;
	struct stream *lower;
	bool dry;
};

static enum stream_result drip_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	struct dripping *d = (struct dripping *)s;
	(void)room;
	d->dry = !d->dry;
	return d->dry ? STREAM_AGAIN : stream_read(d->lower, buf, 1, got, err);
}

static enum stream_result drip_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	return stream_write(((struct dripping *)s)->lower, buf, len, put, err);
}

static bool drip_pending(const struct stream *s)
{
	(void)s;
	return false;
}

static void drip_finish(struct stream *s)
{
	stream_finish(((struct dripping *)s)->lower);
}

static void drip_free(struct stream *s)
{
	stream_free(((struct dripping *)s)->lower);
	free(s);
}

static struct stream *drip(struct stream *lower)
{
	static const struct stream_ops ops = {drip_read, drip_write, drip_pending, drip_finish, drip_free};
	struct dripping *d = xcalloc(1, sizeof(*d));
	d->base = (struct stream){.ops = &ops, .fd = lower->fd, .read_events = POLLIN, .write_events = POLLOUT};
	d->lower = lower;
	return &d->base;
}

static void drops_now_and_then_do_not_move_the_deadline(void **state)
{
	(void)state;
	AUTO(strbuf) record = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	strbuf_add(&record, "\x16\x03\x03\x40\x00\x02\x00\x3f\xf0", 9);
	while (record.len < 8000)
		strbuf_addch(&record, 0);
	try_with(strbuf_span(&record), false, 300, drip, &err);
	assert_int_equal(err.status.kind, ERROR_TIMEOUT);
}

static void plain_text_is_recognised(void **state)
{
	(void)state;
	static const char *const greetings[] = {"220 mail.example.org ESMTP\r\n", "554 go away\r\n", "2",
						"HTTP/1.1 400 Bad Request\r\n\r\n"};
	for (size_t i = 0; i < ARRAY_SIZE(greetings); i++)
		for (int closes = 0; closes < 2; closes++) {
			AUTO(error) err = ERROR_INIT;
			try_with(span_of(greetings[i]), closes, 50, NULL, &err);
			if (strlen(greetings[i]) < 5 && !closes) {
				assert_int_equal(err.status.kind, ERROR_TIMEOUT);
				continue;
			}
			assert_int_equal(err.status.kind, ERROR_TLS);
			assert_non_null(strstr(err.status.text, "plain text"));
			assert_non_null(strstr(err.status.hint, "tls_starttls"));
			assert_memory_equal(err.status.server.line, greetings[i], 1);
		}
}

static void other_endings_of_the_handshake_have_their_names(void **state)
{
	(void)state;
	static const struct {
		struct span answer;
		enum error_kind kind;
		const char *says;
	} rows[] = {
		{{"", 0}, ERROR_CONNECTION_LOST, "closed"},
		{{"\x16\x03\x03\x00\x50\x02", 6}, ERROR_CONNECTION_LOST, "closed"},
		{{"\x15\x03\x03\x00\x02\x02\x28", 7}, ERROR_TLS, "Handshake failed"},
		{{"\x16\x03\x03\x00\x04\xff\x00\x00\x00", 9}, ERROR_TLS, "handshake failed"},
	};
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		try_with(rows[i].answer, true, 50, NULL, &err);
		print_message("# %s\n", err.status.text);
		assert_int_equal(err.status.kind, rows[i].kind);
		assert_non_null(strstr(err.status.text, rows[i].says));
	}
}

/* Certificates that GnuTLS refuses within the handshake, before it asks us: still the certificate's fault. */
static void certificates_the_library_refuses_are_certificates(void **state)
{
	(void)state;
	static const struct {
		unsigned usage;
		struct span san;
		unsigned rsa_bits;
	} rows[] = {
		{GNUTLS_KEY_KEY_ENCIPHERMENT, {NULL, 0}, 0}, {GNUTLS_KEY_KEY_ENCIPHERMENT, {NULL, 0}, 2048},
		{GNUTLS_KEY_KEY_CERT_SIGN, {NULL, 0}, 0},    {0, {"\x30\x00", 2}, 0}, /* no name */
		{0, {"\x30\x03\x87\x01\x7f", 5}, 0},				      /* an address of one byte */
	};
	for (size_t i = 0; i < 2 * ARRAY_SIZE(rows); i++) {
		struct pki_cert bad;
		const size_t row = i / 2;
		AUTO_FREE char *priorities = xasprintf("%s:%%DEBUG_ALLOW_KEY_USAGE_VIOLATIONS", versions[i % 2]);
		pki_make(&bad, &(struct pki_spec){.cn = "the server",
						  .dns = {SPAN_LIT(HOST)},
						  .issuer = &root,
						  .key_usage = rows[row].usage,
						  .san = rows[row].san,
						  .rsa_bits = rows[row].rsa_bits});
		struct tls_peer peer = {.priorities = priorities, .chain = {&bad}};
		const struct tls_policy policy = usual();
		AUTO(error) err = ERROR_INIT;
		struct stream *tls = open_with(&peer, &policy, TLS_BRIEF, NULL, &err);
		print_message("# row %zu, %s: %s\n", row, versions[i % 2], tls ? "accepted" : err.status.text);
		if (tls || err.status.kind != ERROR_CERTIFICATE)
			fail_msg("row %zu, %s: %s", row, versions[i % 2], tls ? "accepted" : err.status.hint);
		close_with(&peer, tls);
		tls_peer_release(&peer);
		pki_free(&bad);
	}
}

static void raw_alert(struct tls_peer *peer)
{
	tls_peer_send(peer, "hello", 5);
	(void)gnutls_alert_send(peer->session, GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR);
}

static void raw_octets(struct tls_peer *peer)
{
	static const char octets[] = "\x17\x03\x03\x00\x20 what is not encrypted as it should be";
	tls_peer_send(peer, "hello", 5);
	assert_int_equal(write(peer->fd, octets, sizeof(octets)), sizeof(octets));
}

static void raw_part(struct tls_peer *peer)
{
	tls_peer_send(peer, "hello", 5);
	assert_int_equal(write(peer->fd, "\x17\x03\x03\x00\x50\x01\x02", 7), 7);
}

/* Whatever ends TLS after the handshake: the connection is lost. */
static void an_end_after_the_handshake_is_a_lost_connection(void **state)
{
	(void)state;
	static tls_peer_act *const acts[] = {raw_alert, raw_octets, raw_part, greet};
	for (size_t i = 0; i < 2 * ARRAY_SIZE(acts); i++) {
		struct tls_peer peer = {.priorities = versions[i % 2], .act = acts[i / 2], .no_goodbye = true};
		const struct tls_policy policy = usual();
		AUTO(error) err = ERROR_INIT;
		struct stream *tls = open_with(&peer, &policy, TLS_BRIEF, NULL, NULL);
		assert_non_null(tls);
		receive(tls, "hello");
		char octet;
		size_t got = 0;
		assert_int_equal(read_result(tls, &octet, 1, &got, &err), STREAM_FAIL);
		print_message("# %s\n", err.status.text);
		assert_int_equal(err.status.kind, ERROR_CONNECTION_LOST);
		close_with(&peer, tls);
		tls_peer_release(&peer);
	}
}

static void the_library_names_itself(void **state)
{
	(void)state;
	AUTO_FREE char *version = tls_library_version();
	assert_memory_equal(version, "GnuTLS 3.", 9);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_session_is_described),
		cmocka_unit_test(the_chain_is_shown_even_when_it_is_refused),
		cmocka_unit_test(the_server_name_is_sent_as_the_server_knows_it),
		cmocka_unit_test(channel_binding_is_the_same_on_both_sides),
		cmocka_unit_test(only_a_goodbye_is_a_proper_end),
		cmocka_unit_test(the_last_words_are_read_when_nothing_can_be_sent_any_more),
		cmocka_unit_test(finishing_says_goodbye),
		cmocka_unit_test(much_goes_through_in_odd_portions),
		cmocka_unit_test(what_a_write_left_behind_leaves_while_reading),
		cmocka_unit_test(new_keys_and_wishes_for_them_are_tolerated),
		cmocka_unit_test(a_client_certificate_is_sent),
		cmocka_unit_test(a_client_certificate_that_is_missed_is_named),
		cmocka_unit_test(bad_settings_are_named_before_anything_is_connected),
		cmocka_unit_test(old_versions_are_refused_by_default),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(drops_now_and_then_do_not_move_the_deadline),
		cmocka_unit_test(plain_text_is_recognised),
		cmocka_unit_test(certificates_the_library_refuses_are_certificates),
		cmocka_unit_test(an_end_after_the_handshake_is_a_lost_connection),
		cmocka_unit_test(other_endings_of_the_handshake_have_their_names),
		cmocka_unit_test(the_library_names_itself),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
