/* SPDX-License-Identifier: GPL-3.0-or-later */
/* ssmtp.conf: lines "Key=Value", keys in any case; revaliases beside it: "USER:ADDRESS[:HOST[:PORT]]". */
#include "base/i18n.h"
#include "base/xalloc.h"
#include "setup/import_private.h"

static const struct import_reason reasons[] = {
	{"root", N_("who gets the mail of local users is written into a file of aliases, see the command aliases.")},
	{"minuserid",
	 N_("who gets the mail of local users is written into a file of aliases, see the command aliases.")},
	{"fromlineoverride", N_("the From field stays as it is; allow_from_override says which senders are allowed.")},
	{"debug", N_("posthaste -d shows the dialogue.")},
};

static void read_lines(struct import *im)
{
	struct span rest = strbuf_span(&im->text), line;
	for (unsigned number = 1; rest.len && span_split(&rest, '\n', &line); number++) {
		line = span_trim(line);
		const char *equals = line.len && line.ptr[0] != '#' ? memchr(line.ptr, '=', line.len) : NULL;
		if (!equals)
			continue;
		size_t at = (size_t)(equals - line.ptr);
		import_add(im, span_trim(span_sub(line, 0, at)), span_trim(span_sub(line, at + 1, line.len)), number);
	}
}

static void add_user(struct import *im, struct span line)
{
	struct span user, address, host;
	if (!span_split(&line, ':', &user) || !span_split(&line, ':', &address) || !user.len || !address.len)
		return;
	AUTO_FREE char *name = xasprintf("%.*s : ssmtp", SPAN_FMT(span_trim(user)));
	AUTO_FREE char *from = xmemdup0(span_trim(address).ptr, span_trim(address).len);
	import_account(im, name);
	import_set(im, OPT_FROM, from);
	if (span_split(&line, ':', &host) && span_trim(host).len) {
		AUTO_FREE char *server = line.len ? xasprintf("%.*s:%.*s", SPAN_FMT(host), SPAN_FMT(line))
						  : xmemdup0(host.ptr, host.len);
		import_set_host(im, server, 25);
	}
}

static void read_users(struct import *im)
{
	AUTO(strbuf) text = STRBUF_INIT;
	struct span line;
	import_read_beside(im, "revaliases", &text);
	struct span rest = strbuf_span(&text);
	bool told = false;
	while (rest.len && span_split(&rest, '\n', &line)) {
		line = span_trim(line);
		if (!line.len || line.ptr[0] == '#')
			continue;
		if (!told)
			import_comment(
				im, "%s",
				_("An account for each line of revaliases: choose it with -a NAME, or by its sender."));
		told = true;
		add_user(im, line);
	}
}

static void set_sender(struct import *im)
{
	const char *domain = import_take(im, "rewritedomain");
	AUTO_FREE char *from = domain && *domain ? xasprintf("%%U@%s", domain) : NULL;
	import_set(im, OPT_FROM, from);
	import_set(im, OPT_DOMAIN, import_take(im, "hostname"));
}

bool import_ssmtp(struct import *im, struct error *err)
{
	read_lines(im);
	const char *hub = import_take(im, "mailhub"), *method = import_take(im, "authmethod");
	const char *user = import_take(im, "authuser"), *password = import_take(im, "authpass");
	bool tls = import_take_yes(im, "usetls"), starttls = import_take_yes(im, "usestarttls");
	import_account(im, "ssmtp");
	import_set_host(im, hub && *hub ? hub : "mail", 25);
	import_set_tls(im, starttls ? IMPORT_STARTTLS : tls ? IMPORT_TLS : IMPORT_NO_TLS);
	import_set(im, OPT_TLS_TRUST_FILE, import_take(im, "tls_ca_file"));
	import_set(im, OPT_TLS_CERT_FILE, import_take(im, "tlscert"));
	import_set(im, OPT_TLS_KEY_FILE, import_take(im, "tlskey"));
	if (tls || starttls)
		import_comment(
			im, "%s",
			_("ssmtp takes every certificate; posthaste checks it.  If it is refused, see --check."));
	bool md5 = method && ascii_strcasecmp(method, "cram-md5") == 0;
	if (!import_set_login(im, "ssmtp", md5 ? "cram-md5" : NULL, user, password, !tls && !starttls, err))
		return false;
	set_sender(im);
	import_explain_rest(im, reasons, ARRAY_SIZE(reasons));
	read_users(im);
	return true;
}
