/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/tls_kept.h"

#include "base/i18n.h"
#include "base/xalloc.h"
#include "tls/tls_internal.h"
#include "tls/tls_outbox.h"
#include "tls/tls_records.h"

#define BATCH (5 * TLS_RECORD_TEXT) /* plaintext bytes encrypted per write, as in tls_gnutls.c */
/* So many records in a row without data are an attack, and the reader would never return to its deadline. */
#define MOST_IDLE 64

struct kept_stream {
	struct stream base;
	struct stream *lower;
	struct tls_records records;
	unsigned char *in; /* room for one record of any length */
	size_t in_pos, in_len;
	struct span text; /* decrypted and not read, within `in`, before in_pos */
	struct tls_outbox out;
	unsigned char message[4]; /* the header of a handshake message */
	size_t message_len, message_left;
	unsigned idle; /* records without data since the last one with some */
	bool closed;   /* close_notify came */
	bool failed;
};

static struct kept_stream *kept_of(struct stream *s)
{
	return (struct kept_stream *)s;
}

static enum stream_result flush_out(struct kept_stream *k, struct error *err)
{
	return tls_outbox_flush(&k->out, &k->base, k->lower, err);
}

static enum stream_result fail(struct kept_stream *k)
{
	k->failed = true;
	return STREAM_FAIL;
}

static enum stream_result broken(struct error *err)
{
	(void)error_set(err, ERROR_CONNECTION_LOST, _("the TLS connection is broken"));
	return STREAM_FAIL;
}

/* What an error of GnuTLS means.  The keeper, which may open no file, cannot load GnuTLS to ask. */
static const char *words(int rc)
{
	return gnutls_load(NULL) ? gnutls_strerror(rc) : _("the records are damaged");
}

/* ---- records without data ---- */

/* These return 0, an error of GnuTLS, or this; err is set then. */
#define SAID_WHY 1

static int take_alert(struct kept_stream *k, struct span text, struct error *err)
{
	if (text.len != 2)
		return GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
	gnutls_alert_level_t level = (unsigned char)text.ptr[0];
	gnutls_alert_description_t alert = (unsigned char)text.ptr[1];
	k->closed = alert == GNUTLS_A_CLOSE_NOTIFY;
	/* TLS 1.3 ignores the level (RFC 8446 6) */
	if (k->closed || alert == GNUTLS_A_USER_CANCELED || (!k->records.modern && level == GNUTLS_AL_WARNING))
		return 0;
	const char *name = gnutls_load(NULL) ? gnutls_alert_get_name(alert) : NULL;
	(void)error_set(err, ERROR_CONNECTION_LOST, _("the server ended TLS with the alert \"%s\" (%d)"),
			name ? name : "?", (int)alert);
	return SAID_WHY;
}

static int send_alert(struct kept_stream *k, gnutls_alert_level_t level, gnutls_alert_description_t alert)
{
	const char text[] = {(char)level, (char)alert};
	return tls_records_seal(&k->records, TLS_RECORD_ALERT, text, sizeof(text), &k->out.octets);
}

static int begin_message(struct kept_stream *k, struct error *err)
{
	const unsigned char *m = k->message;
	k->message_len = 0;
	k->message_left = (size_t)m[1] << 16 | (size_t)m[2] << 8 | m[3];
	if (m[0] == GNUTLS_HANDSHAKE_NEW_SESSION_TICKET)
		return 0;
	if (m[0] != GNUTLS_HANDSHAKE_KEY_UPDATE)
		return GNUTLS_E_UNEXPECTED_HANDSHAKE_PACKET;
	(void)error_set(err, ERROR_CONNECTION_LOST,
			_("the server changed its TLS keys, which a session that was kept open cannot do"));
	return SAID_WHY;
}

/* TLS 1.3: tickets, perhaps several in a record, or one in several records. */
static int take_messages(struct kept_stream *k, struct span text, struct error *err)
{
	int rc = text.len ? 0 : GNUTLS_E_UNEXPECTED_PACKET_LENGTH;
	while (rc == 0 && text.len) {
		size_t n = k->message_left ? k->message_left : sizeof(k->message) - k->message_len;
		if (n > text.len)
			n = text.len;
		if (k->message_left) {
			k->message_left -= n;
		} else {
			memcpy(k->message + k->message_len, text.ptr, n);
			k->message_len += n;
		}
		if (k->message_len == sizeof(k->message))
			rc = begin_message(k, err);
		text = span_sub(text, n, text.len);
	}
	return rc;
}

static int take_handshake(struct kept_stream *k, struct span text, struct error *err)
{
	if (k->records.modern)
		return take_messages(k, text, err);
	/* RFC 5246 7.4.1.1: only the request to renegotiate; it is declined, and the session goes on */
	if (!span_equal(text, span_make("\0\0\0", 4)))
		return GNUTLS_E_UNEXPECTED_HANDSHAKE_PACKET;
	return send_alert(k, GNUTLS_AL_WARNING, GNUTLS_A_NO_RENEGOTIATION);
}

static bool within_message(const struct kept_stream *k)
{
	return k->message_len || k->message_left;
}

/* ---- reading ---- */

/* The record at in_pos, or 0 if it is not complete. */
static int next_record(const struct kept_stream *k, size_t *len)
{
	struct span octets = span_make((const char *)k->in + k->in_pos, k->in_len - k->in_pos);
	int rc = tls_records_length(&k->records, octets, len);
	if (*len > octets.len)
		*len = 0;
	return rc;
}

static int take_record(struct kept_stream *k, size_t len, struct error *err)
{
	struct tls_record record;
	int rc = tls_records_open(&k->records, k->in + k->in_pos, len, &record);
	if (rc < 0)
		return rc;
	k->in_pos += len;
	if (within_message(k) && record.type != TLS_RECORD_HANDSHAKE)
		return GNUTLS_E_UNEXPECTED_PACKET;
	if (record.type == TLS_RECORD_DATA && record.text.len) {
		k->text = record.text;
		k->idle = 0;
		return 0;
	}
	if (++k->idle > MOST_IDLE)
		return GNUTLS_E_TOO_MANY_EMPTY_PACKETS;
	switch (record.type) {
	case TLS_RECORD_DATA: return 0;
	case TLS_RECORD_ALERT: return take_alert(k, record.text, err);
	case TLS_RECORD_HANDSHAKE: return take_handshake(k, record.text, err);
	default: return GNUTLS_E_UNEXPECTED_PACKET;
	}
}

/* Decrypts until there is text to read, the goodbye, or no complete record any more. */
static bool take_records(struct kept_stream *k, struct error *err)
{
	int rc = 0;
	while (rc == 0 && !k->text.len && !k->closed) {
		size_t len;
		rc = next_record(k, &len);
		if (rc == 0 && !len)
			return true;
		if (rc == 0)
			rc = take_record(k, len, err);
	}
	if (rc < 0)
		(void)error_set(err, ERROR_CONNECTION_LOST, _("receiving over TLS failed: %s"), words(rc));
	return rc == 0;
}

static enum stream_result receive_lower(struct kept_stream *k, struct error *err)
{
	size_t got = 0;
	memmove(k->in, k->in + k->in_pos, k->in_len - k->in_pos);
	k->in_len -= k->in_pos;
	k->in_pos = 0;
	enum stream_result r = stream_read(k->lower, k->in + k->in_len, TLS_RECORD_LONGEST - k->in_len, &got, err);
	k->in_len += r == STREAM_OK ? got : 0;
	if (r != STREAM_END)
		return r;
	/* A close without close_notify may have been forged by a third party. */
	(void)error_set(err, ERROR_CONNECTION_LOST,
			_("the connection was closed without a TLS close_notify; the data received before may "
			  "be incomplete"));
	return STREAM_FAIL;
}

static enum stream_result read_text(struct kept_stream *k, void *buf, size_t room, size_t *got)
{
	*got = room < k->text.len ? room : k->text.len;
	memcpy(buf, k->text.ptr, *got);
	k->text = span_sub(k->text, *got, k->text.len);
	return STREAM_OK;
}

static enum stream_result kept_read(struct stream *s, void *buf, size_t room, size_t *got, struct error *err)
{
	struct kept_stream *k = kept_of(s);
	if (k->failed) /* the failure was reported before */
		return broken(err);
	for (;;) {
		if (!take_records(k, err))
			return fail(k);
		/* If nothing can be sent because the connection broke, what the peer sent before is still worth
		 * reading. */
		AUTO(error) unsent = ERROR_INIT;
		enum stream_result out = flush_out(k, &unsent);
		if (k->text.len)
			return read_text(k, buf, room, got);
		if (k->closed && out != STREAM_FAIL)
			return STREAM_END;
		enum stream_result r = k->closed ? STREAM_AGAIN : receive_lower(k, err);
		if (r == STREAM_OK)
			continue;
		if (r == STREAM_AGAIN && out != STREAM_FAIL)
			return r;
		if (r == STREAM_AGAIN)
			error_move(err, &unsent);
		return fail(k);
	}
}

static bool kept_pending(const struct stream *s)
{
	const struct kept_stream *k = (const struct kept_stream *)s;
	size_t len;
	return k->text.len || k->closed || next_record(k, &len) < 0 || len;
}

/* ---- writing ---- */

/* Encrypts into `out`.  Returns the number of bytes taken, or a GnuTLS error. */
static ssize_t encrypt_octets(struct kept_stream *k, const char *p, size_t len)
{
	size_t done = 0;
	while (done < len && done < BATCH) {
		size_t n = len - done < k->records.longest ? len - done : k->records.longest;
		int rc = tls_records_seal(&k->records, TLS_RECORD_DATA, p + done, n, &k->out.octets);
		if (rc < 0)
			return done ? (ssize_t)done : rc;
		done += n;
	}
	return (ssize_t)done;
}

static enum stream_result kept_write(struct stream *s, const void *buf, size_t len, size_t *put, struct error *err)
{
	struct kept_stream *k = kept_of(s);
	if (k->failed)
		return broken(err);
	enum stream_result r = flush_out(k, err);
	if (r != STREAM_OK)
		return r;
	ssize_t n = encrypt_octets(k, buf, len);
	if (n < 0) {
		(void)error_set(err, ERROR_CONNECTION_LOST, _("sending over TLS failed: %s"), words((int)n));
		return fail(k);
	}
	if (!s->last_words && flush_out(k, err) == STREAM_FAIL)
		return STREAM_FAIL; /* what the peer sent before it closed can still be read */
	*put = (size_t)n;
	return STREAM_OK;
}

static void kept_finish(struct stream *s)
{
	struct kept_stream *k = kept_of(s);
	if (k->failed)
		return;
	(void)send_alert(k, GNUTLS_AL_WARNING, GNUTLS_A_CLOSE_NOTIFY);
	k->lower->last_words = true;
	if (flush_out(k, NULL) == STREAM_OK)
		stream_finish(k->lower);
}

static void kept_free(struct stream *s)
{
	struct kept_stream *k = kept_of(s);
	stream_free(k->lower);
	tls_records_release(&k->records);
	tls_outbox_release(&k->out);
	explicit_bzero(k->in, TLS_RECORD_LONGEST);
	free(k->in);
	free(k);
}

static const struct stream_ops kept_ops = {
	.read = kept_read,
	.write = kept_write,
	.pending = kept_pending,
	.finish = kept_finish,
	.free = kept_free,
};

/* ---- export and import ---- */

static bool export_again(struct kept_stream *k, struct strbuf *state)
{
	struct span unread = span_make((const char *)k->in + k->in_pos, k->in_len - k->in_pos);
	if (k->failed || k->closed || k->text.len || within_message(k) || !tls_outbox_is_empty(&k->out) ||
	    !tls_records_save(&k->records, unread, state))
		return false;
	k->failed = true;
	return true;
}

bool tls_kept_export(struct stream *tls, struct strbuf *state)
{
	AUTO(tls_records) records = TLS_RECORDS_INIT;
	struct tls_rest rest;
	if (tls->ops == &kept_ops)
		return export_again(kept_of(tls), state);
	if (!tls_rest_of(tls, &rest) || !tls_records_take(&records, rest.session, rest.received) ||
	    !tls_records_save(&records, rest.unread, state))
		return false;
	tls_rest_end(tls);
	return true;
}

struct stream *tls_kept_import(struct span state, struct stream **lower, struct error *err)
{
	AUTO(tls_records) records = TLS_RECORDS_INIT;
	struct span unread;
	int rc = tls_records_load(&records, state, &unread);
	if (rc < 0) {
		(void)error_set(err, ERROR_TLS, _("the TLS session that was kept open cannot be continued: %s"),
				words(rc));
		return NULL;
	}
	struct kept_stream *k = xcalloc(1, sizeof(*k));
	k->base = (struct stream){.ops = &kept_ops,
				  .fd = (*lower)->fd,
				  .read_events = (*lower)->read_events,
				  .write_events = (*lower)->write_events};
	k->lower = steal_ptr(*lower);
	k->records = records;
	records = TLS_RECORDS_INIT;
	k->in = xmalloc(TLS_RECORD_LONGEST);
	k->in_len = unread.len;
	if (unread.len)
		memcpy(k->in, unread.ptr, unread.len);
	k->out = TLS_OUTBOX_INIT;
	return &k->base;
}
