/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/item.h"

#include "base/i18n.h"
#include "base/xalloc.h"

static void release_rcpts(struct queue_item *item)
{
	for (size_t i = 0; i < item->n; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[i];
		mail_address_release(&rcpt->who.address);
		free(rcpt->who.orcpt);
		status_release(&rcpt->status);
	}
	free(item->rcpts);
}

void queue_item_release(struct queue_item *item)
{
	char *const texts[] = {item->id,	 item->fingerprint, item->account, item->config_file,
			       item->message_id, item->date,	    item->report,  item->report_of};
	for (size_t i = 0; i < ARRAY_SIZE(texts); i++)
		free(texts[i]);
	mail_options_release(&item->mail);
	release_rcpts(item);
	for (size_t i = 0; i < item->n_history; i++)
		status_release(&item->history[i].status);
	free(item->history);
	status_release(&item->reason);
	strvec_release(&item->settings);
	strvec_release(&item->environment);
	free(item->archive);
	free(item->language);
	strvec_release(&item->extra);
	*item = QUEUE_ITEM_INIT;
}

/* ---- envelope --------------------------------------------------------- */

void queue_item_set_envelope(struct queue_item *item, const struct envelope *env)
{
	release_rcpts(item);
	mail_options_copy(&item->mail, &env->mail);
	item->n = item->cap = env->n;
	item->rcpts = env->n ? xcalloc(env->n, sizeof(*item->rcpts)) : NULL;
	for (size_t i = 0; i < env->n; i++)
		item->rcpts[i].who = (struct recipient){.address = mail_address_copy(&env->rcpts[i].address),
							.orcpt = xstrdup_null(env->rcpts[i].orcpt),
							.notify = env->rcpts[i].notify};
}

size_t queue_item_pending(const struct queue_item *item)
{
	size_t pending = 0;
	for (size_t i = 0; i < item->n; i++)
		pending += queue_rcpt_pending(&item->rcpts[i]);
	return pending;
}

/* Subtracts the time that has passed since arrival. */
static void adjust_params(struct mail_params *left, const struct queue_item *item, int64_t now)
{
	int64_t waited = now > item->arrival ? now - item->arrival : 0; /* negative: the clock was set back */
	if (left->deliver_by) {
		left->by_seconds -= waited;
		if (left->by_mode == BY_RETURN && left->by_seconds < 1)
			left->by_seconds = 1; /* RFC 2852 section 4: zero or less is not allowed here */
	}
	if (left->hold_for)
		left->hold_for = left->hold_for > waited ? left->hold_for - waited : 0;
	if (left->hold_until && left->hold_until <= now)
		left->hold_until = 0;
	left->redacted = item->report_of && left->require_tls; /* dsn.h: it has only the header of its message */
}

void queue_item_envelope(const struct queue_item *item, int64_t now, struct envelope *env, size_t *index)
{
	mail_options_copy(&env->mail, &item->mail);
	adjust_params(&env->mail.params, item, now);
	for (size_t i = 0; i < item->n; i++) {
		const struct queue_rcpt *rcpt = &item->rcpts[i];
		if (!queue_rcpt_pending(rcpt))
			continue;
		if (index)
			index[env->n] = i;
		envelope_add(env, mail_address_copy(&rcpt->who.address));
		env->rcpts[env->n - 1].orcpt = xstrdup_null(rcpt->who.orcpt);
		env->rcpts[env->n - 1].notify = rcpt->who.notify;
	}
}

/* What is in the queue is tried again without the user. */
static void take_status(struct status *to, const struct status *from)
{
	status_copy(to, from);
	status_drop_hint_again(to);
}

/* ---- history ------------------------------------------------------------ */

void queue_item_note(struct queue_item *item, int64_t when, const struct status *status)
{
	if (item->n_history == QUEUE_ATTEMPTS_MAX) { /* the first one is kept, since it shows how it began */
		status_release(&item->history[1].status);
		memmove(&item->history[1], &item->history[2], (item->n_history - 2) * sizeof(*item->history));
		item->n_history--;
	}
	GROW(item->history, item->n_history, item->cap_history);
	struct history_line *line = &item->history[item->n_history++];
	*line = (struct history_line){.when = when};
	take_status(&line->status, status);
}

void queue_item_attempt(struct queue_item *item, int64_t when, const struct status *status)
{
	queue_item_note(item, when, status);
	if (item->attempts < UINT32_MAX)
		item->attempts++;
}

void queue_item_set_status(struct queue_item *item, int64_t when, const struct status *status)
{
	for (size_t i = 0; i < item->n; i++) {
		if (!queue_rcpt_pending(&item->rcpts[i]))
			continue;
		take_status(&item->rcpts[i].status, status);
		item->rcpts[i].last_attempt = when;
	}
}

void queue_item_doubt(struct queue_item *item, int64_t when, const char *text)
{
	const struct status doubt = {.kind = ERROR_UNCERTAIN, .text = (char *)text};
	queue_item_set_status(item, when, &doubt);
	for (size_t i = 0; i < item->n; i++) {
		struct queue_rcpt *rcpt = &item->rcpts[i];
		if (!queue_rcpt_pending(rcpt))
			continue;
		rcpt->state = RCPT_UNCERTAIN;
		rcpt->possible_duplicate = true;
	}
}

bool queue_item_recover(struct queue_item *item)
{
	const char *text =
		_("the program or the machine stopped while the message was being sent; it may have been delivered");
	const struct status died = {.kind = ERROR_UNCERTAIN, .text = (char *)text};
	if (!item->in_flight)
		return false;
	queue_item_doubt(item, item->in_flight, text);
	queue_item_attempt(item, item->in_flight, &died);
	item->in_flight = 0;
	return true;
}

/* ---- which failure speaks for it ------------------------------------------ */

static const struct status *leading_rcpt(const struct queue_item *item, bool pending)
{
	const struct status *leading = NULL;
	for (size_t i = 0; i < item->n; i++)
		if (pending ? queue_rcpt_pending(&item->rcpts[i]) : item->rcpts[i].state == RCPT_FAILED)
			leading = status_leading(leading, &item->rcpts[i].status);
	return leading;
}

const struct status *queue_item_leading(const struct queue_item *item)
{
	if (item->state == QUEUE_HELD && item->reason.kind != ERROR_NONE)
		return &item->reason;
	const struct status *leading = leading_rcpt(item, true);
	if (!leading)
		leading = leading_rcpt(item, false);
	for (size_t i = item->n_history; i-- > 0 && !leading;)
		if (item->history[i].status.kind != ERROR_NONE)
			leading = &item->history[i].status;
	return leading;
}

int64_t queue_item_next_attempt(const struct queue_item *item)
{
	if (!queue_item_pending(item) || item->state == QUEUE_FAILED ||
	    (item->state == QUEUE_HELD && (item->hold != HOLD_CONFIG || !item->due)))
		return 0;
	return item->due > item->not_before ? item->due : item->not_before;
}

/* ---- names -------------------------------------------------------------- */

const char *const queue_state_names[] = {"queued", "held", "failed", NULL};
const char *const queue_hold_names[] = {"none", "user", "fix", "damaged", NULL};
const char *const rcpt_state_names[] = {"open", "accepted", "failed", "uncertain", NULL};
