/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever stands in the file of remembered capabilities: what is kept is found again as it was, for its own server,
 * name and user only; what is dropped is not; other servers' entries stay unless there are too many; and any content
 * of a state file is read as it was written.
 *
 * The input: the name of a host, a line that the server lists, then the file.
 */
#include "fuzz.h"

#include "fuzz_folder.h"

#include "base/clean_text.h"
#include "base/state_file.h"
#include "transport/caps_cache.h"

static const struct caps_cache_key other = {"other.example.org", 465, true, "me.example", NULL};

static size_t count_servers(struct span file)
{
	size_t n = 0;
	struct span line;
	while (fuzz_line(&file, &line))
		n += span_starts_nocase(line, "server ");
	return n;
}

static bool finds(const struct runtime *runtime, const struct caps_cache_key *key, struct caps *caps)
{
	AUTO(error) err = ERROR_INIT;
	bool found = caps_cache_find(runtime, key, caps, &err);
	MUST(err.status.kind == ERROR_NONE || (!found && *err.status.text));
	MUST(!found || caps_has(caps, CAP_PIPECONNECT));
	return found;
}

static void make_caps(struct caps *caps, const char *line)
{
	AUTO(strvec) lines = STRVEC_INIT;
	AUTO_FREE char *clean = clean_text(span_of(line), 500); /* as lines of replies are */
	strvec_push(&lines, "PIPECONNECT");
	strvec_push(&lines, clean);
	caps_from_lines(caps, &lines);
}

/* Nobody else's list, whoever asks. */
static void must_belong_to_one(const struct runtime *runtime, const struct caps_cache_key *key)
{
	const struct caps_cache_key others[] = {{key->host, key->port, !key->tls, key->local_name, key->user},
						{key->host, key->port + 1, key->tls, key->local_name, key->user},
						{key->host, key->port, key->tls, "x y", key->user},
						{key->host, key->port, key->tls, key->local_name, NULL},
						{"x", key->port, key->tls, key->local_name, key->user}};
	for (size_t i = 0; i < ARRAY_SIZE(others); i++) {
		AUTO(caps) before = CAPS_INIT;
		AUTO(caps) after = CAPS_INIT;
		bool found = finds(runtime, &others[i], &before);
		MUST(caps_cache_drop(runtime, key, NULL) == (i == 0));
		MUST(finds(runtime, &others[i], &after) == found && caps_same(&before, &after));
	}
}

static void must_remember(const struct runtime *runtime, const struct caps_cache_key *key, const struct caps *caps,
			  bool room)
{
	AUTO(caps) found = CAPS_INIT;
	AUTO(caps) others_before = CAPS_INIT;
	AUTO(caps) others_after = CAPS_INIT;
	AUTO(error) err = ERROR_INIT;
	bool known = finds(runtime, &other, &others_before);
	if (!caps_cache_keep(runtime, key, caps, &err)) {
		MUST(err.status.kind == ERROR_NONE || *err.status.text);
		return;
	}
	MUST(finds(runtime, key, &found) && caps_same(&found, caps) && found.bits == caps->bits);
	if (room)
		MUST(finds(runtime, &other, &others_after) == known && caps_same(&others_before, &others_after));
	unsigned unkept = caps_cache_find_unkept(runtime, key, NULL);
	MUST(caps_cache_add_unkept(runtime, key, CAP_DSN, NULL));
	MUST(caps_cache_find_unkept(runtime, key, NULL) == (unkept | CAP_DSN));
	MUST(finds(runtime, key, &found));
	must_belong_to_one(runtime, key);
	MUST(!finds(runtime, key, &found) && !caps_cache_drop(runtime, key, NULL));
	MUST(caps_cache_find_unkept(runtime, key, NULL) == (unkept | CAP_DSN));
}

static void must_read_back(const char *folder, struct span content)
{
	AUTO(strbuf) again = STRBUF_INIT;
	MUST(state_file_write(folder, "state", content, &fuzz_rng, NULL));
	MUST(state_file_read(folder, "state", content.len, &again, NULL));
	MUST(span_equal(strbuf_span(&again), content));
	strbuf_reset(&again);
	MUST(!content.len || !state_file_read(folder, "state", content.len - 1, &again, NULL));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char home[80];
	static char *environment[] = {home, NULL};
	const struct runtime runtime = {.environ = environment, .clock = &fuzz_clock, .rng = &fuzz_rng};
	struct span file = span_make((const char *)data, size), host = {"", 0}, line = {"", 0};
	AUTO(strbuf) folder = STRBUF_INIT;
	AUTO(strbuf) path = STRBUF_INIT;
	AUTO(caps) caps = CAPS_INIT;
	(void)fuzz_line(&file, &host);
	(void)fuzz_line(&file, &line);
	AUTO_FREE char *host_text = fuzz_string(host);
	AUTO_FREE char *line_text = fuzz_string(line);
	const struct caps_cache_key key = {host_text, 587, false, "me.example", "joe %"};
	(void)snprintf(home, sizeof(home), "XDG_STATE_HOME=%s", fuzz_folder());
	strbuf_addf(&folder, "%s/posthaste", fuzz_folder());
	strbuf_addf(&path, "%s/" CAPS_CACHE_NAME, folder.buf);
	must_read_back(folder.buf, file);
	fuzz_write_file(path.buf, file);
	make_caps(&caps, line_text);
	must_remember(&runtime, &key, &caps, count_servers(file) + 2 < CAPS_CACHE_SERVERS);
	return 0;
}
