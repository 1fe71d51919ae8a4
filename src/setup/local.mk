# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/setup/account_file.c \
	src/setup/account_file.h \
	src/setup/account_text.c \
	src/setup/account_text.h \
	src/setup/advice.c \
	src/setup/advice.h \
	src/setup/autoconfig.c \
	src/setup/autoconfig.h \
	src/setup/candidate.c \
	src/setup/candidate.h \
	src/setup/configure_text.c \
	src/setup/configure_text.h \
	src/setup/discover.c \
	src/setup/discover.h \
	src/setup/fetch.c \
	src/setup/fetch.h \
	src/setup/named.c \
	src/setup/named.h \
	src/setup/presets.c \
	src/setup/presets.def \
	src/setup/presets.h \
	src/setup/probe.c \
	src/setup/probe.h \
	src/setup/talk.c \
	src/setup/talk.h \
	src/setup/together.c \
	src/setup/together.h \
	src/setup/wizard.c \
	src/setup/wizard.h \
	src/setup/wizard_key.c \
	src/setup/wizard_login.c \
	src/setup/wizard_private.h \
	src/setup/xml.c \
	src/setup/xml.h
