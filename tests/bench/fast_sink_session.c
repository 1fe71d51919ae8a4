/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fast_sink.h"

#include <poll.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>
#include <unistd.h>

#define ROOM (256u * 1024)
#define OUT_ROOM (128u * 1024)
#define FAULTS 8

struct conn {
	const struct sink *k;
	int fd;
	gnutls_session_t tls; /* NULL: in clear */
	char *in, *out;
	size_t at, len, out_len;
	bool said; /* something since the last wait */
	bool greeted, authenticated, mail;
	bool early; /* the group that may come with the connection is not over (PIPECONNECT) */
	char last;  /* octet of the message before the buffer */
	/* what is counted */
	unsigned turns, messages, rejected, reads, commands, n_faults;
	unsigned rcpts;
	uint64_t octets, body_records, body_octets;
	size_t greatest_record;
	const char *faults[FAULTS];
};

static void fault(struct conn *c, const char *what)
{
	for (unsigned i = 0; i < c->n_faults; i++)
		if (c->faults[i] == what)
			return;
	if (c->n_faults < FAULTS)
		c->faults[c->n_faults++] = what;
}

/* ---- octets ---- */

static bool flush(struct conn *c)
{
	size_t at = 0;
	while (at < c->out_len) {
		ssize_t put = c->tls ? gnutls_record_send(c->tls, c->out + at, c->out_len - at)
				     : send(c->fd, c->out + at, c->out_len - at, 0);
		if (put == GNUTLS_E_INTERRUPTED || put == GNUTLS_E_AGAIN)
			continue;
		if (put <= 0)
			return false;
		at += (size_t)put;
	}
	c->out_len = 0;
	return true;
}

static void say(struct conn *c, const char *text)
{
	size_t len = strlen(text);
	if (c->out_len + len > OUT_ROOM && !flush(c))
		return;
	memcpy(c->out + c->out_len, text, len);
	c->out_len += len;
	c->said = true;
}

static ssize_t receive(struct conn *c, char *to, size_t room)
{
	ssize_t got;
	do
		got = c->tls ? gnutls_record_recv(c->tls, to, room) : recv(c->fd, to, room, 0);
	while (got == GNUTLS_E_INTERRUPTED || got == GNUTLS_E_AGAIN);
	return got;
}

/* Answers, then waits for more: one portion (with TLS: a record). */
static bool fill(struct conn *c)
{
	if (!flush(c))
		return false;
	if (c->at == c->len)
		c->at = c->len = 0;
	if (c->at) {
		memmove(c->in, c->in + c->at, c->len - c->at);
		c->len -= c->at;
		c->at = 0;
	}
	if (c->len == ROOM)
		return false;
	ssize_t got = receive(c, c->in + c->len, ROOM - c->len);
	if (got <= 0)
		return false;
	c->turns += c->said;
	c->said = false;
	c->reads++;
	c->octets += (uint64_t)got;
	c->len += (size_t)got;
	if ((size_t)got > c->greatest_record)
		c->greatest_record = (size_t)got;
	return true;
}

static bool more_is_there(const struct conn *c)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	char octet;
	if (c->at < c->len || (c->tls && gnutls_record_check_pending(c->tls)))
		return true;
	return poll(&p, 1, 0) == 1 && recv(c->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT) == 1;
}

/* The client has to wait here for our answer, which has not gone out yet. */
static void group_ends(struct conn *c, const char *complaint)
{
	if (!c->early && more_is_there(c))
		fault(c, complaint);
}

/* A line, ended by NUL instead of CRLF; NULL at the end of everything. */
static char *line(struct conn *c)
{
	size_t searched = 0;
	char *lf;
	while (!(lf = memchr(c->in + c->at + searched, '\n', c->len - c->at - searched))) {
		searched = c->len - c->at;
		if (!fill(c))
			return NULL;
	}
	char *start = c->in + c->at;
	if (lf == start || lf[-1] != '\r')
		fault(c, "a command ended in a bare LF");
	else
		lf[-1] = '\0';
	*lf = '\0';
	c->at = (size_t)(lf - c->in) + 1;
	return start;
}

/* ---- messages ---- */

static void look_for_bare_lf(struct conn *c, const char *p, size_t n)
{
	const char *end = p + n;
	if (c->k->lax || !n)
		return;
	for (const char *q = p; (q = memchr(q, '\n', (size_t)(end - q))); q++)
		if ((q == p ? c->last : q[-1]) != '\r')
			fault(c, "a bare LF within a message");
	c->last = end[-1];
}

static void took_message(struct conn *c)
{
	c->messages++;
	c->mail = false;
	c->rcpts = 0;
	say(c, "250 2.0.0 taken\r\n");
}

static bool take_bdat(struct conn *c, const char *arguments)
{
	char *rest;
	uint64_t left = strtoull(arguments, &rest, 10);
	bool last = strcasecmp(rest, " LAST") == 0; /* now: the line does not outlive fill() */
	if (!(c->k->extensions & SINK_CHUNKING))
		fault(c, "BDAT without CHUNKING");
	while (left) {
		if (c->at == c->len) {
			if (!fill(c))
				return false;
			c->body_records++;
		}
		size_t n = c->len - c->at < left ? c->len - c->at : (size_t)left;
		look_for_bare_lf(c, c->in + c->at, n);
		c->at += n;
		left -= n;
		c->body_octets += n;
	}
	if (!last)
		say(c, "250 2.0.0 more\r\n");
	else if (!c->mail || !c->rcpts) {
		c->rejected++;
		say(c, "503 5.5.1 no recipients\r\n");
	} else
		took_message(c);
	c->last = '\n';
	return true;
}

/* The end of the message within the buffer: after CRLF "." CRLF; the first line may be the dot. */
static char *end_of_data(struct conn *c, bool first)
{
	char *p = c->in + c->at;
	if (first && c->len - c->at >= 3 && memcmp(p, ".\r\n", 3) == 0)
		return p + 3;
	p = memmem(p, c->len - c->at, "\r\n.\r\n", 5);
	return p ? p + 5 : NULL;
}

static bool take_data(struct conn *c)
{
	bool first = true;
	char *end;
	group_ends(c, "text after DATA before the 354");
	say(c, "354 go on\r\n");
	c->last = '\n';
	while (!(end = end_of_data(c, first))) {
		/* four octets may belong to the end */
		size_t n = c->len - c->at > 4 ? c->len - c->at - 4 : 0;
		look_for_bare_lf(c, c->in + c->at, n);
		c->at += n;
		c->body_octets += n;
		first = first && !n;
		if (!fill(c))
			return false;
		c->body_records++;
	}
	size_t n = (size_t)(end - c->in) - c->at;
	look_for_bare_lf(c, c->in + c->at, n);
	c->body_octets += n;
	c->at += n;
	took_message(c);
	return true;
}

/* ---- commands ---- */

static void hello(struct conn *c)
{
	unsigned e = c->k->extensions;
	if (!c->early)
		group_ends(c, "commands after EHLO");
	say(c, "250-sink\r\n");
	if (c->k->tls == SINK_STARTTLS && !c->tls)
		say(c, "250-STARTTLS\r\n");
	if (e & SINK_PIPELINING)
		say(c, "250-PIPELINING\r\n");
	if (e & SINK_CHUNKING)
		say(c, "250-CHUNKING\r\n");
	if (e & SINK_SIZE)
		say(c, "250-SIZE 104857600\r\n");
	if (e & SINK_8BITMIME)
		say(c, "250-8BITMIME\r\n");
	if (e & SINK_PIPECONNECT)
		say(c, "250-PIPECONNECT\r\n");
	if (*c->k->auth && (c->tls || c->k->tls != SINK_STARTTLS)) {
		say(c, "250-AUTH ");
		say(c, c->k->auth);
		say(c, "\r\n");
	}
	say(c, "250 HELP\r\n");
	c->greeted = true;
}

static bool auth(struct conn *c, const char *arguments)
{
	bool plain = strncasecmp(arguments, "PLAIN", 5) == 0, login = strncasecmp(arguments, "LOGIN", 5) == 0;
	bool initial = (plain || login) && arguments[5] == ' ';
	group_ends(c, "commands after AUTH");
	c->early = false;
	if (!plain && !login) {
		say(c, "504 5.5.4 not that mechanism\r\n");
		return true;
	}
	for (unsigned left = (plain ? 1u : 2u) - initial; left; left--) {
		say(c, plain ? "334 \r\n" : left == 2 ? "334 VXNlcm5hbWU6\r\n" : "334 UGFzc3dvcmQ6\r\n");
		const char *answer = line(c);
		if (!answer)
			return false;
		group_ends(c, "commands after a SASL response");
		if (strcmp(answer, "*") == 0) {
			say(c, "501 5.7.0 given up\r\n");
			return true;
		}
	}
	c->authenticated = true;
	say(c, "235 2.7.0 welcome\r\n");
	return true;
}

static bool handshake(struct conn *c)
{
	int rc = gnutls_init(&c->tls, GNUTLS_SERVER);
	if (rc == 0)
		rc = gnutls_priority_set(c->tls, c->k->priority);
	if (rc == 0)
		rc = gnutls_credentials_set(c->tls, GNUTLS_CRD_CERTIFICATE, c->k->cred);
	if (rc < 0)
		return false;
	gnutls_transport_set_int(c->tls, c->fd);
	do
		rc = gnutls_handshake(c->tls);
	while (rc < 0 && !gnutls_error_is_fatal(rc));
	return rc == 0;
}

static bool start_tls(struct conn *c)
{
	if (more_is_there(c))
		fault(c, "data after STARTTLS");
	say(c, "220 2.0.0 go on\r\n");
	if (!flush(c) || !handshake(c))
		return false;
	c->turns++;
	c->said = false;
	c->at = c->len = 0;
	return true;
}

static void mail(struct conn *c, const char *arguments)
{
	if (strcasestr(arguments, " SIZE=") && !(c->k->extensions & SINK_SIZE))
		fault(c, "SIZE= was not offered");
	if (strcasestr(arguments, " BODY=") && !(c->k->extensions & SINK_8BITMIME))
		fault(c, "BODY= was not offered");
	if (*c->k->auth && !c->authenticated) {
		c->rejected++;
		say(c, "530 5.7.0 who are you?\r\n");
	} else if (c->mail) {
		c->rejected++;
		say(c, "503 5.5.1 one sender will do\r\n");
	} else {
		c->mail = true;
		c->rcpts = 0;
		say(c, "250 2.1.0 sender\r\n");
	}
}

static void rcpt(struct conn *c)
{
	if (!c->mail) {
		c->rejected++;
		say(c, "503 5.5.1 no sender\r\n");
		return;
	}
	c->rcpts++;
	say(c, "250 2.1.5 recipient\r\n");
}

static bool is(const char *command, const char *word)
{
	size_t n = strlen(word);
	return strncasecmp(command, word, n) == 0;
}

/* False at the end of the conversation. */
static bool obey(struct conn *c, char *text)
{
	c->commands++;
	if (!c->early && !(c->k->extensions & SINK_PIPELINING) && !is(text, "BDAT") && !is(text, "QUIT") &&
	    more_is_there(c))
		fault(c, "several commands at once without PIPELINING");
	if (is(text, "EHLO ") || is(text, "HELO "))
		hello(c);
	else if (is(text, "AUTH "))
		return auth(c, text + 5);
	else if (is(text, "MAIL FROM:"))
		mail(c, text + 10);
	else if (is(text, "RCPT TO:"))
		rcpt(c);
	else if (is(text, "BDAT "))
		return take_bdat(c, text + 5);
	else if (is(text, "DATA")) {
		if (c->mail && c->rcpts)
			return take_data(c);
		c->rejected++;
		say(c, "503 5.5.1 no recipients\r\n");
	} else if (is(text, "STARTTLS") && c->k->tls == SINK_STARTTLS && !c->tls)
		return start_tls(c);
	else if (is(text, "RSET") || is(text, "NOOP")) {
		c->mail = c->mail && !is(text, "RSET");
		say(c, "250 2.0.0 as you like\r\n");
	} else if (is(text, "QUIT")) {
		say(c, "221 2.0.0 bye\r\n");
		(void)flush(c);
		return false;
	} else {
		c->rejected++;
		say(c, "500 5.5.1 what?\r\n");
	}
	return true;
}

/* ---- the connection ---- */

static void greet(struct conn *c)
{
	c->early = c->k->extensions & SINK_PIPECONNECT;
	if (!c->early && more_is_there(c))
		fault(c, "spoke before the greeting");
	say(c, "220 sink ESMTP\r\n");
}

static void report(const struct conn *c)
{
	char text[2048];
	int n = snprintf(text, sizeof(text),
			 "{\"turns\":%u,\"messages\":%u,\"rejected\":%u,\"commands\":%u,\"octets\":%llu,\"reads\":%u,"
			 "\"body_octets\":%llu,\"body_reads\":%llu,\"greatest\":%zu,\"tls\":\"%s\",\"faults\":[",
			 c->turns, c->messages, c->rejected, c->commands, (unsigned long long)c->octets, c->reads,
			 (unsigned long long)c->body_octets, (unsigned long long)c->body_records, c->greatest_record,
			 c->tls ? gnutls_protocol_get_name(gnutls_protocol_get_version(c->tls)) : "");
	for (unsigned i = 0; i < c->n_faults; i++)
		n += snprintf(text + n, sizeof(text) - (size_t)n, "%s\"%s\"", i ? "," : "", c->faults[i]);
	n += snprintf(text + n, sizeof(text) - (size_t)n, "]}\n");
	if (c->k->log >= 0 && write(c->k->log, text, (size_t)n) != n)
		perror("fast_sink: the log");
}

void sink_serve(const struct sink *sink, int fd)
{
	struct conn c = {.k = sink, .fd = fd, .last = '\n'};
	char *text;
	c.in = malloc(ROOM);
	c.out = malloc(OUT_ROOM);
	if (!c.in || !c.out)
		abort();
	if (sink->tls != SINK_IMPLICIT || handshake(&c)) {
		greet(&c);
		while ((text = line(&c)) && obey(&c, text))
			;
	} else
		fault(&c, "the handshake failed");
	report(&c);
	if (c.tls)
		gnutls_deinit(c.tls);
	close(fd);
	free(c.in);
	free(c.out);
}
