/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * replay: runs a fuzz harness over saved inputs, without libFuzzer.
 *
 *	replay_NAME FILE|FOLDER...
 *
 * Each input is also tried cut off at every length and with each octet replaced
 * by a few that like to break parsers, up to a limit, so that a seed of ten
 * lines is some thousand tests.  Prints TAP; a violated property aborts.
 */
#include "fuzz.h"

#include "base/cleanup.h"
#include "base/strbuf.h"
#include "base/strvec.h"

#include <dirent.h>

/* Positions tried in one input; in longer ones they are spread evenly. */
#define POSITIONS_MAX 600

static const char nasty[] = {'\0', '\r', '\n', '.', '"', '<', '(', ':', ' ', '9', '\x7f', '\xff'};

/* The harness gets memory of exactly that size, so that a sanitizer sees reads after it. */
static void run(const char *octets, size_t len)
{
	AUTO_FREE uint8_t *copy = malloc(len ? len : 1);
	if (!copy)
		abort();
	if (len)
		memcpy(copy, octets, len);
	(void)LLVMFuzzerTestOneInput(copy, len); /* always 0 */
}

static void run_variants(struct strbuf *input)
{
	size_t step = input->len / POSITIONS_MAX + 1;
	run(input->buf, input->len);
	for (size_t at = 0; at < input->len; at += step) {
		run(input->buf, at);
		char kept = input->buf[at];
		for (size_t i = 0; i < sizeof(nasty); i++) {
			input->buf[at] = nasty[i];
			run(input->buf, input->len);
		}
		input->buf[at] = kept;
	}
}

static bool read_file(const char *name, struct strbuf *out)
{
	char buf[4096];
	size_t n;
	FILE *file = fopen(name, "rbe");
	if (!file)
		return false;
	while ((n = fread(buf, 1, sizeof(buf), file)) > 0)
		strbuf_add(out, buf, n);
	bool ok = !ferror(file);
	(void)fclose(file); /* was only read */
	return ok;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

/* A folder's files in order, hidden ones left out; a file is itself. */
static void collect(struct strvec *files, const char *path)
{
	DIR *dir = opendir(path);
	if (!dir) {
		strvec_push(files, path);
		return;
	}
	size_t first = files->n;
	for (struct dirent *entry; (entry = readdir(dir));)
		if (entry->d_name[0] != '.')
			strvec_pushf(files, "%s/%s", path, entry->d_name);
	(void)closedir(dir); /* was only read */
	if (files->n > first)
		qsort(files->v + first, files->n - first, sizeof(*files->v), by_name);
}

int main(int argc, char **argv)
{
	AUTO(strvec) files = STRVEC_INIT;
	bool all_ok = true;

	for (int i = 1; i < argc; i++)
		collect(&files, argv[i]);
	(void)setvbuf(stdout, NULL, _IOLBF, 0); /* what was tried is known even if the next one aborts */
	for (size_t i = 0; i < files.n; i++) {
		AUTO(strbuf) input = STRBUF_INIT;
		bool ok = read_file(files.v[i], &input);
		if (ok)
			run_variants(&input);
		printf("%s %zu - %s\n", ok ? "ok" : "not ok", i + 1, files.v[i]);
		all_ok &= ok;
	}
	printf("1..%zu\n", files.n);
	return all_ok && files.n ? EXIT_SUCCESS : EXIT_FAILURE;
}
