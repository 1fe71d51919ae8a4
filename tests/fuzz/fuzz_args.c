/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * Any command line either fails with an error for the user that is one clean line, or gives settings; under the name
 * sendmail none of them names a file, a command or a host; what follows "--" is a recipient as it was typed; and a
 * command line that was read once is read the same again.
 *
 * The input: the name of the program, then an argument per line.
 */
#include "fuzz.h"

#include "cli/args.h"

#include "../lib/test_runtime.h"

static void must_be_sound(const struct args *args)
{
	const struct account *flags = args->request.flags;
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		bool given = args->request.given[i] || account_is_set(flags, (enum option_id)i);
		if (args->personality == PERSONALITY_POSTHASTE || !given)
			continue;
		MUST(row->letter || row->id == OPT_HELP || row->id == OPT_VERSION || row->id == option_target(row)->id);
		MUST(row->type != VALUE_PATH && row->id != OPT_HOST && row->id != OPT_FILE &&
		     row->id != OPT_PASSWORDEVAL);
	}
	for (size_t i = 0; i < args->request.names.n; i++)
		MUST(args->request.names.v[i][0] == '-');
}

static bool parse(const struct strvec *argv, struct args *args, struct error *err)
{
	struct runtime runtime = test_runtime();
	runtime.environ = TEST_ENV("HOME=/nowhere", "USER=me");
	return args_parse((int)argv->n, argv->v, &runtime, args, err);
}

static void must_be_equal(const struct args *a, const struct args *b)
{
	MUST(a->personality == b->personality && a->request.delivery == b->request.delivery);
	MUST(memcmp(a->request.given, b->request.given, sizeof(a->request.given)) == 0);
	for (size_t i = 0; i < OPTION_COUNT; i++)
		MUST(value_equal(&option_table[i], account_value(a->request.flags, (enum option_id)i),
				 account_value(b->request.flags, (enum option_id)i)));
}

/* The same command line with "--" and words after it. */
static void must_end_options(const struct strvec *argv, const struct args *args)
{
	static const char *const words[] = {"-t", "--", "--host=x", "", "a b"};
	AUTO(strvec) longer = STRVEC_INIT;
	AUTO(args) again;
	AUTO(error) err = ERROR_INIT;
	bool ended = strvec_has(argv, "--");
	strvec_push_all(&longer, argv);
	if (!ended)
		strvec_push(&longer, "--");
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		strvec_push(&longer, words[i]);
	bool ok = parse(&longer, &again, &err);
	MUST(ok || err.status.kind == ERROR_USAGE); /* such as a mode that takes no recipients */
	if (!ok)
		return;
	size_t n = args->request.recipients.n;
	for (size_t i = 0; i < n; i++)
		MUST(strcmp(again.request.recipients.v[i], args->request.recipients.v[i]) == 0);
	if (ended && again.request.recipients.n != n + ARRAY_SIZE(words))
		return; /* that "--" was the argument of an option */
	MUST(again.request.recipients.n == n + ARRAY_SIZE(words));
	for (size_t i = 0; i < ARRAY_SIZE(words); i++)
		MUST(strcmp(again.request.recipients.v[n + i], words[i]) == 0);
	must_be_equal(&again, args);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span rest = span_make((const char *)data, size), line;
	AUTO(strvec) argv = STRVEC_INIT;
	AUTO(args) args;
	AUTO(args) again;
	AUTO(error) err = ERROR_INIT;
	while (fuzz_line(&rest, &line)) {
		AUTO_FREE char *word = fuzz_string(line);
		strvec_push(&argv, word);
	}
	if (!argv.n)
		strvec_push(&argv, "");
	bool ok = parse(&argv, &args, &err);
	fuzz_must_agree(ok, &err);
	if (!ok) {
		MUST(err.status.kind == ERROR_USAGE || err.status.kind == ERROR_ADDRESS);
		MUST(fuzz_is_clean(span_of(err.status.text)) && fuzz_is_clean(span_of(err.status.stage)));
		MUST(!err.status.hint || fuzz_is_clean(span_of(err.status.hint)));
	}
	MUST(parse(&argv, &again, NULL) == ok);
	if (!ok)
		return 0;
	must_be_equal(&args, &again);
	must_be_sound(&args);
	/* without more words "-h" asks for help; with them the option takes the "--" */
	if (argv.n != 2 || strcmp(argv.v[1], "-h") != 0)
		must_end_options(&argv, &args);
	return 0;
}
