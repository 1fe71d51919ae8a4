/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * esmtprc: "keyword = value" or "keyword value", the value perhaps in quotes with escapes as in C; "#" begins a
 * comment.  "identity ADDRESS" begins the settings of a sender; what stands before belongs to everybody else.
 */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "setup/import_private.h"

static const struct import_reason reasons[] = {
	{"certificate_passphrase",
	 N_("the key of a client certificate is without a passphrase, or in a token: tls_key_file.")},
	{"force_sender", N_("posthaste sets no Sender field.")},
	{"qualifydomain", N_("local names are looked up among the aliases; write complete addresses.")},
	{"message_id", N_("a missing Message-ID is always added.")},
	{"preconnect", N_("proxy_command makes the connection by a command, for example ssh -W.")},
	{"mda", N_("mail is never delivered on this machine.")},
	{"force_mda", N_("mail is never delivered on this machine.")},
};

/* Appends what is between the quotes, or the word; false at a missing quote. */
static bool read_value(struct span *rest, struct strbuf *out)
{
	char quote = rest->len && (rest->ptr[0] == '"' || rest->ptr[0] == '\'') ? rest->ptr[0] : '\0';
	size_t i = quote ? 1 : 0;
	for (; i < rest->len && rest->ptr[i] != quote; i++) {
		if (!quote && (ascii_isblank(rest->ptr[i]) || rest->ptr[i] == '#'))
			break;
		if (quote && rest->ptr[i] == '\\' && i + 1 < rest->len)
			i++;
		strbuf_addch(out, rest->ptr[i]);
	}
	bool ended = !quote || i < rest->len;
	*rest = span_sub(*rest, i + (quote ? 1 : 0), rest->len);
	return ended;
}

static bool read_line(struct import *im, struct span line, unsigned number)
{
	AUTO(strbuf) key = STRBUF_INIT;
	AUTO(strbuf) value = STRBUF_INIT;
	line = span_trim(line);
	while (line.len && line.ptr[0] != '=' && line.ptr[0] != '#') {
		struct span word = line;
		size_t n = 0;
		while (n < word.len && !ascii_isblank(word.ptr[n]) && word.ptr[n] != '=' && word.ptr[n] != '#')
			n++;
		bool joins = span_equals_str_nocase(span_sub(word, 0, n), "force");
		strbuf_addf(&key, "%s%.*s", key.len ? "_" : "", SPAN_FMT(span_sub(word, 0, n)));
		line = span_trim(span_sub(word, n, word.len));
		if (!joins)
			break;
	}
	if (!key.len)
		return true;
	if (line.len && line.ptr[0] == '=')
		line = span_trim(span_sub(line, 1, line.len));
	bool ok = read_value(&line, &value);
	import_add(im, strbuf_span(&key), strbuf_span(&value), number);
	strbuf_wipe(&value);
	value = STRBUF_INIT;
	return ok;
}

static bool add_account(struct import *im, const char *address, struct error *err)
{
	const char *name = address ? address : "esmtp", *host = import_take(im, "hostname");
	const char *tls = import_take(im, "starttls"), *from = import_take(im, "force_reverse_path");
	const char *user = import_take(im, "username"), *password = import_take(im, "password");
	if (!host || !*host)
		return true; /* nothing before the first identity */
	bool starttls = tls && ascii_strcasecmp(tls, "disabled") != 0;
	import_account(im, name);
	import_set_host(im, host, 587);
	import_set_tls(im, starttls ? IMPORT_STARTTLS : IMPORT_NO_TLS);
	if (tls && ascii_strcasecmp(tls, "enabled") == 0)
		import_comment(im, "%s",
			       _("esmtp also sent without TLS where it was not offered; posthaste does not."));
	if (!import_set_login(im, name, NULL, user, password, !starttls, err))
		return false;
	import_set(im, OPT_FROM, address ? address : from);
	import_set(im, OPT_DOMAIN, import_take(im, "helo"));
	return true;
}

/* Adds the settings up to the next identity to an account of their own. */
static bool add_part(struct import *im, size_t first, size_t end, const char *address, struct error *err)
{
	struct import part = *im;
	part.v = im->v + first;
	part.n = end - first;
	if (!add_account(&part, address, err))
		return false;
	import_explain_rest(&part, reasons, ARRAY_SIZE(reasons));
	return true;
}

bool import_esmtp(struct import *im, struct error *err)
{
	struct span rest = strbuf_span(&im->text), line;
	for (unsigned number = 1; rest.len && span_split(&rest, '\n', &line); number++)
		if (!read_line(im, line, number))
			return error_set(err, ERROR_CONFIG, _("%s, line %u: a quotation mark is missing"), im->path,
					 number);
	size_t first = 0;
	const char *address = NULL;
	for (size_t i = 0; i <= im->n; i++) {
		if (i < im->n && ascii_strcasecmp(im->v[i].key, "identity") != 0)
			continue;
		if (!add_part(im, first, i, address, err))
			return false;
		address = i < im->n ? im->v[i].value : NULL;
		first = i + 1;
	}
	return true;
}
