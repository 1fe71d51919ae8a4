/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/client/negotiate.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "smtp/command.h"

#include <inttypes.h>

static bool needs_utf8_address(const struct envelope *env)
{
	if (!env->mail.sender.ascii)
		return true;
	for (size_t i = 0; i < env->n; i++)
		if (!env->rcpts[i].address.ascii)
			return true;
	return false;
}

static bool wants_dsn(const struct envelope *env)
{
	return envelope_notify(env) != NOTIFY_UNSET || env->mail.ret != RET_UNSET;
}

static bool wants_utf8(const struct mail_transaction *mail)
{
	return needs_utf8_address(mail->env) || mail->header_needs_utf8;
}

bool negotiate_utf8(const struct mail_transaction *mail, const struct caps *caps)
{
	return caps_has(caps, CAP_SMTPUTF8) && wants_utf8(mail);
}

unsigned negotiate_needs(const struct mail_transaction *mail)
{
	unsigned needs = 0;
	if (needs_utf8_address(mail->env))
		needs |= CAP_SMTPUTF8;
	if (wants_dsn(mail->env))
		needs |= CAP_DSN;
	return needs | mail_params_needs(&mail->env->mail.params);
}

static bool takes_binary(const struct mail_transaction *mail, const struct caps *caps)
{
	return caps_has(caps, CAP_BINARYMIME) && caps_has(caps, CAP_CHUNKING) && !mail->by_data;
}

unsigned negotiate_content(const struct mail_transaction *mail, const struct caps *caps)
{
	unsigned changes = takes_binary(mail, caps) ? 0 : CONTENT_NO_BINARY;
	bool eightbit = caps_has(caps, CAP_8BITMIME);
	/* Servers behind this one bounce what asks for SMTPUTF8 without need, so raw text is encoded wherever it can
	 * be. RFC 6531 section 3.1: SMTPUTF8 includes 8BITMIME. */
	bool header_goes = eightbit && negotiate_utf8(mail, caps);
	if (mail->eightbit != EIGHTBIT_CONVERT)
		return changes;
	if (mail->eightbit_body && !eightbit)
		changes |= CONTENT_SEVEN_BIT;
	if (mail->eightbit_header && !header_goes)
		changes |= CONTENT_ASCII_HEADER;
	return changes;
}

static bool check_size(uint64_t size, uint64_t limit, bool ours, struct error *err)
{
	if (!limit || size <= limit)
		return true;
	if (ours) {
		(void)error_set(err, ERROR_TOO_BIG,
				_("the message has %" PRIu64 " bytes, the limit set by size_limit is %" PRIu64), size,
				limit);
		error_hint(err, "%s", _("Raise size_limit, or send the attachment another way."));
	} else {
		(void)error_set(err, ERROR_TOO_BIG,
				_("the message has %" PRIu64 " bytes, the server accepts at most %" PRIu64), size,
				limit);
		error_hint(err, "%s",
			   _("Make the message smaller, or send the attachment another way. Nothing was sent."));
	}
	return false;
}

static bool check_eightbit(const struct mail_transaction *mail, const struct caps *caps, struct negotiated *negotiated,
			   struct error *err)
{
	bool eightbit = mail->eightbit_body || mail->eightbit_header;
	if (mail->binary && takes_binary(mail, caps)) {
		negotiated->body = "BINARYMIME";
		return true;
	}
	if (mail->nul || mail->binary) {
		(void)error_set(err, ERROR_MESSAGE,
				_("the message contains a NUL character, which cannot be sent by mail as it is"));
		error_hint(err, "%s", _("Attach binary data as base64; mail programs do that automatically."));
		return false;
	}
	if (caps_has(caps, CAP_8BITMIME)) {
		negotiated->body = eightbit || mail->env->mail.body == BODY_8BITMIME ? "8BITMIME" : "7BIT";
		return true;
	}
	if (!eightbit || mail->eightbit == EIGHTBIT_PASS)
		return true;
	(void)error_set(err, ERROR_MESSAGE, _("the message has 8-bit content, and the server does not offer 8BITMIME"));
	error_hint(err, "%s",
		   _("Set \"eightbit convert\" to have it encoded, or \"eightbit pass\" to send it as it is."));
	return false;
}

static bool check_dsn(const struct envelope *env, const struct caps *caps, struct negotiated *negotiated,
		      struct error *err)
{
	negotiated->dsn = caps_has(caps, CAP_DSN);
	negotiated->reports = wants_dsn(env);
	if (negotiated->dsn || !negotiated->reports || !env->mail.dsn_required)
		return true;
	(void)error_set(err, ERROR_NOT_OFFERED,
			_("delivery status notifications were asked for, and the server does not offer DSN"));
	error_hint(err, "%s",
		   _("Leave out -N and -R (dsn_notify, dsn_return), or set dsn_required off to send without them."));
	return false;
}

bool negotiate(const struct mail_transaction *mail, const struct caps *caps, struct negotiated *negotiated,
	       struct error *err)
{
	struct negotiated made = {.size = caps_has(caps, CAP_SIZE), .chunking = caps_has(caps, CAP_CHUNKING)};
	if (!check_size(mail->size, mail->size_limit, true, err) ||
	    !check_size(mail->size, caps->size_limit, false, err))
		return false;
	made.smtputf8 = negotiate_utf8(mail, caps);
	if (!check_eightbit(mail, caps, &made, err) || !check_dsn(mail->env, caps, &made, err))
		return false;
	if (!mail_params_agree(&mail->env->mail.params, caps, mail->tls, &made.params, err))
		return false;
	if (!command_address(&mail->env->mail.sender, made.smtputf8)) {
		AUTO_FREE char *shown = clean_text(span_of(mail->env->mail.sender.given), 300);
		(void)error_set(err, ERROR_ADDRESS, _("the sender %s needs SMTPUTF8, which the server does not offer"),
				shown);
		error_hint(err, "%s", _("Use a sender address with an ASCII local part for this server."));
		return false;
	}
	*negotiated = made;
	return true;
}

bool negotiate_recipient(const struct mail_transaction *mail, const struct negotiated *negotiated, size_t i,
			 struct error *err)
{
	const struct mail_address *address = &mail->env->rcpts[i].address;
	if (command_address(address, negotiated->smtputf8))
		return true;
	AUTO_FREE char *shown = clean_text(span_of(address->given), 300);
	(void)error_set(err, ERROR_ADDRESS, _("the recipient %s needs SMTPUTF8, which the server does not offer"),
			shown);
	error_hint(err, "%s", _("Ask the recipient for an address with an ASCII local part, or use another server."));
	return false;
}
