# SPDX-License-Identifier: GPL-3.0-or-later
# The manuals are made from the option table, doc/options and a frame.
option_prose = $(srcdir)/doc/options
dist_pkgdata_DATA += doc/posthaste.schema.json
dist_doc_DATA = doc/posthaste.conf.sample
EXTRA_DIST += doc/words doc/conformance doc/options doc/exit_status doc/mailq.1 doc/newaliases.1 \
	doc/manual doc/posthaste-queue.7.in doc/posthaste.1.in doc/posthaste.5.in doc/posthaste.texi.in doc/sendmail.8

manual_pages = doc/posthaste.1 doc/posthaste.5 doc/posthaste-queue.7
nodist_man_MANS += $(manual_pages)
if SENDMAIL_LINKS
dist_man_MANS += doc/mailq.1 doc/newaliases.1 doc/sendmail.8
endif
CLEANFILES += $(manual_pages) doc/posthaste.texi doc/posthaste.info

manual_parts = posthaste-gen$(EXEEXT) $(srcdir)/doc/options/* $(srcdir)/doc/exit_status
# In Texinfo an at sign is written twice.
manual_folders = sed 's|@@*sysconfdir[@]@*|$(sysconfdir)|g; s|@@*pkgdatadir[@]@*|$(pkgdatadir)|g; \
	s|@@*pkglibexecdir[@]@*|$(pkglibexecdir)|g; s|@@*localstatedir[@]@*|$(localstatedir)|g'

$(manual_pages): $(manual_parts)
	$(AM_V_GEN)$(MKDIR_P) doc && $(POSTHASTE_GEN) man $(srcdir)/$@.in $(option_prose) >$@.tmp && \
	$(manual_folders) $@.tmp >$@.tmp2 && rm -f $@.tmp && mv $@.tmp2 $@
doc/posthaste.1: doc/posthaste.1.in
doc/posthaste.5: doc/posthaste.5.in
doc/posthaste-queue.7: doc/posthaste-queue.7.in

doc/posthaste.texi: doc/posthaste.texi.in $(manual_parts)
	$(AM_V_GEN)$(MKDIR_P) doc && $(POSTHASTE_GEN) texi $(srcdir)/doc/posthaste.texi.in $(option_prose) >$@.tmp && \
	$(manual_folders) $@.tmp >$@.tmp2 && rm -f $@.tmp && mv $@.tmp2 $@
all-local: doc/posthaste.texi

# Chapters of their own, which the frame includes.
manual_chapters = $(srcdir)/doc/manual/*.texi doc/plots_made.texi
makeinfo_flags = -I $(srcdir)/doc/manual -I doc

# Which figures there are.
doc/plots_made.texi: Makefile
	$(AM_V_GEN)$(MKDIR_P) doc && for plot in doc/plots/*.svg; do \
		test ! -e $$plot || { echo "@set plots-made"; echo "@set plot-`basename $$plot .svg`"; }; \
	done >$@
all-local: doc/plots_made.texi
CLEANFILES += doc/plots_made.texi

# make plots: the figures, with gnuplot, from what "make bench" measures, or has measured before in PLOTS_FROM.
PLOTS_FROM = doc/plots/bench.json
.PHONY: plots
plots: $(PLOTS_FROM)
	$(AM_V_at)$(PYTHON3) $(srcdir)/tests/bench/plot $(PLOTS_FROM) doc/plots && rm -f doc/plots_made.texi && \
		$(MAKE) doc/plots_made.texi
doc/plots/bench.json:
	$(AM_V_at)$(MKDIR_P) doc/plots && $(MAKE) bench BENCH_FLAGS="--json $@ w1 w1s rtt w2"

# Automake's own Info rules want makeinfo on every machine; ours do without.
if HAVE_MAKEINFO
posthasteinfodir = $(infodir)
nodist_posthasteinfo_DATA = doc/posthaste.info
doc/posthaste.info: doc/posthaste.texi $(manual_chapters)
	$(AM_V_GEN)$(MAKEINFO) $(makeinfo_flags) --no-split -o $@ doc/posthaste.texi
endif

# make html: a page for each chapter, in doc/posthaste.html.  make pdf needs texi2pdf and TeX.
html-local: doc/posthaste.texi $(manual_chapters)
	$(AM_V_GEN)rm -rf doc/posthaste.html && \
	$(MAKEINFO) $(makeinfo_flags) --html -o doc/posthaste.html doc/posthaste.texi && \
	for plot in doc/plots/*.svg; do \
		test ! -e $$plot || { $(MKDIR_P) doc/posthaste.html/plots && cp $$plot doc/posthaste.html/plots; }; \
	done
pdf-local: doc/posthaste.pdf
doc/posthaste.pdf: doc/posthaste.texi $(manual_chapters)
	$(AM_V_GEN)$(TEXI2PDF) --batch --quiet --build=clean --build-dir=doc/pdf.build \
		-I $(abs_srcdir)/doc/manual -I $(abs_builddir)/doc -o $@ doc/posthaste.texi
clean-local:
	-rm -rf doc/posthaste.html doc/posthaste.pdf doc/pdf.build doc/plots
TEXI2PDF = texi2pdf
