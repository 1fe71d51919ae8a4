# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/dns/lookup.c \
	src/dns/lookup.h \
	src/dns/mx.c \
	src/dns/mx.h \
	src/dns/name.c \
	src/dns/name.h \
	src/dns/srv.c \
	src/dns/srv.h \
	src/dns/tlsa.c \
	src/dns/tlsa.h \
	src/dns/validate.c \
	src/dns/validate.h
