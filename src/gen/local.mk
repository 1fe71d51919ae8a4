# SPDX-License-Identifier: GPL-3.0-or-later
# When cross-compiling, point POSTHASTE_GEN to one built for this machine.
noinst_PROGRAMS += posthaste-gen
posthaste_gen_SOURCES = \
	src/gen/completion.c \
	src/gen/gen.h \
	src/gen/main.c \
	src/gen/man.c \
	src/gen/manual.c src/gen/manual.h \
	src/gen/prose.c src/gen/prose.h \
	src/gen/texi.c
posthaste_gen_LDADD = src/libposthaste.a $(LTLIBINTL)
POSTHASTE_GEN = ./posthaste-gen$(EXEEXT)

# Completions and editor syntax, made from the option table.
bashcompletiondir = $(datadir)/bash-completion/completions
zshcompletiondir = $(datadir)/zsh/site-functions
fishcompletiondir = $(datadir)/fish/vendor_completions.d
vimsyntaxdir = $(datadir)/vim/vimfiles/syntax
vimdetectdir = $(datadir)/vim/vimfiles/ftdetect
nodist_bashcompletion_DATA = scripts/completion/bash/posthaste
nodist_zshcompletion_DATA = scripts/completion/zsh/_posthaste
nodist_fishcompletion_DATA = scripts/completion/fish/posthaste.fish
nodist_vimsyntax_DATA = scripts/vim/syntax/posthaste.vim
dist_vimdetect_DATA = scripts/vim/ftdetect/posthaste.vim
generated_scripts = $(nodist_bashcompletion_DATA) $(nodist_zshcompletion_DATA) $(nodist_fishcompletion_DATA) \
	$(nodist_vimsyntax_DATA)
CLEANFILES += $(generated_scripts)

GENERATE = $(AM_V_GEN)$(MKDIR_P) $(@D) && $(POSTHASTE_GEN)
scripts/completion/bash/posthaste: posthaste-gen$(EXEEXT)
	$(GENERATE) bash >$@.tmp && mv $@.tmp $@
scripts/completion/zsh/_posthaste: posthaste-gen$(EXEEXT)
	$(GENERATE) zsh >$@.tmp && mv $@.tmp $@
scripts/completion/fish/posthaste.fish: posthaste-gen$(EXEEXT)
	$(GENERATE) fish >$@.tmp && mv $@.tmp $@
scripts/vim/syntax/posthaste.vim: posthaste-gen$(EXEEXT)
	$(GENERATE) vim >$@.tmp && mv $@.tmp $@
