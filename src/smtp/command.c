/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "smtp/command.h"

#include "base/base64.h"
#include "base/i18n.h"
#include "base/utf8.h"
#include "codec/xtext.h"

#include <assert.h>
#include <inttypes.h>

static bool add_argument(struct strbuf *out, const char *text, struct error *err)
{
	for (const char *p = text; *p; p++)
		if (*p == '\r' || *p == '\n')
			return error_set(err, ERROR_ADDRESS,
					 _("an SMTP argument contains a line break; nothing was sent"));
	strbuf_adds(out, text);
	return true;
}

bool command_simple(struct strbuf *out, const char *verb, const char *argument, struct error *err)
{
	size_t start = out->len;
	strbuf_adds(out, verb);
	if (argument) {
		strbuf_addch(out, ' ');
		if (!add_argument(out, argument, err)) {
			strbuf_setlen(out, start);
			return false;
		}
	}
	strbuf_adds(out, "\r\n");
	return true;
}

static bool add_path(struct strbuf *out, const char *verb, const char *address, struct error *err)
{
	strbuf_adds(out, verb);
	strbuf_addch(out, '<');
	if (!add_argument(out, address, err))
		return false;
	strbuf_addch(out, '>');
	return true;
}

const char *command_address(const struct mail_address *address, bool smtputf8)
{
	/* If only the domain is not ASCII: every host on the way understands A-labels. */
	if (address->ascii)
		return address->ascii;
	return smtputf8 ? address->given : NULL;
}

bool command_mail(struct strbuf *out, const struct envelope *env, uint64_t size, const struct negotiated *negotiated,
		  struct error *err)
{
	size_t start = out->len;
	if (!add_path(out, "MAIL FROM:", command_address(&env->mail.sender, negotiated->smtputf8), err)) {
		strbuf_setlen(out, start);
		return false;
	}
	if (negotiated->size)
		strbuf_addf(out, " SIZE=%" PRIu64, size);
	if (negotiated->body)
		strbuf_addf(out, " BODY=%s", negotiated->body);
	if (negotiated->smtputf8)
		strbuf_adds(out, " SMTPUTF8");
	if (negotiated->dsn && env->mail.ret != RET_UNSET)
		strbuf_adds(out, env->mail.ret == RET_FULL ? " RET=FULL" : " RET=HDRS");
	if (negotiated->dsn && env->mail.envid) {
		strbuf_adds(out, " ENVID=");
		xtext_add(out, span_of(env->mail.envid));
	}
	mail_params_write(&env->mail.params, &negotiated->params, out);
	strbuf_adds(out, "\r\n");
	return true;
}

static void add_notify(struct strbuf *out, unsigned notify)
{
	static const struct {
		unsigned bit;
		const char *word;
	} words[] = {{NOTIFY_NEVER, "NEVER"},
		     {NOTIFY_SUCCESS, "SUCCESS"},
		     {NOTIFY_FAILURE, "FAILURE"},
		     {NOTIFY_DELAY, "DELAY"}};
	char sep = '=';
	strbuf_adds(out, " NOTIFY");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++) {
		if (!(notify & words[i].bit))
			continue;
		strbuf_addch(out, sep);
		strbuf_adds(out, words[i].word);
		sep = ',';
	}
}

#define ORCPT_MAX 500 /* RFC 3461 section 4.2 */

/* ORCPT says which address a report is about, so it is written only if reports are asked for, or if it is set. */
static void add_orcpt(struct strbuf *out, const struct envelope *env, size_t i)
{
	const struct recipient *rcpt = &env->rcpts[i];
	bool asked =
		recipient_notify(rcpt, &env->mail) != NOTIFY_UNSET || env->mail.ret != RET_UNSET || env->mail.envid;
	if (!rcpt->orcpt && !asked)
		return;
	struct span original = span_of(rcpt->orcpt ? rcpt->orcpt : rcpt->address.given);
	AUTO(strbuf) value = STRBUF_INIT;
	if (utf8_is_ascii(original)) {
		strbuf_adds(&value, "rfc822;");
		xtext_add(&value, original);
	} else {
		strbuf_adds(&value, "utf-8;");
		xtext_add_utf8(&value, original);
	}
	if (value.len <= ORCPT_MAX) /* a longer one could make the server refuse the recipient */
		strbuf_addf(out, " ORCPT=%s", value.buf);
}

bool command_rcpt(struct strbuf *out, const struct envelope *env, const struct negotiated *negotiated, size_t i,
		  struct error *err)
{
	size_t start = out->len;
	if (!add_path(out, "RCPT TO:", command_address(&env->rcpts[i].address, negotiated->smtputf8), err)) {
		strbuf_setlen(out, start);
		return false;
	}
	unsigned notify = recipient_notify(&env->rcpts[i], &env->mail);
	if (negotiated->dsn && notify != NOTIFY_UNSET)
		add_notify(out, notify);
	if (negotiated->dsn)
		add_orcpt(out, env, i);
	strbuf_adds(out, "\r\n");
	return true;
}

bool command_auth(struct strbuf *out, const char *mech, struct span initial, struct error *err)
{
	size_t start = out->len;
	strbuf_adds(out, "AUTH ");
	if (!add_argument(out, mech, err)) {
		strbuf_setlen(out, start);
		return false;
	}
	if (initial.ptr) {
		strbuf_addch(out, ' ');
		if (initial.len)
			base64_encode(out, initial);
		else
			strbuf_addch(out, '=');
	}
	strbuf_adds(out, "\r\n");
	return true;
}
