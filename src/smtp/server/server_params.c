/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Parameters of MAIL and RCPT: a row for each.
 *
 *	esmtp-param   = esmtp-keyword ["=" esmtp-value]		RFC 5321 section 4.1.2
 *	esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
 *	esmtp-value   = 1*(%d33-60 / %d62-126)			; and UTF-8 (RFC 6531 section 3.3)
 */
#include "address/address_check.h"
#include "base/clean_text.h"
#include "base/datetime.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "codec/xtext.h"
#include "smtp/server/server_private.h"

#include <limits.h>

#define ORCPT_MAX 500 /* RFC 3461 section 4.2 */

/* What the parameters are written to, and what they are compared with. */
struct params {
	struct server_session *s;
	struct server_mail *mail;
	struct server_recipient *rcpt;
};

/* ---- values: true if they are valid ---- */

static bool take_size(struct params *p, struct span value)
{
	unsigned long long n;
	if (!span_to_u64(value, &n))
		return false;
	p->mail->has_size = true;
	p->mail->size = n;
	return true;
}

static bool take_body(struct params *p, struct span value)
{
	p->mail->binary = span_equals_str_nocase(value, "BINARYMIME") && server_offers(p->s, CAP_BINARYMIME);
	if (span_equals_str_nocase(value, "7BIT"))
		p->mail->options.body = BODY_7BIT;
	else if (p->mail->binary || span_equals_str_nocase(value, "8BITMIME"))
		p->mail->options.body = BODY_8BITMIME;
	else
		return false;
	return true;
}

static bool take_smtputf8(struct params *p, struct span value)
{
	p->mail->smtputf8 = true;
	return !value.ptr;
}

static bool take_ret(struct params *p, struct span value)
{
	if (span_equals_str_nocase(value, "FULL"))
		p->mail->options.ret = RET_FULL;
	else if (span_equals_str_nocase(value, "HDRS"))
		p->mail->options.ret = RET_HDRS;
	else
		return false;
	return true;
}

static bool take_envid(struct params *p, struct span value)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (!xtext_decode(&text, value) || !envelope_envid_check(strbuf_span(&text)))
		return false;
	p->mail->options.envid = strbuf_detach(&text, NULL);
	return true;
}

/* Up to nine digits, as RFC 2852 and RFC 4865 have them. */
static bool nine_digits(struct span text, int64_t *n)
{
	unsigned long long number;
	if (text.len > 9 || !span_to_u64(text, &number))
		return false;
	*n = (int64_t)number;
	return true;
}

/* RFC 2852 section 4: [("+" / "-")] 1*9DIGIT ";" ("N" / "R") ["T"] */
static bool take_by(struct params *p, struct span value)
{
	struct mail_params *out = &p->mail->options.params;
	struct span rest = value, seconds;
	if (!span_split(&rest, ';', &seconds) || !seconds.len || !rest.len || rest.len > 2)
		return false;
	bool minus = seconds.ptr[0] == '-', sign = minus || seconds.ptr[0] == '+';
	if (!nine_digits(span_sub(seconds, sign, seconds.len), &out->by_seconds))
		return false;
	if (minus)
		out->by_seconds = -out->by_seconds;
	out->deliver_by = true;
	out->by_mode = ascii_upper(rest.ptr[0]) == 'N' ? BY_NOTIFY : BY_RETURN;
	out->by_trace = rest.len == 2;
	return (out->by_mode == BY_NOTIFY || (ascii_upper(rest.ptr[0]) == 'R' && out->by_seconds > 0)) &&
	       (rest.len < 2 || ascii_upper(rest.ptr[1]) == 'T');
}

static bool take_holdfor(struct params *p, struct span value)
{
	struct mail_params *out = &p->mail->options.params;
	int64_t most = p->s->options.offers->hold_seconds;
	return !out->hold_until && nine_digits(value, &out->hold_for) && out->hold_for > 0 &&
	       (!most || out->hold_for <= most);
}

static bool take_holduntil(struct params *p, struct span value)
{
	struct mail_params *out = &p->mail->options.params;
	int64_t most = p->s->options.offers->hold_until;
	return !out->hold_for && datetime_parse(value, &out->hold_until) && out->hold_until > 0 &&
	       (!most || out->hold_until <= most);
}

static bool take_priority(struct params *p, struct span value)
{
	bool minus = value.len == 2 && value.ptr[0] == '-';
	struct span digit = span_sub(value, minus, value.len);
	if (digit.len != 1 || !ascii_isdigit(digit.ptr[0]) || (minus && digit.ptr[0] == '0'))
		return false;
	p->mail->options.params.has_priority = true;
	p->mail->options.params.priority = (minus ? -1 : 1) * (digit.ptr[0] - '0');
	return true;
}

static bool take_requiretls(struct params *p, struct span value)
{
	p->mail->options.params.require_tls = true;
	return !value.ptr;
}

static bool take_auth(struct params *p, struct span value)
{
	AUTO(strbuf) text = STRBUF_INIT;
	if (!xtext_decode(&text, value))
		return false;
	if (span_equals_str(strbuf_span(&text), "<>"))
		strbuf_reset(&text);
	else if (!address_check(strbuf_span(&text), false, NULL))
		return false;
	p->mail->options.params.auth = strbuf_detach(&text, NULL);
	return true;
}

static bool take_notify(struct params *p, struct span value)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = {{"NEVER", NOTIFY_NEVER},
		     {"SUCCESS", NOTIFY_SUCCESS},
		     {"FAILURE", NOTIFY_FAILURE},
		     {"DELAY", NOTIFY_DELAY}};
	struct span rest = value, word;
	while (span_split(&rest, ',', &word)) {
		unsigned bit = 0;
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (span_equals_str_nocase(word, words[i].word))
				bit = words[i].bit;
		if (!bit)
			return false;
		p->rcpt->notify |= bit;
	}
	return value.len && (!(p->rcpt->notify & NOTIFY_NEVER) || p->rcpt->notify == NOTIFY_NEVER);
}

static bool is_shown(struct span text)
{
	AUTO_FREE char *clean = clean_text(text, ORCPT_MAX);
	return text.len && span_equals_str(text, clean);
}

/* RFC 3461 section 4.2, RFC 6533 section 3.  An address of another type is for others to understand. */
static bool take_orcpt(struct params *p, struct span value)
{
	AUTO(strbuf) text = STRBUF_INIT;
	struct span rest = value, type;
	if (value.len > ORCPT_MAX || !span_split(&rest, ';', &type) || !type.len || !rest.len)
		return false;
	bool utf8 = span_equals_str_nocase(type, "utf-8");
	if (!utf8 && !span_equals_str_nocase(type, "rfc822"))
		return xtext_decode(&text, rest);
	if (!(utf8 ? xtext_decode_utf8(&text, rest) : xtext_decode(&text, rest)) || !is_shown(strbuf_span(&text)))
		return false;
	p->rcpt->orcpt = strbuf_detach(&text, NULL);
	return true;
}

/* ---- the tables ---- */

struct param_row {
	const char *keyword;
	enum cap cap;					   /* that must be offered */
	bool (*take)(struct params *p, struct span value); /* value.ptr NULL: none */
};

static const struct param_row mail_rows[] = {
	{"SIZE", CAP_SIZE, take_size},
	{"BODY", CAP_8BITMIME, take_body},
	{"SMTPUTF8", CAP_SMTPUTF8, take_smtputf8},
	{"RET", CAP_DSN, take_ret},
	{"ENVID", CAP_DSN, take_envid},
	{"BY", CAP_DELIVERBY, take_by},
	{"HOLDFOR", CAP_FUTURERELEASE, take_holdfor},
	{"HOLDUNTIL", CAP_FUTURERELEASE, take_holduntil},
	{"MT-PRIORITY", CAP_MT_PRIORITY, take_priority},
	{"REQUIRETLS", CAP_REQUIRETLS, take_requiretls},
	{"AUTH", CAP_AUTH, take_auth},
	{NULL, CAP_8BITMIME, NULL},
};
static const struct param_row rcpt_rows[] = {
	{"NOTIFY", CAP_DSN, take_notify},
	{"ORCPT", CAP_DSN, take_orcpt},
	{NULL, CAP_8BITMIME, NULL},
};

static void complain(struct server_session *s, int code, const char *format, struct span word)
{
	AUTO_FREE char *shown = clean_text(word, 40);
	AUTO_FREE char *text = xasprintf("The parameter %s %s", shown, format);
	server_error(s, code, "5.5.4", text);
}

static bool take_word(struct params *p, const struct param_row *rows, struct span word, unsigned *seen)
{
	const char *equals = memchr(word.ptr, '=', word.len);
	size_t end = equals ? (size_t)(equals - word.ptr) : word.len;
	struct span keyword = span_sub(word, 0, end);
	struct span value = equals ? span_sub(word, end + 1, word.len) : (struct span){NULL, 0};
	size_t i = 0;
	while (rows[i].keyword && !span_equals_str_nocase(keyword, rows[i].keyword))
		i++;
	if (!rows[i].keyword || !server_offers(p->s, rows[i].cap))
		complain(p->s, 555, "is not known", keyword);
	else if (*seen & 1u << i)
		complain(p->s, 501, "stands there twice", keyword);
	else if ((equals && !value.len) || !rows[i].take(p, value))
		complain(p->s, 501, "has no valid value", keyword);
	else {
		*seen |= 1u << i;
		return true;
	}
	return false;
}

static bool take_words(struct params *p, const struct param_row *rows, struct span text)
{
	unsigned seen = 0;
	for (struct span word = span_word(&text); word.len; word = span_word(&text))
		if (!take_word(p, rows, word, &seen))
			return false;
	return true;
}

static bool check_limits(struct server_session *s, const struct server_mail *mail)
{
	const struct caps *offers = s->options.offers;
	const struct mail_params *params = &mail->options.params;
	if (mail->has_size && offers->size_limit && mail->size > offers->size_limit) {
		server_reply(s, 552, "5.3.4", "The message is larger than the limit (SIZE)");
		return false;
	}
	if (params->deliver_by && params->by_mode == BY_RETURN && params->by_seconds < offers->by_minimum) {
		server_reply(s, 555, "5.5.4", "The time of BY is shorter than the minimum (DELIVERBY)");
		return false;
	}
	if (params->deliver_by && params->hold_for &&
	    params->hold_for > params->by_seconds) { /* RFC 4865 section 5.2.2 */
		server_error(s, 501, "5.5.4", "HOLDFOR is longer than BY");
		return false;
	}
	return true;
}

bool server_params_mail(struct server_session *s, struct span text, struct server_mail *mail)
{
	struct params p = {.s = s, .mail = mail};
	return take_words(&p, mail_rows, text) && check_limits(s, mail);
}

bool server_params_rcpt(struct server_session *s, struct span text, struct server_recipient *rcpt)
{
	struct params p = {.s = s, .rcpt = rcpt};
	return take_words(&p, rcpt_rows, text);
}
