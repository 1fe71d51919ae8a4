/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "runner/enqueue_item.h"

#include "base/xalloc.h"
#include "config/account_line.h"
#include "dsn/dsn.h"
#include "message/wire.h"
#include "runner/attempt.h"

/* False: no file describes the account, so all its settings are stored with the message. */
static bool is_from_file(const struct account *a)
{
	enum origin_kind host = account_origin(a, OPT_HOST)->kind;
	return *a->name && a->defined.kind != ORIGIN_ENVIRONMENT &&
	       (host != ORIGIN_ENVIRONMENT || !account_value(a, OPT_HOST)->set);
}

/* ---- settings ---------------------------------------------------------------- */

static bool matters_later(const struct option_row *row)
{
	switch (row->id) {
	case OPT_REQUIRE_TLS: /* is in the item */
	case OPT_QUEUE:	      /* these are not needed any more */
	case OPT_UNDO_WINDOW:
	case OPT_QUEUE_DIR:
	case OPT_QUEUE_AUTOSTART: return false;
	default: break;
	}
	if (!row->command || row->type == VALUE_SECRET ||
	    row->flags & (OPTION_MODE | OPTION_STRUCTURE | OPTION_IGNORED))
		return false;
	return row->group == GROUP_SERVER || row->group == GROUP_AUTH || row->group == GROUP_TLS ||
	       row->group == GROUP_MESSAGE || row->group == GROUP_QUEUE || row->group == GROUP_LOG;
}

/* A path may also be a word ("system", "off", "-") or have a scheme ("pkcs11:..."). */
static bool is_relative(const struct option_row *row, const char *path)
{
	if (row->type != VALUE_PATH || !path || !path[0] || path[0] == '/' || strcmp(path, "-") == 0 ||
	    strchr(path, ':'))
		return false;
	return !(row->default_own && strcmp(path, row->default_own) == 0) &&
	       !(row->id == OPT_NETRC && strcmp(path, "off") == 0);
}

static void add_setting(const struct option_row *row, const struct value *v, const char *folder, struct strvec *lines)
{
	AUTO(strbuf) line = STRBUF_INIT;
	struct value absolute = {.set = true};
	if (folder && is_relative(row, v->s)) {
		absolute.s = xasprintf("%s/%s", folder, v->s);
		v = &absolute;
	} else if (folder && row->flags & OPTION_PATHS && !v->none) {
		for (size_t i = 0; i < v->list.n; i++) {
			const char *path = v->list.v[i];
			strvec_push_owned(&absolute.list,
					  path[0] == '/' ? xstrdup(path) : xasprintf("%s/%s", folder, path));
		}
		v = &absolute;
	}
	account_line_format(row, v, &line);
	strvec_push(lines, line.buf);
	value_release(&absolute);
}

void enqueue_item_add_settings(struct queue_item *item, const struct account *a, const char *folder)
{
	/* SMTPSERVER has the defaults of an msmtprc, which the runner would not use: they are stored, too */
	bool everything = !is_from_file(a) && a->flavour == FLAVOUR_MSMTP;
	for (enum option_id i = 0; i < OPTION_COUNT; i++) {
		enum origin_kind origin = account_origin(a, i)->kind;
		bool given = origin == ORIGIN_COMMAND_LINE || origin == ORIGIN_ENVIRONMENT;
		if (!account_value(a, i)->set || (!given && !everything) || !matters_later(&option_table[i]))
			continue;
		add_setting(&option_table[i], account_value(a, i), folder,
			    origin == ORIGIN_COMMAND_LINE ? &item->settings : &item->environment);
	}
}

/* ---- the item ---------------------------------------------------------------- */

void enqueue_item_fill(struct queue_item *item, const struct submission *p, const char *config_file, const char *folder,
		       int64_t now)
{
	queue_item_set_envelope(item, &p->env);
	item->arrival = item->age_from = now;
	item->state = QUEUE_QUEUED;
	item->scope = SCOPE_USER;
	item->account = is_from_file(p->account) ? xstrdup(p->account->name) : NULL;
	if (config_file)
		item->config_file = config_file[0] == '/' || !folder ? xstrdup(config_file)
								     : xasprintf("%s/%s", folder, config_file);
	enqueue_item_add_settings(item, p->account, folder);
	if (account_is_set(p->account, OPT_ARCHIVE) && !p->archived)
		item->archive = xstrdup(p->bcc.buf);
	item->message_id = xstrdup_null(p->message_id);
	item->date = xstrdup_null(p->date);
	item->info = p->message.info;
	item->size = wire_size(strbuf_span(&p->header), &p->message.info);
}

void enqueue_item_hold(struct queue_item *item, int64_t until)
{
	item->mail.params.hold_for = item->mail.params.hold_until = 0;
	if (until <= item->arrival)
		return;
	item->not_before = item->due = item->age_from = until;
}

/* ---- after an attempt ----------------------------------------------------------- */

bool enqueue_item_wants(const struct outcome *o, bool has_id)
{
	if (o->kind == OUTCOME_UNKNOWN) /* without a Message-ID the recipient could not recognise a second copy */
		return has_id;
	/* The login of an account that worked has ended: it does so in the middle of other work, so the message is kept
	 * until the user has logged in again. */
	if (o->kind == OUTCOME_RETRY && o->status.kind == ERROR_LOGIN_EXPIRED)
		return true;
	return o->kind == OUTCOME_RETRY && error_kind_disposition(o->status.kind) == DISPOSITION_RETRY &&
	       error_kind_clears(o->status.kind);
}

bool enqueue_item_reports(const struct envelope *env, size_t i, const struct caps *caps, const struct outcome *o)
{
	return o->kind == OUTCOME_ACCEPTED && *env->mail.sender.given && !caps_has(caps, CAP_DSN) &&
	       dsn_wanted(recipient_notify(&env->rcpts[i], &env->mail), DSN_RELAYED);
}

void enqueue_item_only(struct queue_item *item, const bool *wanted)
{
	size_t left = 0;
	for (size_t i = 0; i < item->n; i++) {
		struct queue_rcpt *r = &item->rcpts[i];
		if (wanted[i]) {
			item->rcpts[left++] = *r;
			continue;
		}
		free(r->who.address.given);
		free(r->who.address.ascii);
		free(r->who.orcpt);
	}
	item->n = left;
}

static void take_outcomes(struct queue_item *item, const struct delivery_result *result, const bool *wanted,
			  int64_t now)
{
	for (size_t i = 0; i < item->n; i++)
		if (wanted[i])
			attempt_take_outcome(&item->rcpts[i], &result->outcomes[i], now);
	enqueue_item_only(item, wanted);
}

bool enqueue_item_attempted(struct queue_item *item, const struct delivery_result *result, const bool *wanted,
			    const struct retry_policy *policy, int64_t now, const struct rng *rng)
{
	const struct status *leading = outcome_leading(result->outcomes, result->n, wanted);
	if (!leading)
		return false;
	take_outcomes(item, result, wanted, now);
	queue_item_attempt(item, now, leading);
	struct retry_decision d = attempt_decide(item, result->stage >= DELIVERY_TRANSACTION, policy, now, rng);
	attempt_apply(&d, item, NULL, leading);
	return d.action != RETRY_GIVE_UP;
}

void enqueue_item_relayed(struct queue_item *item, const struct delivery_result *result, const bool *wanted,
			  int64_t now)
{
	take_outcomes(item, result, wanted, now);
	for (size_t i = 0; i < item->n; i++)
		item->rcpts[i].relayed_without_dsn = true;
	queue_item_attempt(item, now, &result->final);
}
