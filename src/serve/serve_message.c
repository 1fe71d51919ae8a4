/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "serve/serve_message.h"

#include "serve/client_envelope.h"
#include "serve/known_offers.h"
#include "submit/envelope_fill.h"
#include "submit/filter.h"
#include "submit/submission_read.h"

#include <inttypes.h>
#include <stdio.h>

void serve_message_begin(struct serve_message *m)
{
	serve_message_drop(m);
	m->begun = true;
	submission_init(&m->p, m->runtime);
	message_reader_init(&m->reader, &m->p.message, 0);
}

void serve_message_drop(struct serve_message *m)
{
	if (!m->begun)
		return;
	m->begun = false;
	message_reader_release(&m->reader);
	submission_release(&m->p);
	/* what the settings have of this message */
	strvec_release(&m->settings->config.warnings);
	account_free(m->settings->account);
	m->settings->account = NULL;
}

bool serve_message_add(struct serve_message *m, struct span octets, struct serve_verdict *v)
{
	AUTO(error) err = ERROR_INIT;
	if (message_reader_feed(&m->reader, octets.ptr, octets.len, &err))
		return true;
	serve_verdict_of_status(v, &err.status);
	return false;
}

/* A limit for this delivery, unless the user has set one. */
static void limit_time(struct account *a, uint64_t size)
{
	char text[32];
	if (account_origin(a, OPT_DEADLINE)->kind != ORIGIN_DEFAULT)
		return;
	(void)snprintf(text, sizeof(text), "%" PRIu64, (SERVE_PATIENCE + size / SERVE_OCTETS_PER_MS) / 1000);
	(void)!account_set(a, OPT_DEADLINE, span_of(text), (struct origin){ORIGIN_DEFAULT, NULL, 0}, NULL);
}

/* The sender that is not up to the client; no report goes to the sender of a report. */
static bool set_sender(struct serve_message *m, struct error *err)
{
	struct mail_address *sender = &m->p.env.mail.sender, own = {NULL, NULL};
	if (!m->sender || !*sender->given)
		return true;
	if (!envelope_make_address(m->sender, true, &own, err))
		return false;
	mail_address_release(sender);
	*sender = own;
	return true;
}

static bool make_submission(struct serve_message *m, const struct server_mail *mail, struct error *err)
{
	return message_reader_end(&m->reader, err) && client_envelope_take(&m->p, mail, err) && set_sender(m, err) &&
	       submission_make(&m->p, m->settings, m->request, m->runtime, err) &&
	       submission_filter(&m->p, m->runtime, err);
}

static void note_offers(struct serve_message *m, const struct send_result *sent)
{
	const struct delivery_result *r = &sent->delivery;
	if (!m->known || !sent->delivered || r->stage < DELIVERY_TRANSACTION || caps_same(m->known, &r->caps))
		return;
	caps_copy(m->known, &r->caps);
	known_offers_keep(m->p.account, m->runtime, r);
}

void serve_message_end(struct serve_message *m, const struct server_mail *mail, struct serve_verdict *v)
{
	AUTO(error) err = ERROR_INIT;
	struct send_result sent;
	struct send_request how = {.request = m->request, .runtime = m->runtime, .settings = m->settings};
	if (make_submission(m, mail, &err)) {
		struct outlet *outlet = outlets_find(m->outlets, m->p.account);
		limit_time(outlet->account, strbuf_span(&m->p.header).len + m->p.message.body.size);
		how.transport = outlet->transport;
		send_submission(&how, &m->p, &sent);
	} else {
		send_failed(&how, &m->p, &err, &sent);
	}
	note_offers(m, &sent);
	serve_verdict_of(v, &how, &m->p, &sent);
	send_result_release(&sent);
}
