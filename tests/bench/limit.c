/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * limit: the least a client can do that keeps all rules; the floor others are
 * compared with.  No configuration, no explanations, one way: TCP, TLS,
 * greeting, EHLO, AUTH PLAIN, then MAIL, RCPT.. and BDAT in one flight; the
 * end is not waited for.  Not for use: it stops at the first surprise.
 *
 * The message is standard input: a file with CRLF line ends, mapped.
 */
#include "limit.h"

#include <errno.h>
#include <fcntl.h>
#include <getopt.h>
#include <netdb.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static const char usage[] =
	"usage: limit --host H --port P --bundle FILE [--starttls|--plain] [--data] [--recipients N]\n"
	"             [--messages N] [--window N] [--no-auth] <message-with-crlf\n";

struct limit {
	const char *host, *port, *bundle;
	bool starttls, plain, data, no_auth;
	unsigned long recipients, messages, window;
	int fd;
	gnutls_session_t tls;
	char in[65536];
	size_t at, len;
};

static _Noreturn void die(const char *what, const char *why)
{
	fprintf(stderr, "limit: %s: %s\n", what, why);
	exit(75);
}

/* ---- octets ---- */

static void put(struct limit *l, const char *p, size_t n)
{
	while (n) {
		ssize_t got = l->tls ? gnutls_record_send(l->tls, p, n) : send(l->fd, p, n, MSG_NOSIGNAL);
		if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
			continue;
		if (got <= 0)
			die("write", l->tls ? gnutls_strerror((int)got) : strerror(errno));
		p += got;
		n -= (size_t)got;
	}
}

static void fill(struct limit *l)
{
	if (l->at == l->len)
		l->at = l->len = 0;
	if (l->at) {
		memmove(l->in, l->in + l->at, l->len - l->at);
		l->len -= l->at;
		l->at = 0;
	}
	ssize_t got = l->tls ? gnutls_record_recv(l->tls, l->in + l->len, sizeof(l->in) - l->len)
			     : recv(l->fd, l->in + l->len, sizeof(l->in) - l->len, 0);
	if (got == GNUTLS_E_AGAIN || got == GNUTLS_E_INTERRUPTED)
		return;
	if (got <= 0)
		die("read", "the server closed");
	l->len += (size_t)got;
}

/* One reply; its first digit must be the one wanted. */
static void want(struct limit *l, char digit)
{
	for (;;) {
		char *start = l->in + l->at, *lf = memchr(start, '\n', l->len - l->at);
		if (!lf) {
			fill(l);
			continue;
		}
		l->at = (size_t)(lf - l->in) + 1;
		if (*start != digit) {
			*lf = '\0';
			die("refused", start);
		}
		if (lf - start < 4 || start[3] != '-')
			return;
	}
}

/* ---- connection ---- */

static void start_connect(struct limit *l)
{
	struct addrinfo hints = {.ai_socktype = SOCK_STREAM}, *list;
	int on = 1, rc = getaddrinfo(l->host, l->port, &hints, &list);
	if (rc)
		die(l->host, gai_strerror(rc));
	l->fd = socket(list->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	setsockopt(l->fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
	if (l->fd < 0 || (connect(l->fd, list->ai_addr, list->ai_addrlen) < 0 && errno != EINPROGRESS))
		die("connect", strerror(errno));
	freeaddrinfo(list);
}

static void end_connect(struct limit *l)
{
	struct pollfd p = {.fd = l->fd, .events = POLLOUT};
	int error = 0;
	socklen_t len = sizeof(error);
	if (poll(&p, 1, 20000) != 1 || getsockopt(l->fd, SOL_SOCKET, SO_ERROR, &error, &len) < 0 || error)
		die("connect", strerror(error));
	if (fcntl(l->fd, F_SETFL, fcntl(l->fd, F_GETFL) & ~O_NONBLOCK) < 0)
		die("connect", strerror(errno));
}

static int verify(gnutls_session_t session)
{
	const struct limit *l = gnutls_session_get_ptr(session);
	return limit_verify(session, l->bundle, l->host);
}

static gnutls_session_t prepare_tls(struct limit *l)
{
	gnutls_certificate_credentials_t cred;
	gnutls_session_t session;
	int rc = gnutls_certificate_allocate_credentials(&cred);
	if (rc == 0)
		rc = gnutls_init(&session, GNUTLS_CLIENT | GNUTLS_NO_SIGNAL);
	if (rc < 0)
		die("TLS", gnutls_strerror(rc));
	gnutls_set_default_priority(session);
	gnutls_credentials_set(session, GNUTLS_CRD_CERTIFICATE, cred);
	gnutls_server_name_set(session, GNUTLS_NAME_DNS, l->host, strlen(l->host));
	gnutls_session_set_ptr(session, l);
	gnutls_certificate_set_verify_function(cred, verify);
	return session;
}

static void start_tls(struct limit *l, gnutls_session_t session)
{
	int rc;
	gnutls_transport_set_int(session, l->fd);
	do
		rc = gnutls_handshake(session);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	if (rc < 0)
		die("TLS", gnutls_strerror(rc));
	l->tls = session;
}

static void say(struct limit *l, const char *text, char digit)
{
	put(l, text, strlen(text));
	want(l, digit);
}

static void open_session(struct limit *l)
{
	start_connect(l);
	gnutls_session_t session = l->plain ? NULL : prepare_tls(l);
	end_connect(l);
	if (session && !l->starttls)
		start_tls(l, session);
	want(l, '2');
	say(l, "EHLO limit\r\n", '2');
	if (l->starttls) {
		say(l, "STARTTLS\r\n", '2');
		start_tls(l, session);
		say(l, "EHLO limit\r\n", '2');
	}
	if (!l->no_auth)
		say(l, "AUTH PLAIN AGpvZQBzZWNyZXQ=\r\n", '2');
}

/* ---- messages ---- */

struct flight {
	char *octets; /* envelope, BDAT line and, if short, the message */
	size_t len;
	const char *rest; /* a long message goes out from where it is mapped */
	size_t rest_len;
};

static struct flight make_flight(const struct limit *l)
{
	struct flight f = {.octets = malloc(l->recipients * 64 + 65536)};
	struct stat st;
	if (!f.octets || fstat(0, &st) < 0)
		die("message", strerror(errno));
	char *message = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, 0, 0), *p = f.octets;
	if (message == MAP_FAILED)
		die("message", strerror(errno));
	p += sprintf(p, "MAIL FROM:<joe@example.org>\r\n");
	for (unsigned long i = 0; i < l->recipients; i++)
		p += sprintf(p, "RCPT TO:<friend%lu@example.org>\r\n", i);
	p += l->data ? sprintf(p, "DATA\r\n") : sprintf(p, "BDAT %lld LAST\r\n", (long long)st.st_size);
	f.rest = message;
	f.rest_len = (size_t)st.st_size;
	if (!l->data && st.st_size < 32768) {
		memcpy(p, message, (size_t)st.st_size);
		p += st.st_size;
		f.rest_len = 0;
	}
	f.len = (size_t)(p - f.octets);
	return f;
}

static void send_flight(struct limit *l, const struct flight *f)
{
	put(l, f->octets, f->len);
	if (!l->data)
		put(l, f->rest, f->rest_len);
}

static void take_replies(struct limit *l, const struct flight *f)
{
	for (unsigned long i = 0; i < l->recipients + 1; i++)
		want(l, '2');
	if (l->data) {
		want(l, '3');
		put(l, f->rest, f->rest_len);
		put(l, ".\r\n", 3);
	}
	want(l, '2');
}

static void send_all(struct limit *l)
{
	struct flight f = make_flight(l);
	unsigned long sent = 0, taken = 0;
	while (taken < l->messages) {
		while (sent < l->messages && sent - taken < l->window) {
			send_flight(l, &f);
			sent++;
		}
		take_replies(l, &f);
		taken++;
	}
	put(l, "QUIT\r\n", 6);
	free(f.octets);
}

int main(int argc, char **argv)
{
	static const struct option options[] = {
		{"host", required_argument, NULL, 'h'},
		{"port", required_argument, NULL, 'p'},
		{"bundle", required_argument, NULL, 'b'},
		{"starttls", no_argument, NULL, 's'},
		{"plain", no_argument, NULL, 'P'},
		{"data", no_argument, NULL, 'd'},
		{"recipients", required_argument, NULL, 'r'},
		{"messages", required_argument, NULL, 'm'},
		{"window", required_argument, NULL, 'w'},
		{"no-auth", no_argument, NULL, 'n'},
		{NULL, 0, NULL, 0},
	};
	static struct limit l = {.recipients = 1, .messages = 1, .window = 1};
	int opt;
	while ((opt = getopt_long(argc, argv, "", options, NULL)) != -1) {
		switch (opt) {
		case 'h': l.host = optarg; break;
		case 'p': l.port = optarg; break;
		case 'b': l.bundle = optarg; break;
		case 's': l.starttls = true; break;
		case 'P': l.plain = true; break;
		case 'd': l.data = true; break;
		case 'r': l.recipients = strtoul(optarg, NULL, 10); break;
		case 'm': l.messages = strtoul(optarg, NULL, 10); break;
		case 'w': l.window = strtoul(optarg, NULL, 10); break;
		case 'n': l.no_auth = true; break;
		default: l.host = NULL; optind = argc + 1;
		}
	}
	if (optind != argc || !l.host || !l.port || (!l.plain && !l.bundle)) {
		fputs(usage, stderr);
		return 64;
	}
	open_session(&l);
	send_all(&l);
	return 0;
}
