/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scripted_server.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <gnutls/x509.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <time.h>

struct visit {
	const struct dialogue *d;
	size_t event;
	int fd;		      /* -1: closed */
	int gone;	      /* readable when the client has ended */
	gnutls_session_t tls; /* NULL: in clear */
	long long deadline;
	struct strbuf in;
	struct strbuf *why;
	uint64_t chunk_left; /* of the octets the last BDAT announced */
	bool bdat;	     /* the message comes after BDAT */
	bool over;	     /* something was wrong, or the connection is closed */
};

long long scripted_server_now(void)
{
	struct timespec t;
	(void)clock_gettime(CLOCK_MONOTONIC, &t); /* cannot fail with this clock */
	return (long long)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* ---- certificate and listener -------------------------------------------------- */

static bool export_pem(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key, struct strbuf *certificate,
		       struct strbuf *private)
{
	gnutls_datum_t c = {NULL, 0}, k = {NULL, 0};
	bool fine = gnutls_x509_crt_export2(crt, GNUTLS_X509_FMT_PEM, &c) == 0 &&
		    gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &k) == 0;
	if (fine) {
		strbuf_add(certificate, c.data, c.size);
		strbuf_add(private, k.data, k.size);
	}
	gnutls_free(c.data);
	gnutls_free(k.data);
	return fine;
}

static bool fill_certificate(gnutls_x509_crt_t crt, gnutls_x509_privkey_t key)
{
	static const unsigned char serial[] = {1}, address[] = {127, 0, 0, 1};
	static const char name[] = "localhost";
	time_t now = time(NULL);
	return gnutls_x509_crt_set_version(crt, 3) == 0 &&
	       gnutls_x509_crt_set_serial(crt, serial, sizeof(serial)) == 0 &&
	       gnutls_x509_crt_set_activation_time(crt, now - 3600) == 0 &&
	       gnutls_x509_crt_set_expiration_time(crt, now + 86400) == 0 &&
	       gnutls_x509_crt_set_dn_by_oid(crt, GNUTLS_OID_X520_COMMON_NAME, 0, name, sizeof(name) - 1) == 0 &&
	       gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_DNSNAME, name, sizeof(name) - 1, GNUTLS_FSAN_SET) ==
		       0 &&
	       gnutls_x509_crt_set_subject_alt_name(crt, GNUTLS_SAN_IPADDRESS, address, sizeof(address),
						    GNUTLS_FSAN_APPEND) == 0 &&
	       gnutls_x509_crt_set_basic_constraints(crt, 1, -1) == 0 &&
	       gnutls_x509_crt_set_key_usage(crt, GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_KEY_CERT_SIGN) == 0 &&
	       gnutls_x509_crt_set_key(crt, key) == 0 &&
	       gnutls_x509_crt_sign2(crt, crt, key, GNUTLS_DIG_SHA256, 0) == 0;
}

bool scripted_server_certificate(struct strbuf *certificate, struct strbuf *key, struct error *err)
{
	gnutls_x509_crt_t crt;
	gnutls_x509_privkey_t private;
	if (gnutls_x509_crt_init(&crt) != 0)
		return error_set(err, ERROR_TLS, "cannot make a certificate");
	bool fine = gnutls_x509_privkey_init(&private) == 0;
	if (fine) {
		fine = gnutls_x509_privkey_generate(private, GNUTLS_PK_ECDSA,
						    GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0) == 0 &&
		       fill_certificate(crt, private) && export_pem(crt, private, certificate, key);
		gnutls_x509_privkey_deinit(private);
	}
	gnutls_x509_crt_deinit(crt);
	return fine || error_set(err, ERROR_TLS, "cannot make a certificate");
}

static bool listen_here(struct scripted_server *s)
{
	struct sockaddr_in any = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
	socklen_t size = sizeof(any);
	s->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (s->listen_fd < 0 || bind(s->listen_fd, (struct sockaddr *)&any, sizeof(any)) != 0 ||
	    listen(s->listen_fd, 5) != 0 || getsockname(s->listen_fd, (struct sockaddr *)&any, &size) != 0)
		return false;
	s->port = ntohs(any.sin_port);
	return true;
}

bool scripted_server_open(struct scripted_server *s, const struct strbuf *certificate, const struct strbuf *key,
			  struct error *err)
{
	gnutls_datum_t c = {(unsigned char *)certificate->buf, (unsigned)certificate->len},
		       k = {(unsigned char *)key->buf, (unsigned)key->len};
	*s = (struct scripted_server){.listen_fd = -1};
	if (gnutls_certificate_allocate_credentials(&s->credentials) != 0 ||
	    gnutls_certificate_set_x509_key_mem(s->credentials, &c, &k, GNUTLS_X509_FMT_PEM) < 0)
		return error_set(err, ERROR_TLS, "cannot use the certificate");
	return listen_here(s) || error_set_errno(err, ERROR_SYSTEM, errno, "cannot listen");
}

void scripted_server_close(struct scripted_server *s)
{
	if (s->listen_fd >= 0)
		(void)close(s->listen_fd);
	if (s->credentials)
		gnutls_certificate_free_credentials(s->credentials);
	*s = (struct scripted_server){.listen_fd = -1};
}

/* ---- faults ------------------------------------------------------------------------ */

static const struct dialogue_event *current(const struct visit *v)
{
	return v->event < v->d->n ? &v->d->events[v->event] : NULL;
}

static void wrong(struct visit *v, const char *what, const struct strbuf *wanted, struct span got)
{
	const struct dialogue_event *e = current(v);
	v->over = true;
	strbuf_addf(v->why, "%s, line %u: %s\n", v->d->name, e ? e->line : 0, what);
	if (wanted) {
		strbuf_adds(v->why, "  wanted: ");
		dialogue_show(v->why, strbuf_span(wanted));
		strbuf_addch(v->why, '\n');
	}
	if (got.ptr) {
		strbuf_adds(v->why, "  got:    ");
		dialogue_show(v->why, got.len > 500 ? span_sub(got, 0, 500) : got);
		strbuf_addch(v->why, '\n');
	}
}

static const struct span nothing = {NULL, 0};

/* ---- octets -------------------------------------------------------------------------- */

static bool wait_for(struct visit *v, short events)
{
	struct pollfd p = {.fd = v->fd, .events = events};
	for (;;) {
		long long left = v->deadline - scripted_server_now();
		int n = left > 0 ? poll(&p, 1, (int)left) : 0;
		if (n > 0)
			return true;
		if (n == 0 || errno != EINTR)
			return false;
	}
}

static bool should_wait(const struct visit *v, ssize_t n)
{
	if (v->tls)
		return n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED;
	return n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR);
}

/* 1: octets came, 0: the client closed (or broke off), -1: the deadline is over. */
static int read_more(struct visit *v, bool wait)
{
	char block[16384];
	for (;;) {
		ssize_t n = v->tls ? gnutls_record_recv(v->tls, block, sizeof(block))
				   : recv(v->fd, block, sizeof(block), 0);
		if (n > 0) {
			strbuf_add(&v->in, block, (size_t)n);
			return 1;
		}
		if (n == 0 || !should_wait(v, n))
			return 0;
		if (!wait || !wait_for(v, POLLIN))
			return -1;
	}
}

static void write_all(struct visit *v, struct span octets)
{
	while (octets.len && !v->over) {
		ssize_t n = v->tls ? gnutls_record_send(v->tls, octets.ptr, octets.len)
				   : send(v->fd, octets.ptr, octets.len, MSG_NOSIGNAL);
		if (n > 0)
			octets = span_sub(octets, (size_t)n, octets.len);
		else if (!should_wait(v, n))
			return; /* the client is gone: its next line will be missed */
		else if (!wait_for(v, POLLOUT))
			wrong(v, "the client does not read", NULL, nothing);
	}
}

/* ---- the events ------------------------------------------------------------------------ */

static void say(struct visit *v)
{
	AUTO(strbuf) burst = STRBUF_INIT;
	const struct dialogue_event *e;
	/* Nothing may have come after the flight that is answered now. */
	(void)read_more(v, false);
	bool in_body = v->bdat ? v->chunk_left > 0 : v->event && v->d->events[v->event - 1].kind == DIALOGUE_MESSAGE;
	if (v->in.len && !in_body) {
		wrong(v, "the client sent more than this flight", NULL, strbuf_span(&v->in));
		return;
	}
	for (; (e = current(v)) && e->kind == DIALOGUE_SERVER; v->event++)
		strbuf_add_span(&burst, strbuf_span(&e->octets));
	write_all(v, strbuf_span(&burst));
}

/* Exactly the octets announced belong to the message; a command begins after them. */
static void count_octets(struct visit *v, const struct dialogue_event *e, struct span line)
{
	unsigned long long n;
	struct span rest = span_trim(line), verb = span_word(&rest), size = span_word(&rest);
	if (e->kind == DIALOGUE_CLIENT) {
		if (v->chunk_left)
			wrong(v, "a command before the chunk is complete", NULL, line);
		v->bdat = span_equals_str(verb, "BDAT");
		if (v->bdat && !span_to_u64(size, &n))
			wrong(v, "BDAT without a size", NULL, line);
		else if (v->bdat)
			v->chunk_left = n;
	} else if (v->bdat && line.len > v->chunk_left) {
		wrong(v, "the message is longer than BDAT announced", NULL, line);
	} else if (v->bdat) {
		v->chunk_left -= line.len;
	}
}

static void expect_line(struct visit *v, const struct dialogue_event *e)
{
	const char *lf;
	while (!(lf = memchr(v->in.buf, '\n', v->in.len))) {
		int got = read_more(v, true);
		if (got <= 0) {
			wrong(v,
			      got ? "the client waits, but should have sent more"
				  : "the client closed, but should have sent more",
			      &e->octets, strbuf_span(&v->in));
			return;
		}
	}
	size_t len = (size_t)(lf - v->in.buf) + 1;
	struct span line = span_sub(strbuf_span(&v->in), 0, len);
	if (!dialogue_line_matches(e, line)) {
		wrong(v, "the client sent something else", &e->octets, line);
		return;
	}
	count_octets(v, e, line);
	strbuf_remove(&v->in, 0, len);
	v->event++;
}

static bool handshake(struct visit *v, const struct scripted_server *s)
{
	int n;
	if (gnutls_init(&v->tls, GNUTLS_SERVER | GNUTLS_NONBLOCK) != 0 || gnutls_set_default_priority(v->tls) != 0 ||
	    gnutls_credentials_set(v->tls, GNUTLS_CRD_CERTIFICATE, s->credentials) != 0)
		return false;
	gnutls_transport_set_int(v->tls, v->fd);
	while ((n = gnutls_handshake(v->tls)) != 0) {
		if (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) {
			if (!wait_for(v, gnutls_record_get_direction(v->tls) ? POLLOUT : POLLIN))
				return false;
		} else if (gnutls_error_is_fatal(n)) {
			return false;
		}
	}
	return true;
}

static void do_tls(struct visit *v, const struct scripted_server *s, bool should_fail)
{
	if (v->in.len)
		wrong(v, "octets in clear where TLS begins", NULL, strbuf_span(&v->in));
	else if (handshake(v, s) == should_fail)
		wrong(v, should_fail ? "the client accepted the certificate" : "the TLS handshake failed", NULL,
		      nothing);
	v->over |= should_fail;
	v->event++;
}

/* Reads until the client closes; nothing may come, unless rest. */
static void until_closed(struct visit *v, bool rest)
{
	int got;
	while ((got = read_more(v, true)) > 0)
		if (rest)
			strbuf_reset(&v->in);
	if (got < 0)
		wrong(v, "the client does not close", NULL, nothing);
	else if (v->in.len && !rest)
		wrong(v, "the client sent more", NULL, strbuf_span(&v->in));
	v->over = true;
}

static void reset(struct visit *v)
{
	const struct linger at_once = {1, 0};
	(void)setsockopt(v->fd, SOL_SOCKET, SO_LINGER, &at_once,
			 sizeof(at_once)); /* else it is a plain close, which does as well */
	v->over = true;
}

/* ---- connections ---- */

/* The connection, or -1 when the client ended or the deadline passed without one. */
static int accept_client(const struct scripted_server *s, int gone, long long deadline)
{
	struct pollfd p[] = {{.fd = s->listen_fd, .events = POLLIN}, {.fd = gone, .events = POLLIN}};
	for (;;) {
		long long left = deadline - scripted_server_now();
		if (left <= 0 || (poll(p, 2, (int)left) < 0 && errno != EINTR))
			return -1;
		int fd = accept4(s->listen_fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
		if (fd >= 0 || p[1].revents)
			return fd;
	}
}

static void end_connection(struct visit *v)
{
	if (v->tls)
		gnutls_deinit(v->tls);
	if (v->fd >= 0)
		(void)close(v->fd);
	v->tls = NULL;
	v->fd = -1;
}

/* The rest of the dialogue, if any, belongs to another connection. */
static void hang_up(struct visit *v)
{
	v->event++;
	if (current(v) && current(v)->kind == DIALOGUE_AGAIN)
		end_connection(v);
	else
		v->over = true;
}

static void connect_again(struct visit *v, const struct scripted_server *s)
{
	if (v->fd >= 0)
		until_closed(v, false);
	if (v->why->len)
		return;
	end_connection(v);
	strbuf_reset(&v->in);
	v->over = v->bdat = false;
	v->chunk_left = 0;
	v->event++;
	v->fd = accept_client(s, v->gone, v->deadline);
	if (v->fd < 0)
		wrong(v, "the client did not connect again", NULL, nothing);
}

static void play_event(struct visit *v, const struct scripted_server *s, const struct dialogue_event *e)
{
	switch (e->kind) {
	case DIALOGUE_SERVER: say(v); break;
	case DIALOGUE_CLIENT:
	case DIALOGUE_MESSAGE: expect_line(v, e); break;
	case DIALOGUE_TLS: do_tls(v, s, false); break;
	case DIALOGUE_TLS_REFUSED: do_tls(v, s, true); break;
	case DIALOGUE_CLOSE: hang_up(v); break;
	case DIALOGUE_RESET: reset(v); break;
	case DIALOGUE_AGAIN: connect_again(v, s); break;
	case DIALOGUE_HANG: until_closed(v, false); break;
	case DIALOGUE_REST: until_closed(v, true); break;
	}
}

/* ---- the visit ---------------------------------------------------------------------------- */

void scripted_server_play(struct scripted_server *s, const struct dialogue *d, int gone, long long deadline,
			  struct strbuf *why)
{
	struct visit v = {.d = d, .gone = gone, .deadline = deadline, .in = STRBUF_INIT, .why = why};
	const struct dialogue_event *e;
	v.fd = accept_client(s, gone, deadline);
	if (v.fd < 0) {
		if (d->n)
			wrong(&v, "the client did not connect", NULL, nothing);
		return;
	}
	if (!d->n)
		wrong(&v, "the client connected", NULL, nothing);
	while (!v.over && (e = current(&v)))
		play_event(&v, s, e);
	if (!v.over)
		until_closed(&v, false);
	end_connection(&v);
	strbuf_release(&v.in);
}
