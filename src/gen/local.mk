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
