/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/connect.h"

#include "base/i18n.h"
#include "base/utf8.h"
#include "base/xalloc.h"
#include "net/http_connect.h"
#include "net/idn.h"
#include "net/socks5.h"
#include "net/stream_command.h"

#include <errno.h>

#define PROXY_PORT 1080

void connection_release(struct connection *c)
{
	stream_free(c->stream);
	tls_context_free(c->tls_context);
	free(c->peer);
	tls_info_release(&c->info);
	*c = (struct connection){.stream = NULL};
}

/* While the first SYN travels. */
static bool look_up_tlsa(const struct connect_request *req, struct connection *c, struct error *err)
{
	if (req->certificate_ignored ||
	    dane_look(&req->target->dane, req->account, req->server, req->runtime, req->deadline, err))
		return true;
	c->phase = CONNECT_DNS;
	return false;
}

/* ---- what the server has to prove ---- */

/* The names that its certificate may have, the one for the TLS server name first.  Those after NULL are NULL, too. */
struct names {
	const char *v[1 + TLS_OTHER_HOSTS];
};

/* RFC 7672 section 3.2.2: the end of the aliases, where the records are, and the server's own name.  RFC 7673 section
 * 4.2: where a record of the DNS named the server, the domain it belongs to, as well. */
static struct names names_beside_records(const struct tlsa_found *found, const struct server *server)
{
	return found->alias ? (struct names){{found->base, found->alias, server->domain}}
			    : (struct names){{found->base, server->domain}};
}

/* RFC 7673 section 4.1: the domain's name always, and the server's if it can be believed. */
static struct names names_without_records(const struct server *server)
{
	if (server->is_socket)
		return (struct names){{"localhost"}};
	return server->name_counts ? (struct names){{server->host, server->domain}} : (struct names){{server->domain}};
}

static struct names names_to_check(const struct connect_request *req)
{
	const struct tlsa_found *found = &req->target->dane.found;
	const char *override = account_str(req->account, OPT_TLS_HOST_OVERRIDE);
	if (override)
		return (struct names){{override}};
	return tlsa_any_decides(&found->records) ? names_beside_records(found, req->server)
						 : names_without_records(req->server);
}

static struct tls_policy make_policy(const struct connect_request *req)
{
	const struct account *a = req->account;
	const char *trust = account_str(a, OPT_TLS_TRUST_FILE);
	const struct names names = names_to_check(req);
	return (struct tls_policy){
		.host = names.v[0],
		.other_hosts = {names.v[1], names.v[2]},
		.account = account_title(a),
		.certcheck = account_bool(a, OPT_TLS_CERTCHECK),
		.trust = (enum tls_trust)account_word(a, OPT_TLS_TRUST),
		.trust_file = trust && strcmp(trust, "system") != 0 ? trust : NULL,
		.trust_add = account_list(a, OPT_TLS_TRUST_ADD),
		.crl_file = account_str(a, OPT_TLS_CRL_FILE),
		.pins = account_list(a, OPT_TLS_PIN),
		.fingerprint = account_str(a, OPT_TLS_FINGERPRINT),
		.fingerprint_only = account_bool(a, OPT_TLS_FINGERPRINT_ONLY),
		.tlsa = req->target->dane.found.records.n ? &req->target->dane.found.records : NULL,
		.ocsp = (enum tls_ocsp)account_word(a, OPT_TLS_OCSP),
		.cert_file = account_str(a, OPT_TLS_CERT_FILE),
		.key_file = account_str(a, OPT_TLS_KEY_FILE),
		.key_pin = req->key_pin,
		.min_version = account_is_set(a, OPT_TLS_MIN_VERSION)
				       ? (enum tls_min_version)(TLS_MIN_1_2 + account_word(a, OPT_TLS_MIN_VERSION))
				       : TLS_MIN_DEFAULT,
		.priorities = account_str(a, OPT_TLS_PRIORITIES),
		.min_dh_prime_bits = (int)account_int(a, OPT_TLS_MIN_DH_PRIME_BITS),
	};
}

static bool add_known_key(const struct connect_request *req, struct connection *c, struct tls_policy *policy,
			  struct error *err)
{
	if (!policy->certcheck || policy->trust != TLS_TRUST_FIRST_USE)
		return true;
	switch (known_hosts_look_up(req->runtime, req->server->host, req->server->port, &c->known, err)) {
	case KNOWN_HOSTS_FOUND: policy->known = &c->known; break;
	case KNOWN_HOSTS_ABSENT: break;
	case KNOWN_HOSTS_BAD: return false;
	}
	return true;
}

static bool new_tls_context(const struct connect_request *req, struct connection *c, struct error *err)
{
	if (!req->server->tls || c->tls_context)
		return true;
	if (!look_up_tlsa(req, c, err))
		return false;
	struct tls_policy policy = make_policy(req);
	if (req->certificate_ignored)
		policy = (struct tls_policy){
			.host = policy.host, .priorities = policy.priorities, .min_version = policy.min_version};
	else if (!add_known_key(req, c, &policy, err)) {
		error_stage(err, "TLS");
		return false;
	}
	c->tls_context = tls_context_new(&policy, err);
	if (!c->tls_context)
		error_stage(err, "TLS");
	return c->tls_context != NULL;
}

char *connect_known_hosts(const struct runtime *runtime)
{
	return known_hosts_path(runtime);
}

bool connect_prepare(const struct connect_request *req, struct connection *c, struct error *err)
{
	return new_tls_context(req, c, err);
}

/* The key of a client certificate is not read: it may need a PIN. */
bool connect_check_files(const struct account *a, struct error *err)
{
	const struct server server = {
		.host = (char *)"localhost", .tls = account_bool(a, OPT_TLS), .name_counts = true};
	struct connect_target target = CONNECT_TARGET_INIT;
	struct tls_policy policy =
		make_policy(&(struct connect_request){.account = a, .server = &server, .target = &target});
	if (!server.tls)
		return true;
	policy.cert_file = policy.key_file = NULL;
	struct tls_context *context = tls_context_new(&policy, err);
	tls_context_free(context);
	if (!context)
		error_stage(err, "TLS");
	return context != NULL;
}

void connect_target_release(struct connect_target *target)
{
	address_list_release(&target->addresses);
	dane_release(&target->dane);
	*target = CONNECT_TARGET_INIT;
}

bool connect_target_next(struct connect_target *target)
{
	target->has_used = false;
	return target->resolved && target->addresses.n;
}

static bool find_addresses(const struct connect_request *req, struct connect_target *target, const char *host,
			   unsigned port, struct error *err)
{
	struct address_list *list = &target->addresses;
	if (!target->resolved) {
		if (!resolve_host(req->resolver, host, port, req->clock, req->deadline, list, err)) {
			error_stage(err, "DNS");
			return false;
		}
		address_list_interleave(list);
		target->resolved = true;
	}
	if (target->has_used) {
		GROW(list->v, list->n, list->cap);
		memmove(&list->v[1], &list->v[0], list->n++ * sizeof(list->v[0]));
		list->v[0] = target->used;
		target->has_used = false;
	}
	return true;
}

/* What remains for a further connection: not the peer, nor what could not be connected to. */
static void leave_addresses(struct connect_target *target, const struct dialer *dialer, const struct address *peer)
{
	struct address_list *list = &target->addresses;
	size_t n = 0;
	for (size_t i = 0; i < list->n; i++) {
		bool is_peer = peer && peer->len == list->v[i].len && memcmp(&peer->sa, &list->v[i].sa, peer->len) == 0;
		if (peer && !is_peer && !dialer_failed(dialer, i))
			list->v[n++] = list->v[i];
	}
	list->n = n;
	target->has_used = peer != NULL;
	if (peer)
		target->used = *peer;
}

/* Resolves the host and sends the first SYN; the TLS context is made while it travels.  So what is wrong with its files
 * is reported without waiting for the connection; a look at them before would cost each submission system calls. */
static bool dial_tcp(const struct connect_request *req, struct connect_target *target, struct connection *c,
		     const char *host, unsigned port, struct error *err)
{
	msec_t start = clock_monotonic(req->clock);
	c->phase = CONNECT_DNS;
	if (!find_addresses(req, target, host, port, err))
		return false;
	msec_t resolved = clock_monotonic(req->clock);
	c->phase = CONNECT_DIAL;
	c->ms_dns = resolved - start;
	struct dial_request dial = {
		.addresses = &target->addresses,
		.source_ip = account_str(req->account, OPT_SOURCE_IP),
		.clock = req->clock,
		.host = host,
	};
	struct dialer *dialer = dialer_new(&dial);
	struct address peer;
	if (new_tls_context(req, c, err)) {
		c->stream = dialer_finish(dialer, req->deadline, &peer, err);
		if (!c->stream)
			error_stage(err, "%s", _("connecting"));
	}
	leave_addresses(target, dialer, c->stream ? &peer : NULL);
	dialer_free(dialer);
	if (!c->stream)
		return false;
	c->ms_connect = clock_monotonic(req->clock) - resolved;
	c->peer = address_text(&peer);
	c->loopback = address_is_loopback(&peer);
	return true;
}

/* The server's name for something that looks it up itself; *ascii is malloc'ed, or NULL if it is not needed. */
static const char *name_for_proxy(const struct server *server, char **ascii, struct error *err)
{
	*ascii = NULL;
	if (utf8_is_ascii(span_of(server->host)))
		return server->host;
	*ascii = idn_to_ascii(span_of(server->host), err);
	return *ascii;
}

static bool ask_proxy(const struct connect_request *req, struct connection *c, struct error *err)
{
	const struct account *a = req->account;
	AUTO_FREE char *ascii = NULL;
	const struct proxy_request proxy = {
		.host = name_for_proxy(req->server, &ascii, err),
		.port = req->server->port,
		.user = account_str(a, OPT_PROXY_USER),
		.password = account_secret(a, OPT_PROXY_PASSWORD),
		.clock = req->clock,
		.deadline = req->deadline,
	};
	if (!proxy.host)
		return false;
	return account_proxy_is_http(a) ? http_connect(&c->stream, &proxy, err)
					: socks5_connect(c->stream, &proxy, err);
}

unsigned connect_proxy_port(const struct account *a)
{
	long long port = account_int(a, OPT_PROXY_PORT);
	return port ? (unsigned)port : PROXY_PORT;
}

static bool dial_proxy(const struct connect_request *req, struct connection *c, struct error *err)
{
	const struct account *a = req->account;
	struct connect_target proxy = CONNECT_TARGET_INIT;
	bool ok = dial_tcp(req, &proxy, c, account_str(a, OPT_PROXY_HOST), connect_proxy_port(a), err);
	connect_target_release(&proxy);
	if (!ok) {
		error_prefix(err, _("proxy %s"), account_str(a, OPT_PROXY_HOST));
		error_hint(err, "%s",
			   _("Check proxy_host and proxy_port, and whether the proxy runs; without proxy_host none is "
			     "used."));
		return false;
	}
	c->loopback = false; /* that is where the proxy is, not the server */
	if (ask_proxy(req, c, err))
		return true;
	error_stage(err, _("proxy %s"), account_str(a, OPT_PROXY_HOST));
	return false;
}

/* Appends the word with %h and %p replaced; %% is one, and other sequences stay. */
static void expand_word(const char *word, const char *host, unsigned port, struct strbuf *out)
{
	for (const char *p = word; *p; p++) {
		char next = *p == '%' ? p[1] : '\0';
		if (next == 'h')
			strbuf_adds(out, host);
		else if (next == 'p')
			strbuf_addf(out, "%u", port);
		else
			strbuf_addch(out, *p);
		p += next == 'h' || next == 'p' || next == '%';
	}
}

/* The words of proxy_command for this server.  Its name may come from the DNS, so it must not look like an option. */
static bool make_command(const struct connect_request *req, struct strvec *words, struct error *err)
{
	const struct strvec *given = account_list(req->account, OPT_PROXY_COMMAND);
	AUTO_FREE char *ascii = NULL;
	const char *host = name_for_proxy(req->server, &ascii, err);
	if (!host)
		return false;
	if (!ascii_isalnum(*host) && *host != '[' && *host != ':')
		return error_set(err, ERROR_CONFIG, _("\"%s\" cannot be given to a command as the name of a host"),
				 host);
	for (size_t i = 0; i < given->n; i++) {
		AUTO(strbuf) word = STRBUF_INIT;
		expand_word(given->v[i], host, req->server->port, &word);
		strvec_push(words, word.buf);
	}
	return true;
}

/* A command has the connection, as ssh does with its ProxyCommand. */
static bool dial_command(const struct connect_request *req, struct connection *c, struct error *err)
{
	AUTO(strvec) words = STRVEC_INIT;
	msec_t start = clock_monotonic(req->clock);
	c->phase = CONNECT_DIAL;
	if (req->runtime->privileged)
		return error_set(err, ERROR_CONFIG, "%s",
				 _("no command is run by a program that has more rights than its caller"));
	if (!make_command(req, &words, err) || !new_tls_context(req, c, err))
		return false;
	c->stream = stream_command_new((const char *const *)words.v, req->runtime, err);
	c->peer = xasprintf(_("the command %s"), words.v[0]);
	c->ms_connect = clock_monotonic(req->clock) - start;
	return c->stream != NULL;
}

/*
 * The mail service of this machine (service_socket) is away for a while, which a queue waits for, or this process is
 * kept from it, which does not pass: then a sandbox is the usual reason, and its lines are not known to whoever reads
 * "permission denied".
 */
static void explain_service(const char *path, struct error *err)
{
	int errnum = err->sys_errno;
	if (errnum == EACCES || errnum == EPERM || errnum == EAFNOSUPPORT) {
		(void)error_set_errno(err, ERROR_NO_ACCESS, errnum,
				      _("this process may not use the mail service's socket %s"), path);
		error_hint(
			err,
			_("If it runs in a systemd service, look there for RestrictAddressFamilies= without AF_UNIX, "
			  "and for InaccessiblePaths= or TemporaryFileSystem= that hide the socket; else check the "
			  "permissions of its folder."));
	} else if (errnum == ENOENT || errnum == ECONNREFUSED) {
		(void)error_set_errno(err, ERROR_CONNECT, errnum, _("the mail service at %s is not running"), path);
		error_hint(err, _("The administrator can start it (systemctl start posthaste.socket)."));
	}
}

static bool dial(const struct connect_request *req, struct connection *c, struct error *err)
{
	const struct account *a = req->account;
	const char *socket_path = req->server->host;
	if (req->server->is_socket) {
		c->phase = CONNECT_DIAL;
		if (!new_tls_context(req, c, err))
			return false;
		c->stream = dial_unix(socket_path, err);
		if (!c->stream) {
			if (account_is_set(a, OPT_SERVICE_SOCKET))
				explain_service(socket_path, err);
			error_stage(err, "%s", _("connecting"));
			return false;
		}
		c->peer = xstrdup(socket_path);
		c->loopback = true;
		return true;
	}
	if (account_is_set(a, OPT_PROXY_COMMAND)) {
		bool ok = dial_command(req, c, err);
		if (!ok)
			error_stage(err, "%s", option_table[OPT_PROXY_COMMAND].command);
		return ok;
	}
	if (account_str(a, OPT_PROXY_HOST))
		return dial_proxy(req, c, err);
	return dial_tcp(req, req->target, c, req->server->host, req->server->port, err);
}

bool connect_start_tls(const struct connect_request *req, struct connection *c, struct error *err)
{
	msec_t start = clock_monotonic(req->clock);
	c->phase = CONNECT_TLS;
	struct stream *tls =
		tls_client_new(c->tls_context, &c->stream, req->clock, req->deadline, req->detail, &c->info, err);
	c->ms_tls = clock_monotonic(req->clock) - start;
	if (!tls) {
		error_stage(err, "TLS");
		return false;
	}
	c->stream = tls;
	c->tls = true;
	c->phase = CONNECT_DONE;
	return true;
}

bool connect_account(const struct connect_request *req, struct connection *c, struct error *err)
{
	if (!dial(req, c, err))
		return false;
	if (req->silence) {
		req->silence->at = deadline_in(req->clock, CONNECT_SILENCE_MS);
		c->stream->silence = req->silence;
	}
	if (server_begins_with_tls(req->server) && !connect_start_tls(req, c, err))
		return false;
	c->phase = CONNECT_DONE;
	return true;
}
