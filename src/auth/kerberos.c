/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "auth/kerberos.h"

#include "base/xalloc.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#define CONFIG "/etc/krb5.conf"
#define CONFIG_MAX (256 * 1024)
#define KCM_SOCKET "/var/run/.heim_org.h5l.kcm-socket"

/* ---- the configuration ---- */

/* "name = value": the value, if the name is the one wanted. */
static struct span value_of(struct span line, const char *name)
{
	struct span key;
	if (!span_split(&line, '=', &key) || !line.ptr || !span_equals_str(span_trim(key), name))
		return span_make("", 0);
	return span_trim(line);
}

struct span kerberos_default_cache(struct span config)
{
	struct span line;
	bool defaults = false;
	while (span_split(&config, '\n', &line)) {
		line = span_trim(line);
		if (line.len && line.ptr[0] == '[') {
			defaults = span_starts_nocase(line, "[libdefaults]");
			continue;
		}
		struct span value = defaults ? value_of(line, "default_ccache_name") : span_make("", 0);
		if (value.len)
			return value;
	}
	return span_make("", 0);
}

char *kerberos_expand(struct span name, unsigned uid)
{
	AUTO_FREE char *number = xasprintf("%u", uid);
	const struct {
		const char *token, *value;
	} known[] = {
		{"%{uid}", number}, {"%{euid}", number}, {"%{USERID}", number}, {"%{TEMP}", "/tmp"}, {"%{null}", ""}};
	struct strbuf out = STRBUF_INIT;
	while (name.len) {
		size_t i = 0;
		while (i < ARRAY_SIZE(known) && !(name.len >= strlen(known[i].token) &&
						  memcmp(name.ptr, known[i].token, strlen(known[i].token)) == 0))
			i++;
		if (i < ARRAY_SIZE(known))
			strbuf_adds(&out, known[i].value);
		else
			strbuf_addch(&out, name.ptr[0]);
		name = span_sub(name, i < ARRAY_SIZE(known) ? strlen(known[i].token) : 1, name.len);
	}
	return strbuf_detach(&out, NULL);
}

/* What cannot be read counts as empty: then there is the usual cache. */
static void read_config(const char *path, struct strbuf *out)
{
	AUTO(error) problem = ERROR_INIT;
	AUTO_FD int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	if (fd >= 0 && fs_is_regular(fd) && !fs_read_fd(fd, out, CONFIG_MAX, &problem))
		strbuf_reset(out);
}

static char *cache_name(const struct runtime *runtime)
{
	const char *set = runtime->privileged ? NULL : runtime_env(runtime, "KRB5CCNAME");
	const char *config = runtime->privileged ? NULL : runtime_env(runtime, "KRB5_CONFIG");
	if (set && *set)
		return xstrdup(set);
	AUTO(strbuf) text = STRBUF_INIT;
	read_config(config && *config ? config : CONFIG, &text);
	struct span name = kerberos_default_cache(strbuf_span(&text));
	return kerberos_expand(name.len ? name : SPAN_LIT("FILE:/tmp/krb5cc_%{uid}"), (unsigned)getuid());
}

/* ---- the cache ---- */

static bool has_content(const char *path)
{
	struct stat st;
	return stat(path, &st) == 0 && S_ISREG(st.st_mode) && st.st_size > 0;
}

/* DIR:/folder, whose file "primary" names the cache in use, or DIR::/folder/tktNAME. */
static bool folder_has_ticket(const char *rest)
{
	if (*rest == ':')
		return has_content(rest + 1);
	AUTO_FREE char *primary = xasprintf("%s/primary", rest), *usual = xasprintf("%s/tkt", rest);
	return has_content(primary) || has_content(usual);
}

bool kerberos_may_have_ticket(const struct runtime *runtime)
{
	AUTO_FREE char *name = cache_name(runtime);
	const char *colon = strchr(name, ':');
	if (*name == '/' || !colon)
		return has_content(name);
	struct span type = span_make(name, (size_t)(colon - name));
	if (span_equals_str(type, "FILE"))
		return has_content(colon + 1);
	if (span_equals_str(type, "DIR"))
		return folder_has_ticket(colon + 1);
	if (span_equals_str(type, "KCM"))
		return access(KCM_SOCKET, F_OK) == 0;
	return span_equals_str(type, "KEYRING");
}
