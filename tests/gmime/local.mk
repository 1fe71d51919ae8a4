# SPDX-License-Identifier: GPL-3.0-or-later
# A second opinion on the conversion of messages; without GMime the test skips.
dist_check_SCRIPTS += tests/gmime/opinion.sh
TESTS += tests/gmime/opinion.sh
if HAVE_GMIME
check_PROGRAMS += tests/gmime/gmime_opinion
endif
tests_gmime_gmime_opinion_SOURCES = tests/gmime/gmime_opinion.c tests/gmime/compare.c tests/gmime/compare.h \
	tests/gmime/shapes.c tests/gmime/shapes.h \
	tests/gmime/written.c tests/gmime/written.h
tests_gmime_gmime_opinion_CPPFLAGS = $(AM_CPPFLAGS) $(GMIME_CFLAGS)
tests_gmime_gmime_opinion_LDADD = $(POSTHASTE_LIBS) $(GMIME_LIBS)
