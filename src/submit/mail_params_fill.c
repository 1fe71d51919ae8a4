/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/mail_params_fill.h"

#include "base/datetime.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "codec/xtext.h"
#include "submit/envelope_fill.h"
#include "config/deliver_by.h"
#include "smtp/mail_params.h"
#include "transport/adapt.h"

#define HOLD_MAX 999999999 /* nine digits: RFC 4865 section 3 */
#define AUTH_MAX 500	   /* bytes of xtext: what RFC 4954 section 5 adds to the length of MAIL */

/* The text in err is about the value of that option: adds where the value was set.  Returns false. */
static bool blame(const struct account *a, enum option_id id, struct error *err)
{
	const struct origin *origin = account_origin(a, id);
	AUTO_FREE char *where = origin_text(origin);
	AUTO_FREE char *name = option_name(&option_table[id]);
	if (err)
		err->status.kind = origin->kind == ORIGIN_COMMAND_LINE ? ERROR_USAGE : ERROR_CONFIG;
	if (origin->kind == ORIGIN_COMMAND_LINE) {
		error_prefix(err, "%s", where);
		error_stage(err, "%s", _("command line"));
	} else {
		error_prefix(err, "%s: %s", where, name);
	}
	return false;
}

static bool fill_deliver_by(const struct account *a, struct mail_params *r, struct error *err)
{
	struct deliver_by by;
	if (r->deliver_by || !account_is_set(a, OPT_DELIVER_BY))
		return true;
	if (!deliver_by_parse(span_of(account_str(a, OPT_DELIVER_BY)), &by, err))
		return blame(a, OPT_DELIVER_BY, err);
	r->deliver_by = by.wanted;
	r->by_seconds = by.seconds;
	r->by_mode = by.notify ? BY_NOTIFY : BY_RETURN;
	r->by_trace = by.trace;
	return true;
}

static bool fill_hold_until(const struct account *flags, time_t now, struct mail_params *r, struct error *err)
{
	const char *text = account_str(flags, OPT_HOLD_UNTIL);
	if (!datetime_parse_local(span_of(text), now, &r->hold_until)) {
		(void)error_set(err, ERROR_USAGE, _("%s is not a time"), text);
		return blame(flags, OPT_HOLD_UNTIL, err);
	}
	if (r->hold_until > now)
		return true;
	AUTO(strbuf) then = STRBUF_INIT;
	AUTO(strbuf) today = STRBUF_INIT;
	datetime_format(r->hold_until, &then);
	datetime_format(now, &today);
	(void)error_set(err, ERROR_USAGE, _("%s has passed: it is %s, and it is now %s"), text, then.buf, today.buf);
	error_hint(err, "%s", _("Name a time in the future, or leave out the option to send the message now."));
	return blame(flags, OPT_HOLD_UNTIL, err);
}

/* RFC 4865 section 5.3.1: reports about other messages are not held. */
static bool is_report(const struct submission *p)
{
	return p->env.mail.sender.given && !*p->env.mail.sender.given;
}

static bool fill_hold(struct submission *p, const struct request *request, time_t now, struct mail_params *r,
		      struct error *err)
{
	const struct account *a = p->account;
	if (is_report(p)) {
		struct mail_params unused = {.hold_until = 0};
		r->hold_for = r->hold_until = 0;
		if (request->given[OPT_HOLD_UNTIL] && !fill_hold_until(request->flags, now, &unused, err))
			return false;
		if (request->given[OPT_HOLD_UNTIL] ||
		    (request->given[OPT_HOLD_FOR] && account_int(a, OPT_HOLD_FOR) > 0))
			strvec_push(&p->warnings, _("a message without a sender is a report, which must not be held: "
						    "it is sent now"));
		return true;
	}
	if (r->hold_for || r->hold_until) /* an SMTP client asked for it */
		return true;
	if (request->given[OPT_HOLD_UNTIL]) /* for this message alone, so it overrides the account's hold_for */
		return fill_hold_until(request->flags, now, r, err);
	long long ms = account_int(a, OPT_HOLD_FOR);
	if (ms <= 0)
		return true;
	if (ms / 1000 > HOLD_MAX) {
		(void)error_set(err, ERROR_CONFIG, _("%lld seconds is too long; at most %d can be requested"),
				ms / 1000, HOLD_MAX);
		return blame(a, OPT_HOLD_FOR, err);
	}
	r->hold_for = ms / 1000;
	return true;
}

/* RFC 4865 section 5.1.1: in either mode the time for the delivery must not end before the hold does. */
static bool check_times(const struct account *a, const struct mail_params *r, time_t now, struct error *err)
{
	int64_t held = r->hold_until ? r->hold_until - now : r->hold_for;
	if (!r->deliver_by || held <= 0 || held < r->by_seconds)
		return true;
	(void)error_set(err, ERROR_CONFIG,
			_("the message is to be delivered within %lld seconds (deliver_by), but held for %lld"),
			(long long)r->by_seconds, (long long)held);
	error_hint(err, "%s", _("Allow more time for the delivery, or hold the message for less time."));
	return blame(a, OPT_DELIVER_BY, err);
}

static bool fill_auth(const struct account *a, struct mail_params *r, struct error *err)
{
	struct mail_address address;
	if (r->auth || !account_is_set(a, OPT_MAIL_AUTH))
		return true;
	if (!envelope_make_address(account_str(a, OPT_MAIL_AUTH), true, &address, err))
		return blame(a, OPT_MAIL_AUTH, err);
	free(address.given);
	if (!address.ascii) {
		(void)error_set(err, ERROR_CONFIG, _("the part before the @ must be ASCII here"));
		return blame(a, OPT_MAIL_AUTH, err);
	}
	free(r->auth);
	r->auth = address.ascii;
	AUTO(strbuf) xtext = STRBUF_INIT;
	xtext_add(&xtext, span_of(r->auth));
	if (xtext.len <= AUTH_MAX)
		return true;
	(void)error_set(err, ERROR_CONFIG, _("the mailbox is too long"));
	return blame(a, OPT_MAIL_AUTH, err);
}

/* RFC 8689 section 3: "No" is the only value. */
static bool header_says_no(const struct header_list *fields)
{
	for (size_t i = 0; i < fields->n; i++) {
		AUTO(strbuf) value = STRBUF_INIT;
		if (!header_is(&fields->fields[i], "TLS-Required"))
			continue;
		header_value(&fields->fields[i], &value);
		if (span_equals_str_nocase(strbuf_span(&value), "no"))
			return true;
	}
	return false;
}

/*
 * RFC 8689 section 4.1: if the parameter is given, the field is ignored.  --require-tls gives the parameter for this
 * message; the account's require_tls is for messages that say nothing about it.
 */
static bool fill_require_tls(struct submission *p, const struct request *request, struct mail_params *r,
			     struct error *err)
{
	const struct account *a = p->account;
	bool asked = r->require_tls;
	r->require_tls |= account_bool(a, OPT_REQUIRE_TLS);
	if (r->require_tls && !asked && header_says_no(&p->fields)) {
		if (request->given[OPT_REQUIRE_TLS])
			strvec_push(&p->warnings, _("the message says \"TLS-Required: No\" and --require-tls "
						    "the opposite; --require-tls applies"));
		else
			r->require_tls = false;
	}
	return mail_params_check_tls(r, adapt_tls(a), err);
}

bool mail_params_fill(struct submission *p, const struct request *request, const struct clock *clock, struct error *err)
{
	const struct account *a = p->account;
	struct mail_params *r = &p->env.mail.params;
	time_t now = clock_wall(clock);
	if (!r->has_priority) {
		r->has_priority = account_is_set(a, OPT_PRIORITY);
		r->priority = (int)account_int(a, OPT_PRIORITY);
	}
	return fill_deliver_by(a, r, err) && fill_hold(p, request, now, r, err) && check_times(a, r, now, err) &&
	       fill_auth(a, r, err) && fill_require_tls(p, request, r, err);
}

void mail_params_forget(struct mail_params *r)
{
	free(r->auth);
	*r = (struct mail_params){.deliver_by = false};
}
