# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/secret/file.c \
	src/secret/file.h \
	src/secret/helper_words.c \
	src/secret/helper_words.h \
	src/secret/keyring.c \
	src/secret/keyring.h \
	src/secret/netrc.c \
	src/secret/netrc.h \
	src/secret/redactor.c \
	src/secret/redactor.h \
	src/secret/source.c \
	src/secret/source.h \
	src/secret/source_command.c \
	src/secret/source_config.c \
	src/secret/source_credential.c \
	src/secret/source_fd.c \
	src/secret/source_file.c \
	src/secret/source_keyring.c \
	src/secret/source_netrc.c \
	src/secret/source_tty.c \
	src/secret/tty.c \
	src/secret/tty.h
