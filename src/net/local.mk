# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/net/background.c \
	src/net/background.h \
	src/net/dial.c \
	src/net/dial.h \
	src/net/fd_pass.c \
	src/net/fd_pass.h \
	src/net/http_connect.c \
	src/net/http_connect.h \
	src/net/idn.c \
	src/net/idn.h \
	src/net/idn2_lazy.c \
	src/net/idn2_lazy.h \
	src/net/idn2_names.def \
	src/net/own_name.c \
	src/net/own_name.h \
	src/net/peer_user.c \
	src/net/peer_user.h \
	src/net/proxy_request.h \
	src/net/resolve.c \
	src/net/resolve.h \
	src/net/socks5.c \
	src/net/socks5.h \
	src/net/stream.c \
	src/net/stream.h \
	src/net/stream_ahead.c \
	src/net/stream_command.c \
	src/net/stream_command.h \
	src/net/stream_fd.c \
	src/net/stream_mem.c \
	src/net/stream_pair.c
