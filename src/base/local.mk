# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/base/base64.c \
	src/base/base64.h \
	src/base/cleanup.h \
	src/base/clock.c \
	src/base/clock.h \
	src/base/datetime.c \
	src/base/datetime.h \
	src/base/error.c \
	src/base/error.h \
	src/base/error_kinds.def \
	src/base/fsutil.c \
	src/base/fsutil.h \
	src/base/i18n.h \
	src/base/json.c \
	src/base/json.h \
	src/base/log.c \
	src/base/log.h \
	src/base/log_file.c \
	src/base/log_syslog.c \
	src/base/proc.c \
	src/base/proc.h \
	src/base/runtime.h \
	src/base/secret.c \
	src/base/secret.h \
	src/base/span.c \
	src/base/span.h \
	src/base/state_file.c \
	src/base/state_file.h \
	src/base/strbuf.c \
	src/base/strbuf.h \
	src/base/strvec.c \
	src/base/strvec.h \
	src/base/utf8.c \
	src/base/utf8.h \
	src/base/xalloc.c \
	src/base/xalloc.h
