# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/serve/keeper.c \
	src/serve/keeper.h \
	src/serve/kept_session.c \
	src/serve/kept_session.h
