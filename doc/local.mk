# SPDX-License-Identifier: GPL-3.0-or-later
# The manuals are made from the option table, doc/options and a frame.
option_prose = $(srcdir)/doc/options
dist_pkgdata_DATA += doc/json-schema.json
EXTRA_DIST += doc/conformance doc/options doc/exit_status doc/posthaste.1.in doc/posthaste.texi.in

nodist_man_MANS += doc/posthaste.1
CLEANFILES += doc/posthaste.1 doc/posthaste.texi doc/posthaste.info

manual_parts = posthaste-gen$(EXEEXT) $(srcdir)/doc/options/* $(srcdir)/doc/exit_status
manual_folders = sed 's|@sysconfdir[@]|$(sysconfdir)|g; s|@pkgdatadir[@]|$(pkgdatadir)|g; \
	s|@pkglibexecdir[@]|$(pkglibexecdir)|g'

doc/posthaste.1: doc/posthaste.1.in $(manual_parts)
	$(AM_V_GEN)$(MKDIR_P) doc && $(POSTHASTE_GEN) man $(srcdir)/doc/posthaste.1.in $(option_prose) >$@.tmp && \
	$(manual_folders) $@.tmp >$@.tmp2 && rm -f $@.tmp && mv $@.tmp2 $@

doc/posthaste.texi: doc/posthaste.texi.in $(manual_parts)
	$(AM_V_GEN)$(MKDIR_P) doc && $(POSTHASTE_GEN) texi $(srcdir)/doc/posthaste.texi.in $(option_prose) >$@.tmp && \
	$(manual_folders) $@.tmp >$@.tmp2 && rm -f $@.tmp && mv $@.tmp2 $@
all-local: doc/posthaste.texi

# Automake's own Info rules want makeinfo on every machine; ours do without.
if HAVE_MAKEINFO
posthasteinfodir = $(infodir)
nodist_posthasteinfo_DATA = doc/posthaste.info
doc/posthaste.info: doc/posthaste.texi
	$(AM_V_GEN)$(MAKEINFO) --no-split -o $@ doc/posthaste.texi
endif
