# SPDX-License-Identifier: GPL-3.0-or-later
src_libposthaste_a_SOURCES += \
	src/auth/gsasl_lazy.c \
	src/auth/gsasl_lazy.h \
	src/auth/gsasl_names.def \
	src/auth/kerberos.c \
	src/auth/kerberos.h \
	src/auth/login_users.c \
	src/auth/login_users.h \
	src/auth/mech_choose.c \
	src/auth/mech_choose.h \
	src/auth/ntlm.c \
	src/auth/ntlm.h \
	src/auth/oauth_error.c \
	src/auth/oauth_error.h \
	src/auth/sasl.c \
	src/auth/sasl.h \
	src/auth/sasl_gsasl.c \
	src/auth/sasl_oauth.c \
	src/auth/sasl_server.c \
	src/auth/sasl_server.h \
	src/auth/scram.c \
	src/auth/scram.h
