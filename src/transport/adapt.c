/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/adapt.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "codec/line_limits.h"
#include "header/header_encode.h"
#include "header/header_scan.h"
#include "message/command_lines.h"
#include "net/idn.h"
#include "smtp/client/session.h"
#include "transport/authenticate.h"

void adapted_message_init(struct adapted_message *out, const struct temp_files *temp)
{
	*out = (struct adapted_message){.temp = temp};
	mime_result_init(&out->result, temp);
}

void adapted_message_release(struct adapted_message *out)
{
	mime_result_release(&out->result);
}

static bool says(const struct account *a, enum option_id id, const char *word)
{
	return strcmp(account_word_text(a, id), word) == 0;
}

static unsigned ignored_by_account(const struct account *a)
{
	const struct strvec *keywords = account_list(a, OPT_IGNORE_EXTENSIONS);
	unsigned bits = 0;
	for (size_t i = 0; i < keywords->n; i++)
		bits |= cap_from_name(keywords->v[i]);
	return bits;
}

struct session_options adapt_session(const struct account *a)
{
	return (struct session_options){
		.protocol = says(a, OPT_PROTOCOL, "lmtp") ? PROTOCOL_LMTP : PROTOCOL_SMTP,
		.tls = !account_bool(a, OPT_TLS)	   ? SESSION_TLS_NONE
		       : account_bool(a, OPT_TLS_STARTTLS) ? SESSION_TLS_STARTTLS
							   : SESSION_TLS_ACTIVE,
		.auth = authenticate_wanted(a),
		.ignore = ignored_by_account(a),
		.pipeline = (size_t)account_int(a, OPT_PIPELINE_MESSAGES),
	};
}

enum mail_tls adapt_tls(const struct account *a)
{
	if (account_tls_is_pinned(a))
		return MAIL_TLS_PINNED;
	return account_tls_is_checked(a) ? MAIL_TLS_VERIFIED : MAIL_TLS_UNVERIFIED;
}

static const struct header_encoding header_by_idn = {.domain_to_ascii = idn_to_ascii};

struct mail_transaction adapt_transaction(const struct account *a, const struct delivery_message *m)
{
	return (struct mail_transaction){
		.env = m->env,
		.size = wire_size(m->header, m->info),
		.size_limit = (uint64_t)account_int(a, OPT_SIZE_LIMIT),
		.eightbit_header = !utf8_is_ascii(m->header),
		.header_needs_utf8 = header_needs_utf8(m->header, &header_by_idn),
		.eightbit_body = m->info->eightbit_body,
		.nul = m->info->nul,
		.tls = adapt_tls(a),
		.by_data = says(a, OPT_PROTOCOL, "lmtp"),
		.eightbit = says(a, OPT_EIGHTBIT, "pass")     ? EIGHTBIT_PASS
			    : says(a, OPT_EIGHTBIT, "refuse") ? EIGHTBIT_REFUSE
							      : EIGHTBIT_CONVERT,
		.partial = says(a, OPT_PARTIAL, "abort") ? PARTIAL_ABORT : PARTIAL_DELIVER,
	};
}

static bool mentions(struct span header, const char *word)
{
	for (size_t i = 0; i < header.len; i++)
		if (ascii_lower(header.ptr[i]) == *word && span_starts_nocase(span_sub(header, i, header.len), word))
			return true;
	return false;
}

static bool has_dkim_signature(struct span header)
{
	AUTO(header_list) list = HEADER_LIST_INIT;
	header_scan(header, &list);
	return header_find(&list, "DKIM-Signature") != NULL;
}

static bool may_have_parts(const struct delivery_message *m)
{
	return mentions(m->header, "multipart/") || mentions(m->header, "message/");
}

/* Whether a part is declared binary shows only when the MIME structure is read.  That is not necessary if changing line
 * ends cannot damage the content, nor for plain text. */
static bool may_be_binary(const struct delivery_message *m)
{
	const struct message_info *f = m->info;
	if (f->nul || f->bare_cr || f->longest_line > LINE_LIMIT)
		return true;
	return (mentions(m->header, "binary") && !has_dkim_signature(m->header)) ||
	       (f->eightbit_body && f->bare_lf && may_have_parts(m));
}

/* Whether the server must not get labels that the message may have: 8bit and binary without 8BITMIME. */
static bool may_have_labels(const struct delivery_message *m)
{
	return mentions(m->header, "content-transfer-encoding") || may_have_parts(m);
}

/* What the server does not accept, or what is wrong with the message although it would be accepted. */
static struct mime_wants wants_of(const struct adapted_message *out, const struct delivery_message *m,
				  const struct caps *caps, unsigned changes)
{
	struct mime_wants wants = {
		.seven_bit = changes & CONTENT_SEVEN_BIT,
		.encode_header = changes & CONTENT_ASCII_HEADER,
		.no_binary = changes & CONTENT_NO_BINARY,
		.line_max = LINE_LIMIT,
		.header = header_by_idn,
	};
	bool eightbit = caps_has(caps, CAP_8BITMIME);
	bool utf8 = negotiate_utf8(&out->mail, caps);
	wants.header.eightbit = eightbit;
	if (out->mail.eightbit != EIGHTBIT_CONVERT)
		return wants;
	wants.utf8_header = utf8 && !utf8_valid(m->header);
	if (eightbit && m->info->eightbit_body) {
		wants.label = !out->signed_before && !mentions(m->header, "content-type");
		/* Fields of parts (RFC 6531 section 3.2), and of messages in them. */
		wants.encode_header |= !utf8 && may_have_parts(m);
	}
	if (!eightbit && !out->signed_before)
		wants.seven_bit |= may_have_labels(m);
	return wants;
}

static bool check_lines(const struct account *a, size_t longest, struct error *err)
{
	if (longest <= LINE_LIMIT || !says(a, OPT_LONG_LINES, "refuse"))
		return true;
	(void)error_set(err, ERROR_MESSAGE, _("the message has a line of %zu bytes, and mail allows at most %d"),
			longest, LINE_LIMIT);
	error_hint(
		err, "%s",
		_("The line cannot be encoded where it is. Break it, or set \"long_lines pass\" to send it as it is."));
	return false;
}

static void name_reason(unsigned changes, struct error *err)
{
	if (err->status.kind != ERROR_MESSAGE)
		return;
	if (changes & CONTENT_SEVEN_BIT)
		error_prefix(err, "%s", _("the server does not offer 8BITMIME"));
	else if (changes & CONTENT_ASCII_HEADER)
		error_prefix(err, "%s", _("the server does not offer SMTPUTF8"));
}

static void use_result(struct adapted_message *out, const struct delivery_message *m)
{
	struct mime_result *r = &out->result;
	out->header = strbuf_span(&r->header);
	if (r->same_body) {
		r->info.body_wire = m->info->body_wire;
		r->info.eightbit_body = m->info->eightbit_body;
	} else {
		out->body = &r->body;
	}
	out->mail.size = wire_size(out->header, &r->info);
	out->mail.eightbit_header = r->info.eightbit_header;
	out->mail.eightbit_body = r->info.eightbit_body;
	out->mail.nul = r->info.nul;
	out->mail.binary = r->binary;
}

/* Whether the MIME structure has to be read. */
static bool concerns_body(const struct mime_wants *wants, const struct delivery_message *m)
{
	return wants->seven_bit || wants->label || may_be_binary(m) || (wants->encode_header && may_have_parts(m));
}

/* must: without the change, the message cannot be sent.  Otherwise a message that cannot be parsed goes as it is. */
static bool convert(struct adapted_message *out, const struct delivery_message *m, const struct mime_wants *wants,
		    bool must, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	if (concerns_body(wants, m)) {
		if (mime_convert(m->header, m->body, wants, &out->result, &why))
			return true;
		if (must || why.status.kind != ERROR_MESSAGE) {
			error_move(err, &why);
			return false;
		}
		mime_result_release(&out->result);
		mime_result_init(&out->result, out->temp);
		out->result.info.longest_line = m->info->longest_line;
	}
	if (!out->mail.eightbit_header || !(wants->encode_header || wants->utf8_header))
		return true;
	size_t longest = m->info->longest_line;
	bool ok = mime_convert_header(m->header, wants, &out->result, err);
	if (longest > out->result.info.longest_line)
		out->result.info.longest_line = longest;
	return ok;
}

static bool adapt_content(struct adapted_message *out, const struct account *a, const struct delivery_message *m,
			  const struct caps *caps, struct error *err)
{
	unsigned changes = negotiate_content(&out->mail, caps);
	struct mime_wants wants = wants_of(out, m, caps, changes);
	bool must = changes & CONTENT_SEVEN_BIT || m->info->nul;
	if (!must && !wants.encode_header && !wants.utf8_header && !concerns_body(&wants, m))
		return true;
	if (!convert(out, m, &wants, must, err)) {
		name_reason(changes, err);
		return false;
	}
	if (out->result.changed)
		use_result(out, m);
	return out->mail.binary || check_lines(a, out->result.info.longest_line, err);
}

/* Only BDAT sends a message before the replies to its recipients are in. */
static bool look_for_commands(struct adapted_message *out, const struct caps *caps, struct error *err)
{
	if (!caps_has(caps, CAP_CHUNKING) || !caps_has(caps, CAP_PIPELINING) || out->mail.by_data)
		return true;
	return command_lines_in(out->header, out->body, SESSION_FIRST_CHUNK, &out->mail.command_lines, err);
}

bool adapt_message(struct adapted_message *out, const struct account *a, const struct delivery_message *m,
		   const struct caps *caps, struct error *err)
{
	adapted_message_release(out);
	adapted_message_init(out, out->temp);
	out->header = m->header;
	out->body = m->body;
	out->mail = adapt_transaction(a, m);
	out->signed_before = has_dkim_signature(m->header);
	return adapt_content(out, a, m, caps, err) && look_for_commands(out, caps, err);
}
