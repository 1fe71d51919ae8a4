/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "queue/item_check.h"

#include "address/address.h"
#include "base/i18n.h"
#include "base/utf8.h"

static bool check_text(const char *address, bool null_ok, struct error *err)
{
	if (!address || address_check(span_of(address), null_ok, err))
		return true;
	if (err)
		err->status.kind = ERROR_DAMAGED;
	return false;
}

static bool check_address(const struct mail_address *address, bool null_ok, struct error *err)
{
	if (!check_text(address->given, null_ok, err) || !check_text(address->ascii, null_ok, err))
		return false;
	return !address->ascii || utf8_is_ascii(span_of(address->ascii)) ||
	       error_set(err, ERROR_DAMAGED, "%s", _("an address in ASCII that is not ASCII"));
}

static bool check_notify(unsigned notify, struct error *err)
{
	if (notify & NOTIFY_NEVER && notify != NOTIFY_NEVER)
		return error_set(err, ERROR_DAMAGED, "%s", _("reports that are wanted and not wanted"));
	return true;
}

static bool check_recipient(const struct queue_rcpt *rcpt, struct error *err)
{
	if (!rcpt->who.address.given)
		return error_set(err, ERROR_DAMAGED, "%s", _("a recipient without an address"));
	return check_address(&rcpt->who.address, false, err) && check_text(rcpt->who.orcpt, false, err) &&
	       check_notify(rcpt->who.notify, err);
}

static bool check_parameters(const struct queue_item *item, struct error *err)
{
	if (item->mail.envid && !envelope_envid_check(span_of(item->mail.envid)))
		return error_set(err, ERROR_DAMAGED, "%s", _("an envelope ID with characters that none may have"));
	return check_notify(item->mail.notify, err) && check_text(item->mail.params.auth, true, err);
}

bool queue_item_check(const struct queue_item *item, struct error *err)
{
	bool nothing_known = item->state == QUEUE_HELD && item->hold == HOLD_DAMAGED;
	if (!nothing_known && (!item->mail.sender.given || !item->n))
		return error_set(err, ERROR_DAMAGED, "%s", _("no sender or no recipient"));
	for (size_t i = 0; i < item->n; i++)
		if (!check_recipient(&item->rcpts[i], err))
			return false;
	return check_address(&item->mail.sender, true, err) && check_parameters(item, err);
}
