# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/mime/mime_convert.c \
	src/mime/mime_convert.h \
	src/mime/mime_entity.c \
	src/mime/mime_entity.h \
	src/mime/mime_field.c \
	src/mime/mime_field.h \
	src/mime/mime_inspect.c \
	src/mime/mime_levels.c \
	src/mime/mime_levels.h \
	src/mime/mime_plan.c \
	src/mime/mime_plan.h \
	src/mime/mime_scan.c \
	src/mime/mime_scan.h \
	src/mime/mime_type.c \
	src/mime/mime_type.h \
	src/mime/mime_wants.h
