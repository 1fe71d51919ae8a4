/* SPDX-License-Identifier: GPL-3.0-or-later */
/* The server's side of TLS against our client's, which runs in a thread. */
#include "base/xalloc.h"
#include "pki.h"
#include "tls/tls.h"
#include "tls/tls_server.h"
#include "../lib/remove_tree.h"

#include <fcntl.h>
#include <pthread.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define HOST "mail.example.org"

static struct pki_cert root, host, other;
static char dir[] = "/tmp/posthaste-test-XXXXXX";
static char *ca, *cert, *key, *both, *other_key, *locked_key, *open_key, *empty;

static char *save(const char *name, struct strbuf *content, mode_t mode)
{
	char *path = xasprintf("%s/%s", dir, name);
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content->buf, content->len), content->len);
	assert_int_equal(fchmod(fd, mode), 0);
	(void)close(fd);
	strbuf_reset(content);
	return path;
}

static int set_up(void **state)
{
	AUTO(strbuf) pem = STRBUF_INIT;
	(void)state;
	if (!mkdtemp(dir))
		return -1;
	pki_make(&root, &(struct pki_spec){.cn = "Test Root", .ca = true});
	pki_make(&host, &(struct pki_spec){.cn = "the host", .dns = {SPAN_LIT(HOST)}, .issuer = &root});
	pki_make(&other, &(struct pki_spec){.cn = "another"});
	pki_pem(&root, &pem);
	ca = save("ca", &pem, 0644);
	pki_pem(&host, &pem);
	cert = save("cert", &pem, 0644);
	pki_key_pem(&host, NULL, &pem);
	key = save("key", &pem, 0600);
	pki_pem(&host, &pem);
	pki_key_pem(&host, NULL, &pem);
	both = save("both", &pem, 0600);
	pki_key_pem(&other, NULL, &pem);
	other_key = save("other", &pem, 0600);
	pki_key_pem(&host, "open sesame", &pem);
	locked_key = save("locked", &pem, 0600);
	pki_key_pem(&host, NULL, &pem);
	open_key = save("open", &pem, 0644);
	empty = save("empty", &pem, 0600);
	return 0;
}

static int tear_down(void **state)
{
	char *all[] = {ca, cert, key, both, other_key, locked_key, open_key, empty};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(all); i++)
		free(all[i]);
	pki_free(&root);
	pki_free(&host);
	pki_free(&other);
	return remove_tree(dir);
}

/* ---- the files ---- */

static void files_are_checked(void **state)
{
	const struct {
		const char *cert, *key;
		enum error_kind kind; /* NONE: it is taken */
		const char *says;
	} rows[] = {
		{cert, key, ERROR_NONE, NULL},
		{both, both, ERROR_NONE, NULL},
		{"/nonexistent", key, ERROR_FILE_MISSING, "/nonexistent"},
		{cert, "/nonexistent", ERROR_FILE_MISSING, "/nonexistent"},
		{cert, other_key, ERROR_CONFIG, "does not belong to the certificate"},
		{cert, locked_key, ERROR_CONFIG, "cannot be used"},
		{cert, open_key, ERROR_CONFIG, open_key},
		{empty, key, ERROR_CONFIG, "cannot be used"},
		{cert, cert, ERROR_CONFIG, cert},
		{cert, dir, ERROR_FILE_MISSING, dir},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(tls_server) server = tls_server_open(rows[i].cert, rows[i].key, &err);
		if ((server == NULL) != (rows[i].kind != ERROR_NONE) || err.status.kind != rows[i].kind)
			fail_msg("row %zu: %s", i, err.status.text ? err.status.text : "taken");
		assert_true(!rows[i].says || strstr(err.status.text, rows[i].says));
	}
}

/* ---- sessions ---- */

struct client {
	const char *priorities; /* NULL: as they are */
	const char *plain;	/* is said instead of a handshake; NULL: it is none of that */
	int fd;
	pthread_t thread;
	bool connected;
	struct strbuf binding, got;
	enum tls_binding_type type;
};

static bool read_all(struct stream *s, size_t len, struct strbuf *out)
{
	while (out->len < len) {
		char octets[7];
		size_t n = 0;
		if (!stream_read_some(s, octets, sizeof(octets), &n, &clock_system, DEADLINE_NEVER, NULL))
			return false;
		strbuf_add(out, octets, n);
	}
	return true;
}

/* cmocka's asserts must not jump out of a thread: the test sees what is missing. */
static void *run_client(void *arg)
{
	struct client *c = arg;
	AUTO_PTR(stream) lower = stream_fd_new(c->fd);
	if (c->plain) {
		(void)!stream_write_all(lower, c->plain, strlen(c->plain), &clock_system, DEADLINE_NEVER, NULL);
		return NULL;
	}
	struct tls_policy policy = {.host = HOST, .certcheck = true, .trust_file = ca, .priorities = c->priorities};
	AUTO_PTR(tls_context) ctx = tls_context_new(&policy, NULL);
	AUTO_PTR(stream)
	tls = ctx ? tls_client_new(ctx, &lower, &clock_system, DEADLINE_NEVER, TLS_BRIEF, NULL, NULL) : NULL;
	if (!tls)
		return NULL;
	c->connected = true;
	c->type = tls_channel_binding(tls, &c->binding);
	if (stream_write_all(tls, "hello", 5, &clock_system, DEADLINE_NEVER, NULL) && read_all(tls, 7, &c->got))
		stream_finish(tls);
	return NULL;
}

static struct stream *start(struct client *c)
{
	int fds[2];
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	strbuf_init(&c->binding);
	strbuf_init(&c->got);
	c->fd = fds[1];
	assert_int_equal(pthread_create(&c->thread, NULL, run_client, c), 0);
	return stream_fd_new(fds[0]);
}

static void client_release(struct client *c)
{
	strbuf_release(&c->binding);
	strbuf_release(&c->got);
}

static void octets_go_both_ways(void **state)
{
	static const struct {
		const char *priorities;
		enum tls_binding_type type;
	} rows[] = {{"NORMAL:-VERS-ALL:+VERS-TLS1.2", TLS_BINDING_UNIQUE},
		    {"NORMAL:-VERS-ALL:+VERS-TLS1.3", TLS_BINDING_EXPORTER}};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO(strbuf) binding = STRBUF_INIT;
		AUTO(strbuf) got = STRBUF_INIT;
		AUTO_PTR(tls_server) server = tls_server_open(both, both, &err);
		struct client c = {.priorities = rows[i].priorities};
		AUTO_PTR(stream) lower = start(&c);
		AUTO_PTR(stream) tls = tls_server_start(server, &lower, &clock_system, DEADLINE_NEVER, &err);
		assert_non_null(tls);
		assert_null(lower);
		assert_int_equal(tls_channel_binding(tls, &binding), rows[i].type);
		assert_true(read_all(tls, 5, &got));
		assert_string_equal(got.buf, "hello");
		assert_true(stream_write_all(tls, "welcome", 7, &clock_system, DEADLINE_NEVER, NULL));
		assert_int_equal(pthread_join(c.thread, NULL), 0);
		assert_true(c.connected);
		assert_int_equal(c.type, rows[i].type);
		assert_true(span_equal(strbuf_span(&c.binding), strbuf_span(&binding)));
		assert_string_equal(c.got.buf, "welcome");
		client_release(&c);
	}
}

static void handshakes_that_fail_are_explained(void **state)
{
	static const struct {
		const char *priorities, *plain, *says;
		enum error_kind kind;
	} rows[] = {
		{NULL, "EHLO client.example\r\n", "plain text instead", ERROR_TLS},
		{NULL, "", "closed the connection during", ERROR_CONNECTION_LOST},
		{"NORMAL:-VERS-ALL:+VERS-TLS1.1", NULL, NULL, ERROR_TLS},
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO(error) err = ERROR_INIT;
		AUTO_PTR(tls_server) server = tls_server_open(cert, key, &err);
		struct client c = {.priorities = rows[i].priorities, .plain = rows[i].plain};
		AUTO_PTR(stream) lower = start(&c);
		assert_null(tls_server_start(server, &lower, &clock_system, DEADLINE_NEVER, &err));
		assert_non_null(lower); /* is still the caller's */
		assert_int_equal(err.status.kind, rows[i].kind);
		assert_true(!rows[i].says || strstr(err.status.text, rows[i].says));
		stream_free(steal_ptr(lower));
		assert_int_equal(pthread_join(c.thread, NULL), 0);
		assert_false(c.connected);
		client_release(&c);
	}
}

/* ---- a client that is silent, or sends an octet now and then ---- */

static msec_t now;

static msec_t running(const struct clock *clock)
{
	(void)clock;
	return now += 10;
}

static int64_t standing(const struct clock *clock)
{
	(void)clock;
	return 0;
}

static void a_slow_handshake_is_ended(void **state)
{
	static const struct clock clock = {running, standing};
	AUTO(error) err = ERROR_INIT;
	int fds[2];
	(void)state;
	AUTO_PTR(tls_server) server = tls_server_open(cert, key, &err);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, fds), 0);
	AUTO_PTR(stream) lower = stream_fd_new(fds[0]);
	assert_int_equal(write(fds[1], "\x16\x03\x01\x02", 4), 4); /* the beginning of a record */
	assert_null(tls_server_start(server, &lower, &clock, 100, &err));
	assert_int_equal(err.status.kind, ERROR_TIMEOUT);
	assert_non_null(strstr(err.status.text, "the client did not finish"));
	(void)close(fds[1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(files_are_checked),
		cmocka_unit_test(octets_go_both_ways),
		cmocka_unit_test(handshakes_that_fail_are_explained),
		cmocka_unit_test(a_slow_handshake_is_ended),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
