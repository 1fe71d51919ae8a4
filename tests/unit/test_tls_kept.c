/* SPDX-License-Identifier: GPL-3.0-or-later */
/* A session that is passed on while a server of GnuTLS or OpenSSL has it, and notices nothing. */
#include "base/xalloc.h"
#include "tls/tls.h"
#include "tls/tls_kept.h"
#include "tls_peer.h"
#include "../lib/remove_tree.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/wait.h>

#include <cmocka.h>

#define HOST "smtp.example.org"

static struct pki_cert server;
static char dir[] = "/tmp/posthaste-test-XXXXXX";

#define WITH13(cipher) TLS13 ":-CIPHER-ALL:+" cipher
#define WITH12(cipher) TLS12 ":-CIPHER-ALL:+" cipher

static const struct row {
	const char *priorities; /* of our server */
	const char *openssl[2]; /* version and cipher of OpenSSL's; NULL: it has no name for it */
} rows[] = {
	{WITH13("AES-128-GCM"), {"-tls1_3", "TLS_AES_128_GCM_SHA256"}},
	{WITH13("AES-256-GCM"), {"-tls1_3", "TLS_AES_256_GCM_SHA384"}},
	{WITH13("CHACHA20-POLY1305"), {"-tls1_3", "TLS_CHACHA20_POLY1305_SHA256"}},
	{WITH13("AES-128-CCM"), {"-tls1_3", "TLS_AES_128_CCM_SHA256"}},
	{WITH12("AES-128-GCM"), {"-tls1_2", "ECDHE-ECDSA-AES128-GCM-SHA256"}},
	{WITH12("AES-256-GCM"), {"-tls1_2", "ECDHE-ECDSA-AES256-GCM-SHA384"}},
	{WITH12("CHACHA20-POLY1305"), {"-tls1_2", "ECDHE-ECDSA-CHACHA20-POLY1305"}},
	{WITH12("AES-128-CCM"), {"-tls1_2", "ECDHE-ECDSA-AES128-CCM"}},
	{WITH12("AES-256-CCM"), {"-tls1_2", "ECDHE-ECDSA-AES256-CCM"}},
};

static void save(const char *name, struct strbuf *content)
{
	AUTO_FREE char *path = xasprintf("%s/%s", dir, name);
	FILE *f = fopen(path, "we");
	assert_non_null(f);
	assert_int_equal(fwrite(content->buf, 1, content->len, f), content->len);
	assert_int_equal(fclose(f), 0);
	strbuf_reset(content);
}

static int set_up(void **state)
{
	(void)state;
	AUTO(strbuf) pem = STRBUF_INIT;
	if (!mkdtemp(dir))
		return -1;
	pki_make(&server, &(struct pki_spec){.cn = "the server", .dns = {SPAN_LIT(HOST)}});
	pki_pem(&server, &pem);
	pki_key_pem(&server, NULL, &pem);
	save("server.pem", &pem);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	pki_free(&server);
	return remove_tree(dir);
}

/* ---- sessions ---- */

/* All ciphers are allowed: the server chooses. */
static struct stream *handshake(struct stream *lower)
{
	AUTO_PTR(stream) owned = lower;
	AUTO(error) err = ERROR_INIT;
	const struct tls_policy policy = {.host = HOST,
					  .priorities = "NORMAL:+AES-128-CCM:+AES-256-CCM:+CAMELLIA-128-GCM"};
	AUTO_PTR(tls_context) ctx = tls_context_new(&policy, &err);
	assert_non_null(ctx);
	struct stream *tls = tls_client_new(ctx, &owned, &clock_system, DEADLINE_NEVER, TLS_BRIEF, NULL, &err);
	if (!tls)
		fail_msg("%s", err.status.text);
	return tls;
}

static struct stream *open_with(struct tls_peer *peer)
{
	peer->chain[0] = &server;
	return handshake(tls_peer_start(peer));
}

static void close_with(struct tls_peer *peer, struct stream *tls)
{
	stream_free(tls);
	tls_peer_join(peer);
}

/* The session continues in a new stream; nothing of the old one is left. */
static struct stream *pass_on(struct stream *tls)
{
	AUTO(strbuf) kept = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	assert_true(tls_kept_export(tls, &kept));
	AUTO_PTR(stream) lower = stream_fd_new(stream_detach(tls));
	struct stream *next = tls_kept_import(strbuf_span(&kept), &lower, &err);
	assert_non_null(next);
	strbuf_wipe(&kept);
	return next;
}

static void ask(struct stream *tls, const char *words, const char *answer)
{
	AUTO(strbuf) got = STRBUF_INIT;
	assert_true(stream_write_all(tls, words, strlen(words), &clock_system, DEADLINE_NEVER, NULL));
	while (got.len < strlen(answer)) {
		char octets[3]; /* an odd size */
		size_t n = 0;
		AUTO(error) err = ERROR_INIT;
		if (!stream_read_some(tls, octets, sizeof(octets), &n, &clock_system, DEADLINE_NEVER, &err))
			fail_msg("%s: %s", words, err.status.text);
		strbuf_add(&got, octets, n);
	}
	assert_string_equal(got.buf, answer);
}

static enum stream_result read_end(struct stream *tls, struct error *err)
{
	char c;
	size_t got = 0;
	unsigned ready;
	enum stream_result r;
	while ((r = stream_read(tls, &c, 1, &got, err)) == STREAM_AGAIN)
		assert_true(stream_wait(tls, STREAM_READ, &ready, &clock_system, DEADLINE_NEVER, NULL));
	return r;
}

/* Says back what it hears, until the end. */
static void echo(struct tls_peer *peer)
{
	size_t before;
	do {
		before = peer->got.len;
		tls_peer_receive(peer, before + 1);
		tls_peer_receive(peer, peer->got.len + gnutls_record_check_pending(peer->session));
		tls_peer_send(peer, peer->got.buf + before, peer->got.len - before);
	} while (peer->got.len > before);
}

static void a_session_goes_through_many_hands(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tls_peer peer = {.priorities = rows[i].priorities, .act = echo};
		struct stream *tls = open_with(&peer);
		if (i % 2)
			ask(tls, "EHLO", "EHLO");
		for (int hand = 0; hand < 4; hand++) {
			tls = pass_on(tls);
			ask(tls, "MAIL", "MAIL");
			tls = pass_on(tls); /* and once more, with nothing in between */
			tls = pass_on(tls);
			ask(tls, "RCPT", "RCPT");
		}
		stream_finish(tls);
		assert_int_equal(read_end(tls, NULL), STREAM_END);
		close_with(&peer, tls);
		assert_true(peer.heard_goodbye);
		tls_peer_release(&peer);
	}
}

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
	size_t len = 1 + (at * 31 + 17) % 150001, put = 0;
	if (len > MUCH - at)
		len = MUCH - at;
	AUTO_FREE char *copy = xmalloc(len);
	for (size_t i = 0; i < len; i++)
		copy[i] = octet_at(at + i);
	enum stream_result r = stream_write(tls, copy, len, &put, NULL);
	assert_true(r == STREAM_OK || r == STREAM_AGAIN);
	return r == STREAM_OK ? put : 0;
}

static size_t read_some(struct stream *tls, size_t come)
{
	char octets[4999];
	size_t got = 0;
	enum stream_result r = stream_read(tls, octets, sizeof(octets), &got, NULL);
	assert_true(r == STREAM_OK || r == STREAM_AGAIN);
	for (size_t i = 0; r == STREAM_OK && i < got; i++)
		assert_int_equal(octets[i], octet_at(come + i));
	return r == STREAM_OK ? got : 0;
}

static void much_goes_through_from_hand_to_hand(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tls_peer peer = {.priorities = rows[i].priorities, .act = mirror};
		peer.longest_record = i % 2 ? 1000 : 0;
		struct stream *tls = open_with(&peer);
		size_t sent = 0, come = 0, hands = 0;
		while (come < MUCH) {
			AUTO(strbuf) kept = STRBUF_INIT;
			unsigned ready, interests = STREAM_READ | (sent < MUCH ? (unsigned)STREAM_WRITE : 0u);
			/* passed on whenever it is possible, in the middle of everything */
			if (tls_kept_export(tls, &kept)) {
				struct stream *lower = stream_fd_new(stream_detach(tls));
				tls = tls_kept_import(strbuf_span(&kept), &lower, NULL);
				assert_non_null(tls);
				hands++;
			}
			assert_true(stream_wait(tls, interests, &ready, &clock_system, DEADLINE_NEVER, NULL));
			if (ready & STREAM_WRITE)
				sent += write_some(tls, sent);
			if (ready & STREAM_READ)
				come += read_some(tls, come);
		}
		print_message("# %s: %zu hands\n", rows[i].priorities, hands);
		assert_true(hands > 1);
		close_with(&peer, tls);
		tls_peer_release(&peer);
	}
}

static void another_process_continues(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tls_peer peer = {.priorities = rows[i].priorities, .act = echo};
		AUTO(strbuf) kept = STRBUF_INIT;
		char back[1024];
		int pipefd[2], status;
		struct stream *tls = open_with(&peer);
		ask(tls, "one", "one");
		assert_true(tls_kept_export(tls, &kept));
		AUTO_FD int fd = stream_detach(tls);
		assert_int_equal(pipe2(pipefd, O_CLOEXEC), 0);
		pid_t child = fork();
		assert_true(child >= 0);
		if (!child) {
			struct stream *lower = stream_fd_new(fd);
			tls = tls_kept_import(strbuf_span(&kept), &lower, NULL);
			ask(tls, "two", "two");
			strbuf_wipe(&kept);
			bool ok = tls_kept_export(tls, &kept) &&
				  write(pipefd[1], kept.buf, kept.len) == (ssize_t)kept.len;
			_exit(ok ? 0 : 1);
		}
		(void)close(pipefd[1]);
		ssize_t n = read(pipefd[0], back, sizeof(back));
		(void)close(pipefd[0]);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
		assert_true(n > 0);
		struct stream *lower = stream_fd_new(steal_fd(&fd));
		tls = tls_kept_import(span_make(back, (size_t)n), &lower, NULL);
		assert_non_null(tls);
		ask(tls, "three", "three");
		stream_finish(tls);
		close_with(&peer, tls);
		assert_string_equal(peer.got.buf, "onetwothree");
		assert_true(peer.heard_goodbye);
		tls_peer_release(&peer);
	}
}

/* ---- what cannot be kept ---- */

static void another_cipher_is_not_kept_and_still_good(void **state)
{
	(void)state;
	static const char *const others[] = {WITH12("AES-128-CBC"), WITH12("AES-256-CBC"), WITH12("CAMELLIA-128-GCM")};
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		struct tls_peer peer = {.priorities = others[i], .act = echo};
		AUTO(strbuf) kept = STRBUF_INIT;
		struct stream *tls = open_with(&peer);
		assert_false(tls_kept_export(tls, &kept));
		assert_int_equal(kept.len, 0);
		ask(tls, "hello", "hello");
		close_with(&peer, tls);
		tls_peer_release(&peer);
	}
	AUTO(strbuf) kept = STRBUF_INIT;
	AUTO_PTR(stream) plain = stream_mem_new(SPAN_LIT(""), 1, NULL);
	assert_false(tls_kept_export(plain, &kept));
}

static void a_record_that_is_half_read_is_not_kept(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct tls_peer peer = {.priorities = rows[i].priorities, .act = echo};
		AUTO(strbuf) kept = STRBUF_INIT;
		struct stream *tls = open_with(&peer);
		ask(tls, "abcdef", "abc"); /* three are inside GnuTLS */
		assert_false(tls_kept_export(tls, &kept));
		ask(tls, "g", "defg");
		tls = pass_on(tls);
		ask(tls, "abcdef", "abc"); /* and here inside ours */
		assert_false(tls_kept_export(tls, &kept));
		ask(tls, "g", "defg");
		tls = pass_on(tls);
		close_with(&peer, tls);
		tls_peer_release(&peer);
	}
}

static void update_keys(struct tls_peer *peer)
{
	(void)gnutls_session_key_update(peer->session, peer->longest_record ? GNUTLS_KU_PEER : 0);
	tls_peer_send(peer, "a", 1);
	echo(peer);
}

static void keys_that_the_server_changed_are_not_kept(void **state)
{
	(void)state;
	for (size_t asked = 0; asked < 2; asked++) {
		struct tls_peer peer = {.priorities = TLS13, .act = update_keys, .longest_record = asked ? 16384 : 0};
		AUTO(strbuf) kept = STRBUF_INIT;
		struct stream *tls = open_with(&peer);
		ask(tls, "b", "ab");
		assert_false(tls_kept_export(tls, &kept));
		ask(tls, "c", "c");
		close_with(&peer, tls);
		tls_peer_release(&peer);
	}
}

/* ---- what the server does later ---- */

static void update_later(struct tls_peer *peer)
{
	tls_peer_receive(peer, 3);
	(void)gnutls_session_key_update(peer->session, 0);
	tls_peer_send(peer, "a", 1);
}

static void keys_that_change_later_end_the_session(void **state)
{
	(void)state;
	struct tls_peer peer = {.priorities = TLS13, .act = update_later};
	AUTO(error) err = ERROR_INIT;
	struct stream *tls = pass_on(open_with(&peer));
	assert_true(stream_write_all(tls, "abc", 3, &clock_system, DEADLINE_NEVER, NULL));
	assert_int_equal(read_end(tls, &err), STREAM_FAIL);
	assert_int_equal(err.status.kind, ERROR_CONNECTION_LOST);
	assert_non_null(strstr(err.status.text, "changed its TLS keys"));
	close_with(&peer, tls);
	tls_peer_release(&peer);
}

static void ask_for_a_new_handshake(struct tls_peer *peer)
{
	tls_peer_receive(peer, 1);
	(void)gnutls_rehandshake(peer->session);
	tls_peer_send(peer, "b", 1);
	echo(peer);
}

static void a_wish_for_a_new_handshake_is_declined(void **state)
{
	(void)state;
	struct tls_peer peer = {.priorities = TLS12, .act = ask_for_a_new_handshake};
	struct stream *tls = pass_on(open_with(&peer));
	ask(tls, "a", "b");
	ask(tls, "hello", "hello");
	close_with(&peer, pass_on(tls));
	tls_peer_release(&peer);
}

static void complain(struct tls_peer *peer)
{
	tls_peer_receive(peer, 1);
	(void)gnutls_alert_send(peer->session, GNUTLS_AL_FATAL, GNUTLS_A_INTERNAL_ERROR);
}

static void leave(struct tls_peer *peer)
{
	tls_peer_receive(peer, 1);
}

static void ends_are_what_they_are_elsewhere(void **state)
{
	(void)state;
	static const struct {
		tls_peer_act *act;
		bool no_goodbye;
		enum stream_result result;
		const char *says;
	} cases[] = {{leave, false, STREAM_END, ""},
		     {leave, true, STREAM_FAIL, "without a TLS close_notify"},
		     {complain, true, STREAM_FAIL, "the server ended TLS with the alert \"Internal error\" (80)"}};
	for (size_t i = 0; i < ARRAY_SIZE(cases) * ARRAY_SIZE(rows); i++) {
		const size_t c = i % ARRAY_SIZE(cases);
		struct tls_peer peer = {.priorities = rows[i / ARRAY_SIZE(cases)].priorities,
					.act = cases[c].act,
					.no_goodbye = cases[c].no_goodbye};
		AUTO(error) err = ERROR_INIT;
		struct stream *tls = pass_on(open_with(&peer));
		assert_true(stream_write_all(tls, "x", 1, &clock_system, DEADLINE_NEVER, NULL));
		assert_int_equal(read_end(tls, &err), cases[c].result);
		if (*cases[c].says)
			assert_non_null(strstr(err.status.text, cases[c].says));
		close_with(&peer, tls);
		tls_peer_release(&peer);
	}
}

static void say_why(struct tls_peer *peer)
{
	tls_peer_send(peer, "552 too big", 11);
	(void)shutdown(peer->fd, SHUT_RD);
}

static void the_last_words_are_read_when_nothing_can_be_sent_any_more(void **state)
{
	(void)state;
	struct tls_peer peer = {.priorities = TLS13, .act = say_why, .no_goodbye = true};
	AUTO(error) err = ERROR_INIT;
	AUTO_PTR(stream) tls = pass_on(open_with(&peer));
	AUTO(strbuf) got = STRBUF_INIT;
	size_t n = 0;
	char octets[20];
	while (stream_write(tls, "more", 4, &n, &err) != STREAM_FAIL)
		;
	assert_int_equal(err.status.kind, ERROR_CONNECTION_LOST);
	error_release(&err);
	while (stream_read(tls, octets, sizeof(octets), &n, &err) == STREAM_OK)
		strbuf_add(&got, octets, n);
	assert_int_equal(err.status.kind, ERROR_CONNECTION_LOST);
	assert_string_equal(got.buf, "552 too big");
	close_with(&peer, steal_ptr(tls));
	tls_peer_release(&peer);
}

/* ---- OpenSSL ---- */

/* Starts a server that answers each line with its letters in reverse, on a port that is free, and connects to it once
 * it listens.  NULL: there is no OpenSSL. */
static struct stream *connect_to_openssl(const struct row *row, pid_t *child, int *output)
{
	AUTO_FREE char *pem = xasprintf("%s/server.pem", dir);
	const bool modern = strcmp(row->openssl[0], "-tls1_3") == 0;
	int fds[2];
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	*child = fork();
	assert_true(*child >= 0);
	if (!*child) {
		(void)dup2(fds[1], 1);
		(void)dup2(fds[1], 2);
		(void)execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-naccept", "1", "-rev",
			     "-cert", pem, row->openssl[0], modern ? "-ciphersuites" : "-cipher", row->openssl[1],
			     (char *)NULL);
		_exit(127);
	}
	(void)close(fds[1]);
	*output = fds[0];
	AUTO(strbuf) said = STRBUF_INIT;
	char c;
	unsigned port = 0;
	while (read(fds[0], &c, 1) == 1) {
		const char *at = strstr(said.buf, "ACCEPT 127.0.0.1:");
		if (c == '\n' && at && (port = (unsigned)strtoul(at + 17, NULL, 10)))
			break;
		strbuf_addch(&said, c);
	}
	if (!port)
		return NULL;
	const struct sockaddr_in address = {
		.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr = {htonl(INADDR_LOOPBACK)}};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	assert_true(fd >= 0);
	assert_int_equal(connect(fd, (const struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(fcntl(fd, F_SETFL, O_NONBLOCK), 0);
	return stream_fd_new(fd);
}

/* A line of 16,000 octets, in several hands. */
static void long_line(struct stream **tls)
{
	AUTO(strbuf) line = STRBUF_INIT;
	AUTO(strbuf) answer = STRBUF_INIT;
	for (int i = 0; i < 16000; i++)
		strbuf_addch(&line, (char)('a' + i % 26));
	for (size_t i = line.len; i--;)
		strbuf_addch(&answer, line.buf[i]);
	strbuf_addch(&answer, '\n');
	for (size_t at = 0; at < line.len; at += 4000) {
		assert_true(stream_write_all(*tls, line.buf + at, 4000, &clock_system, DEADLINE_NEVER, NULL));
		*tls = pass_on(*tls);
	}
	ask(*tls, "\n", answer.buf);
}

static void openssl_notices_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		AUTO_FD int output = -1;
		pid_t child;
		int status;
		struct stream *lower = connect_to_openssl(&rows[i], &child, &output);
		if (!lower) {
			assert_int_equal(waitpid(child, &status, 0), child);
			assert_int_equal(WEXITSTATUS(status), 127);
			skip();
		}
		/* in TLS 1.3 it sends two tickets, which nothing has read when the session is passed on */
		struct stream *tls = pass_on(handshake(lower));
		ask(tls, "hello\n", "olleh\n");
		tls = pass_on(tls);
		ask(tls, "again\n", "niaga\n");
		long_line(&tls);
		stream_finish(tls);
		stream_free(tls);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_session_goes_through_many_hands),
		cmocka_unit_test(much_goes_through_from_hand_to_hand),
		cmocka_unit_test(another_process_continues),
		cmocka_unit_test(another_cipher_is_not_kept_and_still_good),
		cmocka_unit_test(a_record_that_is_half_read_is_not_kept),
		cmocka_unit_test(keys_that_the_server_changed_are_not_kept),
		cmocka_unit_test(keys_that_change_later_end_the_session),
		cmocka_unit_test(a_wish_for_a_new_handshake_is_declined),
		cmocka_unit_test(ends_are_what_they_are_elsewhere),
		cmocka_unit_test(the_last_words_are_read_when_nothing_can_be_sent_any_more),
		cmocka_unit_test(openssl_notices_nothing),
	};
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
