/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/item.h"

#include "base/i18n.h"
#include "base/xalloc.h"

static char *copy(const char *s)
{
	return s ? xstrdup(s) : NULL;
}

static struct mail_address copy_address(const struct mail_address *from)
{
	return (struct mail_address){copy(from->given), copy(from->ascii)};
}

static void release_address(struct mail_address *address)
{
	free(address->given);
	free(address->ascii);
}

static void release_rcpts(struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[i];
		release_address(&rcpt->who.address);
		free(rcpt->who.orcpt);
		free(rcpt->text);
		free(rcpt->server);
		free(rcpt->host);
	}
	free(item->rcpts);
}

static void release_attempt(struct history_line *attempt)
{
	free(attempt->host);
	free(attempt->stage);
	free(attempt->text);
}

void queue_item_release(struct queue_item *item)
{
	char *const texts[] = {item->id,	  item->hold_text, item->fingerprint, item->account,
			       item->config_file, item->envid,	   item->params.auth, item->message_id,
			       item->date,	  item->report,	   item->report_of};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	release_address(&item->sender);
	release_rcpts(item);
	for (size_t i = 0; i < item->n_history; i++)
		release_attempt(&item->history[i]);
	free(item->history);
	strvec_release(&item->settings);
	strvec_release(&item->environment);
	strvec_release(&item->extra);
	*item = QUEUE_ITEM_INIT;
}

/* ---- envelope --------------------------------------------------------- */

void queue_item_set_envelope(struct queue_item *item, const struct envelope *env)
{
	release_address(&item->sender);
	release_rcpts(item);
	free(item->envid);
	free(item->params.auth);

	item->sender = copy_address(&env->sender);
	item->n = item->cap = env->n;
	item->rcpts = env->n ? xcalloc(env->n, sizeof(*item->rcpts)) : NULL;
	for (size_t i = 0; i < env->n; i++)
		item->rcpts[i].who =
			(struct recipient){copy_address(&env->rcpts[i].address), copy(env->rcpts[i].orcpt)};
	item->notify = env->notify;
	item->ret = env->ret;
	item->envid = copy(env->envid);
	item->body = env->body;
	item->params = env->params;
	item->params.auth = copy(env->params.auth);
	item->dsn_required = env->dsn_required;
}

static bool is_pending(const struct queue_rcpt *rcpt)
{
	return rcpt->state == RCPT_OPEN || rcpt->state == RCPT_UNCERTAIN;
}

size_t queue_item_pending(const struct queue_item *item)
{
	size_t pending = 0;
	for (size_t i = 0; i < item->n; i++)
		pending += is_pending(&item->rcpts[i]);
	return pending;
}

/* What has passed since arrival is no longer asked for. */
static struct mail_params params_at(const struct queue_item *item, int64_t now)
{
	struct mail_params left = item->params;
	int64_t waited = now > item->arrival ? now - item->arrival : 0; /* a clock set back gives nothing */
	left.auth = copy(item->params.auth);
	if (left.deliver_by) {
		left.by_seconds -= waited;
		if (left.by_mode == BY_RETURN && left.by_seconds < 1)
			left.by_seconds = 1; /* RFC 2852 section 4: zero or less is not allowed here */
	}
	if (left.hold_for)
		left.hold_for = left.hold_for > waited ? left.hold_for - waited : 0;
	if (left.hold_until && left.hold_until <= now)
		left.hold_until = 0;
	return left;
}

void queue_item_envelope(const struct queue_item *item, int64_t now, struct envelope *env, size_t *index)
{
	env->sender = copy_address(&item->sender);
	for (size_t i = 0; i < item->n; i++) {
		const struct queue_rcpt *rcpt = &item->rcpts[i];
		if (!is_pending(rcpt))
			continue;
		if (index)
			index[env->n] = i;
		envelope_add(env, copy_address(&rcpt->who.address));
		env->rcpts[env->n - 1].orcpt = copy(rcpt->who.orcpt);
	}
	env->notify = item->notify;
	env->ret = item->ret;
	env->envid = copy(item->envid);
	env->body = item->body;
	env->params = params_at(item, now);
	env->dsn_required = item->dsn_required;
}

/* ---- history ------------------------------------------------------------ */

static void add_history(struct queue_item *item, struct history_line attempt)
{
	if (item->n_history == QUEUE_ATTEMPTS_MAX) { /* the first one tells how it began and stays */
		release_attempt(&item->history[1]);
		memmove(&item->history[1], &item->history[2], (item->n_history - 2) * sizeof(*item->history));
		item->n_history--;
	}
	GROW(item->history, item->n_history, item->cap_history);
	item->history[item->n_history++] = attempt;
}

void queue_item_attempt(struct queue_item *item, int64_t when, const char *host, const char *stage,
			enum error_kind error, int code, const char *text)
{
	add_history(item, (struct history_line){when, copy(host), copy(stage), error, code, copy(text)});
	if (item->attempts < UINT32_MAX)
		item->attempts++;
}

void queue_item_note(struct queue_item *item, int64_t when, const char *stage, enum error_kind error, const char *text)
{
	add_history(item, (struct history_line){when, NULL, copy(stage), error, 0, copy(text)});
}

void queue_item_doubt(struct queue_item *item, int64_t when, const char *text)
{
	for (size_t i = 0; i < item->n; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[i];
		if (!is_pending(rcpt))
			continue;
		rcpt->state = RCPT_UNCERTAIN;
		rcpt->possible_duplicate = true;
		rcpt->error = ERROR_UNCERTAIN;
		rcpt->code = 0;
		rcpt->enhanced[0] = '\0';
		rcpt->last_attempt = when;
		free(rcpt->text);
		free(rcpt->server);
		free(rcpt->host);
		rcpt->text = xstrdup(text);
		rcpt->server = rcpt->host = NULL;
	}
}

bool queue_item_recover(struct queue_item *item)
{
	const char *text =
		_("the program or the machine stopped while the message was being sent; it may have been delivered");
	if (!item->in_flight)
		return false;
	queue_item_doubt(item, item->in_flight, text);
	queue_item_attempt(item, item->in_flight, NULL, NULL, ERROR_UNCERTAIN, 0, text);
	item->in_flight = 0;
	return true;
}

/* ---- names -------------------------------------------------------------- */

const char *const queue_state_names[] = {"queued", "held", "failed", NULL};
const char *const queue_hold_names[] = {"none", "user", "fix", "damaged", NULL};
const char *const rcpt_state_names[] = {"open", "accepted", "failed", "uncertain", NULL};
