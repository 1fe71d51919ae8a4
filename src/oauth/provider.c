/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "oauth/provider.h"

#include "base/clean_text.h"
#include "base/i18n.h"
#include "base/xalloc.h"
#include "oauth/http.h"
#include "oauth/url.h"

#include <errno.h>
#include <fcntl.h>

#define FILE_LIMIT ((size_t)256 << 10)
#define NAME_MAX_LEN 64

const char *const oauth_flow_names[OAUTH_FLOWS] = {"", "device", "code", "client"};

/* How the value of a line is checked. */
enum check { CHECK_TEXT, CHECK_URL, CHECK_TENANT_URL, CHECK_TENANT, CHECK_WORDS, CHECK_ONE, CHECK_SMTP };

static const struct key {
	const char *name;
	enum check check;
	const char *words; /* of a list (CHECK_WORDS) or to choose one of (CHECK_ONE), each ended by NUL */
	bool joined;	   /* several lines are one text */
} keys[OAUTH_PROVIDER_KEYS] = {
	[OAUTH_PROVIDER_TITLE] = {.name = "title"},
	[OAUTH_PROVIDER_DOMAINS] = {.name = "domains"},
	[OAUTH_PROVIDER_SMTP] = {"smtp", CHECK_SMTP, NULL, false},
	[OAUTH_PROVIDER_MECHANISMS] = {"mechanisms", CHECK_WORDS, "OAUTHBEARER\0XOAUTH2\0", false},
	[OAUTH_PROVIDER_ISSUER] = {"issuer", CHECK_URL, NULL, false},
	[OAUTH_PROVIDER_AUTHORIZE] = {"authorize", CHECK_TENANT_URL, NULL, false},
	[OAUTH_PROVIDER_DEVICE] = {"device", CHECK_TENANT_URL, NULL, false},
	[OAUTH_PROVIDER_TOKEN] = {"token", CHECK_TENANT_URL, NULL, false},
	[OAUTH_PROVIDER_REVOKE] = {"revoke", CHECK_TENANT_URL, NULL, false},
	[OAUTH_PROVIDER_REVOKE_PAGE] = {"revoke_page", CHECK_URL, NULL, false},
	[OAUTH_PROVIDER_SCOPE] = {.name = "scope"},
	[OAUTH_PROVIDER_CLIENT_SCOPE] = {.name = "client_scope"},
	[OAUTH_PROVIDER_FLOWS] = {"flows", CHECK_WORDS, "device\0code\0client\0", false},
	[OAUTH_PROVIDER_SECRET] = {"secret", CHECK_ONE, "required\0optional\0none\0", false},
	[OAUTH_PROVIDER_SECRET_BY] = {"secret_by", CHECK_ONE, "post\0basic\0", false},
	[OAUTH_PROVIDER_REDIRECT] = {"redirect", CHECK_ONE, "127.0.0.1\0localhost\0", false},
	[OAUTH_PROVIDER_PARAMETERS] = {.name = "parameters"},
	[OAUTH_PROVIDER_REFRESH_SCOPE] = {"refresh_scope", CHECK_ONE, "yes\0no\0", false},
	[OAUTH_PROVIDER_TENANT] = {"tenant", CHECK_TENANT, NULL, false},
	[OAUTH_PROVIDER_CLIENT_ID] = {.name = "client_id"},
	[OAUTH_PROVIDER_APP_PASSWORD] = {.name = "app_password", .joined = true},
	[OAUTH_PROVIDER_REGISTER] = {.name = "register", .joined = true},
	[OAUTH_PROVIDER_EARLY_END] = {.name = "early_end", .joined = true},
	[OAUTH_PROVIDER_TESTED] = {.name = "tested"},
};

void oauth_provider_release(struct oauth_provider *p)
{
	free(p->name);
	for (size_t i = 0; i < OAUTH_PROVIDER_KEYS; i++)
		free(p->line[i]);
	*p = OAUTH_PROVIDER_INIT;
}

/* ---- values ---- */

static bool list_has(const char *words, struct span word)
{
	for (; *words; words += strlen(words) + 1)
		if (span_equals_str(word, words))
			return true;
	return false;
}

static bool words_valid(struct span value, const char *words)
{
	struct span word;
	while ((word = span_word(&value)).len)
		if (!list_has(words, word))
			return false;
	return true;
}

/* "HOST PORT tls|starttls" */
static bool smtp_valid(struct span value)
{
	struct span host = span_word(&value), port = span_word(&value), tls = span_word(&value);
	unsigned long long number;
	return host.len && span_to_u64(port, &number) && number > 0 && number < 65536 &&
	       (span_equals_str(tls, "tls") || span_equals_str(tls, "starttls")) && !span_word(&value).len;
}

static bool value_valid(const struct key *key, struct span value)
{
	for (size_t i = 0; i < value.len; i++)
		if (ascii_iscntrl(value.ptr[i]) && value.ptr[i] != '\t')
			return false;
	switch (key->check) {
	case CHECK_TEXT: return true;
	case CHECK_URL: return oauth_url_valid(value);
	case CHECK_TENANT_URL: return oauth_tenant_url_valid(value);
	case CHECK_TENANT: return oauth_tenant_valid(value);
	case CHECK_WORDS: return words_valid(value, key->words);
	case CHECK_ONE: return list_has(key->words, value);
	case CHECK_SMTP: return smtp_valid(value);
	}
	return false;
}

static bool name_valid(struct span name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_isalnum(name.ptr[i]) && name.ptr[i] != '-' && name.ptr[i] != '.' && name.ptr[i] != '_')
			return false;
	return name.len > 0 && name.len <= NAME_MAX_LEN;
}

/* ---- lines ---- */

struct parser {
	const char *file;
	const char *wanted; /* the name of the entry, or NULL */
	struct oauth_provider *out;
	unsigned line;
	bool in_entry, is_wanted, found;
	bool seen[OAUTH_PROVIDER_KEYS]; /* in this entry */
};

static bool fail(const struct parser *p, const char *what, struct span text, struct error *err)
{
	AUTO_FREE char *clean = clean_text(text, 100);
	return error_set(err, ERROR_CONFIG, _("%s, line %u: %s: %s"), p->file, p->line, what, clean);
}

static bool begin_entry(struct parser *p, struct span name, struct error *err)
{
	if (!name_valid(name))
		return fail(p, _("this is not the name of a provider"), name, err);
	p->in_entry = true;
	p->is_wanted = p->wanted && span_equals_str(name, p->wanted);
	memset(p->seen, 0, sizeof(p->seen));
	if (p->is_wanted && p->found)
		return fail(p, _("this provider has an entry already"), name, err);
	p->found |= p->is_wanted;
	if (p->is_wanted)
		xreplace(&p->out->name, p->wanted);
	return true;
}

static void take_value(struct parser *p, size_t key, struct span value)
{
	char **line = &p->out->line[key];
	AUTO_FREE char *old = steal_ptr(*line);
	bool more = keys[key].joined && p->seen[key] && old;
	AUTO_FREE char *text = xmemdup0(value.ptr, value.len);
	*line = more ? xasprintf("%s %s", old, text) : steal_ptr(text);
}

static bool read_value(struct parser *p, struct span name, struct span value, struct error *err)
{
	size_t key = 0;
	while (key < OAUTH_PROVIDER_KEYS && !span_equals_str(name, keys[key].name))
		key++;
	if (key == OAUTH_PROVIDER_KEYS)
		return fail(p, _("unknown word"), name, err);
	if (!p->in_entry)
		return fail(p, _("this line stands before any provider"), name, err);
	if (p->seen[key] && !keys[key].joined)
		return fail(p, _("this line is given twice"), name, err);
	if (!value.len || !value_valid(&keys[key], value))
		return fail(p, _("this value cannot be used"), value.len ? value : name, err);
	if (p->is_wanted)
		take_value(p, key, value);
	p->seen[key] = true;
	return true;
}

static bool read_line(struct parser *p, struct span line, struct error *err)
{
	struct span rest = span_trim(line);
	if (!rest.len || rest.ptr[0] == '#')
		return true;
	struct span name = span_word(&rest), value = span_trim(rest);
	return span_equals_str(name, "provider") ? begin_entry(p, value, err) : read_value(p, name, value, err);
}

bool oauth_provider_parse(struct span text, const char *file, const char *name, struct oauth_provider *out, bool *found,
			  struct error *err)
{
	struct parser p = {.file = file, .wanted = name, .out = out};
	struct span line;
	while (span_split(&text, '\n', &line)) {
		p.line++;
		if (!read_line(&p, line, err))
			return false;
	}
	*found = p.found;
	return true;
}

void oauth_provider_names(struct span text, struct strvec *names)
{
	struct span line;
	while (span_split(&text, '\n', &line)) {
		struct span word = span_word(&line), name = span_trim(line);
		if (!span_equals_str(word, "provider") || !name_valid(name))
			continue;
		AUTO_FREE char *copy = xmemdup0(name.ptr, name.len);
		if (!strvec_has(names, copy))
			strvec_push(names, copy);
	}
}

bool oauth_provider_lists(const struct oauth_provider *p, enum oauth_provider_key key, const char *word)
{
	struct span rest = p->line[key] ? span_of(p->line[key]) : span_of(""), item;
	while ((item = span_word(&rest)).len)
		if (span_equals_str(item, word))
			return true;
	return false;
}

/* ---- files ---- */

/* A file that is not there is empty. */
static bool read_file(const char *path, struct strbuf *text, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	if (!path || (access(path, F_OK) < 0 && errno == ENOENT))
		return true;
	AUTO_FD int fd = fs_open_regular(path, _("file of OAuth2 providers"), &why);
	bool ok = fd >= 0 && fs_read_fd(fd, text, FILE_LIMIT, &why);
	if (!ok)
		(void)error_set(err, ERROR_CONFIG, _("%s cannot be read: %s"), path, why.status.text);
	return ok;
}

static bool unknown(const struct strvec *names, const char *name, const struct runtime *runtime, struct error *err)
{
	AUTO_FREE char *list = strvec_join(names, ", ");
	if (!names->n) {
		(void)error_set(err, ERROR_CONFIG, _("oauth_provider %s: there is no file of providers (%s)"), name,
				runtime->providers.package ? runtime->providers.package : "oauth_providers");
		error_hint(err, "%s",
			   _("Install posthaste completely, or set the addresses with oauth_token_url and "
			     "its kin."));
		return false;
	}
	(void)error_set(err, ERROR_CONFIG, _("oauth_provider %s is not known"), name);
	error_hint(err, _("Known are: %s. Others can be used with oauth_issuer, or oauth_token_url and its kin."),
		   list);
	return false;
}

bool oauth_provider_find(const struct runtime *runtime, const char *name, struct oauth_provider *out, struct error *err)
{
	const char *const files[] = {runtime->providers.package, runtime->providers.system};
	AUTO(strvec) names = STRVEC_INIT;
	bool found = false;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		bool here = false;
		if (!read_file(files[i], &text, err) ||
		    !oauth_provider_parse(strbuf_span(&text), files[i] ? files[i] : "", name, out, &here, err))
			return false;
		oauth_provider_names(strbuf_span(&text), &names);
		found |= here;
	}
	return found || unknown(&names, name, runtime, err);
}

/* Entries that replace lines of others make it necessary to put each one together. */
static bool serves(const struct runtime *runtime, const char *name, const char *host)
{
	AUTO(oauth_provider) p = OAUTH_PROVIDER_INIT;
	if (!oauth_provider_find(runtime, name, &p, NULL) || !p.line[OAUTH_PROVIDER_SMTP])
		return false;
	struct span rest = span_of(p.line[OAUTH_PROVIDER_SMTP]);
	return span_equals_str_nocase(span_word(&rest), host);
}

char *oauth_provider_of_host(const struct runtime *runtime, const char *host)
{
	const char *const files[] = {runtime->providers.package, runtime->providers.system};
	AUTO(strvec) names = STRVEC_INIT;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		AUTO(strbuf) text = STRBUF_INIT;
		if (read_file(files[i], &text, NULL))
			oauth_provider_names(strbuf_span(&text), &names);
	}
	for (size_t i = 0; i < names.n; i++)
		if (serves(runtime, names.v[i], host))
			return xstrdup(names.v[i]);
	return NULL;
}
