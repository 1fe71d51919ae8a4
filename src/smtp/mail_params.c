/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/mail_params.h"

#include "base/datetime.h"
#include "base/i18n.h"
#include "codec/xtext.h"

#include <inttypes.h>

static bool wants_hold(const struct mail_params *params)
{
	return params->hold_for > 0 || params->hold_until > 0;
}

unsigned mail_params_needs(const struct mail_params *params)
{
	unsigned needs = 0;
	if (params->deliver_by)
		needs |= CAP_DELIVERBY;
	if (wants_hold(params))
		needs |= CAP_FUTURERELEASE;
	if (params->has_priority)
		needs |= CAP_MT_PRIORITY;
	if (params->require_tls)
		needs |= CAP_REQUIRETLS;
	return needs; /* AUTH= alone is not worth a round trip */
}

struct negotiated_params mail_params_wished(const struct mail_params *params)
{
	return (struct negotiated_params){
		.deliver_by = params->deliver_by,
		.hold = wants_hold(params),
		.priority = params->has_priority,
		.require_tls = params->require_tls,
		.auth = params->auth != NULL,
	};
}

bool mail_params_check_tls(const struct mail_params *params, enum mail_tls tls, struct error *err)
{
	if (!params->require_tls || tls == MAIL_TLS_VERIFIED)
		return true;
	if (tls == MAIL_TLS_PINNED) {
		(void)error_set(
			err, ERROR_TLS_UNVERIFIED,
			_("TLS is required all the way to the recipient (require_tls), which needs a certificate from "
			  "an authority, and this account accepts one by its fingerprint; nothing was sent"));
		error_hint(err, "%s",
			   _("Replace tls_fingerprint of this account by tls_trust_file with the certificate of the "
			     "authority or by tls_trust pin with tls_pin, or leave out require_tls."));
		return false;
	}
	(void)error_set(err, ERROR_TLS_UNVERIFIED,
			_("TLS is required all the way to the recipient (require_tls), and this account connects "
			  "without verified TLS; nothing was sent"));
	error_hint(err, "%s", _("Set tls on and tls_certcheck on for this account, or leave out require_tls."));
	return false;
}

static bool agree_require_tls(const struct caps *caps, struct error *err)
{
	if (caps_has(caps, CAP_REQUIRETLS))
		return true;
	(void)error_set(err, ERROR_NO_REQUIRETLS,
			_("TLS is required all the way to the recipient (require_tls), and the server does not offer "
			  "REQUIRETLS"));
	error_hint(err, "%s",
		   _("Use a server that offers it, leave out require_tls, or add \"TLS-Required: No\" to the header of "
		     "a message that may be sent without TLS."));
	return false;
}

static bool agree_deliver_by(const struct mail_params *params, const struct caps *caps, struct error *err)
{
	if (!caps_has(caps, CAP_DELIVERBY)) {
		(void)error_set(err, ERROR_NOT_OFFERED,
				_("delivery within a given time was asked for (deliver_by), and the server does not "
				  "offer DELIVERBY"));
		error_hint(err, "%s", _("Leave out deliver_by, or use another server."));
		return false;
	}
	/* RFC 2852 section 2: the minimum applies to "return" only. */
	if (params->by_mode != BY_RETURN || params->by_seconds >= caps->by_minimum)
		return true;
	(void)error_set(err, ERROR_NOT_OFFERED,
			_("the message is to be delivered within %" PRId64
			  " seconds (deliver_by), and the server accepts no less than %" PRId64),
			params->by_seconds, caps->by_minimum);
	error_hint(err, "%s",
		   _("Allow more time, or use \"notify\", which has no minimum: you get a notice if the message is "
		     "late."));
	return false;
}

static bool agree_hold(const struct mail_params *params, const struct caps *caps, struct error *err)
{
	if (!caps_has(caps, CAP_FUTURERELEASE)) {
		(void)error_set(err, ERROR_CANNOT_HOLD,
				_("the message is to be held for later (hold_for, --hold-until), and the server does "
				  "not offer FUTURERELEASE"));
		error_hint(err, "%s",
			   _("Send it at that time, use a server that can hold messages, or set \"queue auto\" to have "
			     "it held here."));
		return false;
	}
	if (params->hold_for > 0 && caps->hold_seconds && params->hold_for > caps->hold_seconds) {
		(void)error_set(err, ERROR_CANNOT_HOLD,
				_("the message is to be held for %" PRId64
				  " seconds (hold_for), and the server holds messages for %" PRId64 " at most"),
				params->hold_for, caps->hold_seconds);
		error_hint(err, "%s", _("Choose a shorter time."));
		return false;
	}
	if (params->hold_until > 0 && caps->hold_until && params->hold_until > caps->hold_until) {
		AUTO(strbuf) wanted = STRBUF_INIT;
		AUTO(strbuf) most = STRBUF_INIT;
		datetime_format(params->hold_until, &wanted);
		datetime_format(caps->hold_until, &most);
		(void)error_set(err, ERROR_CANNOT_HOLD,
				_("the message is to be held until %s (--hold-until), and the server holds messages "
				  "until %s at the latest"),
				wanted.buf, most.buf);
		error_hint(err, "%s", _("Choose an earlier time."));
		return false;
	}
	return true;
}

bool mail_params_agree(const struct mail_params *params, const struct caps *caps, enum mail_tls tls,
		       struct negotiated_params *negotiated, struct error *err)
{
	struct negotiated_params made = mail_params_wished(params);
	/* RFC 6710 lets the client choose whether to fail for lack of it.  We do not. */
	made.priority_dropped = made.priority && !caps_has(caps, CAP_MT_PRIORITY);
	made.priority &= caps_has(caps, CAP_MT_PRIORITY);
	/* RFC 8689 section 5: the lack of it SHOULD NOT cause a report to be discarded. */
	made.require_tls_dropped = made.require_tls && params->redacted && !caps_has(caps, CAP_REQUIRETLS);
	made.require_tls &= !made.require_tls_dropped;
	/* A server without AUTH treats all mail as if it had "AUTH=<>" (RFC 4954 section 5). */
	made.auth &= caps_has(caps, CAP_AUTH);
	if (!mail_params_check_tls(params, tls, err) || (made.require_tls && !agree_require_tls(caps, err)) ||
	    (made.deliver_by && !agree_deliver_by(params, caps, err)) || (made.hold && !agree_hold(params, caps, err)))
		return false;
	*negotiated = made;
	return true;
}

/* RFC 4954 section 5: xtext, or "<>" for a submitter that is not named */
static void write_auth(const char *mailbox, struct strbuf *out)
{
	strbuf_adds(out, " AUTH=");
	if (*mailbox)
		xtext_add(out, span_of(mailbox));
	else
		strbuf_adds(out, "<>");
}

void mail_params_write(const struct mail_params *params, const struct negotiated_params *negotiated, struct strbuf *out)
{
	if (negotiated->auth)
		write_auth(params->auth, out);
	if (negotiated->deliver_by)
		strbuf_addf(out, " BY=%" PRId64 ";%c%s", params->by_seconds, params->by_mode == BY_NOTIFY ? 'N' : 'R',
			    params->by_trace ? "T" : "");
	if (negotiated->hold && params->hold_until > 0) {
		strbuf_adds(out, " HOLDUNTIL=");
		datetime_format(params->hold_until, out);
	} else if (negotiated->hold) {
		strbuf_addf(out, " HOLDFOR=%" PRId64, params->hold_for);
	}
	if (negotiated->priority)
		strbuf_addf(out, " MT-PRIORITY=%d", params->priority);
	if (negotiated->require_tls)
		strbuf_adds(out, " REQUIRETLS");
}

void mail_params_used(const struct negotiated_params *negotiated, struct strvec *names)
{
	if (negotiated->deliver_by)
		strvec_push(names, cap_name(CAP_DELIVERBY));
	if (negotiated->hold)
		strvec_push(names, cap_name(CAP_FUTURERELEASE));
	if (negotiated->priority)
		strvec_push(names, cap_name(CAP_MT_PRIORITY));
	if (negotiated->require_tls)
		strvec_push(names, cap_name(CAP_REQUIRETLS));
}

void mail_params_warn(const struct negotiated_params *negotiated, struct strvec *warnings)
{
	if (negotiated->priority_dropped)
		strvec_push(warnings, _("a priority was asked for, and the server does not offer MT-PRIORITY; the "
					"message is sent without one"));
	if (negotiated->require_tls_dropped)
		strvec_push(warnings, _("the message that this report is about required TLS all the way "
					"(require_tls), and the server does not offer REQUIRETLS; the report has only "
					"the header of the message, and is sent over verified TLS without it"));
}
