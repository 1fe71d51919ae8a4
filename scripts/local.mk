# SPDX-License-Identifier: GPL-3.0-or-later

EXTRA_DIST += scripts/coverage scripts/demo scripts/format scripts/install-deps scripts/release \
	scripts/test .clang-format .editorconfig

# Starting the queue runner: a script for the system's network hooks, and units for the user's systemd.
dist_pkgdata_SCRIPTS = scripts/network-up
dist_systemduserunit_DATA = scripts/systemd/posthaste-queue.timer
nodist_systemduserunit_DATA = scripts/systemd/posthaste-queue.service scripts/systemd/posthaste-queue-now.service
EXTRA_DIST += scripts/systemd/posthaste-queue.service.in scripts/systemd/posthaste-queue-now.service.in
CLEANFILES += $(nodist_systemduserunit_DATA)
scripts/systemd/posthaste-queue.service: scripts/systemd/posthaste-queue.service.in
scripts/systemd/posthaste-queue-now.service: scripts/systemd/posthaste-queue-now.service.in
$(nodist_systemduserunit_DATA):
	$(AM_V_GEN)$(MKDIR_P) scripts/systemd && sed 's|@bindir[@]|$(bindir)|g' $(srcdir)/$@.in >$@.tmp && mv $@.tmp $@
