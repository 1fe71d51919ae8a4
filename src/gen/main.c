/* SPDX-License-Identifier: GPL-3.0-or-later */
/*
 * posthaste-gen WHAT [FRAME FOLDER]: writes WHAT to standard output.  It runs during the build and is not installed.
 */
#include "base/fsutil.h"
#include "base/xalloc.h"
#include "config/help.h"
#include "gen/gen.h"
#include "gen/prose.h"

#include <stdio.h>

void gen_rows(struct strbuf *out)
{
	for (size_t i = 0; i < OPTION_COUNT; i++) {
		const struct option_row *row = &option_table[i];
		AUTO_FREE char *name = prose_name(row);
		strbuf_addf(out, "%s\t%s\t%s\t%s\t", name,
			    row->flags & OPTION_OBSOLETE   ? "obsolete"
			    : row->flags & OPTION_INTERNAL ? "internal"
			    : row->flags & OPTION_IGNORED  ? "ignored"
							   : "live",
			    row->command ? row->command : "-", row->flag ? row->flag : "-");
		strbuf_addf(out, "%c\n", row->letter ? row->letter : '-');
	}
}

void gen_kinds(struct strbuf *out)
{
	for (int k = ERROR_NONE + 1; k < ERROR_KIND_COUNT; k++)
		strbuf_addf(out, "%s\t%d\t%s\t%s\n", error_kind_name((enum error_kind)k),
			    error_kind_exit_status((enum error_kind)k), error_kind_meaning((enum error_kind)k),
			    error_kind_cure((enum error_kind)k));
}

static const struct {
	const char *what;
	void (*write)(struct strbuf *out);
	bool (*write_manual)(struct span frame, const char *folder, struct strbuf *out, struct error *err);
} products[] = {
	{"man", NULL, gen_man},		 {"texi", NULL, gen_texi}, {"bash", gen_bash, NULL},
	{"zsh", gen_zsh, NULL},		 {"fish", gen_fish, NULL}, {"vim", gen_vim, NULL},
	{"overview", option_help, NULL}, {"rows", gen_rows, NULL}, {"kinds", gen_kinds, NULL},
};

static int fail_with(const char *text)
{
	(void)fprintf(stderr, "posthaste-gen: %s\n", text);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	AUTO(strbuf) out = STRBUF_INIT;
	AUTO(strbuf) frame = STRBUF_INIT;
	AUTO(error) err = ERROR_INIT;
	size_t i = 0;
	while (argc > 1 && i < ARRAY_SIZE(products) && strcmp(argv[1], products[i].what) != 0)
		i++;
	if (argc < 2 || i == ARRAY_SIZE(products) || argc != (products[i].write ? 2 : 4))
		return fail_with("usage: posthaste-gen man|texi FRAME FOLDER | bash|zsh|fish|vim|overview|rows|kinds");
	if (products[i].write) {
		products[i].write(&out);
	} else {
		FILE *f = fopen(argv[2], "r");
		bool ok = f && fs_read_fd(fileno(f), &frame, (size_t)1 << 20, &err);
		if (f)
			(void)fclose(f);
		if (!ok)
			return fail_with(err.status.text ? err.status.text : "cannot read the frame");
		if (!products[i].write_manual(strbuf_span(&frame), argv[3], &out, &err))
			return fail_with(err.status.text);
	}
	bool written = fwrite(out.buf, 1, out.len, stdout) == out.len && fflush(stdout) == 0;
	return written ? EXIT_SUCCESS : fail_with("cannot write to standard output");
}
