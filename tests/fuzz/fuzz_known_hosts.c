/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Whatever stands in the file of accepted keys: a file is read in one way only, a key that is put into it is found
 * again as it was and for its own host and port only, and the lines of other servers stay.
 *
 * The input: the name of a host, then the file.
 */
#include "fuzz.h"

#include "tls/known_hosts.h"

#define PORT 465

static size_t count_lines(struct span file)
{
	size_t n = 0;
	struct span line;
	while (fuzz_line(&file, &line))
		n++;
	return n;
}

static bool same_key(const struct known_host *a, const struct known_host *b)
{
	return memcmp(a, b, sizeof(*a)) == 0;
}

/* Nobody else's answer changes. */
static void must_leave_others(struct span before, struct span after, const char *host)
{
	struct known_host a, b;
	enum known_hosts_answer was = known_hosts_find(before, host, PORT + 1, &a, NULL);
	MUST(known_hosts_find(after, host, PORT + 1, &b, NULL) == was);
	MUST(was != KNOWN_HOSTS_FOUND || same_key(&a, &b));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span file = span_make((const char *)data, size), name = {"", 0};
	AUTO(strbuf) changed = STRBUF_INIT;
	AUTO(strbuf) again = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	struct known_host found, key;
	(void)fuzz_line(&file, &name);
	AUTO_FREE char *host = fuzz_string(name);
	memset(&key, 0x5a, sizeof(key));
	enum known_hosts_answer answer = known_hosts_find(file, host, PORT, &found, &err);
	MUST((answer == KNOWN_HOSTS_BAD) == (err.status.kind != ERROR_NONE));
	bool put = known_hosts_put(file, host, PORT, &key, &changed, NULL);
	MUST(put == (answer != KNOWN_HOSTS_BAD));
	if (!put || !*host || strcmp(host, ".") == 0 || strlen(host) > 300)
		return 0;
	MUST(known_hosts_find(strbuf_span(&changed), host, PORT, &found, NULL) == KNOWN_HOSTS_FOUND);
	MUST(same_key(&found, &key));
	MUST(count_lines(strbuf_span(&changed)) == count_lines(file) + (answer == KNOWN_HOSTS_ABSENT));
	must_leave_others(file, strbuf_span(&changed), host);
	MUST(known_hosts_put(strbuf_span(&changed), host, PORT, &key, &again, NULL));
	MUST(span_equal(strbuf_span(&again), strbuf_span(&changed)));
	return 0;
}
