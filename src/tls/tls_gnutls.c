/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * The TLS stream, and the handshake of a client.
 *
 * GnuTLS never uses the socket directly.  What it sends is collected in `out` and written with one write of the lower
 * stream; what was received waits in `in`.  So each flight of the handshake is one packet, and a record is not read
 * with two system calls.  Since `out` takes everything, GnuTLS never has to be called again with the same data, and a
 * caller may pass different data after STREAM_AGAIN.  Nothing more is encrypted while `out` is not empty.
 */
#include "base/i18n.h"
#include "base/strbuf.h"
#include "base/xalloc.h"
#include "tls/finding.h"
#include "tls/tls_stream.h"

#include <assert.h>
#include <errno.h>
#include <limits.h>
#include <poll.h>

#define IN_SIZE 16640	    /* one record with its overhead (RFC 8446 5.2) */
#define BATCH (5 * 16384)   /* plaintext bytes encrypted per write: 64 KiB of message whose line ends became longer */
#define FIRST_WORDS_MAX 200 /* bytes kept of an answer that is not TLS */

static struct tls_stream *tls_of(struct stream *s)
{
	return (struct tls_stream *)s;
}

/* ---- below TLS: what GnuTLS calls to reach the lower stream ---- */

static ssize_t push(gnutls_transport_ptr_t arg, const void *data, size_t len)
{
	struct tls_stream *t = arg;
	strbuf_add(&t->out.octets, data, len);
	t->gathered = true;
	/* TLS 1.3 sends a change_cipher_spec (20) for old middleboxes; it needs no answer. */
	if (len != 6 || *(const unsigned char *)data != 20)
		t->sent = true;
	return (ssize_t)len;
}

static enum stream_result receive_lower(struct tls_stream *t)
{
	size_t got = 0;
	enum stream_result r = stream_read(t->lower, t->in, IN_SIZE, &got, &t->lower_error);
	t->in_pos = 0;
	t->in_len = r == STREAM_OK ? got : 0;
	if (r != STREAM_OK)
		return r;
	if (t->sent && !t->established)
		t->round_trips++;
	t->sent = false;
	if (!t->established && t->first_words.len < FIRST_WORDS_MAX)
		strbuf_add(&t->first_words, t->in, got < FIRST_WORDS_MAX ? got : FIRST_WORDS_MAX);
	return r;
}

static ssize_t pull(gnutls_transport_ptr_t arg, void *data, size_t room)
{
	struct tls_stream *t = arg;
	if (t->in_pos == t->in_len) {
		if (t->ended)
			return 0;
		/* Our flight is not flushed yet, so the peer cannot have replied: skip the read. */
		if (!t->established && t->gathered) {
			t->dry = true;
			gnutls_transport_set_errno(t->session, EAGAIN);
			return -1;
		}
		switch (receive_lower(t)) {
		case STREAM_OK: break;
		case STREAM_AGAIN:
			t->dry = true;
			gnutls_transport_set_errno(t->session, EAGAIN);
			return -1;
		case STREAM_END: t->ended = true; return 0;
		case STREAM_FAIL: gnutls_transport_set_errno(t->session, EIO); return -1;
		}
	}
	size_t n = t->in_len - t->in_pos;
	if (n > room)
		n = room;
	memcpy(data, t->in + t->in_pos, n);
	t->in_pos += n;
	tls_framing_add(&t->framing, data, n);
	return (ssize_t)n;
}

/* GnuTLS calls this before a read with a time limit, which it does only for early data.  The answer "yes" leaves the
 * decision to pull(). */
static int pull_timeout(gnutls_transport_ptr_t arg, unsigned ms)
{
	(void)arg;
	(void)ms;
	return 1;
}

/* STREAM_OK: `out` is empty; STREAM_AGAIN; STREAM_FAIL with lower_error set. */
static enum stream_result flush_out(struct tls_stream *t)
{
	t->gathered = false;
	return tls_outbox_flush(&t->out, &t->base, t->lower, &t->lower_error);
}

/* ---- errors ---- */

static enum stream_result fail_pending(struct tls_stream *t)
{
	t->failed = true;
	return STREAM_FAIL;
}

/* Nothing more can be sent, but what the peer sent before it closed can still be read: it often says why. */
static enum stream_result fail_to_send(struct tls_stream *t, struct error *err)
{
	if (t->lower_error.status.kind == ERROR_NONE)
		(void)error_set(&t->lower_error, ERROR_CONNECTION_LOST, _("the connection was closed"));
	error_move(err, &t->lower_error);
	return STREAM_FAIL;
}

static enum stream_result fail_lower(struct tls_stream *t, struct error *err)
{
	(void)fail_to_send(t, err);
	return fail_pending(t);
}

/* ---- above TLS: the stream that callers use ---- */

static enum stream_result read_failed(struct tls_stream *t, int rc, struct error *err)
{
	if (t->lower_error.status.kind != ERROR_NONE)
		return fail_lower(t, err);
	/* A close without close_notify may have been forged by a third party, so it is an error and not the end of
	 * the stream. */
	if (rc == GNUTLS_E_PREMATURE_TERMINATION || t->ended)
		(void)error_set(err, ERROR_CONNECTION_LOST,
				_("the connection was closed without a TLS close_notify; the data received before may "
				  "be incomplete"));
	else if (rc == GNUTLS_E_FATAL_ALERT_RECEIVED)
		tls_alert_error(t, err);
	else
		(void)error_set(err, ERROR_CONNECTION_LOST, _("receiving over TLS failed: %s"), gnutls_strerror(rc));
	return fail_pending(t);
}

static enum stream_result tls_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	struct tls_stream *t = tls_of(s);
	if (t->failed) /* the failure was reported before */
		return error_set(err, ERROR_CONNECTION_LOST, _("the TLS connection is broken")), STREAM_FAIL;
	for (;;) {
		t->dry = false;
		ssize_t n = gnutls_record_recv(t->session, buf, room);
		/* A key update or an alert may be waiting to be sent, and so may the end of an earlier write.  If
		 * they cannot be sent because the connection broke, what the peer sent before is still worth reading.
		 */
		if (flush_out(t) == STREAM_FAIL && n != GNUTLS_E_FATAL_ALERT_RECEIVED && n <= 0)
			return fail_lower(t, err);
		if (n > 0) {
			*got = (size_t)n;
			return STREAM_OK;
		}
		if (n == 0) {
			t->ended = true;
			return STREAM_END;
		}
		if ((n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED) && t->dry)
			return STREAM_AGAIN;
		/* A TLS 1.2 request to renegotiate is declined, and the session goes on (RFC 5246 7.4.1.1). */
		if (n == GNUTLS_E_REHANDSHAKE)
			n = gnutls_alert_send(t->session, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
		if (n < 0 && gnutls_error_is_fatal((int)n))
			return read_failed(t, (int)n, err);
	}
}

/* Encrypts into `out`.  Returns the number of bytes taken, or a GnuTLS error. */
static ssize_t encrypt_octets(struct tls_stream *t, const char *p, size_t len)
{
	size_t done = 0;
	while (done < len && done < BATCH) {
		ssize_t n = gnutls_record_send(t->session, p + done, len - done);
		/* push() takes everything, so these two are never a full buffer */
		while (n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED)
			n = gnutls_record_send(t->session, NULL, 0);
		if (n <= 0)
			return done ? (ssize_t)done : n;
		done += (size_t)n;
	}
	return (ssize_t)done;
}

static enum stream_result tls_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	struct tls_stream *t = tls_of(s);
	if (t->failed)
		return error_set(err, ERROR_CONNECTION_LOST, _("the TLS connection is broken")), STREAM_FAIL;
	enum stream_result r = flush_out(t);
	if (r == STREAM_FAIL)
		return fail_to_send(t, err);
	if (r == STREAM_AGAIN)
		return r;
	if (!len) {
		*put = 0;
		return STREAM_OK;
	}
	ssize_t n = encrypt_octets(t, buf, len);
	if (n <= 0) {
		(void)error_set(err, ERROR_CONNECTION_LOST, _("sending over TLS failed: %s"), gnutls_strerror((int)n));
		return fail_pending(t);
	}
	if (!s->last_words && flush_out(t) == STREAM_FAIL)
		return fail_to_send(t, err);
	*put = (size_t)n;
	return STREAM_OK;
}

static bool tls_pending(const struct stream *s)
{
	const struct tls_stream *t = (const struct tls_stream *)s;
	/* `in` is empty after a read returned STREAM_AGAIN, so callers do not loop on this */
	return gnutls_record_check_pending(t->session) > 0 || t->in_pos < t->in_len;
}

static void tls_finish(struct stream *s)
{
	struct tls_stream *t = tls_of(s);
	if (t->failed)
		return;
	(void)gnutls_bye(t->session, GNUTLS_SHUT_WR);
	t->lower->last_words = true;
	if (flush_out(t) == STREAM_OK)
		stream_finish(t->lower);
}

void tls_stream_free(struct tls_stream *t)
{
	if (!t)
		return;
	if (t->session)
		gnutls_deinit(t->session);
	stream_free(t->lower);
	tls_context_free(t->ctx);
	free(t->in);
	tls_outbox_release(&t->out);
	strbuf_release(&t->first_words);
	error_release(&t->lower_error);
	error_release(&t->verdict);
	free(t);
}
static void tls_free(struct stream *s)
{
	tls_stream_free(tls_of(s));
}

static const struct stream_ops tls_ops = {
	.read = tls_read,
	.write = tls_write,
	.pending = tls_pending,
	.finish = tls_finish,
	.free = tls_free,
};

/* ---- the handshake ---- */

struct tls_stream *tls_stream_new(struct stream *lower)
{
	struct tls_stream *t = xcalloc(1, sizeof(*t));
	t->base = (struct stream){.ops = &tls_ops, .fd = lower->fd, .read_events = POLLIN, .write_events = POLLOUT};
	t->lower = lower;
	t->in = xmalloc(IN_SIZE);
	t->out = TLS_OUTBOX_INIT;
	strbuf_init(&t->first_words);
	return t;
}

/* GnuTLS calls this within the handshake, before any application data is sent. */
static int verify_in_handshake(gnutls_session_t session)
{
	struct tls_stream *t = gnutls_session_get_ptr(session);
	if (t->detail == TLS_CERTIFICATES && t->info && !t->info->chain) {
		tls_describe_chain(session, t->info);
		t->info->expected = tls_expected_names(t->ctx);
	}
	unsigned faults;
	t->verified = tls_verify(t->ctx, session, &faults, &t->verdict);
	if (t->info)
		t->info->faults = faults;
	return t->verified ? 0 : GNUTLS_E_CERTIFICATE_ERROR;
}

void tls_stream_connect(struct tls_stream *t)
{
	gnutls_session_set_ptr(t->session, t);
	gnutls_transport_set_ptr(t->session, t);
	gnutls_transport_set_push_function(t->session, push);
	gnutls_transport_set_pull_function(t->session, pull);
	gnutls_transport_set_pull_timeout_function(t->session, pull_timeout);
}

static bool set_up(struct tls_stream *t, struct error *err)
{
	struct tls_context *ctx = t->ctx;
	/* NO_SIGNAL: a peer that closes must not end the program.  FORCE_CLIENT_CERT: send our certificate even if
	 * the server's list of CAs does not name its issuer.  NO_TICKETS: a resumed session is not verified, so none
	 * is ever kept. */
	unsigned flags =
		GNUTLS_CLIENT | GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | GNUTLS_FORCE_CLIENT_CERT | GNUTLS_NO_TICKETS;
	int rc = gnutls_init(&t->session, flags);
	if (rc >= 0)
		rc = gnutls_priority_set(t->session, ctx->priorities);
	if (rc >= 0)
		rc = gnutls_credentials_set(t->session, GNUTLS_CRD_CERTIFICATE, ctx->cred);
	if (rc >= 0 && *ctx->host && !ctx->host_is_ip)
		rc = gnutls_server_name_set(t->session, GNUTLS_NAME_DNS, ctx->host, strlen(ctx->host));
	if (rc < 0)
		return error_set(err, ERROR_TLS, _("TLS cannot be set up: %s"), gnutls_strerror(rc));
	if (ctx->policy.min_dh_prime_bits > 0)
		gnutls_dh_set_prime_bits(t->session, (unsigned)ctx->policy.min_dh_prime_bits);
	gnutls_session_set_verify_function(t->session, verify_in_handshake);
	tls_stream_connect(t);
	return true;
}

static bool still_time(const struct tls_stream *t, const struct clock *clock, msec_t deadline, struct error *err)
{
	/* a peer that sends one byte now and then would keep poll() returning for ever */
	if (deadline == DEADLINE_NEVER || clock_monotonic(clock) < deadline)
		return true;
	tls_timeout_error(t, err);
	return false;
}

/* Waits until the handshake can continue. */
static bool wait_lower(struct tls_stream *t, const struct clock *clock, msec_t deadline, struct error *err)
{
	unsigned ready, interests = STREAM_READ | (tls_outbox_is_empty(&t->out) ? 0u : (unsigned)STREAM_WRITE);
	if (stream_wait(t->lower, interests, &ready, clock, deadline, err))
		return true;
	if (err && err->status.kind == ERROR_TIMEOUT)
		(void)still_time(t, clock, deadline, err);
	return false;
}

bool tls_stream_handshake(struct tls_stream *t, const struct clock *clock, msec_t deadline, struct error *err)
{
	for (;;) {
		if (!still_time(t, clock, deadline, err))
			return false;
		t->dry = false;
		int rc = t->established ? GNUTLS_E_SUCCESS : gnutls_handshake(t->session);
		if (rc == GNUTLS_E_SUCCESS && !t->established)
			t->framing.records = 0;
		t->established = rc == GNUTLS_E_SUCCESS;
		if (rc < 0 && gnutls_error_is_fatal(rc)) {
			/* Sends the server an alert with the reason for the failure; errors do not matter. */
			(void)gnutls_alert_send_appropriate(t->session, rc);
			tls_handshake_error(t, rc, err);
			(void)flush_out(t);
			return false;
		}
		enum stream_result r = flush_out(t);
		if (r == STREAM_FAIL)
			return tls_handshake_error(t, rc, err), false;
		if (t->established && r == STREAM_OK)
			return true;
		if ((t->established || t->dry) && !wait_lower(t, clock, deadline, err))
			return false;
	}
}

static void describe_handshake(struct tls_stream *t)
{
	const struct tls_context *ctx = t->ctx;
	if (!t->info)
		return;
	tls_describe_session(t->session, t->info);
	t->info->round_trips = t->round_trips;
	t->info->verified_by = xstrdup(tls_rule_name(tls_verdict_rule(&ctx->policy)));
}

struct stream *tls_stream_hand_over(struct tls_stream *t, struct stream **lower, bool ok)
{
	strbuf_release(&t->first_words);
	if (!ok) {
		t->lower = NULL;
		tls_stream_free(t);
		return NULL;
	}
	*lower = NULL;
	return &t->base;
}

struct stream *tls_client_new(struct tls_context *ctx, struct stream **lower, const struct clock *clock,
			      msec_t deadline, enum tls_detail detail, struct tls_info *info, struct error *err)
{
	struct tls_stream *t = tls_stream_new(*lower);
	t->ctx = ctx;
	ctx->refs++;
	t->detail = detail;
	t->info = info;
	bool ok = set_up(t, err) && tls_stream_handshake(t, clock, deadline, err);
	/* GnuTLS calls verify_in_handshake() for every certificate; if it ever does not, the server is not trusted.
	 */
	if (ok && !t->verified)
		ok = tls_finding_error(&(struct tls_finding){.faults = TLS_FAULT_NO_CERTIFICATE, .host = ctx->host},
				       err);
	if (ok)
		describe_handshake(t);
	t->info = NULL;
	return tls_stream_hand_over(t, lower, ok);
}

/* ---- the rest ---- */

enum tls_binding_type tls_channel_binding(struct stream *tls, struct strbuf *raw)
{
	if (!tls || tls->ops != &tls_ops)
		return TLS_BINDING_NONE;
	gnutls_session_t session = tls_of(tls)->session;
	bool modern = gnutls_protocol_get_version(session) >= GNUTLS_TLS1_3;
	/* Without the extended master secret tls-unique can be made equal on two connections (RFC 7627, triple
	 * handshake). */
	if (!modern && !gnutls_session_ext_master_secret_status(session))
		return TLS_BINDING_NONE;
	gnutls_datum_t binding;
	if (gnutls_session_channel_binding(session, modern ? GNUTLS_CB_TLS_EXPORTER : GNUTLS_CB_TLS_UNIQUE, &binding) <
	    0)
		return TLS_BINDING_NONE;
	strbuf_add(raw, binding.data, binding.size);
	gnutls_free(binding.data);
	return modern ? TLS_BINDING_EXPORTER : TLS_BINDING_UNIQUE;
}

bool tls_rest_of(struct stream *tls, struct tls_rest *rest)
{
	if (tls->ops != &tls_ops)
		return false;
	const struct tls_stream *t = tls_of(tls);
	if (t->failed || t->ended || !tls_outbox_is_empty(&t->out) || !tls_framing_between(&t->framing) ||
	    gnutls_record_check_pending(t->session))
		return false;
	*rest = (struct tls_rest){.session = t->session,
				  .unread = span_make((const char *)t->in + t->in_pos, t->in_len - t->in_pos),
				  .received = t->framing.records};
	return true;
}

void tls_rest_end(struct stream *tls)
{
	tls_of(tls)->failed = true;
}

char *tls_library_version(void)
{
	return xstrdup("GnuTLS " GNUTLS_VERSION);
}
