# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/queue/envelope_file.c src/queue/envelope_file.h \
	src/queue/item.c src/queue/item.h
