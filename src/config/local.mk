# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/config/account.c \
	src/config/account.h \
	src/config/account_line.c \
	src/config/account_line.h \
	src/config/check.c \
	src/config/choose.c \
	src/config/complete.c \
	src/config/configuration.h \
	src/config/deliver_by.c \
	src/config/deliver_by.h \
	src/config/evaluate.c \
	src/config/evaluate.h \
	src/config/expand.c \
	src/config/expand.h \
	src/config/expected.c \
	src/config/expected.h \
	src/config/flavour.c \
	src/config/flavour.h \
	src/config/help.c \
	src/config/help.h \
	src/config/lexer.c \
	src/config/lexer.h \
	src/config/load.c \
	src/config/match.c \
	src/config/match.h \
	src/config/option.c \
	src/config/option.h \
	src/config/option_table.c \
	src/config/options.def \
	src/config/show.c \
	src/config/show.h \
	src/config/value.c \
	src/config/value.h \
	src/config/value_check.c \
	src/config/value_check.h
