# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/setup/autoconfig.c \
	src/setup/autoconfig.h \
	src/setup/candidate.c \
	src/setup/candidate.h \
	src/setup/presets.c \
	src/setup/presets.def \
	src/setup/presets.h \
	src/setup/xml.c \
	src/setup/xml.h
