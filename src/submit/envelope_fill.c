/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "submit/envelope_fill.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "header/header_recipients.h"
#include "net/idn.h"

bool envelope_make_address(const char *given, bool null_ok, struct mail_address *out, struct error *err)
{
	char *ascii = NULL;
	if (!address_check(span_of(given), null_ok, err))
		return false;
	if (!*given)
		ascii = xstrdup("");
	else if (!idn_address_to_ascii(given, &ascii, err))
		return false;
	*out = (struct mail_address){xstrdup(given), ascii};
	return true;
}

/* What cannot be understood is a recipient that is refused here; the others get the message. */
static void add_refused(struct envelope *env, const char *entry, const char *why)
{
	struct status status = {
		.kind = ERROR_ADDRESS,
		.text = xstrdup(why),
		.stage = xasprintf(_("recipient %s"), entry),
		.hint = xstrdup(_("Write the address as name@example.org, with a comma before the next one.")),
	};
	envelope_add(env, (struct mail_address){xstrdup(entry), xstrdup(entry)});
	recipient_refuse(&env->rcpts[env->n - 1], &status);
}

static void add_mailbox(struct envelope *env, const struct mailbox *box)
{
	AUTO(error) err = ERROR_INIT;
	struct mail_address address;
	if (box->refused)
		add_refused(env, box->addr, box->refused);
	else if (*box->addr && envelope_make_address(box->addr, false, &address, &err))
		envelope_add(env, address);
	else if (*box->addr)
		add_refused(env, box->addr, err.status.text);
}

static bool read_header(const struct submission *p, struct mailbox_list *list, struct error *err)
{
	bool any = false;
	if ((p->reads_envelope_to && !recipients_from_envelope_to(&p->fields, list, &any, err)) ||
	    (!any && !recipients_from_header(&p->fields, list, err))) {
		error_stage(err, "%s", _("recipients of the header"));
		return false;
	}
	return true;
}

/* Adds the recipients of the command line and, with -t, of the header.  False if nothing may be sent to any of them. */
static bool add_recipients(struct submission *p, const struct request *request, struct error *err)
{
	AUTO(mailbox_list) list = MAILBOX_LIST_INIT;
	for (size_t i = 0; i < request->recipients.n; i++) {
		if (address_list_parse(span_of(request->recipients.v[i]), &list, err))
			continue;
		AUTO_FREE char *shown = clean_text(span_of(request->recipients.v[i]), 200);
		error_stage(err, _("recipient %s"), shown);
		return false;
	}
	if (request->given[OPT_READ_RECIPIENTS] && !read_header(p, &list, err))
		return false;
	for (size_t i = 0; i < list.n; i++)
		add_mailbox(&p->env, &list.v[i]);
	return true;
}

bool envelope_collect_recipients(struct submission *p, const struct request *request, struct error *err)
{
	if (!add_recipients(p, request, err))
		return false;
	if (!p->env.n && !p->needs_no_recipient) {
		(void)error_set(err, ERROR_USAGE, "%s", _("no recipients"));
		error_hint(err, "%s",
			   request->given[OPT_READ_RECIPIENTS]
				   ? _("The header has no address in To, Cc or Bcc: write one there, or name the "
				       "recipients as arguments.")
				   : _("Name the recipients as arguments, or use -t to take them from the header."));
		return false;
	}
	envelope_unique(&p->env);
	return true;
}

static unsigned notify_bits(const char *text)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = {{"never", NOTIFY_NEVER},
		     {"success", NOTIFY_SUCCESS},
		     {"failure", NOTIFY_FAILURE},
		     {"delay", NOTIFY_DELAY}};
	unsigned bits = NOTIFY_UNSET;
	struct span rest = text ? span_of(text) : (struct span){NULL, 0}, word;
	while (span_split(&rest, ',', &word))
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (span_equals_str_nocase(span_trim(word), words[i].word))
				bits |= words[i].bit;
	return bits;
}

/* What an SMTP client asked for stays. */
static void fill_options(struct mail_options *mail, const struct account *a, const struct request *request)
{
	const char *ret = account_word_text(a, OPT_DSN_RETURN), *envid = account_str(request->flags, OPT_ENVID);
	if (!mail->notify)
		mail->notify = notify_bits(account_str(a, OPT_DSN_NOTIFY));
	if (mail->ret == RET_UNSET)
		mail->ret = strcmp(ret, "full") == 0 ? RET_FULL : strcmp(ret, "headers") == 0 ? RET_HDRS : RET_UNSET;
	mail->dsn_required = account_bool(a, OPT_DSN_REQUIRED);
	if (!mail->envid && envid)
		mail->envid = xstrdup(envid);
	if (mail->body == BODY_UNSET && request->given[OPT_BODY])
		mail->body = strcmp(account_word_text(request->flags, OPT_BODY), "8BITMIME") == 0 ? BODY_8BITMIME
												  : BODY_7BIT;
}

bool envelope_fill(struct mail_options *mail, const struct account *a, const struct request *request,
		   const char *sender, struct error *err)
{
	struct mail_address address;
	if (!envelope_make_address(sender, true, &address, err)) {
		error_stage(err, "%s", _("envelope sender"));
		return false;
	}
	mail_address_release(&mail->sender);
	mail->sender = address;
	fill_options(mail, a, request);
	return true;
}
