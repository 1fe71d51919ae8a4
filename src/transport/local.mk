# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/transport/adapt.c \
	src/transport/adapt.h \
	src/transport/authenticate.c \
	src/transport/authenticate.h \
	src/transport/broken_promises.c \
	src/transport/caps_cache.c \
	src/transport/caps_cache.h \
	src/transport/connect.c \
	src/transport/connect.h \
	src/transport/deliver.c \
	src/transport/deliver.h \
	src/transport/delivery_request.c \
	src/transport/delivery_request.h \
	src/transport/exit_status.c \
	src/transport/exit_status.h \
	src/transport/password.c \
	src/transport/password.h \
	src/transport/pipeconnect.c \
	src/transport/pipeconnect.h \
	src/transport/port_mode.c \
	src/transport/remaining.c \
	src/transport/remaining.h \
	src/transport/result.c \
	src/transport/result.h \
	src/transport/result_json.c \
	src/transport/result_json.h \
	src/transport/server.c \
	src/transport/server.h \
	src/transport/server_attempt.c \
	src/transport/session_driver.c \
	src/transport/session_driver.h \
	src/transport/transport.c \
	src/transport/transport.h \
	src/transport/transport_private.h \
	src/transport/transport_result.c \
	src/transport/transport_session.c
