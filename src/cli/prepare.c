/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "cli/prepare.h"

#include "base/fsutil.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "cli/names.h"
#include "message/header_apply.h"
#include "message/msgid.h"
#include "message/recipients.h"
#include "net/idn.h"

#include <errno.h>
#include <unistd.h>

#define INPUT_ROOM (64u * 1024)
#define LINE_MAX_OCTETS 998 /* RFC 5322 section 2.1.1 */

void prepared_init(struct prepared *p)
{
	*p = (struct prepared){.config = CONFIG_INIT, .fields = HEADER_LIST_INIT, .env = ENVELOPE_INIT, .header = STRBUF_INIT};
	message_init(&p->message, fs_unnamed_temp);
}

void prepared_release(struct prepared *p)
{
	config_release(&p->config);
	account_free(p->account);
	free(p->why);
	header_list_release(&p->fields);
	envelope_release(&p->env);
	strbuf_release(&p->header);
	message_release(&p->message);
}

/* ---- configuration and account ---- */

bool prepare_config(struct prepared *p, const struct args *args, const struct surroundings *around, struct error *err)
{
	(void)around;
	AUTO_FREE char *home = fs_home();
	AUTO_FREE char *config_home = fs_config_home();
	struct config_places places = {
		.user_file = account_str(args->flags, OPT_FILE),
		.sysconfdir = SYSCONFDIR,
		.home = home,
		.config_home = config_home,
	};
	if (args->given[OPT_HOST]) /* the command line alone: no file is read */
		return true;
	return config_load(&p->config, &places, err);
}

/* The %-sequences of from and domain, with only those names looked up that they hold. */
static bool expand_names(struct prepared *p, struct error *err)
{
	const char *texts[] = {account_str(p->account, OPT_FROM), account_str(p->account, OPT_DOMAIN)};
	struct names names;
	names_find(&names, texts, ARRAY_SIZE(texts), &p->fields);
	bool ok = expand_account(p->account, &names.values, err);
	names_release(&names);
	return ok;
}

bool prepare_account(struct prepared *p, const struct args *args, const struct surroundings *around, const char *sender, struct error *err)
{
	AUTO(strvec) recipients = STRVEC_INIT;
	for (size_t i = 0; i < p->env.n; i++)
		strvec_push(&recipients, p->env.rcpts[i].address.given);
	struct account_request req = {
		.account = account_str(args->flags, account_is_set(args->flags, OPT_CHECK) ? OPT_CHECK : OPT_ACCOUNT),
		.envelope_from = sender,
		.recipients = &recipients,
		.flags = args->flags,
		.environ_ = around->environ_,
	};
	p->account = config_choose(&p->config, &req, &p->why, err);
	return p->account != NULL;
}

/* ---- message ---- */

static bool read_input(struct message *msg, int fd, struct error *err)
{
	struct message_reader reader;
	AUTO_FREE char *buf = xmalloc(INPUT_ROOM);
	bool ok = true;
	message_reader_init(&reader, msg, 0);
	for (;;) {
		ssize_t n = read(fd, buf, INPUT_ROOM);
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			ok = error_set_errno(err, ERROR_IO, errno, _("cannot read the message from standard input"));
		if (n <= 0)
			break;
		ok = message_reader_feed(&reader, buf, (size_t)n, err);
		if (!ok)
			break;
	}
	ok = ok && message_reader_end(&reader, err);
	message_reader_release(&reader);
	return ok;
}

static bool check_content(const struct prepared *p, struct error *err)
{
	const struct message_facts *f = &p->message.facts;
	if (f->nul) {
		(void)error_set(err, ERROR_MESSAGE, _("the message holds a NUL octet, which cannot be sent by mail as it is"));
		error_hint(err, "%s", _("Attach binary data in base64; a mail program does that by itself."));
		return false;
	}
	if (f->longest_line > LINE_MAX_OCTETS && strcmp(account_word_text(p->account, OPT_LONG_LINES), "refuse") == 0) {
		(void)error_set(err, ERROR_MESSAGE, _("the message has a line of %zu octets, and more than %d are not allowed in mail"), f->longest_line, LINE_MAX_OCTETS);
		error_hint(err, "%s", _("Encode the message as quoted-printable or base64, or set \"long_lines pass\" to send it as it is."));
		return false;
	}
	return true;
}

/* ---- sender ---- */

static bool known_sender(const struct prepared *p, const struct args *args, char **sender, struct error *err)
{
	if (args->given[OPT_READ_ENVELOPE_FROM])
		return recipients_sender(&p->fields, sender, err);
	if (args->given[OPT_FROM]) {
		const char *from = account_str(args->flags, OPT_FROM);
		*sender = xstrdup(from ? from : "");
	}
	return true;
}

/* The account's address, unless the caller named one and may. */
static bool settle_sender(struct prepared *p, char **sender, struct error *err)
{
	struct account *a = p->account;
	if (*sender && !account_bool(a, OPT_ALLOW_FROM_OVERRIDE)) {
		free(*sender);
		*sender = NULL;
	}
	if (!expand_names(p, err))
		return false;
	if (!*sender) {
		if (!account_is_set(a, OPT_FROM)) {
			(void)error_set(err, ERROR_CONFIG, _("account %s has no sender address"), *a->name ? a->name : _("of the command line"));
			error_hint(err, "%s", _("Add a line \"from you@example.org\" to the account, or name the sender with -f."));
			return false;
		}
		*sender = xstrdup(account_str(a, OPT_FROM));
	}
	/* sendmail's old name for "nobody" */
	if (ascii_strcasecmp(*sender, "MAILER-DAEMON") == 0)
		(*sender)[0] = '\0';
	return true;
}

/* ---- envelope ---- */

static bool make_address(const char *given, bool null_ok, struct mail_address *out, struct error *err)
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

static bool add_mailboxes(struct envelope *env, const struct mailbox_list *list, struct error *err)
{
	for (size_t i = 0; i < list->n; i++) {
		struct mail_address address;
		if (!make_address(list->v[i].addr, false, &address, err)) {
			AUTO_FREE char *shown = error_clean_text(span_of(list->v[i].addr), 200);
			error_stage(err, _("recipient %s"), shown);
			return false;
		}
		envelope_add(env, address);
	}
	return true;
}

static bool collect_recipients(struct prepared *p, const struct args *args, struct error *err)
{
	struct mailbox_list list = MAILBOX_LIST_INIT;
	bool ok = true;
	for (size_t i = 0; ok && i < args->recipients.n; i++) {
		ok = address_list_parse(span_of(args->recipients.v[i]), &list, err);
		if (!ok) {
			AUTO_FREE char *shown = error_clean_text(span_of(args->recipients.v[i]), 200);
			error_stage(err, _("recipient %s"), shown);
		}
	}
	if (ok && args->given[OPT_READ_RECIPIENTS]) {
		ok = recipients_from_header(&p->fields, &list, err);
		if (!ok)
			error_stage(err, "%s", _("recipients of the header"));
	}
	ok = ok && add_mailboxes(&p->env, &list, err);
	mailbox_list_release(&list);
	if (ok && !p->env.n && !p->nobody_will_do) {
		(void)error_set(err, ERROR_USAGE, "%s", _("no recipients"));
		error_hint(err, "%s", args->given[OPT_READ_RECIPIENTS] ? _("The header has no address in To, Cc or Bcc: write one there, or name the recipients as arguments.")
						      : _("Name the recipients as arguments, or use -t to take them from the header."));
		return false;
	}
	if (ok)
		envelope_unique(&p->env);
	return ok;
}

static unsigned notify_bits(const char *text)
{
	static const struct {
		const char *word;
		unsigned bit;
	} words[] = {{"never", NOTIFY_NEVER}, {"success", NOTIFY_SUCCESS}, {"failure", NOTIFY_FAILURE}, {"delay", NOTIFY_DELAY}};
	unsigned bits = NOTIFY_UNSET;
	struct span rest = text ? span_of(text) : (struct span){NULL, 0}, word;
	while (span_split(&rest, ',', &word))
		for (size_t i = 0; i < ARRAY_SIZE(words); i++)
			if (span_equals_str_nocase(span_trim(word), words[i].word))
				bits |= words[i].bit;
	return bits;
}

static bool fill_envelope(struct prepared *p, const struct args *args, const char *sender, struct error *err)
{
	const struct account *a = p->account;
	if (!make_address(sender, true, &p->env.sender, err)) {
		error_stage(err, "%s", _("envelope sender"));
		return false;
	}
	const char *ret = account_word_text(a, OPT_DSN_RETURN);
	p->env.notify = notify_bits(account_str(a, OPT_DSN_NOTIFY));
	p->env.ret = strcmp(ret, "full") == 0 ? RET_FULL : strcmp(ret, "headers") == 0 ? RET_HDRS : RET_UNSET;
	p->env.dsn_required = account_bool(a, OPT_DSN_REQUIRED);
	const char *envid = account_str(args->flags, OPT_ENVID);
	p->env.envid = envid ? xstrdup(envid) : NULL;
	if (args->given[OPT_BODY])
		p->env.body = strcmp(account_word_text(args->flags, OPT_BODY), "8BITMIME") == 0 ? BODY_8BITMIME : BODY_7BIT;
	return true;
}

/* ---- header ---- */

static const char *msgid_domain(const struct prepared *p)
{
	const char *domain = account_str(p->account, OPT_DOMAIN);
	if (domain && strcmp(domain, "localhost") != 0)
		return domain;
	const char *sender = p->env.sender.ascii;
	const char *at = sender ? strrchr(sender, '@') : NULL;
	if (at && at[1])
		return at + 1;
	const struct strvec *hosts = account_list(p->account, OPT_HOST);
	return hosts->n ? hosts->v[0] : "localhost";
}

static enum header_set header_set_of(const struct account *a, enum option_id id)
{
	const char *word = account_word_text(a, id);
	return strcmp(word, "auto") == 0 ? HEADER_AUTO : strcmp(word, "on") == 0 ? HEADER_ON : HEADER_OFF;
}

static void write_header(struct prepared *p, const struct surroundings *around)
{
	const struct account *a = p->account;
	AUTO(strbuf) date = STRBUF_INIT;
	AUTO(strbuf) msgid = STRBUF_INIT;
	AUTO(strvec) to = STRVEC_INIT;
	date_make(&date, clock_wall(around->clock));
	msgid_make(&msgid, around->rng, msgid_domain(p));
	const char *set_to = account_word_text(a, OPT_SET_TO_HEADER);
	if (strcmp(set_to, "on") == 0)
		for (size_t i = 0; i < p->env.n; i++)
			strvec_push(&to, p->env.rcpts[i].address.given);
	struct header_policy policy = {
		.from = header_set_of(a, OPT_SET_FROM_HEADER),
		.date = header_set_of(a, OPT_SET_DATE_HEADER),
		.msgid = header_set_of(a, OPT_SET_MSGID_HEADER),
		.to = strcmp(set_to, "on") == 0 ? TO_ON : strcmp(set_to, "off") == 0 ? TO_OFF : TO_UNDISCLOSED,
		.remove_bcc = account_bool(a, OPT_REMOVE_BCC_HEADERS),
		.from_addr = p->env.sender.given,
		.from_name = account_str(a, OPT_FROM_FULL_NAME),
		.to_addrs = (const char *const *)to.v,
		.date_value = date.buf,
		.msgid_value = msgid.buf,
	};
	struct header_plan plan = HEADER_PLAN_INIT;
	header_plan_make(&plan, &p->fields, &policy);
	header_apply(&plan, &p->fields, &p->message, &p->header);
	header_plan_release(&plan);
}

bool prepare_settings(struct prepared *p, const struct args *args, const struct surroundings *around, struct error *err)
{
	const char *from = args->given[OPT_FROM] ? account_str(args->flags, OPT_FROM) : NULL;
	return prepare_config(p, args, around, err) && prepare_account(p, args, around, from, err);
}

bool prepare_sender(struct prepared *p, const struct args *args, const struct surroundings *around, struct error *err)
{
	AUTO_FREE char *sender = NULL;
	if (args->given[OPT_READ_ENVELOPE_FROM])
		return error_set(err, ERROR_USAGE, "%s", _("no message is read here, so --read-envelope-from finds no sender; name it with -f"));
	return prepare_config(p, args, around, err) && known_sender(p, args, &sender, err) && prepare_account(p, args, around, sender, err) &&
	       settle_sender(p, &sender, err) && fill_envelope(p, args, sender, err);
}

bool prepare_envelope(struct prepared *p, const struct args *args, const struct surroundings *around, struct error *err)
{
	return collect_recipients(p, args, err) && prepare_sender(p, args, around, err);
}

bool prepare_message(struct prepared *p, const struct args *args, const struct surroundings *around, struct error *err)
{
	AUTO_FREE char *sender = NULL;
	if (!args->recipients.n && !args->given[OPT_READ_RECIPIENTS]) { /* before waiting for a message nobody will get */
		if (!collect_recipients(p, args, err))
			return false;
	}
	if (!prepare_config(p, args, around, err) || !read_input(&p->message, around->input, err))
		return false;
	header_scan(strbuf_span(&p->message.header), &p->fields);
	if (!known_sender(p, args, &sender, err) || !collect_recipients(p, args, err) || !prepare_account(p, args, around, sender, err) ||
	    !settle_sender(p, &sender, err) || !fill_envelope(p, args, sender, err) || !check_content(p, err))
		return false;
	write_header(p, around);
	p->ready = (struct delivery_message){&p->env, strbuf_span(&p->header), &p->message.body, &p->message.facts};
	p->has_message = true;
	return true;
}
