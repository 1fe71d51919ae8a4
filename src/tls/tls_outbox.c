/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/tls_outbox.h"

void tls_outbox_release(struct tls_outbox *box)
{
	strbuf_release(&box->octets);
	box->sent = 0;
}

bool tls_outbox_is_empty(const struct tls_outbox *box)
{
	return box->sent == box->octets.len;
}

enum stream_result tls_outbox_flush(struct tls_outbox *box, struct stream *upper, struct stream *lower,
				    struct error *err)
{
	enum stream_result r = STREAM_OK;
	while (r == STREAM_OK && !tls_outbox_is_empty(box)) {
		size_t put = 0;
		r = stream_write(lower, box->octets.buf + box->sent, box->octets.len - box->sent, &put, err);
		if (r == STREAM_OK)
			box->sent += put;
	}
	if (tls_outbox_is_empty(box)) {
		strbuf_reset(&box->octets);
		box->sent = 0;
	}
	upper->write_events = lower->write_events;
	upper->read_events = (short)(lower->read_events | (tls_outbox_is_empty(box) ? 0 : lower->write_events));
	return r;
}
