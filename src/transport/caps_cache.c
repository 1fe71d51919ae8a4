/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "transport/caps_cache.h"

#include "base/i18n.h"
#include "base/state_file.h"
#include "base/xalloc.h"

#define FIRST_LINE "posthaste capabilities 1"
#define FILE_LIMIT (512u * 1024)
#define LINES_MAX 64u
#define LINE_MAX_OCTETS 512u /* less than the length at which caps cuts lines: a cut line would never compare equal */
#define LIST_MAX_OCTETS 4096u
#define DAY (24 * 60 * 60)
#define MARK_UNKEPT '!'
#define MARK_OFFERS '*'

struct entry {
	char *key; /* "HOST PORT tls LOCAL-NAME +USER" */
	unsigned long long when;
	struct strvec lines;
};

struct cache {
	struct entry *v;
	size_t n, cap;
};
#define CACHE_INIT ((struct cache){NULL, 0, 0})

static void entry_release(struct entry *e)
{
	free(e->key);
	strvec_release(&e->lines);
}

static void cache_release(struct cache *c)
{
	for (size_t i = 0; i < c->n; i++)
		entry_release(&c->v[i]);
	free(c->v);
	*c = CACHE_INIT;
}

static void cache_remove(struct cache *c, size_t i)
{
	entry_release(&c->v[i]);
	c->n--;
	memmove(&c->v[i], &c->v[i + 1], (c->n - i) * sizeof(c->v[0]));
}

/* ---- keys ---- */

/* Any text as one word of printable ASCII. */
static void add_word(struct strbuf *out, const char *text)
{
	strbuf_addch(out, ' ');
	for (; *text; text++) {
		if ((unsigned char)*text > ' ' && (unsigned char)*text < 0x7f && *text != '%')
			strbuf_addch(out, *text);
		else
			strbuf_addf(out, "%%%02X", (unsigned char)*text);
	}
}

static void add_server(struct strbuf *out, const struct caps_cache_key *key)
{
	AUTO_FREE char *host = xstrdup(key->host);
	for (char *p = host; *p; p++)
		*p = ascii_lower(*p);
	add_word(out, host);
	strbuf_addf(out, " %u %s", key->port, key->tls ? "tls" : "clear");
}

/* That of the server, whoever asks it; mark says what the entry is for. */
static char *key_text_marked(const struct caps_cache_key *key, char mark)
{
	struct strbuf out = STRBUF_INIT;
	add_server(&out, key);
	strbuf_addf(&out, " %c", mark);
	strbuf_remove(&out, 0, 1);
	return strbuf_detach(&out, NULL);
}

static char *key_text(const struct caps_cache_key *key)
{
	struct strbuf out = STRBUF_INIT;
	add_server(&out, key);
	add_word(&out, key->local_name);
	strbuf_adds(&out, key->user ? " +" : " -");
	if (key->user) {
		AUTO(strbuf) user = STRBUF_INIT;
		add_word(&user, key->user);
		strbuf_adds(&out, user.buf + 1);
	}
	strbuf_remove(&out, 0, 1);
	return strbuf_detach(&out, NULL);
}

static size_t cache_find(const struct cache *c, const char *key)
{
	size_t i = 0;
	while (i < c->n && strcmp(c->v[i].key, key) != 0)
		i++;
	return i;
}

/* ---- the file ---- */

static bool take_server(struct cache *c, struct span text)
{
	unsigned long long when;
	size_t blank = text.len;
	while (blank && text.ptr[blank - 1] != ' ')
		blank--;
	if (blank < 2 || !span_to_u64(span_sub(text, blank, text.len), &when) || c->n == CAPS_CACHE_SERVERS)
		return false;
	AUTO_FREE char *key = xmemdup0(text.ptr, blank - 1);
	if (cache_find(c, key) < c->n) /* the second one would come back after the first was replaced */
		return false;
	GROW(c->v, c->n, c->cap);
	c->v[c->n++] = (struct entry){steal_ptr(key), when, STRVEC_INIT};
	return true;
}

static bool take_line(struct cache *c, struct span line)
{
	static const char server[] = "server ";
	if (memchr(line.ptr, '\0', line.len))
		return false;
	if (line.len > sizeof(server) - 1 && memcmp(line.ptr, server, sizeof(server) - 1) == 0)
		return take_server(c, span_sub(line, sizeof(server) - 1, line.len));
	if (!line.len || line.ptr[0] != ' ' || !c->n || line.len > LINE_MAX_OCTETS + 1 ||
	    c->v[c->n - 1].lines.n == LINES_MAX)
		return false;
	strvec_push_span(&c->v[c->n - 1].lines, span_sub(line, 1, line.len));
	return true;
}

/* A last line "end" shows that the file is complete. */
static bool parse(struct cache *c, struct span text)
{
	struct span line;
	if (!text.len || text.ptr[text.len - 1] != '\n' || !span_split(&text, '\n', &line) ||
	    !span_equals_str(line, FIRST_LINE))
		return false;
	while (span_split(&text, '\n', &line)) {
		if (span_equals_str(line, "end"))
			return !text.len;
		if (!take_line(c, line))
			return false;
	}
	return false;
}

static void forget_old(struct cache *c, time_t now)
{
	for (size_t i = c->n; i-- > 0;) {
		/* an entry from the future was written by a wrong clock, and must not stay for ever */
		unsigned long long t = (unsigned long long)now, when = c->v[i].when;
		if (when > t + DAY || t > when + (unsigned long long)CAPS_CACHE_DAYS * DAY)
			cache_remove(c, i);
	}
}

/* NULL: nothing can be remembered. */
static char *folder_of(const struct runtime *runtime)
{
	return runtime->privileged ? NULL : env_state_folder(runtime->environ);
}

/* A file that cannot be used is an empty cache. */
static void load(struct cache *c, const char *folder, time_t now, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	AUTO(error) why = ERROR_INIT;
	if (!state_file_read(folder, CAPS_CACHE_NAME, FILE_LIMIT, &text, &why)) {
		if (why.status.kind != ERROR_FILE_MISSING)
			error_move(err, &why);
		return;
	}
	if (!parse(c, strbuf_span(&text))) {
		cache_release(c);
		(void)error_set(err, ERROR_CONFIG, _("%s/%s is not what this version writes"), folder, CAPS_CACHE_NAME);
	}
	forget_old(c, now);
}

static bool store(const struct cache *c, const char *folder, const struct rng *rng, struct error *err)
{
	AUTO(strbuf) text = STRBUF_INIT;
	strbuf_adds(&text, FIRST_LINE "\n");
	for (size_t i = 0; i < c->n; i++) {
		strbuf_addf(&text, "server %s %llu\n", c->v[i].key, c->v[i].when);
		for (size_t j = 0; j < c->v[i].lines.n; j++)
			strbuf_addf(&text, " %s\n", c->v[i].lines.v[j]);
	}
	strbuf_adds(&text, "end\n");
	error_release(err); /* the file that could not be used is replaced */
	return state_file_write(folder, CAPS_CACHE_NAME, strbuf_span(&text), rng, err);
}

/* ---- lists ---- */

bool caps_cache_find(const struct runtime *runtime, const struct caps_cache_key *key, struct caps *caps,
		     struct error *err)
{
	AUTO(cache) c = CACHE_INIT;
	AUTO_FREE char *folder = folder_of(runtime), *name = key_text(key);
	if (!folder)
		return false;
	load(&c, folder, clock_wall(runtime->clock), err);
	size_t i = cache_find(&c, name);
	if (i == c.n)
		return false;
	caps_from_lines(caps, &c.v[i].lines);
	return caps_has(caps, CAP_PIPECONNECT);
}

static bool worth_keeping(const struct caps *caps)
{
	size_t octets = 0;
	for (size_t i = 0; i < caps->lines.n; i++) {
		size_t n = strlen(caps->lines.v[i]);
		if (n > LINE_MAX_OCTETS)
			return false;
		octets += n;
	}
	return caps_has(caps, CAP_PIPECONNECT) && caps->lines.n <= LINES_MAX && octets <= LIST_MAX_OCTETS;
}

static void forget_oldest(struct cache *c)
{
	size_t oldest = 0;
	for (size_t i = 1; i < c->n; i++)
		if (c->v[i].when < c->v[oldest].when)
			oldest = i;
	cache_remove(c, oldest);
}

/* Replaces the entry by one of now with these lines. */
static void put(struct cache *c, char *key, time_t now, const struct strvec *lines)
{
	size_t i = cache_find(c, key);
	if (i < c->n)
		cache_remove(c, i);
	if (c->n == CAPS_CACHE_SERVERS)
		forget_oldest(c);
	GROW(c->v, c->n, c->cap);
	c->v[c->n] = (struct entry){key, (unsigned long long)now, STRVEC_INIT};
	strvec_push_all(&c->v[c->n++].lines, lines);
}

bool caps_cache_keep(const struct runtime *runtime, const struct caps_cache_key *key, const struct caps *caps,
		     struct error *err)
{
	AUTO(cache) c = CACHE_INIT;
	AUTO_FREE char *folder = folder_of(runtime), *name = key_text(key);
	time_t now = clock_wall(runtime->clock);
	if (!folder || !worth_keeping(caps))
		return false;
	load(&c, folder, now, err);
	put(&c, steal_ptr(name), now, &caps->lines);
	return store(&c, folder, runtime->rng, err);
}

bool caps_cache_drop(const struct runtime *runtime, const struct caps_cache_key *key, struct error *err)
{
	AUTO(cache) c = CACHE_INIT;
	AUTO_FREE char *folder = folder_of(runtime), *name = key_text(key);
	if (!folder)
		return false;
	load(&c, folder, clock_wall(runtime->clock), err);
	size_t i = cache_find(&c, name);
	if (i == c.n)
		return false;
	cache_remove(&c, i);
	return store(&c, folder, runtime->rng, err);
}

/* ---- what was refused ---- */

static unsigned unkept_of(const struct cache *c, const char *key)
{
	unsigned bits = 0;
	size_t i = cache_find(c, key);
	for (size_t j = 0; i < c->n && j < c->v[i].lines.n; j++)
		bits |= cap_from_name(c->v[i].lines.v[j]);
	return bits & cap_from_name("all");
}

unsigned caps_cache_find_unkept(const struct runtime *runtime, const struct caps_cache_key *key, struct error *err)
{
	AUTO(cache) c = CACHE_INIT;
	AUTO_FREE char *folder = folder_of(runtime), *name = key_text_marked(key, MARK_UNKEPT);
	if (folder)
		load(&c, folder, clock_wall(runtime->clock), err);
	return unkept_of(&c, name);
}

bool caps_cache_add_unkept(const struct runtime *runtime, const struct caps_cache_key *key, unsigned unkept,
			   struct error *err)
{
	AUTO(cache) c = CACHE_INIT;
	AUTO(strvec) lines = STRVEC_INIT;
	AUTO_FREE char *folder = folder_of(runtime), *name = key_text_marked(key, MARK_UNKEPT);
	time_t now = clock_wall(runtime->clock);
	if (!folder)
		return false;
	load(&c, folder, now, err);
	unkept |= unkept_of(&c, name);
	for (unsigned bit = 1; bit && bit <= unkept; bit <<= 1)
		if (unkept & bit)
			strvec_push(&lines, cap_name((enum cap)bit));
	put(&c, steal_ptr(name), now, &lines);
	return store(&c, folder, runtime->rng, err);
}

/* ---- what clients may be offered ---- */

bool caps_cache_find_offers(const struct runtime *runtime, const struct caps_cache_key *key, struct caps *caps,
			    struct error *err)
{
	AUTO(cache) c = CACHE_INIT;
	AUTO_FREE char *folder = folder_of(runtime), *name = key_text_marked(key, MARK_OFFERS);
	if (folder)
		load(&c, folder, clock_wall(runtime->clock), err);
	size_t i = cache_find(&c, name);
	if (i < c.n)
		caps_from_lines(caps, &c.v[i].lines);
	return i < c.n;
}

static void choose_lines(struct strvec *out, const struct caps *caps, unsigned bits)
{
	for (size_t i = 0; i < caps->lines.n && out->n < LINES_MAX; i++) {
		struct span rest = span_of(caps->lines.v[i]), keyword;
		if (rest.len > LINE_MAX_OCTETS || !span_split(&rest, ' ', &keyword))
			continue;
		AUTO_FREE char *name = xmemdup0(keyword.ptr, keyword.len);
		if (cap_from_name(name) & bits & caps->bits)
			strvec_push(out, caps->lines.v[i]);
	}
}

static bool is_current(const struct cache *c, size_t i, const struct strvec *lines, time_t now)
{
	if (i == c->n)
		return !lines->n;
	return strvec_equal(&c->v[i].lines, lines) && c->v[i].when + DAY > (unsigned long long)now;
}

bool caps_cache_keep_offers(const struct runtime *runtime, const struct caps_cache_key *key, const struct caps *caps,
			    unsigned bits, struct error *err)
{
	AUTO(cache) c = CACHE_INIT;
	AUTO(strvec) lines = STRVEC_INIT;
	AUTO_FREE char *folder = folder_of(runtime), *name = key_text_marked(key, MARK_OFFERS);
	time_t now = clock_wall(runtime->clock);
	if (!folder)
		return false;
	load(&c, folder, now, err);
	choose_lines(&lines, caps, bits);
	if (is_current(&c, cache_find(&c, name), &lines, now))
		return true;
	put(&c, steal_ptr(name), now, &lines);
	return store(&c, folder, runtime->rng, err);
}
