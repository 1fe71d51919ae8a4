# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/message/command_lines.c \
	src/message/command_lines.h \
	src/message/info.h \
	src/message/message.c \
	src/message/message.h \
	src/message/message_fd.c \
	src/message/message_fd.h \
	src/message/reread_file.c \
	src/message/reread_file.h \
	src/message/source.c \
	src/message/source.h \
	src/message/wire.c \
	src/message/wire.h
