/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tls/known_hosts.h"

#include "base/i18n.h"
#include "base/state_file.h"
#include "base/xalloc.h"
#include "tls/pin.h"

#define FILE_LIMIT (1024u * 1024)
#define HOST_MAX 1024u
#define FINGERPRINT_DIGITS 95u /* 32 pairs and 31 colons */

/* ---- a line ---- */

static bool is_plain(char c)
{
	return ascii_isdigit(c) || (c >= 'a' && c <= 'z') || c == '.' || c == '-' || c == '_' || c == ':';
}

/* "HOST PORT": any host as one word of printable ASCII, in one spelling. */
static void add_server(struct strbuf *out, const char *host, unsigned port)
{
	size_t len = strlen(host);
	if (len && host[len - 1] == '.')
		len--;
	for (size_t i = 0; i < len; i++) {
		char c = ascii_lower(host[i]);
		if (is_plain(c))
			strbuf_addch(out, c);
		else
			strbuf_addf(out, "%%%02X", (unsigned char)c);
	}
	strbuf_addf(out, " %u", port);
}

static void add_key(struct strbuf *out, const struct known_host *key)
{
	AUTO_FREE char *pin = tls_pin_text(key->pin);
	strbuf_addf(out, " %s ", pin);
	for (size_t i = 0; i < sizeof(key->sha256); i++)
		strbuf_addf(out, "%s%02X", i ? ":" : "", key->sha256[i]);
}

static bool is_host(struct span text)
{
	if (!text.len || text.len > HOST_MAX)
		return false;
	for (size_t i = 0; i < text.len; i++) {
		char c = text.ptr[i];
		if (!is_plain(c) && c != '%' && !(c >= 'A' && c <= 'F'))
			return false;
	}
	return true;
}

static bool parse_fingerprint(struct span text, unsigned char out[32])
{
	size_t len = 0;
	if (text.len != FINGERPRINT_DIGITS || memchr(text.ptr, '\0', text.len))
		return false;
	AUTO_FREE char *hex = xmemdup0(text.ptr, text.len);
	return tls_fingerprint_parse(hex, out, &len, NULL) && len == 32;
}

/* Only what add_server() and add_key() write, byte for byte; *server borrows from line. */
static bool parse_line(struct span line, struct span *server, struct known_host *key)
{
	struct span rest = line, host, port, pin, fingerprint;
	unsigned long long number;
	if (!span_split(&rest, ' ', &host) || !span_split(&rest, ' ', &port) || !span_split(&rest, ' ', &pin) ||
	    !span_split(&rest, ' ', &fingerprint) || rest.len)
		return false;
	if (!is_host(host) || !span_to_u64(port, &number) || number < 1 || number > 65535 ||
	    !tls_pin_parse(pin, key->pin) || !parse_fingerprint(fingerprint, key->sha256))
		return false;
	AUTO(strbuf) again = STRBUF_INIT;
	strbuf_add_span(&again, host);
	strbuf_addf(&again, " %llu", number);
	*server = span_sub(line, 0, again.len);
	add_key(&again, key);
	return span_equal(strbuf_span(&again), line);
}

/* ---- the file ---- */

/* Where the line of a server is. */
struct place {
	bool found;
	struct span line;
	struct known_host key;
};

/* Every line is checked, those after the one looked for, too. */
static bool find(struct span file, struct span server, struct place *place, struct error *err)
{
	struct span rest = file, line;
	*place = (struct place){.found = false};
	for (unsigned number = 1; span_split(&rest, '\n', &line); number++) {
		struct span here;
		struct known_host key;
		if (!line.len || line.ptr[0] == '#')
			continue;
		if (!parse_line(line, &here, &key))
			return error_set(err, ERROR_CONFIG, _("line %u is not \"HOST PORT sha256//KEY FINGERPRINT\""),
					 number);
		if (!span_equal(here, server))
			continue;
		if (place->found)
			return error_set(err, ERROR_CONFIG, _("line %u is the second one for the same host and port"),
					 number);
		*place = (struct place){true, line, key};
	}
	return true;
}

enum known_hosts_answer known_hosts_find(struct span file, const char *host, unsigned port, struct known_host *out,
					 struct error *err)
{
	AUTO(strbuf) server = STRBUF_INIT;
	struct place place;
	add_server(&server, host, port);
	if (!find(file, strbuf_span(&server), &place, err))
		return KNOWN_HOSTS_BAD;
	if (!place.found)
		return KNOWN_HOSTS_ABSENT;
	*out = place.key;
	return KNOWN_HOSTS_FOUND;
}

bool known_hosts_put(struct span file, const char *host, unsigned port, const struct known_host *key,
		     struct strbuf *out, struct error *err)
{
	AUTO(strbuf) line = STRBUF_INIT;
	struct place place;
	add_server(&line, host, port);
	if (!find(file, strbuf_span(&line), &place, err))
		return false;
	add_key(&line, key);
	size_t before = place.found ? (size_t)(place.line.ptr - file.ptr) : file.len;
	strbuf_add_span(out, span_sub(file, 0, before));
	if (before && file.ptr[before - 1] != '\n')
		strbuf_addch(out, '\n');
	strbuf_add_span(out, strbuf_span(&line));
	if (place.found)
		strbuf_add_span(out, span_sub(file, before + place.line.len, file.len));
	if (out->buf[out->len - 1] != '\n')
		strbuf_addch(out, '\n');
	return true;
}

/* ---- the user's file ---- */

static char *folder_of(const struct runtime *runtime, struct error *err)
{
	char *folder = runtime->privileged ? NULL : env_state_folder(runtime->environ);
	if (!folder)
		(void)error_set(err, ERROR_CONFIG, "%s",
				runtime->privileged
					? _("accepted keys are not used by a program with more rights than its caller")
					: _("there is no folder for accepted keys: neither XDG_STATE_HOME nor a home "
					    "directory is known"));
	return folder;
}

char *known_hosts_path(const struct runtime *runtime)
{
	AUTO_FREE char *folder = folder_of(runtime, NULL);
	return folder ? xasprintf("%s/" KNOWN_HOSTS_NAME, folder) : NULL;
}

static bool read_file(const char *folder, struct strbuf *text, struct error *err)
{
	AUTO(error) why = ERROR_INIT;
	if (state_file_read(folder, KNOWN_HOSTS_NAME, FILE_LIMIT, text, &why) || why.status.kind == ERROR_FILE_MISSING)
		return true;
	error_move(err, &why);
	return false;
}

static void name_file(const char *folder, struct error *err)
{
	error_prefix(err, "%s/" KNOWN_HOSTS_NAME, folder);
	error_hint(err, _("Correct that line or remove it, and accept the server's key with --accept-key again."));
}

enum known_hosts_answer known_hosts_look_up(const struct runtime *runtime, const char *host, unsigned port,
					    struct known_host *out, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO_FREE char *folder = folder_of(runtime, err);
	if (!folder || !read_file(folder, &text, err))
		return KNOWN_HOSTS_BAD;
	enum known_hosts_answer answer = known_hosts_find(strbuf_span(&text), host, port, out, err);
	if (answer == KNOWN_HOSTS_BAD)
		name_file(folder, err);
	return answer;
}

bool known_hosts_accept(const struct runtime *runtime, const char *host, unsigned port, const struct known_host *key,
			struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(strbuf) changed = STRBUF_INIT;
	AUTO_FREE char *folder = folder_of(runtime, err);
	if (!folder || !read_file(folder, &text, err))
		return false;
	if (!known_hosts_put(strbuf_span(&text), host, port, key, &changed, err)) {
		name_file(folder, err);
		return false;
	}
	return state_file_save(folder, KNOWN_HOSTS_NAME, strbuf_span(&changed), runtime->rng, err);
}
