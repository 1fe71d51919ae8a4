/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/notify_dsn.h"

#include "base/i18n.h"
#include "base/language.h"
#include "base/xalloc.h"
#include "submit/host_names.h"
#include "runner/retry_policy.h"
#include "message/wire.h"

#include <errno.h>
#include <unistd.h>

bool notify_dsn_possible(const struct queue_item *item)
{
	return item->mail.sender.given && *item->mail.sender.given && !item->report_of;
}

static enum dsn_action action_of(unsigned bits)
{
	return bits & REPORTING_FAILED ? DSN_FAILED : bits & REPORTING_DELAYED ? DSN_DELAYED : DSN_RELAYED;
}

static struct dsn_recipient dsn_recipient_of(const struct queue_rcpt *rcpt)
{
	const struct mail_address *to = &rcpt->who.address;
	return (struct dsn_recipient){
		.address = to->given,
		.orcpt = rcpt->who.orcpt,
		.action = action_of(rcpt->reported),
		.possible_duplicate = rcpt->possible_duplicate && rcpt->state != RCPT_ACCEPTED,
		.status = &rcpt->status,
		.last_attempt = rcpt->last_attempt,
	};
}

/* The raw value of a field, malloc'ed; NULL if there is none. */
static char *value_of(struct span header, const char *name)
{
	AUTO(header_list) fields = HEADER_LIST_INIT;
	AUTO(strbuf) value = STRBUF_INIT;
	header_scan(header, &fields);
	const struct header_field *field = header_find(&fields, name);
	if (!field)
		return NULL;
	header_value(field, &value);
	return strbuf_detach(&value, NULL);
}

/* Takes account and settings from the original, so that the report is sent by the same route. */
static void fill_item(struct queue_item *item, const struct queue_item *about, const struct dsn_message *made,
		      int64_t now)
{
	queue_item_set_envelope(item, &made->env);
	item->id = xstrdup(about->report);
	item->report_of = xstrdup(about->id);
	item->reports = REPORTING_FAILED; /* until that is stored in the original */
	item->state = QUEUE_HELD;
	item->hold = HOLD_USER;
	item->reason.text =
		xasprintf(_("this report waits until the message %s has noted that it was made"), about->id);
	item->arrival = item->age_from = item->due = now;
	item->scope = about->scope;
	/* a file that was made for one message is gone: the usual ones may send the report */
	bool file_is_gone = about->config_file && access(about->config_file, F_OK) < 0 && errno == ENOENT;
	item->account = file_is_gone ? NULL : xstrdup_null(about->account);
	item->config_file = file_is_gone ? NULL : xstrdup_null(about->config_file);
	item->msmtp = about->msmtp;
	strvec_push_all(&item->settings, &about->settings);
	strvec_push_all(&item->environment, &about->environment);
	item->message_id = xstrdup(made->message_id);
	item->date = value_of(strbuf_span(&made->header), "Date");
	item->info = made->message.info;
	item->size = wire_size(strbuf_span(&made->header), &item->info);
}

/* The account's own address; if it is not known, the sender's, which the server accepts mail from. */
static const char *from_address(const struct queue_item *item, const struct submission *p)
{
	return p->own_address		 ? p->own_address
	       : item->mail.sender.ascii ? item->mail.sender.ascii
					 : item->mail.sender.given;
}

/* 0: it is never given up for its age. */
static int64_t lifetime_end(const struct queue_item *item, const struct submission *p)
{
	int64_t lifetime = retry_policy_default.lifetime;
	if (p->account) {
		struct account_retry_policy policy;
		account_retry_policy_init(&policy, p->account);
		lifetime = policy.retry.lifetime;
		account_retry_policy_release(&policy);
	}
	return lifetime == INT64_MAX ? 0 : item->age_from + lifetime;
}

/* In the language of the sender. */
static bool make_in_language(const char *language, const struct runtime *runtime, struct dsn *report,
			     struct dsn_message *made, struct error *err)
{
	struct language_before before;
	language_switch(language, runtime, &before);
	AUTO_FREE char *tag = language_tag();
	report->language = tag;
	bool ok = dsn_make(report, made, err);
	language_switch_back(&before);
	return ok;
}

bool notify_dsn_make(struct spool_entry *entry, const struct submission *p, const struct runtime *runtime, int64_t now,
		     struct dsn_message *made, struct queue_item *item, struct error *err)
{
	AUTO(strbuf) header = STRBUF_INIT;
	AUTO(source) body = SOURCE_INIT;
	AUTO(local_names) names = LOCAL_NAMES_INIT;
	const struct queue_item *about = spool_entry_item(entry);
	const struct mail_params *params = &about->mail.params;
	if (!spool_read_message(entry, &header, &body, err))
		return false;
	host_names_find(&names, MAILNAME_FILE);
	AUTO_FREE char *subject = value_of(strbuf_span(&header), "Subject");
	AUTO_FREE struct dsn_recipient *rcpts = xcalloc(about->n, sizeof(*rcpts));
	struct dsn report = {
		.from_address = from_address(about, p),
		.reporting_mta = names.domains.n ? names.domains.v[0] : NULL,
		.to = &about->mail.sender,
		.queue_id = about->id,
		.envid = about->mail.envid,
		.message_id = about->message_id,
		.subject = subject,
		.arrival = about->arrival,
		.deliver_by = params->deliver_by ? about->arrival + params->by_seconds : 0,
		.now = now,
		.will_retry_until = lifetime_end(about, p),
		.rcpts = rcpts,
		.ret = about->mail.ret,
		.has_priority = params->has_priority,
		.priority = params->priority,
		.require_tls = params->require_tls,
		.header = strbuf_span(&header),
		.body = &body,
		.info = &about->info,
		.rng = runtime->rng,
		.temp = runtime->temp,
	};
	for (size_t i = 0; i < about->n; i++)
		if (about->rcpts[i].reported & REPORTING_ANY)
			rcpts[report.n++] = dsn_recipient_of(&about->rcpts[i]);
	if (!make_in_language(about->language, runtime, &report, made, err)) {
		error_prefix(err, "%s", _("cannot make the failure report"));
		return false;
	}
	fill_item(item, about, made, now);
	return true;
}
