/* SPDX-License-Identifier: GPL-3.0-or-later */
/* MAIL and RCPT (RFC 5321 section 4.1.1.2 and 3). */
#include "address/address_check.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "smtp/server/server_private.h"

/* What differs between the two. */
struct path_rules {
	const char *keyword;
	bool null_ok;
	const char *enhanced;
};
static const struct path_rules reverse_path = {"FROM:", true, "5.1.7"}, forward_path = {"TO:", false, "5.1.3"};

/* The position of the first of these characters that is outside quotes; sp.len: none. */
static size_t find_unquoted(struct span sp, char wanted)
{
	bool quoted = false;
	for (size_t i = 0; i < sp.len; i++) {
		if (quoted && sp.ptr[i] == '\\')
			i++;
		else if (sp.ptr[i] == '"')
			quoted = !quoted;
		else if (!quoted && sp.ptr[i] == wanted)
			return i;
	}
	return sp.len;
}

/* RFC 5321 section 4.1.2: a source route must be accepted, and should be ignored. */
static struct span without_route(struct span path)
{
	size_t colon = path.len && path.ptr[0] == '@' ? find_unquoted(path, ':') : path.len;
	return colon < path.len ? span_sub(path, colon + 1, path.len) : path;
}

/* "FROM:<address>" with blanks after the colon at the front of *rest, which then has the parameters. */
static bool split_path(struct span *rest, const char *keyword, struct span *address)
{
	*rest = span_trim(*rest);
	if (!span_starts_nocase(*rest, keyword))
		return false;
	struct span path = span_trim(span_sub(*rest, strlen(keyword), rest->len));
	if (!path.len || path.ptr[0] != '<')
		return false;
	size_t end = find_unquoted(path, '>');
	if (end == path.len || (end + 1 < path.len && !ascii_isblank(path.ptr[end + 1])))
		return false;
	*address = without_route(span_sub(path, 1, end));
	*rest = span_sub(path, end + 1, path.len);
	return true;
}

static bool read_path(struct server_session *s, struct span *rest, const struct path_rules *rules, struct span *address)
{
	AUTO(error) err = ERROR_INIT;
	if (!split_path(rest, rules->keyword, address)) {
		AUTO_FREE char *text = xasprintf("The form is %s<address>", rules->keyword);
		server_error(s, 501, "5.5.4", text);
		return false;
	}
	if (rules->null_ok && span_equals_str(*address, "#@[]")) /* qmail's sender of reports about reports */
		address->len = 0;
	if (address_check(*address, rules->null_ok, &err))
		return true;
	if (rules->null_ok)
		server_error(s, 501, rules->enhanced, err.status.text);
	else
		server_reply(s, 501, rules->enhanced, err.status.text);
	return false;
}

/* RFC 6531 section 3.5 */
static bool check_ascii(struct server_session *s, struct span address, bool smtputf8)
{
	if (smtputf8 || utf8_is_ascii(address))
		return true;
	server_reply(s, 553, "5.6.7", "An address that is not ASCII needs SMTPUTF8 on MAIL");
	return false;
}

static bool take_mail(struct server_session *s, struct span arguments, struct server_mail *mail)
{
	struct span address;
	if (!read_path(s, &arguments, &reverse_path, &address) || !server_params_mail(s, arguments, mail) ||
	    !check_ascii(s, address, mail->smtputf8))
		return false;
	mail->options.sender.given = xmemdup0(address.ptr, address.len);
	return true;
}

void server_mail_command(struct server_session *s, struct span arguments)
{
	if (s->in_mail) {
		server_error(s, 503, "5.5.1", "A message is under way; RSET takes it back");
		return;
	}
	server_forget_mail(s);
	if (take_mail(s, arguments, &s->mail))
		s->asked = SERVER_MAIL;
	else
		server_forget_mail(s);
}

static bool take_rcpt(struct server_session *s, struct span arguments, struct server_recipient *rcpt)
{
	struct span address;
	if (!read_path(s, &arguments, &forward_path, &address) || !check_ascii(s, address, s->mail.smtputf8) ||
	    !server_params_rcpt(s, arguments, rcpt))
		return false;
	rcpt->address = xmemdup0(address.ptr, address.len);
	return true;
}

void server_rcpt_command(struct server_session *s, struct span arguments)
{
	struct server_mail *mail = &s->mail;
	struct server_recipient rcpt = {NULL, NULL, NOTIFY_UNSET};
	if (!s->in_mail || s->body.begun) {
		server_error(s, 503, "5.5.1", s->in_mail ? "Only BDAT may follow BDAT" : "Say MAIL first");
	} else if (mail->n >= s->options.limits.recipients) {
		s->rcpt_refused = true;
		server_reply(s, 452, "4.5.3", "Too many recipients for one message; name the others in another one");
	} else if (!take_rcpt(s, arguments, &rcpt)) {
		s->rcpt_refused = true;
		free(rcpt.orcpt);
	} else {
		GROW(mail->rcpts, mail->n, mail->cap);
		mail->rcpts[mail->n++] = rcpt;
		s->asked = SERVER_RCPT;
	}
}
